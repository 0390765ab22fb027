import Devices
import Glibc
import Platform
import Simulation
import Testing
import Timing

@Suite("Keypad driver against an emulated matrix")
struct BoardKeypadTests {
  @Test func everyKeyIsToldOnceDespiteBounce() throws {
    let bench = try BoardBench()
    var events: [KeypadEvent] = []
    let keypad = try bench.keypad(try bench.bank()) { events.append($0) }
    #expect(bench.run { keypad.isIdle })
    for legend in bench.board.legends {
      #expect(bench.tap(keypad, legend) { events.last == .pressed(legend) }, "\(legend): \(events)")
    }
    #expect(events == bench.board.legends.map { .pressed($0) })
    #expect(bench.board.snapshot.shortCircuits == 0)
    withExtendedLifetime(keypad) {}
  }

  @Test func idleKeypadAsksTheBoardNothing() throws {
    let bench = try BoardBench()
    let keypad = try bench.keypad(try bench.bank()) { _ in }
    #expect(bench.run { keypad.isIdle })
    // A loop with nothing armed and nothing to read does not come back before its limit.
    let before = Clock.now()
    bench.loop.turn(waiting: .milliseconds(300))
    #expect(Clock.now() - before >= .milliseconds(299))
    withExtendedLifetime(keypad) {}
  }

  @Test func twoKeysAtOnceAreNoneUntilBothAreUp() throws {
    let bench = try BoardBench()
    var events: [KeypadEvent] = []
    let keypad = try bench.keypad(try bench.bank()) { events.append($0) }
    #expect(bench.run { keypad.isIdle })
    bench.board.hold("1", "5")
    bench.idle(.milliseconds(150))
    bench.board.release("1")
    bench.idle(.milliseconds(150))
    #expect(events.isEmpty)
    bench.board.release("5")
    #expect(bench.run { keypad.isIdle })
    #expect(bench.tap(keypad, "5") { events == [.pressed("5")] })
    withExtendedLifetime(keypad) {}
  }

  @Test func twoKeysOfOneColumnPushNoOutputsAgainstEachOther() throws {
    let bench = try BoardBench()
    var events: [KeypadEvent] = []
    let keypad = try bench.keypad(try bench.bank()) { events.append($0) }
    bench.board.hold("1", "7")
    bench.idle(.milliseconds(150))
    #expect(events.isEmpty)
    #expect(bench.board.snapshot.shortCircuits == 0)
    withExtendedLifetime(keypad) {}
  }

  @Test func threeCornersOfARectangleMakeNoFourthKey() throws {
    let bench = try BoardBench()
    var events: [KeypadEvent] = []
    let keypad = try bench.keypad(try bench.bank()) { events.append($0) }
    #expect(bench.run { keypad.isIdle })
    bench.board.hold("1", "2", "4")
    bench.idle(.milliseconds(200))
    for legend in ["1", "2", "4"] { bench.board.release(legend) }
    #expect(bench.run { bench.board.snapshot.keysDown.isEmpty })
    #expect(bench.run { keypad.isIdle })
    #expect(events.isEmpty)
    #expect(bench.tap(keypad, "5") { events == [.pressed("5")] })
    withExtendedLifetime(keypad) {}
  }

  @Test func stuckKeyIsToldAndTheOthersStillWork() throws {
    let bench = try BoardBench()
    var events: [KeypadEvent] = []
    let keypad = try bench.keypad(try bench.bank(), stuckAfter: .milliseconds(400)) {
      events.append($0)
    }
    #expect(bench.run { keypad.isIdle })
    bench.board.hold("8")
    #expect(bench.run { events == [.pressed("8"), .stuck("8")] })
    #expect(keypad.stuckKeys == ["8"])
    // One of the same column, which the stuck key keeps active, and one of the same row.
    for legend in ["2", "7"] {
      #expect(bench.tap(keypad, legend) { events.last == .pressed(legend) }, "\(events)")
    }
    bench.board.release("8")
    #expect(bench.run { events.last == .freed("8") && keypad.isIdle })
    #expect(bench.tap(keypad, "8") { events.last == .pressed("8") })
    #expect(
      events == [
        .pressed("8"), .stuck("8"), .pressed("2"), .pressed("7"), .freed("8"), .pressed("8"),
      ])
  }

  @Test func keyThatIsDownAtTheStartIsNobodysChoice() throws {
    let bench = try BoardBench()
    bench.board.hold("3")
    #expect(bench.run { bench.board.snapshot.keysDown == ["3"] })
    // Until its contact has settled it could as well be pressed just now.
    bench.idle(.milliseconds(20))
    var events: [KeypadEvent] = []
    let keypad = try bench.keypad(try bench.bank()) { events.append($0) }
    bench.idle(.milliseconds(150))
    bench.board.release("3")
    #expect(bench.run { keypad.isIdle })
    #expect(events.isEmpty)
    #expect(bench.tap(keypad, "3") { events == [.pressed("3")] })
    withExtendedLifetime(keypad) {}
  }

  @Test func pressThatEndsBeforeTheLoopComesRoundIsNone() throws {
    // Not even by a late reading of its edges: by then nobody can tell which key it was.
    let bench = try BoardBench()
    var events: [KeypadEvent] = []
    let keypad = try bench.keypad(try bench.bank()) { events.append($0) }
    #expect(bench.run { keypad.isIdle })
    bench.board.press("5", for: .milliseconds(40))
    var released = false
    while !released {
      released = bench.board.events.contains { if case .keyUp = $0 { true } else { false } }
    }
    // The contact still chatters for a moment after the key is up.
    usleep(10_000)
    bench.idle(.milliseconds(80))
    #expect(events.isEmpty)
    withExtendedLifetime(keypad) {}
  }

  @Test func pressIsToldAtTheFirstScanWhenTheLoopComesLate() throws {
    let bench = try BoardBench()
    var events: [KeypadEvent] = []
    let keypad = try bench.keypad(try bench.bank()) { events.append($0) }
    #expect(bench.run { keypad.isIdle })
    bench.board.hold("5")
    while bench.board.snapshot.keysDown.isEmpty {}
    usleep(60_000)
    // One edge, four rows: five turns of the loop, and no time for the debounce to begin anew.
    for _ in 0..<5 { bench.loop.turn(waiting: .milliseconds(100)) }
    #expect(events == [.pressed("5")])
    withExtendedLifetime(keypad) {}
  }

  @Test func lostBoardIsToldOnce() throws {
    let bench = try BoardBench()
    var events: [KeypadEvent] = []
    let keypad = try bench.keypad(try bench.bank()) { events.append($0) }
    #expect(bench.run { keypad.isIdle })
    bench.board.dropConnections()
    #expect(bench.run { !events.isEmpty })
    bench.idle(.milliseconds(50))
    #expect(events.count == 1)
    guard case .failed(.disconnected) = events.first else {
      Issue.record("\(events)")
      return
    }
    withExtendedLifetime(keypad) {}
  }
}
