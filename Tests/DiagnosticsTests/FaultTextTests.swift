import Control
import MachineFiles
import Platform
import Storage
import Testing
import Timing
import Vending

@testable import Diagnostics

@Suite("What vendctl faults prints")
struct FaultTextTests {
  private static let beijing = LocalClock { _ in 8 * 3600 }

  /// A story of faults: a name that is not resolved stops everything, a lane jams, a door banged.
  private static func story() -> (FaultHistory, FaultLedger, Instant) {
    var (history, ledger) = (FaultHistory(), FaultLedger())
    var (now, wall) = (Instant.zero, Healthy.time)
    func pass(_ duration: Duration) { (now, wall) = (now + duration, wall + duration) }
    func note() { history.note(ledger, at: now, wall) }
    for _ in 0..<3 {
      ledger.raise(Fault(.doorOpen), at: now)
      note()
      pass(.seconds(75))
      ledger.clear(.doorOpen)
      note()
      pass(.seconds(600))
    }
    ledger.raise(Fault(.nameNotResolved, "", "api.mch.weixin.qq.com: try again"), at: now)
    note()
    pass(.seconds(1))
    ledger.raise(Fault(.tooManyUnsettled), at: now)
    ledger.raise(Fault(.laneClosed, "12", "2 failures in a row"), at: now)
    ledger.raise(Fault(.relayStuckOn, "11", "line GPIO17 reads on"), at: now)
    note()
    pass(.seconds(7200))
    return (history, ledger, now)
  }

  private static func reports(all: Bool) -> [FaultReport] {
    let (history, ledger, now) = story()
    return FaultReport.list(
      history, all: all, at: now, order: ledger.standing.map(\.fault))
  }

  @Test("names causes before what comes of them, in both languages", arguments: [false, true])
  func text(all: Bool) throws {
    for language in Bilingual.Language.allCases {
      let text = FaultText(language, clock: Self.beijing).text(Self.reports(all: all))
      try Golden.expect(text, is: "faults-\(all ? "all" : "standing").\(language.rawValue).txt")
    }
  }

  @Test("says that nothing is wrong, in both languages")
  func well() {
    #expect(FaultText(.english).text([]) == "no fault stands\n")
    #expect(FaultText(.chinese).text([]) == "当前没有故障\n")
  }

  @Test("has everything in its JSON, in both languages")
  func json() throws {
    let stuck = Self.reports(all: true).filter { $0.code == "R2" || $0.code == "O1" }
    try Golden.expect(JSONLines.pretty(stuck), is: "faults.json")
  }

  @Test("explains every code, and the journal's catalogue is the one that is installed")
  func catalogue() throws {
    for language in Bilingual.Language.allCases {
      let text = CatalogueText.explanation(of: Fault.Code.allCases, in: language)
      try Golden.expect(text, is: "explain.\(language.rawValue).txt")
      let file = language == .english ? "vend.catalog" : "vend.zh_CN.catalog"
      try Golden.expect(
        CatalogueText.journal(in: language), is: "../../../systemd/catalog/\(file)")
    }
  }

  @Test("reads the journal's history where no daemon runs, and takes nothing for standing")
  func withoutDaemon() throws {
    let state = try StateDirectory()
    #expect {
      try state.bench.faults(all: false)
    } throws: { error in
      if case BenchError.refused = error { true } else { false }
    }
    let journal = try RecordStore(path: "\(state.path)/board.db", role: .board)
    #expect(try state.bench.faults(all: false).reports.isEmpty)
    let (history, _, now) = Self.story()
    try journal.commit(
      [], values: [(FaultHistory.storageKey, try JSONText.encode(history.asOf(now)))])
    let (faults, isLive) = try state.bench.faults(all: false)
    #expect(!isLive)
    #expect(faults.count == 5)
    #expect(faults.filter { $0.state == .interrupted }.count == 4)
    #expect(faults.first { $0.code == "N1" }?.totalSeconds == 7201)
    for language in Bilingual.Language.allCases {
      try Golden.expect(
        FaultText(language, clock: Self.beijing).text(faults, isLive: false),
        is: "faults-left.\(language.rawValue).txt")
    }
  }

  @Test("asks the daemon where there is one")
  func besideDaemon() throws {
    let state = try StateDirectory()
    let reports = Self.reports(all: true)
    let daemon = try EmulatedDaemon(state.bench.configuration.controlSocket) { request in
      if case .faults(true) = request { .faults(reports) } else { .refused("\(request)") }
    }
    let (faults, isLive) = try state.bench.faults(all: true)
    #expect(faults == reports)
    #expect(isLive)
    withExtendedLifetime(daemon) {}
  }
}
