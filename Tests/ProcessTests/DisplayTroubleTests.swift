import Control
import PaymentPlatform
import Platform
import Testing

@testable import Simulation

/// What becomes of a sale when the display is slow, dumb or dark; it is the shipped process.
@Suite(
  "A sale with a bad display", .serialized, .timeLimit(.minutes(3)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct DisplayTroubleTests {
  /// A full picture takes more than two seconds on this cable.
  private static let slow = 120_000

  @Test("takes the code off the panel before the order is closed")
  func paintsOverFirst() async throws {
    var plan = Shop.Plan()
    plan.behaviour.displayBytesPerSecond = Self.slow
    try await withShop(plan) { shop in
      try await shop.startSelling()
      try await shop.order("B4")
      let code = try await shop.code()
      shop.board.press("*", for: .milliseconds(200))
      try await shop.until("the order is closed") {
        shop.platform.model.orders.first?.state == .closed
      }
      let frame = try #require(shop.board.displayFrame())
      let left = try await QRReader(directory: shop.folder).read(frame)
      #expect(left == nil, "\(code) can be read on the panel, and its order is closed")
    }
  }

  @Test("ends the order when the panel does not answer any more, and sells again when it does")
  func mutePanel() async throws {
    try await withShop(Shop.Plan()) { shop in
      try await shop.startSelling()
      try await shop.order("B4")
      _ = try await shop.code()
      shop.board.setDisplay(.mute)
      try await shop.until("the order is closed") {
        shop.platform.model.orders.first?.state == .closed
      }
      try await shop.until("the fault stands") {
        await shop.status()?.faults.contains { $0.code == "D1" } ?? false
      }
      shop.board.setDisplay(.none)
      try await shop.untilSelling()
      let frame = try #require(shop.board.displayFrame())
      let left = try await QRReader(directory: shop.folder).read(frame)
      #expect(left == nil)
      try await shop.untilSettled()
      #expect(shop.pulses == 0)
    }
  }

  @Test("is lit by the night's light in the night")
  func night() async throws {
    var plan = Shop.Plan()
    plan.board = [
      ("brightness = 60", "brightness = 60\nnight = \"00:00-23:59\"\nnight_brightness = 7")
    ]
    try await withShop(plan) { shop in
      try await shop.startSelling()
      // Once a day, at a minute to midnight, the night is over for a minute.
      #expect([7, 60].contains(shop.board.snapshot.brightnessPercent))
      #expect(
        shop.board.snapshot.brightnessPercent == 7
          || LocalTime.secondOfDay(at: Clock.wallTime()) >= 86_340)
    }
  }
}
