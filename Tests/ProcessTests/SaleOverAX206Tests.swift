import PaymentPlatform
import Control
import Glibc
import MachineFiles
import Pixels
import Platform
import Testing

@testable import Simulation

/// Sales of the shipped process whose display is a USB device, through the real libusb.
@Suite(
  "A sale over a USB frame", .serialized, .timeLimit(.minutes(3)),
  .enabled(
    if: MockedAX206.isHere && Programs.canReadCodes, "umockdev, zbarimg or setpriv is not here"))
struct SaleOverAX206Tests {
  /// A shop whose daemon finds its display on the mocked USB.
  private func plan(_ device: MockedAX206, _ orientation: String, partial: Bool) -> Shop.Plan {
    var plan = Shop.Plan()
    let environment = device.environment.map { "'\($0)=\($1)'" }.joined(separator: " ")
    plan.wrapper = "exec env \(environment) \"$VENDD\" \"$@\""
    let isWide = orientation.hasSuffix("landscape")
    plan.board = [
      ("driver = \"weact-fs-v1\"", "driver = \"ax206\"\npartial = \(partial)"),
      ("port = \"remote:display\"", "port = \"usb:1908:0102@1-1.2\""),
      ("width = 320", "width = \(isWide ? 480 : 320)"),
      ("height = 480", "height = \(isWide ? 320 : 480)"),
      ("orientation = \"portrait\"", "orientation = \"\(orientation)\""),
    ]
    return plan
  }

  private func untilSelling(_ shop: Shop, _ device: MockedAX206) async throws {
    try await shop.until("it sells") {
      guard let status = await shop.status() else { return false }
      return try status.sells && status.state == "idle" && device.state().pictures > 0
    }
  }

  /// Waits until a foreign reader finds a code on the panel's pixels, or finds none.
  private func code(
    _ shop: Shop, _ device: MockedAX206, _ turns: QuarterTurns
  ) async throws -> String {
    let reader = QRReader(directory: shop.folder)
    var found: String?
    try await shop.until("a QR code on the panel") {
      found = try await reader.read(try device.picture().rotated(by: turns.inverse))
      return found != nil
    }
    return try #require(found)
  }

  @Test(
    "shows the platform's exact code, and sells once",
    arguments: [
      ("landscape", QuarterTurns.none, false), ("portrait", .counterClockwise, true),
      ("reverse-landscape", .half, true),
    ])
  func sells(orientation: String, turns: QuarterTurns, partial: Bool) async throws {
    let device = try MockedAX206()
    try await withShop(plan(device, orientation, partial: partial)) { shop in
      try await shop.start()
      try await untilSelling(shop, device)
      try await shop.order("B4")
      let code = try await code(shop, device, turns)
      let order = try #require(shop.platform.model.orders.first)
      #expect(order.codes.map(\.url) == [code])
      #expect(shop.pay(code) == nil)
      try await shop.untilSettled()
      #expect(shop.pulses == 1)
      #expect(try shop.lane("B4").fallen == 1)
      #expect(try await shop.orders().map(\.state) == ["delivered"])
      #expect(try device.state().violations.isEmpty)
    }
  }

  @Test("ends its order when it is pulled out, and is back within three seconds of its return")
  func pulledOutInASale() async throws {
    let device = try MockedAX206()
    try await withShop(plan(device, "landscape", partial: false)) { shop in
      try await shop.start()
      try await untilSelling(shop, device)
      try await shop.order("B4")
      let stale = try await code(shop, device, .none)
      try device.tell("unplug-after 100000")
      try await shop.until("the order's end") {
        shop.platform.model.orders.first?.state == .closed
      }
      #expect(shop.pay(stale) != nil, "nobody can pay by a code that nobody may see")
      let status = try #require(await shop.status())
      #expect(!status.sells, "no sale while the panel is dark")

      // It comes back with the old code still on it: the worst that a panel could do.
      let reader = QRReader(directory: shop.folder)
      try device.tell("plug")
      try await shop.until("the code is painted over", within: .seconds(3)) {
        try await reader.read(try device.picture()) == nil
      }
      try await untilSelling(shop, device)

      try await shop.order("A1")
      let fresh = try await code(shop, device, .none)
      #expect(fresh != stale)
      #expect(shop.pay(fresh) == nil)
      try await shop.untilSettled()
      #expect(shop.pulses == 1)
      #expect(try shop.lane("A1").fallen == 1)
      #expect(try device.state().violations.isEmpty)
    }
  }
}
