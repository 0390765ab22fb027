import Devices
import Ordering
import Platform
import Simulation
import Testing
import Timing

@Suite("Sensor and door drivers against an emulated cabinet")
struct BoardInputTests {
  @Test func fallingProductIsOneDropInTime() throws {
    let bench = try BoardBench()
    let bank = try bench.bank()
    var events: [DropSensor.Event] = []
    let sensor = try DropSensor(
      loop: bench.loop, bank: bank, line: bench.sensorLine, debounce: .milliseconds(10)
    ) { events.append($0) }
    let relay = try bench.relay(bank)
    let before = Clock.now()
    relay.pulse(DispensePermit(testVendOf: "11"), for: .milliseconds(200)) { _ in }
    #expect(bench.run { !events.isEmpty })
    guard case .dropped(let moment) = events.first else {
      Issue.record("\(events)")
      return
    }
    let fall = bench.board.events.compactMap { event -> Instant? in
      if case .productFell(_, let at) = event { at } else { nil }
    }
    #expect(fall.count == 1)
    // The edge's own time, not when the loop got round to it.
    #expect(moment - (fall.first ?? .zero) < .milliseconds(5))
    #expect(sensor.hasDropped(since: before))
    #expect(!sensor.hasDropped(since: Clock.now()))
    bench.idle(.milliseconds(150))
    #expect(events.count == 1)
  }

  @Test func doubleDropIsTwoDrops() throws {
    let bench = try BoardBench()
    let bank = try bench.bank()
    var drops = 0
    let sensor = try DropSensor(
      loop: bench.loop, bank: bank, line: bench.sensorLine, debounce: .milliseconds(10)
    ) { if case .dropped = $0 { drops += 1 } }
    bench.board.setMood(.double, of: "relay1")
    let relay = try bench.relay(bank)
    relay.pulse(DispensePermit(testVendOf: "11"), for: .milliseconds(200)) { _ in }
    #expect(bench.run { drops == 2 })
    #expect(bench.board.snapshot.lane("relay1")?.pieces == 6)
    withExtendedLifetime(sensor) {}
  }

  @Test func jammedLaneLateLaneAndEmptyLaneTellTheTruth() throws {
    var behaviour = BoardBehaviour()
    behaviour.pieces = 1
    let bench = try BoardBench(behaviour: behaviour)
    let bank = try bench.bank()
    var drops = 0
    let sensor = try DropSensor(
      loop: bench.loop, bank: bank, line: bench.sensorLine, debounce: .milliseconds(10)
    ) { if case .dropped = $0 { drops += 1 } }
    let relay = try bench.relay(bank)
    bench.board.jam("relay1")
    try pulse(relay, on: bench)
    bench.idle(.milliseconds(500))
    #expect(drops == 0)
    #expect(bench.board.snapshot.lane("relay1")?.pieces == 1)
    bench.board.setMood(.late(.milliseconds(700)), of: "relay1")
    try pulse(relay, on: bench)
    bench.idle(.milliseconds(500))
    #expect(drops == 0)
    #expect(bench.run { drops == 1 })
    bench.board.setMood(.works, of: "relay1")
    try pulse(relay, on: bench)
    bench.idle(.milliseconds(500))
    #expect(drops == 1)
    withExtendedLifetime(sensor) {}
  }

  private func pulse(_ relay: Relay, on bench: BoardBench) throws {
    var outcome: Relay.Outcome?
    relay.pulse(DispensePermit(testVendOf: "11"), for: .milliseconds(200)) { outcome = $0 }
    #expect(bench.run { outcome != nil })
  }

  @Test func blockedBeamIsToldAndClears() throws {
    let bench = try BoardBench()
    var events: [DropSensor.Event] = []
    let sensor = try DropSensor(
      loop: bench.loop, bank: try bench.bank(), line: bench.sensorLine,
      debounce: .milliseconds(10), blockedAfter: .milliseconds(200)
    ) { events.append($0) }
    bench.board.setSensor(.blocked)
    #expect(bench.run { sensor.isBlocked })
    bench.board.setSensor(.none)
    #expect(bench.run { !sensor.isBlocked })
    #expect(events.dropFirst() == [.blocked, .cleared])
  }

  @Test func beamThatIsBlockedFromTheStartIsNoDrop() throws {
    let bench = try BoardBench()
    bench.board.setSensor(.blocked)
    #expect(bench.run { bench.board.snapshot.isBeamBroken })
    var events: [DropSensor.Event] = []
    let sensor = try DropSensor(
      loop: bench.loop, bank: try bench.bank(), line: bench.sensorLine,
      debounce: .milliseconds(10), blockedAfter: .milliseconds(100)
    ) { events.append($0) }
    #expect(bench.run { events == [.blocked] })
    #expect(sensor.drops.isEmpty)
  }

  @Test func deadSensorSeesNothingFall() throws {
    let bench = try BoardBench()
    let bank = try bench.bank()
    bench.board.setSensor(.dead)
    var events: [DropSensor.Event] = []
    let sensor = try DropSensor(
      loop: bench.loop, bank: bank, line: bench.sensorLine, debounce: .milliseconds(10)
    ) { events.append($0) }
    try pulse(try bench.relay(bank), on: bench)
    #expect(bench.run { bench.board.snapshot.lane("relay1")?.fallen == 1 })
    bench.idle(.milliseconds(100))
    #expect(events.isEmpty)
    withExtendedLifetime(sensor) {}
  }

  @Test func doorIsToldWhenItMoves() throws {
    let bench = try BoardBench()
    var events: [Door.Event] = []
    let door = try Door(
      loop: bench.loop, bank: try bench.bank(), line: bench.doorLine, debounce: .milliseconds(30)
    ) { events.append($0) }
    #expect(!door.isOpen)
    bench.board.setDoor(open: true)
    #expect(bench.run { events == [.opened] })
    #expect(door.isOpen)
    bench.board.setDoor(open: false)
    #expect(bench.run { events == [.opened, .closed] })
  }

  @Test func severalInputsOfOneConnectionLoseNoEdge() throws {
    // All lines share a socket: reading one line's answer must not swallow another line's edge.
    let bench = try BoardBench()
    let bank = try bench.bank()
    var doors: [Door.Event] = []
    var keys: [KeypadEvent] = []
    let door = try Door(
      loop: bench.loop, bank: bank, line: bench.doorLine, debounce: .milliseconds(5)
    ) { doors.append($0) }
    let keypad = try bench.keypad(bank) { keys.append($0) }
    #expect(bench.run { keypad.isIdle })
    for round in 1...8 {
      bench.board.setDoor(open: round % 2 == 1)
      #expect(bench.tap(keypad, "5") { doors.count == round && keys.count == round })
    }
    withExtendedLifetime((door, keypad)) {}
  }
}
