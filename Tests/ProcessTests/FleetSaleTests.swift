import Core
import Glibc
import LoopbackDatabase
import Ordering
@testable import PaymentPlatform
import Platform
import Testing
import Timing

@testable import Simulation

/// Whole sales through the built `vendpay`, with machines that speak to it over HTTPS.
@Suite("A sale through the payment service", .serialized, .timeLimit(.minutes(5)))
struct FleetSaleTests {
  /// Store and version of the API.
  struct Kind: Sendable, CustomStringConvertible {
    var api: PlatformAPI
    var usesPostgres = false
    var description: String { "\(api), \(usesPostgres ? "PostgreSQL" : "SQLite")" }

    static let here =
      [
        Kind(api: .v3), Kind(api: .v2),
      ] + (DatabaseServer.programs == nil ? [] : [Kind(api: .v3, usesPostgres: true)])
  }

  /// Opens an order, and pays it while the machine is held in a poll.
  private func buy(
    _ shop: FleetShop, _ machine: ScriptedMachine, _ request: OrderRequest
  ) async throws -> CoreReply.Word {
    let opened = try await machine.open(request)
    let code = try #require(opened.codeURL, "\(opened)")
    async let told = machine.status(request.number, wait: .seconds(30))
    await pause(.milliseconds(200))
    _ = try shop.platform.pay(code, payer: "somebody").get()
    return try await told.answer
  }

  @Test("is told to the machine by a notice, permitted once, and settled", arguments: Kind.here)
  func wholeSale(kind: Kind) async throws {
    var plan = FleetShop.Plan()
    (plan.api, plan.usesPostgres) = (kind.api, kind.usesPostgres)
    try await withFleet(plan) { shop in
      try await shop.start()
      let machine = try await shop.machine("M1")
      let request = machine.request()
      #expect(try await buy(shop, machine, request) == .paid)
      try await shop.until("the platform knows its notice taken") {
        shop.platform.model.events.contains { $0.kind == .noticeTaken }
      }

      #expect(try await machine.permit(request.number, nonce: 7).answer == .granted)
      #expect(try await machine.permit(request.number, nonce: 7).answer == .granted)
      #expect(try await machine.permit(request.number, nonce: 8).answer == .tooLate)
      #expect(
        try await machine.settle(request.number, .delivered(.dropSensed)).answer == .accepted)
      #expect(try await shop.state(String(request.number.text.suffix(6))) == "delivered")
      #expect(await shop.terminate() == .status(0))
    }
  }

  @Test("is learned by asking when every notice is lost, and goes back to its end when it failed")
  func lostNoticesAndRefund() async throws {
    try await withFleet { shop in
      shop.platform.withModel { model, _ in
        model.inject(PlatformNoticeFault(.dropped, times: 1000))
      }
      try await shop.start()
      let machine = try await shop.machine("M1")
      let request = machine.request()
      #expect(try await buy(shop, machine, request) == .paid)
      #expect(try await machine.permit(request.number, nonce: 7).answer == .granted)
      #expect(
        try await machine.settle(request.number, .failed(.noDrop)).answer == .accepted)
      try await shop.until("the money is back", within: .seconds(60)) {
        try await shop.state(request.number.text) == "refunded"
      }
      let order = try #require(shop.platform.model.orders.last)
      #expect(order.refunded == order.total && order.refunds.count == 1)
    }
  }

  @Test("survives kill -9 between payment and permit, whoever asks first afterwards")
  func killed() async throws {
    try await withFleet { shop in
      try await shop.start()
      let machine = try await shop.machine("M1")
      let request = machine.request()
      let opened = try await machine.open(request)
      await shop.kill()
      // Paid while nobody serves: the notice comes again, and the machine asks again.
      _ = try shop.platform.pay(try #require(opened.codeURL), payer: "somebody").get()
      try await shop.start()
      #expect(try await machine.open(request).codeURL == opened.codeURL)
      #expect(try await machine.status(request.number, wait: .seconds(30)).answer == .paid)
      #expect(try await machine.permit(request.number, nonce: 7).answer == .granted)
      await shop.kill()
      try await shop.start()
      #expect(try await machine.permit(request.number, nonce: 7).answer == .granted)
      #expect(try await machine.permit(request.number, nonce: 8).answer == .tooLate)
      #expect(
        try await machine.settle(request.number, .delivered(.dropSensed)).answer == .accepted)
      #expect(try await shop.state(request.number.text) == "delivered")
    }
  }

  @Test("ends in good order when machines are held in polls: they are answered, leases given up")
  func politeEnd() async throws {
    try await withFleet { shop in
      try await shop.start()
      let machine = try await shop.machine("M1")
      let request = machine.request()
      _ = try await machine.open(request)
      async let first = machine.status(request.number, wait: .seconds(30))
      async let second = machine.status(request.number, wait: .seconds(30))
      await pause(.milliseconds(500))
      let begin = ContinuousClock.now
      #expect(await shop.terminate() == .status(0))
      #expect(ContinuousClock.now - begin < .seconds(10), "the polls had 30 seconds")
      #expect(try await first.answer == .pending)
      #expect(try await second.answer == .pending)
      #expect(shop.told("STOPPING=1") == 1)
      let check = try await shop.command("check")
      #expect(check.output.contains("no process carries out duties now"), "\(check)")
    }
  }
}
