import PaymentPlatform
import Control
import MachineFiles
import Money
import Platform
import Testing

@testable import Simulation

/// One sale of the shipped process, its display at the end of a pseudo-terminal or a frame buffer
/// of the board.
@Suite(
  "A sale over another display", .serialized, .timeLimit(.minutes(2)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct SaleOverDisplayTests {
  @Test(
    "shows the platform's exact code, and sells once",
    arguments: ["weact-fs-v1", "turing-a"])
  func sells(driver: String) async throws {
    var plan = Shop.Plan()
    plan.board = [
      ("port = \"remote:display\"", "port = \"FOLDER/panel\""),
      ("driver = \"weact-fs-v1\"", "driver = \"\(driver)\""),
    ]
    try await sell(plan) { shop in
      let device = try Links.target(of: "\(shop.folder)/panel")
      #expect(device.hasPrefix("/dev/pts/"))
    }
  }

  @Test("shows the platform's exact code in packed pixels where the firmware takes them")
  func sellsOverPackedPixels() async throws {
    var plan = Shop.Plan()
    plan.behaviour.displayVersion = "V1.0.1.0"
    try await sell(plan) { shop in
      #expect(shop.board.snapshot.paints > 0)
    }
  }

  @Test("shows the platform's exact code on a frame buffer, and sells once")
  func sellsOverFrameBuffer() async throws {
    var plan = Shop.Plan()
    plan.board = [("driver = \"weact-fs-v1\"", "driver = \"remote-frame\"")]
    try await sell(plan) { shop in
      #expect(shop.machine.configuration.board.display.driver == .remoteFrame)
    }
  }

  private func sell(_ plan: Shop.Plan, _ look: (Shop) throws -> Void) async throws {
    try await withShop(plan) { shop in
      try await shop.startSelling()
      try look(shop)

      try await shop.order("B4")
      let code = try await shop.code()
      let order = try #require(shop.platform.model.orders.first)
      #expect(order.codes.map(\.url) == [code])
      #expect(order.total.fen == 435)

      #expect(shop.pay(code) == nil)
      try await shop.untilSettled()
      #expect(shop.pulses == 1)
      #expect(try shop.lane("B4").fallen == 1)
      let listed = try await shop.orders()
      #expect(listed.map(\.state) == ["delivered"])
      #expect(listed.map(\.number) == [order.number])
      let settled = try #require(shop.platform.model.orders.first)
      #expect(settled.state == .success)
      #expect(settled.refunds.isEmpty)
    }
  }
}
