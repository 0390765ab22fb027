@testable import PaymentPlatform
import Control
import Glibc
import Money
import Platform
import Testing

@testable import Simulation

/// A platform that refuses, lies, or is not there.
@Suite(
  "A daemon whose payment platform fails", .serialized, .timeLimit(.minutes(5)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct PlatformTroubleTests {
  @Test("a wrong API key sells nothing and is named as P1")
  func wrongKey() async throws {
    try await withShop { shop in
      let file = "\(shop.folder)/credentials/api-key"
      let key = [UInt8](repeating: UInt8(ascii: "a"), count: 32)
      try Files.replace(file, with: key, permissions: 0o600, durable: false)
      try await shop.start()
      try await shop.until("fault P1") { await shop.faults().contains("P1") }
      try await Self.expectNoSale(in: shop)
      #expect(try await shop.vendctl("status").output.contains("P1"))
      #expect(!shop.daemonLog.contains(String(decoding: key, as: UTF8.self)))
    }
  }

  @Test("a CA that has not signed the platform's certificate is named as N3")
  func wrongAuthority() async throws {
    try await withShop { shop in
      let folder = "\(shop.folder)/other"
      mkdir(folder, 0o700)
      let other = try await PlatformAuthority(in: folder, merchants: [])
      let text = try Files.readText(shop.machineFile).replacing(
        "ca_file = \"\(shop.platform.authority.authorityFile)\"",
        with: "ca_file = \"\(other.authorityFile)\"")
      try Files.replace(shop.machineFile, with: Array(text.utf8), durable: false)
      try await shop.start()
      try await shop.until("fault N3") { await shop.faults().contains("N3") }
      try await Self.expectNoSale(in: shop)
    }
  }

  @Test("a platform that is down is named as N2, and sells again by itself when it is back")
  func platformDown() async throws {
    try await withShop { shop in
      try await shop.platform.gate.set(.refused)
      try await shop.start()
      try await shop.until("fault N2") { await shop.faults().contains("N2") }
      try await Self.expectNoSale(in: shop)
      try await shop.platform.gate.set(.open)
      try await shop.untilSelling(within: .seconds(60))
      try await shop.buy("A1")
      try await shop.untilSettled()
      #expect(try shop.lane("A1").fallen == 1)
    }
  }

  @Test("a network that ends while a code is shown loses no money")
  func networkEndsDuringPayment() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      try await shop.order("A1")
      let code = try await shop.code()
      try await shop.platform.gate.set(.refused)
      #expect(shop.pay(code) == nil)
      await pause(.seconds(3))
      #expect(shop.pulses == 0)
      try await shop.platform.gate.set(.open)
      try await shop.untilSettled()
      let order = try #require(shop.platform.model.orders.first)
      let lane = try shop.lane("A1")
      #expect(lane.pulses == (order.refunds.isEmpty ? 1 : 0))
      #expect(lane.fallen == lane.pulses)
    }
  }

  @Test(
    "a forged answer dispenses nothing",
    arguments: [PlatformFault.Kind.badSignature, .unsigned, .wrongMerchant, .wrongApp, .wrongOrder])
  func forgedAnswer(kind: PlatformFault.Kind) async throws {
    try await withShop { shop in
      try await shop.startSelling()
      try await shop.order("A1")
      let code = try await shop.code()
      // Every answer about the order is forged from here on.
      for call in [PlatformCall.query, .close] {
        shop.platform.inject(PlatformFault(kind, on: call, times: 1000))
      }
      #expect(shop.pay(code) == nil)
      await pause(.seconds(6))
      #expect(shop.pulses == 0, "\(kind) dispensed")
      // The truth comes back: the customer's money is answered for.
      shop.platform.withModel { model, _ in model.clearFaults() }
      try await shop.until("the money is answered for", within: .seconds(60)) {
        shop.pulses > 0 || shop.platform.model.orders[0].refunds.contains { $0.status == .success }
      }
      try await shop.untilSettled()
      let order = try #require(shop.platform.model.orders.first)
      #expect(shop.pulses == (order.refunds.isEmpty ? 1 : 0))
    }
  }

  @Test("an answer with another amount, rightly signed, dispenses nothing and waits for a person")
  func otherAmount() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      try await shop.order("A1")
      let code = try await shop.code()
      shop.platform.inject(PlatformFault(.wrongAmount, on: .query, times: 1000))
      #expect(shop.pay(code) == nil)
      try await shop.until("the case is open or the fault stands") {
        let faults = await shop.faults()
        return faults.contains("P1") || faults.contains("P4")
      }
      await pause(.seconds(2))
      #expect(shop.pulses == 0)
      let number = try #require(shop.platform.model.orders.first).number
      let listed = try await shop.orders(openOnly: true)
      #expect(listed.map(\.number) == [number])
    }
  }

  /// Presses what a customer presses: nothing is opened, nothing moves.
  private static func expectNoSale(in shop: Shop) async throws {
    #expect(await shop.status()?.sells == false)
    #expect(shop.machine.statusLine.hasPrefix("not selling"), "\(shop.machine.statusLine)")
    let before = shop.platform.model.orders.count
    try await shop.select("A1")
    await pause(.milliseconds(500))
    #expect(shop.platform.model.orders.count == before)
    #expect(shop.pulses == 0)
  }
}
