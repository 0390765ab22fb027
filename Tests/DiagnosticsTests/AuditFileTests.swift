import Core
import Money
import Ordering
import Storage
import Testing
import Timing
import Vending

@testable import Diagnostics

@Suite("The audit file")
struct AuditFileTests {
  private static func record(
    vends: Int64, fen: Int64, tests: Int64 = 0, stock: Int? = nil
  ) -> Ledger.LaneRecord {
    var record = Ledger.LaneRecord()
    (record.vends, record.value, record.testVends) = (vends, Amount(fen: fen), tests)
    record.stock = stock
    return record
  }

  private static func facts(standing: Set<Fault>? = []) -> AuditFile.Facts {
    var counters = Ledger.Counters()
    (counters.vends, counters.value) = (44, Amount(fen: 18_270))
    (counters.testVends, counters.failures) = (3, 2)
    var (history, ledger) = (FaultHistory(), FaultLedger())
    var (now, wall) = (Instant.zero, Healthy.time)
    for _ in 0..<4 {
      ledger.raise(Fault(.doorOpen), at: now)
      history.note(ledger, at: now, wall)
      (now, wall) = (now + .seconds(780), wall + .seconds(780))
      ledger.clear(.doorOpen)
      history.note(ledger, at: now, wall)
    }
    ledger.raise(Fault(.laneClosed, "12"), at: now)
    ledger.raise(Fault(.clockWrong), at: now)
    history.note(ledger, at: now, wall)
    return AuditFile.Facts(
      machine: "M01", board: "raspberry-pi-4", version: "0.1.0", provider: "WeChat Pay v3",
      merchant: "1900000109", counters: counters, powerCuts: 3,
      lanes: [
        AuditFile.Facts.Lane(
          code: "11", name: "可乐 Cola", priceFen: 435, capacity: 8,
          record: record(vends: 42, fen: 18_270 - 400, tests: 3, stock: 7)),
        AuditFile.Facts.Lane(
          code: "12", name: "矿泉水", priceFen: 200, capacity: nil,
          record: record(vends: 2, fen: 400, stock: 5)),
        AuditFile.Facts.Lane(
          code: "A1", name: "Tea * hot", priceFen: 600, capacity: 6,
          record: record(vends: 0, fen: 0, stock: 0)),
      ], faults: history, standing: standing, at: Healthy.time + .seconds(86_400),
      offsetSeconds: 8 * 3600)
  }

  @Test("tells who it is, what was sold and what happened, from DXS to DXE")
  func golden() throws {
    let text = AuditFile(Self.facts(standing: [Fault(.laneClosed, "12")])).text
    #expect(text.utf8.count { $0 == 13 } == text.utf8.count { $0 == 10 })
    // The house keeps no carriage returns in its files.
    try Golden.expect(text.replacing("\r\n", with: "\n"), is: "audit.dts")
  }

  @Test("tells the level that a refill fills to, the last change of a price, and free vends")
  func settings() {
    var facts = Self.facts()
    facts.counters.serviceVends = 2
    facts.lanes[0].record.setting.par = 6
    facts.lanes[0].record.setting.price = Self.price(at: Healthy.time)
    facts.lanes[1].record.setting.price = Self.price(at: Healthy.time + .seconds(3600))
    let text = AuditFile(facts).text
    #expect(text.contains("\r\nVA2**3\r\nVA3**2\r\n"))
    #expect(text.contains("\r\nPA1*11*435*Cola*8*6**0*7\r\n"))
    #expect(text.contains("\r\nEA5*20261118*200640\r\nEA7**3\r\nG85*"))
  }

  private static func price(at time: WallTime) -> Ledger.LaneSetting.SetPrice? {
    var ledger = Ledger()
    ledger.apply(
      .deed(
        .priced(lane: "11", from: Amount(fen: 400), to: Amount(fen: 435), listed: Amount(fen: 400)),
        by: .keypad), laneFailureLimit: 2, at: time)
    return ledger.lanes["11"]?.setting.price
  }

  @Test("sums its bytes as the trade does")
  func sum() {
    // The check value of CRC-16/ARC, in everybody's catalogues.
    #expect(AuditFile.crc(Array("123456789".utf8)) == "BB3D")
    #expect(AuditFile.crc([]) == "0000")
  }

  @Test("holds nothing but printable ASCII, whatever a product is called")
  func plain() {
    var facts = Self.facts()
    facts.lanes[0].name = "a*b^c\r\nDXE*9 \u{1F964}可乐 with a very long name of its own"
    let text = AuditFile(facts).text
    #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == 13 || $0 == 10 })
    #expect(text.contains("PA1*11*435*abcDXE9 with a very*8*"))
    #expect(text.split(separator: "\r\n").count { $0.hasPrefix("DXE") } == 1)
  }

  @Test("says of an event that it is active only where a daemon says so")
  func activity() {
    let lines = { (standing: Set<Fault>?) in
      AuditFile(Self.facts(standing: standing)).text.split(separator: "\r\n")
        .filter { $0.hasPrefix("EA2*EJB") }
    }
    #expect(lines([Fault(.laneClosed, "12")]) == ["EA2*EJB**1**1*0"])
    #expect(lines([]) == ["EA2*EJB**1**0*0"])
    #expect(lines(nil) == ["EA2*EJB**1***0"])
  }

  @Test("counts eight digits and begins anew, as every counter of the trade")
  func bounds() {
    var facts = Self.facts()
    facts.counters.value = Amount(fen: 123_456_789_012)
    #expect(AuditFile(facts).text.contains("VA1*56789012*44\r\n"))
  }

  @Test("is made from the journal without a daemon")
  func fromJournal() throws {
    let state = try StateDirectory()
    let journal = try RecordStore(path: "\(state.path)/board.db", role: .board)
    var ledger = Ledger()
    let number = StateDirectory.number("M01AAAAAAAA0001")
    for entry in [
      StateDirectory.sale(number), StateDirectory.intent(number),
      .verdict(number, .delivered(.dropSensed)), .testVend(lane: "12"),
    ] { ledger.apply(entry, laneFailureLimit: 2, at: Healthy.time) }
    try journal.commit([], values: [(Ledger.storageKey, try JSONText.encode(ledger))])
    let text = try state.bench.auditFile()
    #expect(text.contains("\r\nVA1*435*1\r\nVA2**1\r\n"))
    #expect(text.contains("\r\nPA2*1*435\r\nPA7*11*DA*1*435*1*435\r\n"))
    #expect(text.contains("\r\nPA2*0*0\r\nPA3*1\r\n"))
    #expect(!text.contains("EA2"))
    let missing = try StateDirectory()
    #expect(throws: BenchError.self) { try missing.bench.auditFile() }
  }
}
