import MachineFiles
import Devices
import Ordering
import Platform
import Simulation
import Testing
import Timing

@Suite("Relay driver against emulated lanes")
struct BoardRelayTests {
  @Test func pulseIsAsLongAsAskedAndOneProductFalls() throws {
    let bench = try BoardBench()
    let relay = try bench.relay(try bench.bank())
    var outcomes: [Relay.Outcome] = []
    relay.pulse(DispensePermit(testVendOf: "11"), for: .milliseconds(250)) { outcomes.append($0) }
    #expect(relay.isOn)
    #expect(outcomes.isEmpty)
    #expect(bench.run { !outcomes.isEmpty })
    guard case .done(let duration) = outcomes.first else {
      Issue.record("\(outcomes)")
      return
    }
    #expect(duration >= .milliseconds(250))
    #expect(bench.run { bench.board.snapshot.lane("relay1")?.fallen == 1 })
    let lane = try #require(bench.board.snapshot.lane("relay1"))
    #expect(lane.pulses == 1)
    #expect(lane.longestPulse >= .milliseconds(249))
    #expect(lane.pieces == 7)
    #expect(!lane.isRelayOn)
    #expect(relay.check() == nil)
  }

  @Test func pulseEndsAtTheCapWhateverIsAskedFor() throws {
    let bench = try BoardBench()
    let relay = try bench.relay(try bench.bank())
    var outcome: Relay.Outcome?
    relay.pulse(DispensePermit(testVendOf: "11"), for: .seconds(3600)) { outcome = $0 }
    #expect(bench.run { outcome != nil })
    guard case .done(let duration) = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
    #expect(duration >= relay.cap)
    #expect(duration < relay.cap + .milliseconds(400))
  }

  @Test func secondPulseIsRefusedWhileTheFirstIsOn() throws {
    let bench = try BoardBench()
    let relay = try bench.relay(try bench.bank())
    var outcomes: [Relay.Outcome] = []
    relay.pulse(DispensePermit(testVendOf: "11"), for: .milliseconds(100)) { outcomes.append($0) }
    relay.pulse(DispensePermit(testVendOf: "11"), for: .milliseconds(100)) { outcomes.append($0) }
    #expect(bench.run { outcomes.count == 2 })
    #expect(outcomes.first == .refused(.alreadyOn))
    #expect(bench.board.snapshot.lane("relay1")?.pulses == 1)
  }

  @Test func pulseOfNoLengthMovesNothing() throws {
    let bench = try BoardBench()
    let relay = try bench.relay(try bench.bank())
    var outcomes: [Relay.Outcome] = []
    relay.pulse(DispensePermit(testVendOf: "11"), for: .zero) { outcomes.append($0) }
    relay.pulse(DispensePermit(testVendOf: "11"), for: .seconds(-1)) { outcomes.append($0) }
    #expect(bench.run { outcomes.count == 2 })
    #expect(outcomes == [.refused(.noTime), .refused(.noTime)])
    #expect(bench.board.snapshot.lane("relay1")?.pulses == 0)
  }

  @Test func relayThatIsLetGoIsOffAndItsPulseHasAnEnd() throws {
    let bench = try BoardBench()
    let bank = try bench.bank()
    var outcome: Relay.Outcome?
    do {
      let relay = try bench.relay(bank, 1)
      relay.pulse(DispensePermit(testVendOf: "12"), for: .seconds(2)) { outcome = $0 }
      #expect(bench.run { bench.board.snapshot.lane("relay2")?.isRelayOn == true })
    }
    #expect(bench.run { bench.board.snapshot.lane("relay2")?.isRelayOn == false })
    #expect(bench.run { outcome != nil })
    guard case .done = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
  }

  @Test func lostConnectionSwitchesOffAndFailsThePulse() throws {
    let bench = try BoardBench()
    let relay = try bench.relay(try bench.bank())
    var outcome: Relay.Outcome?
    relay.pulse(DispensePermit(testVendOf: "11"), for: .milliseconds(500)) { outcome = $0 }
    #expect(bench.run { bench.board.snapshot.lane("relay1")?.isRelayOn == true })
    bench.board.dropConnections()
    #expect(bench.run { bench.board.snapshot.lane("relay1")?.isRelayOn == false })
    #expect(bench.run { outcome != nil })
    guard case .failed(.line(.disconnected)) = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
    var second: Relay.Outcome?
    relay.pulse(DispensePermit(testVendOf: "11"), for: .milliseconds(500)) { second = $0 }
    #expect(bench.run { second != nil })
    guard case .refused(.faulty) = second else {
      Issue.record("\(String(describing: second))")
      return
    }
  }

