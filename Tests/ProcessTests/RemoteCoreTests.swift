import Control
import Core
import EmulatedCore
import LoopbackTLS
import MachineFiles
import Money
import Ordering
import Platform
import ServedCore
import Synchronization
import Testing

@testable import Simulation

/// The shipped process whose payment core is a service: the emulated core behind HTTPS.
@Suite(
  "A machine whose core is far away", .serialized, .timeLimit(.minutes(5)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct RemoteCoreProcessTests {
  /// A shop whose machine file names a service in place of an account.
  private func withService(
    _ body: (Shop, ServedCore) async throws -> Void
  ) async throws {
    let service = try ServedCore()
    var plan = Shop.Plan()
    plan.file = [("[policy]", "[policy]\ndrop_timeout = \"1s\"")]
    try await withShop(plan) { shop in
      let text = try Files.readText(shop.machineFile)
      let section = try #require(text.firstRange(of: "[payment]"))
      let lanes = try #require(text.firstRange(of: "[[lanes]]"))
      let payment = """
        [payment]
        core = "\(service.address)"
        core_ca_file = "\(service.caFile)"


        """
      let changed = text[..<section.lowerBound] + payment + text[lanes.lowerBound...]
      try Files.replace(shop.machineFile, with: Array(changed.utf8), durable: false)
      try await body(shop, service)
    }
    service.stop()
  }

  /// Types the code that the machine shows into the service.
  private func takeIn(_ shop: Shop, _ service: ServedCore) async throws {
    try await shop.start()
    try await shop.until("a code is shown") {
      await shop.status()?.faults.first { $0.code == "P5" }?.words.contains("-") == true
    }
    let words = try #require(await shop.status()?.faults.first { $0.code == "P5" }?.words)
    let code = try #require(EnrolmentCode.read(String(words.suffix(9))), "\(words)")
    #expect(await shop.status()?.sells == false)
    #expect(service.model.take(in: code))
    try await shop.untilSelling()
  }

  /// Presses a lane and waits until the service has the order.
  private func order(_ lane: String, _ shop: Shop, _ service: ServedCore) async throws -> Order {
    let before = service.core.withLock { Set($0.disk.keys) }
    for _ in 0..<3 {
      try await shop.select(lane)
      let found: ()? = try? await shop.until("an order", within: .seconds(5)) {
        service.core.withLock { $0.disk.count } > before.count
      }
      if found != nil { break }
      shop.board.press("*", for: .milliseconds(200))
      await pause(.milliseconds(500))
    }
    return try #require(
      service.core.withLock { core in core.disk.first { !before.contains($0.key) }?.value })
  }

  private func state(_ order: Order, _ service: ServedCore) -> OrderState? {
    service.core.withLock { $0.disk[order.number]?.state }
  }

  @Test("is taken in by the code on its display, sells, and keeps no order book")
  func sells() async throws {
    try await withService { shop, service in
      try await takeIn(shop, service)
      let order = try await order("B4", shop, service)
      let code = try await shop.code()
      #expect(service.core.withLock { $0.provider.accounts[order.number]?.codes.last } == code)
      #expect(service.pay(order.number))
      try await shop.untilSettled()
      #expect(shop.pulses == 1)
      #expect(state(order, service) == .delivered)
      #expect(!Files.exists("\(shop.stateDirectory)/core.db"))
      #expect(try await shop.orders().map(\.state) == ["delivered"])
      #expect(service.model.books.withLock { $0.heartbeats.first?.boots } == 1)
      let refused = try await shop.vendctl("refund", order.number.text, "--yes")
      #expect(refused.code == 1)
      #expect((refused.errors + refused.output).contains("payment service"))
      let polls = service.requests.filter { $0.path.hasSuffix("/status") }
      #expect(polls.count < 5, "questions are held, not repeated")
    }
  }

  @Test("gives the money back by the service when the lane jams")
  func refunds() async throws {
    try await withService { shop, service in
      shop.board.jam(try shop.channel("A1"))
      try await takeIn(shop, service)
      let order = try await order("A1", shop, service)
      _ = try await shop.code()
      #expect(service.pay(order.number))
      try await shop.untilSettled()
      #expect([.refunding, .refunded].contains(state(order, service)))
      let summary = try #require(try await shop.orders().first)
      #expect(summary.state == "refundAtService" && !summary.isOpen)
      let story = try await shop.vendctl("dispute", order.number.text)
      #expect(story.code == 0 && story.output.contains("payment service knows"))
    }
  }

  @Test("ends a sale at the customer's key while a question is held")
  func cancels() async throws {
    try await withService { shop, service in
      try await takeIn(shop, service)
      let first = try await order("A1", shop, service)
      _ = try await shop.code()
      try await shop.until("the question is held") {
        service.requests.contains { $0.path.hasSuffix("/status") }
      }
      shop.board.press("*", for: .milliseconds(200))
      // Held for at least 20 s, it would not be over by then.
      try await shop.until("the order is closed", within: .seconds(10)) {
        state(first, service) == .closed
      }
      try await shop.untilSettled()
      #expect(shop.pulses == 0)
    }
  }

  @Test("sells by the service's prices, also after a restart, and no lane without one")
  func prices() async throws {
    try await withService { shop, service in
      try await takeIn(shop, service)
      #expect(service.model.setPrices(["B4": 512], version: 7, of: shop.machine.configuration.name))
      // The next heartbeat tells of them; a restart brings it at once.
      try shop.terminate()
      _ = try await shop.untilEnded()
      try await shop.startSelling()
      try await shop.until("the prices are taken") {
        await shop.status()?.lanes.first { $0.code == "B4" }?.priceFen == 512
      }
      #expect(await shop.status()?.lanes.first { $0.code == "A1" }?.isOff == true)
      let order = try await order("B4", shop, service)
      #expect(order.request.amount == Amount(fen: 512))
      #expect(service.pay(order.number))
      try await shop.untilSettled()
      service.model.books.withLock { $0.prices = nil }
      try shop.terminate()
      _ = try await shop.untilEnded()
      try await shop.startSelling()
      #expect(await shop.status()?.lanes.first { $0.code == "B4" }?.priceFen == 512)
      #expect(try await shop.vendctl("lanes", "price", "B4", "3.00").code != 0)
    }
  }

  @Test("goes by the service's settings when it serves nobody, and by its file without them")
  func settings() async throws {
    try await withService { shop, service in
      try await takeIn(shop, service)
      let name = shop.machine.configuration.name
      // What does not fit is said, and changes nothing.
      #expect(service.model.setSettings("[policy]\nselection_timeout = 3\n", version: 1, of: name))
      try shop.terminate()
      _ = try await shop.untilEnded()
      try await shop.startSelling()
      try await shop.until("the log says that they do not fit") {
        shop.daemonLog.contains("policy.selection_timeout: must be")
      }
      let text = "[policy]\nselection_timeout = \"3s\"\n"
      #expect(service.model.setSettings(text, version: 2, of: name))
      try shop.terminate()
      _ = try await shop.untilEnded()
      try await shop.start()
      #expect(try await shop.untilEnded() == .status(0), "it ends by itself to begin anew")
      try await shop.startSelling()
      shop.board.press("B", for: .milliseconds(200))
      try await shop.until("a lane is being chosen") { await shop.status()?.state == "selecting" }
      // By its file it would wait for 15 s.
      try await shop.until("it waits no longer than it was told", within: .seconds(9)) {
        await shop.status()?.state == "idle"
      }
    }
  }

  @Test("says that its token is refused, and sells again when it is taken")
  func revoked() async throws {
    try await withService { shop, service in
      try await takeIn(shop, service)
      let tokens = service.model.books.withLock { books in
        defer { books.tokens = [] }
        return books.tokens
      }
      try shop.terminate()
      _ = try await shop.untilEnded()
      try await shop.start()
      try await shop.untilStatus("not selling: P6")
      let doctor = try await shop.vendctl("doctor", "--json", "--limit", "20")
      #expect(doctor.code == 2 && doctor.output.contains("core.enrolment.P6"))
      service.model.books.withLock { $0.tokens = tokens }
      try await shop.untilSelling(within: .seconds(60))
    }
  }
}
