import PaymentPlatform
import Control
import Devices
import Glibc
import Money
import Platform
import Testing

@testable import Simulation

/// A display that is pulled, a lane that jams, lines that somebody else holds.
@Suite(
  "A daemon whose devices fail", .serialized, .timeLimit(.minutes(5)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct CabinetTroubleTests {
  @Test(
    "a display that is unplugged ends the order, and is painted again when it is back",
    arguments: ["weact-fs-v1", "remote-frame"])
  func unpluggedDisplay(driver: String) async throws {
    var plan = Shop.Plan()
    plan.board = [("driver = \"weact-fs-v1\"", "driver = \"\(driver)\"")]
    try await withShop(plan) { shop in
      try await shop.startSelling()
      try await shop.order("A1")
      let code = try await shop.code()
      shop.board.unplugDisplay()
      try await shop.until("the order is closed at the platform") {
        shop.platform.model.orders.map(\.state) == [.closed]
      }
      #expect(shop.pay(code) == .orderClosed)
      try await shop.until("fault D1") { await shop.faults().contains("D1") }
      // A panel that gets its power back counts its paints anew.
      shop.board.replugDisplay()
      try await shop.until("the panel is painted again") {
        shop.board.snapshot.isDisplayPlugged && shop.board.snapshot.paints > 0
      }
      try await shop.untilSelling()
      try await shop.order("A1")
      let second = try await shop.code(other: code)
      #expect(shop.pay(second) == nil)
      try await shop.untilSettled()
      #expect(try shop.lane("A1").fallen == 1)
      #expect(shop.pulses == 1)
    }
  }

  @Test("a lane that jams gives the money back, and closes after two failures")
  func jam() async throws {
    var plan = Shop.Plan()
    plan.file = [("[policy]", "[policy]\ndrop_timeout = \"1s\"")]
    try await withShop(plan) { shop in
      shop.board.jam(try shop.channel("A1"))
      try await shop.startSelling()
      for failures in 1...2 {
        try await shop.buy("A1")
        try await shop.untilSettled()
        let orders = shop.platform.model.orders
        #expect(orders.count == failures)
        #expect(orders.allSatisfy { $0.state == .refund && $0.refunded == $0.total })
        #expect(orders.allSatisfy { $0.refunds.count == 1 })
        let lane = try #require(await shop.status()?.lanes.first { $0.code == "A1" })
        #expect(lane.failures == failures)
        #expect(lane.isClosed == (failures == 2))
        #expect(try shop.lane("A1").pulses == failures)
        try await shop.untilSelling()
      }
      #expect(await shop.faults().contains("L1"))
      #expect(try await shop.orders().map(\.state) == ["refunded", "refunded"])
      // A closed lane opens no order; the others sell.
      try await shop.select("A1")
      await pause(.milliseconds(500))
      #expect(shop.platform.model.orders.count == 2)
      try await shop.until("it is idle") { await shop.status()?.state == "idle" }
      try await shop.buy("A2")
      try await shop.untilSettled()
      #expect(try shop.lane("A2").fallen == 1)
      // A person frees the lane.
      shop.board.setMood(.works, of: try shop.channel("A1"))
      #expect(try await shop.vendctl("faults", "clear").code == 0)
      #expect(await shop.status()?.lanes.first?.isClosed == false)
    }
  }

  /// The relay that stays on gives the lane's products away until somebody comes: all that the
  /// machine can do is sell nothing more, and say so for as long as nobody has been there.
  @Test("a relay that stays on stops the machine, over a restart, until its door was open")
  func stuckRelay() async throws {
    try await withShop { shop in
      let channel = try shop.channel("A1")
      try await shop.startSelling()
      shop.board.setDriver(of: channel, isWeak: true)
      try await shop.buy("A1")
      try await shop.until("fault R2") { await shop.faults().contains("R2") }
      #expect(try shop.lane("A1").isRelayOn)
      try await shop.until("the sale has ended") { await shop.status()?.order == nil }
      // What fell was paid; what falls without end is nobody's order.
      #expect(try await shop.orders().map(\.state) == ["delivered"])
      #expect(shop.platform.model.orders.map(\.refunded) == [.zero])
      try await shop.select("A2")
      await pause(.milliseconds(500))
      #expect(shop.platform.model.orders.count == 1)
      try shop.terminate()
      _ = try await shop.untilEnded()
      try await shop.start()
      try await shop.until("fault R2 after the restart") { await shop.faults().contains("R2") }
      #expect(shop.platform.model.orders.count == 1)
      // New parts and a word from afar are not enough.
      shop.board.setDriver(of: channel, isWeak: false)
      _ = try await shop.vendctl("faults", "clear")
      #expect(await shop.faults().contains("R2"))
      shop.board.setDoor(open: true)
      try await shop.until("fault O1") { await shop.faults().contains("O1") }
      #expect(try await shop.vendctl("faults", "clear").code == 0)
      shop.board.setDoor(open: false)
      try await shop.untilSelling()
      try await shop.buy("A2")
      try await shop.untilSettled()
      #expect(try shop.lane("A2").fallen == 1)
      #expect(try !shop.lane("A1").isRelayOn)
    }
  }

  @Test("lines that somebody else holds are a fault that names the holder, and are taken later")
  func heldLines() async throws {
    try await withShop { shop in
      var bank: RemoteGPIOBank? = try RemoteGPIOBank(
        socket: "\(shop.folder)/board.sock", consumer: "gpioset")
      var held: (any OutputLine)? = try bank?.output(
        LineSettings(name: "RELAY1"), initially: false)
      try await shop.start()
      #expect(held != nil)
      let line = shop.machine.statusLine
      #expect(line.hasPrefix("not selling: G1"), "\(line)")
      #expect(line.contains("gpioset"), "\(line)")
      try await shop.select("A1")
      #expect(shop.platform.model.orders.isEmpty)
      (held, bank) = (nil, nil)
      try await shop.untilSelling()
      #expect(await shop.faults().isEmpty)
    }
  }

  /// Found by `vendsim kill-points --inject ENODEV --calls wires`: a relay that could not be read
  /// was told of as one that stays on, for ever, and the machine never sold again.
  @Test(
    "a wire that is gone for a moment while the relays are read leaves no fault behind",
    .enabled("ptrace is not permitted here") { await SystemCallTracer.isPermitted() })
  func goneWhileRead() async throws {
    var plan = Shop.Plan()
    // Relays are read with every sign of life: ten times a second here.
    plan.wrapper = "export WATCHDOG_USEC=300000\nexec \"$VENDD\" \"$@\""
    try await withShop(plan) { shop in
      try await shop.startSelling()
      let tracer = try await SystemCallTracer(try #require(shop.machine.daemon.child))
      // Nobody touches the machine: what its loop says to the board is about the relays. The
      // display has a wire of its own.
      for place in 20...40 where tracer.tally.struck?.thread != "vendd" {
        try await shop.untilSelling()
        tracer.arm(Strike(.wires, at: place, .ENODEV))
        try await shop.until("a wire is gone") { tracer.tally.blows == 1 }
        tracer.disarm()
      }
      try await shop.until("the lines are taken again") {
        shop.board.events.count { if case .linesTaken = $0 { true } else { false } } > 1
      }
      try await shop.untilSelling(within: .seconds(15))
      #expect(await shop.faults() == [])
    }
  }
}