  @Test func boardThatHoldsItsOutputsKeepsARelayOnUntilItIsTakenAgain() throws {
    var behaviour = BoardBehaviour()
    behaviour.holdsOutputsOnHangUp = true
    let bench = try BoardBench(behaviour: behaviour)
    let relay = try bench.relay(try bench.bank())
    relay.pulse(DispensePermit(testVendOf: "11"), for: .milliseconds(500)) { _ in }
    #expect(bench.run { bench.board.snapshot.lane("relay1")?.isRelayOn == true })
    bench.board.dropConnections()
    #expect(bench.run { bench.board.snapshot.clients == 0 })
    #expect(bench.board.snapshot.lane("relay1")?.isRelayOn == true)
    // The next daemon's first act.
    let next = try bench.relay(try bench.bank())
    #expect(bench.run { bench.board.snapshot.lane("relay1")?.isRelayOn == false })
    #expect(next.check() == nil)
  }

  @Test func switchedOffEarlyThePulseSaysHowLongItWas() throws {
    let bench = try BoardBench()
    let relay = try bench.relay(try bench.bank())
    var outcome: Relay.Outcome?
    relay.pulse(DispensePermit(testVendOf: "11"), for: .milliseconds(500)) { outcome = $0 }
    relay.switchOff()
    #expect(bench.run { outcome != nil })
    guard case .done(let duration) = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
    #expect(duration < .milliseconds(400))
    // The first pulse's deadline must not cut the second short.
    var second: Relay.Outcome?
    relay.pulse(DispensePermit(testVendOf: "11"), for: .milliseconds(550)) { second = $0 }
    #expect(bench.run { second != nil })
    guard case .done(let length) = second else {
      Issue.record("\(String(describing: second))")
      return
    }
    #expect(length >= .milliseconds(550))
  }

  @Test func wrongPolarityIsSeenOnTheLane() throws {
    // The emulation is electrical: a board file that is wrong about polarity moves the motor.
    let bench = try BoardBench()
    var settings = BoardBench.settings(bench.configuration.relays[0].line)
    settings.isActiveLow = false
    let line = try bench.bank().output(settings, initially: false)
    #expect(bench.run { bench.board.snapshot.lane("relay1")?.isRelayOn == true })
    withExtendedLifetime(line) {}
  }
}

@Suite("Relay driver on lines that disobey")
struct FaultyRelayTests {
  /// A line that reads what it was told, unless it is broken.
  final class FaultyLine: OutputLine {
    let name = "K9"
    var level = false
    var sets: [Bool] = []
    var reading: ((Bool) -> Bool) = { $0 }
    var refuses: ((Bool, Int) -> Bool) = { _, _ in false }

    func set(_ active: Bool) throws(GPIOError) {
      sets.append(active)
      if refuses(active, sets.count) { throw .system(line: name, words: "no such device") }
      level = active
    }

    func get() throws(GPIOError) -> Bool { reading(level) }
  }

  final class FaultyBank: GPIOBank {
    let line = FaultyLine()
    func output(_ line: LineSettings, initially: Bool) throws(GPIOError) -> any OutputLine {
      self.line
    }
    func input(_ line: LineSettings) throws(GPIOError) -> any InputLine { throw .noLine(line.name) }
  }

  func outcome(_ prepare: (FaultyLine) -> Void) throws -> (Relay.Outcome?, FaultyLine, Relay) {
    let loop = try EventLoop()
    let bank = FaultyBank()
    prepare(bank.line)
    let relay = try Relay(
      loop: loop, bank: bank, line: LineSettings(name: "K9"), cap: .seconds(1))
    var outcome: Relay.Outcome?
    relay.pulse(DispensePermit(testVendOf: "1"), for: .milliseconds(20)) { outcome = $0 }
    let deadline = Clock.now() + .seconds(5)
    while outcome == nil, Clock.now() < deadline { loop.turn(waiting: .milliseconds(2)) }
    return (outcome, bank.line, relay)
  }

  @Test func lineThatStaysOffIsNoDriveAndIsSwitchedOffAtOnce() throws {
    let (outcome, line, relay) = try outcome { $0.reading = { _ in false } }
    #expect(outcome == .failed(.noDrive))
    #expect(line.sets == [true, false])
    #expect(relay.check() == .noDrive)
  }

  @Test func lineThatStaysOnIsStuckOnAfterThreeTries() throws {
    let (outcome, line, relay) = try outcome { $0.reading = { _ in true } }
    #expect(outcome == .failed(.stuckOn))
    #expect(line.sets == [true, false, false, false])
    #expect(relay.fault == .stuckOn)
  }

  @Test func lineThatGoesOffAtTheSecondTryIsNoFault() throws {
    let (outcome, line, relay) = try outcome { line in
      line.refuses = { active, count in !active && count == 2 }
    }
    guard case .done = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
    #expect(line.sets == [true, false, false])
    #expect(relay.fault == nil)
  }

  @Test func lineThatCannotBeSwitchedOnIsSwitchedOffAnyway() throws {
    let (outcome, line, relay) = try outcome { $0.refuses = { active, _ in active } }
    #expect(outcome == .failed(.line(.system(line: "K9", words: "no such device"))))
    #expect(line.sets == [true, false])
    #expect(relay.fault != nil)
  }
}
