import FoundationEssentials
import Testing
import Timing
import Vending

/// What is remembered of faults, and how seldom it is written.
@Suite struct FaultHistoryTests {
  /// A ledger of faults that is told things, and a history that watches it.
  struct Watch {
    var faults = FaultLedger()
    var history = FaultHistory()
    var now = Instant.zero
    var wall = WallTime(seconds: 1_800_000_000)

    mutating func pass(_ time: Duration) { (now, wall) = (now + time, wall + time) }
    mutating func raise(_ code: Fault.Code, _ subject: String = "", _ detail: String = "") {
      faults.raise(Fault(code, subject, detail), at: now)
      history.note(faults, at: now, wall)
    }
    mutating func clear(_ code: Fault.Code, _ subject: String = "") {
      faults.clear(code, subject)
      history.note(faults, at: now, wall)
    }
    mutating func restart() {
      faults = FaultLedger()
      now = .zero + .seconds(7)
      history.beginRun(at: now)
    }
    func line(_ code: Fault.Code, _ subject: String = "") -> FaultHistory.Line? {
      history.lines.first { $0.code == code && $0.subject == subject }
    }
  }

  @Test func aFaultThatComesAndGoesIsOneLineWithItsCountItsTimesAndItsLength() throws {
    var watch = Watch()
    let first = watch.wall
    for _ in 0..<3 {
      watch.raise(.doorOpen)
      watch.pass(.seconds(10))
      watch.raise(.doorOpen, "", "again")
      watch.pass(.seconds(10))
      watch.clear(.doorOpen)
      watch.pass(.seconds(100))
    }
    let line = try #require(watch.line(.doorOpen))
    #expect(watch.history.lines.count == 1)
    #expect(line.count == 3)
    #expect(line.state == .cleared)
    #expect(line.first == first)
    #expect(line.last == first + .seconds(240))
    #expect(line.cleared == first + .seconds(260))
    #expect(watch.history.total(of: line, at: watch.now) == .seconds(60))
    #expect(line.detail == "again")
  }

  @Test func aSpellThatLastsIsCountedUpToNowAndWrittenSo() throws {
    var watch = Watch()
    watch.raise(.coreSilent)
    watch.pass(.seconds(90))
    let line = try #require(watch.line(.coreSilent))
    #expect(watch.history.total(of: line, at: watch.now) == .seconds(90))
    #expect(line.cleared == nil)
    #expect(watch.history.asOf(watch.now).lines[0].totalMilliseconds == 90_000)
    #expect(watch.history.lines[0].totalMilliseconds == 0)
  }

  @Test func aFaultThatStandsAgainSoonAfterARestartHasNotComeTwice() throws {
    var watch = Watch()
    watch.raise(.displayDark)
    watch.raise(.doorOpen)
    watch.pass(.seconds(30))
    watch.restart()
    #expect(watch.history.lines.map(\.state) == [.interrupted, .interrupted])
    watch.raise(.displayDark)
    #expect(try #require(watch.line(.displayDark)).count == 1)
    #expect(try #require(watch.line(.displayDark)).state == .standing)
    watch.pass(.seconds(3600))
    watch.raise(.doorOpen)
    #expect(try #require(watch.line(.doorOpen)).count == 2)
  }

  @Test func onlyWhatNothingWouldShowAgainIsRaisedAfterARestart() {
    var watch = Watch()
    for code in Fault.Code.allCases { watch.raise(code, "x") }
    watch.clear(.lateDrop, "x")
    watch.restart()
    #expect(Set(watch.history.survivors.map(\.code)) == [.relayStuckOn, .salesFail, .refundStuck])
  }

  @Test func aLineNamesTheCauseThatStoodWhenItCame() throws {
    var watch = Watch()
    watch.raise(.relayRefused, "11")
    watch.raise(.laneClosed, "11")
    watch.raise(.laneClosed, "12")
    watch.raise(.allLanesClosed)
    #expect(try #require(watch.line(.laneClosed, "11")).cause == .relayRefused)
    #expect(try #require(watch.line(.laneClosed, "12")).cause == nil)
    #expect(try #require(watch.line(.allLanesClosed)).cause == .relayRefused)
    #expect(try #require(watch.line(.relayRefused, "11")).cause == nil)
  }

  @Test func linesAndDetailsAreBoundedAndWhatStandsIsKept() {
    var watch = Watch()
    watch.raise(.doorOpen, "", String(repeating: "x", count: 5000))
    for number in 0..<1000 {
      watch.pass(.seconds(1))
      watch.raise(.lateDrop, "\(number)")
      watch.clear(.lateDrop, "\(number)")
    }
    #expect(watch.history.lines.count == FaultHistory.linesMax)
    #expect(watch.line(.doorOpen)?.state == .standing)
    #expect(watch.line(.doorOpen)?.detail.count == 200)
    #expect(watch.line(.lateDrop, "999") != nil)
    #expect(watch.line(.lateDrop, "1") == nil)
  }

  @Test func onlyWhatCameOrWentIsWritten() {
    var watch = Watch()
    watch.raise(.doorOpen)
    let saved = watch.history
    #expect(saved.changes(since: FaultHistory()).map(\.code) == [.doorOpen])
    #expect(saved.changes(since: saved).isEmpty)
    watch.pass(.seconds(5000))
    watch.raise(.doorOpen, "", "another word")
    #expect(watch.history.changes(since: saved).isEmpty, "time alone is no change")
    watch.clear(.doorOpen)
    watch.raise(.doorOpen)
    #expect(watch.history.changes(since: saved).map(\.count) == [2])
  }

  @Test func aFlappingFaultIsWrittenTenTimesAndThenEveryQuarterOfAnHour() {
    var now = Instant.zero
    var budget = FaultSavingBudget(at: now)
    var writes = 0
    let end = now + .seconds(24 * 3600)
    while now < end {
      let delay = budget.delay(at: now)
      #expect(delay >= .seconds(1))
      now = now + delay
      budget.spend(at: now)
      writes += 1
    }
    #expect((96...107).contains(writes), "\(writes) a day")
    // A quiet day later there are ten again.
    now = now + .seconds(24 * 3600)
    for _ in 0..<10 {
      #expect(budget.delay(at: now) == .seconds(1))
      budget.spend(at: now)
    }
    #expect(budget.delay(at: now) > .seconds(600))
  }

  @Test func aHistoryIsReadAsItWasWrittenWithoutTheMomentsOfItsRun() throws {
    var watch = Watch()
    watch.raise(.doorOpen, "", "wide")
    watch.pass(.seconds(60))
    watch.clear(.doorOpen)
    watch.raise(.laneClosed, "11")
    watch.pass(.seconds(60))
    let data = try JSONEncoder().encode(watch.history.asOf(watch.now))
    let read = try JSONDecoder().decode(FaultHistory.self, from: data)
    #expect(read == watch.history.asOf(watch.now))
    #expect(read.lines.map(\.totalMilliseconds) == [60_000, 60_000])
    #expect(read.total(of: read.lines[1], at: watch.now) == .seconds(60), "no spell goes on")
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(FaultHistory.self, from: Data(#"{"lines":[{"code":"Z9"}]}"#.utf8))
    }
  }

  @Test func evenWhatStandsIsForgottenWhenThereIsNoOtherRoom() {
    var watch = Watch()
    for number in 0...FaultHistory.linesMax {
      watch.pass(.seconds(1))
      watch.raise(.keyStuck, "\(number)")
    }
    #expect(watch.history.lines.count == FaultHistory.linesMax)
    #expect(watch.line(.keyStuck, "0") == nil)
  }
}
