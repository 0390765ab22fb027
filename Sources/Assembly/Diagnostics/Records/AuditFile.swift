internal import Money
public import Timing
public import Vending

/// An audit file of EVA-DTS 6.1: what an operator's management system reads off any machine.
///
/// Segments and elements are those of the standard of December 2012 (facts: vending 7.2): counts
/// since initialisation, which here is the journal's beginning. Nothing is ever reset, so every
/// element "since last reset" is left out, as the standard allows. What is not known is left out
/// too: a field that always says fine is worse than none.
public struct AuditFile: Sendable {
  /// All that the file tells.
  public struct Facts: Equatable, Sendable {
    public var machine: String
    public var board: String
    /// The program's version, as `0.1.0`.
    public var version: String
    /// What takes the money, as `WeChat Pay v3`, and whose account it is.
    public var provider: String
    public var merchant: String
    public var counters: Ledger.Counters
    /// Runs of the daemon that ended with the power.
    public var powerCuts: Int64
    public var lanes: [Lane]
    public var faults: FaultHistory
    /// Codes and subjects of the faults that stand; nil when nobody knows.
    public var standing: Set<Fault>?
    public var at: WallTime
    /// The machine's zone: seconds ahead of UTC.
    public var offsetSeconds: Int64

    /// A lane with what the journal knows of it.
    public struct Lane: Hashable, Sendable {
      public var code: String
      public var name: String
      public var priceFen: Int64
      public var capacity: Int?
      public var record: Ledger.LaneRecord

      /// Describes a lane.
      public init(
        code: String, name: String, priceFen: Int64, capacity: Int?, record: Ledger.LaneRecord
      ) {
        (self.code, self.name, self.priceFen) = (code, name, priceFen)
        (self.capacity, self.record) = (capacity, record)
      }
    }

    /// Gathers the facts.
    public init(
      machine: String, board: String, version: String, provider: String, merchant: String,
      counters: Ledger.Counters, powerCuts: Int64, lanes: [Lane], faults: FaultHistory,
      standing: Set<Fault>?,
      at: WallTime, offsetSeconds: Int64
    ) {
      (self.machine, self.board, self.version) = (machine, board, version)
      (self.provider, self.merchant, self.counters) = (provider, merchant, counters)
      self.powerCuts = powerCuts
      (self.lanes, self.faults, self.standing) = (lanes, faults, standing)
      (self.at, self.offsetSeconds) = (at, offsetSeconds)
    }
  }

  private let facts: Facts

  /// A file of these facts.
  public init(_ facts: Facts) { self.facts = facts }

  /// The whole file, from DXS to DXE, in printable ASCII and lines that end with CR LF.
  public var text: String {
    let body =
      [segment("ST", ["001", "0001"])] + identification + sales + facts.lanes.flatMap(product)
      + events + [read] + prices + [outages]
    let checked = body.joined()
    // SE01 counts ST, G85 and SE as well.
    return segment("DXS", [sender, "VA", "V0/6", "1"]) + checked
      + segment("G85", [Self.crc(Array(checked.utf8))])
      + segment("SE", [String(body.count + 2), "0001"]) + segment("DXE", ["1", "1"])
  }

  // MARK: Who it is

  /// Three letters of the maker and seven digits; we have no registered letters.
  private var sender: String {
    let digits = String(facts.machine.filter { $0.isASCII && $0.isNumber }.suffix(7))
    return "VND" + String(repeating: "0", count: 7 - digits.count) + digits
  }

  private var identification: [String] {
    let build = String(facts.version.filter { $0.isASCII && $0.isNumber }.suffix(4))
    return [
      segment(
        "ID1",
        [text(facts.machine), text(facts.board), build, "", "", text(facts.machine), "6", "1"]
      ),
      segment("CB1", [text(facts.machine), text(facts.board), text("vend \(facts.version)")]),
      // Two decimals, ISO 4217 by number with a 1 before it, and by letters.
      segment("ID4", ["2", "1156", "CNY"]),
      segment("ID5", [day(facts.at), hour(facts.at)]),
    ]
  }

  // MARK: What was sold

  private var sales: [String] {
    let (value, count) = (amount(facts.counters.value.fen), number(facts.counters.vends))
    let free = facts.counters.serviceVends
    return [
      segment("VA1", [value, count]),
      // The prices of test vends are not kept, nor those of whole vends without money.
      segment("VA2", ["", number(facts.counters.testVends)]),
    ] + (free > 0 ? [segment("VA3", ["", number(free)])] : []) + [
      segment("DA1", [text("WXP\(facts.merchant)"), text(facts.provider)]),
      // All money comes this way: the same as VA1.
      segment("DA2", [value, count]),
    ]
  }

  private func product(_ lane: Facts.Lane) -> [String] {
    let (code, price) = (text(lane.code, 8), amount(lane.priceFen))
    let (value, count) = (amount(lane.record.value.fen), number(lane.record.vends))
    let capacity = lane.capacity.map { number(Int64($0)) } ?? ""
    // A level is only told of a lane that is counted.
    let level = lane.capacity == nil ? "" : lane.record.stock.map { number(Int64($0)) } ?? ""
    let par = lane.record.setting.par.map { number(Int64($0)) } ?? ""
    var segments = [
      segment("PA1", [code, price, text(lane.name), capacity, par, "", "0", level]),
      segment("PA2", [count, value]),
    ]
    if lane.record.testVends > 0 {
      segments.append(segment("PA3", [number(lane.record.testVends)]))
    }
    if lane.record.vends > 0 {
      segments.append(segment("PA7", [code, "DA", "1", price, count, value]))
    }
    return segments
  }

  // MARK: What happened

  /// One EA2 an event code, with all faults of that code in it, and one EA1 for the last of them.
  private var events: [String] {
    var codes: [String] = []
    for code in Fault.Code.allCases.compactMap(\.evaCode) where !codes.contains(code) {
      codes.append(code)
    }
    return codes.flatMap(event) + empty
  }

  private func event(_ code: String) -> [String] {
    let lines = facts.faults.lines.filter { $0.code.evaCode == code }
    guard let last = lines.max(by: { $0.last < $1.last }) else { return [] }
    let count = lines.reduce(0) { $0 + $1.count }
    let minutes = lines.reduce(0) { $0 + $1.totalMilliseconds } / 60_000
    let activity = facts.standing.map { standing in
      lines.contains { standing.contains(Fault($0.code, $0.subject)) } ? "1" : "0"
    }
    return [
      segment("EA1", [code, day(last.last), hour(last.last)]),
      segment("EA2", [code, "", number(count % 1_000_000), "", activity ?? "", number(minutes)]),
    ]
  }

  /// Lanes that are counted and hold nothing.
  private var empty: [String] {
    facts.lanes.filter { $0.capacity != nil && $0.record.stock == 0 }.map {
      segment("EA2", [text("OBC_\($0.code)"), "", "", "", "1"])
    }
  }

  /// When a price was last set by a person; the machine file's own have no date.
  private var prices: [String] {
    let times = facts.lanes.compactMap { $0.record.setting.price?.at }
    return times.max().map { [segment("EA5", [day($0), hour($0)])] } ?? []
  }

  /// Power outages since initialisation.
  private var outages: String { segment("EA7", ["", number(facts.powerCuts % 1_000_000)]) }

  private var read: String {
    segment("EA3", ["", day(facts.at), hour(facts.at)])
  }

  // MARK: Elements

  private func segment(_ name: String, _ elements: [String]) -> String {
    var elements = elements
    while elements.last == "" { elements.removeLast() }
    return ([name] + elements).joined(separator: "*") + "\r\n"
  }

  /// At most eight digits; a counter that has more begins anew, as everybody's does.
  private func number(_ value: Int64) -> String { String(max(0, value) % 100_000_000) }

  /// An amount with an implied decimal point: fen are what ID401 says.
  private func amount(_ fen: Int64) -> String { number(fen) }

  /// Printable ASCII without the delimiter: what else there is falls away.
  private func text(_ text: String, _ limit: Int = 20) -> String {
    let plain = text.unicodeScalars.filter {
      (0x20...0x7E).contains($0.value) && $0 != "*" && $0 != "^"
    }
    let words = String(String.UnicodeScalarView(plain)).split(separator: " ")
    let cut = words.joined(separator: " ").prefix(limit)
    return String(cut.last == " " ? cut.dropLast() : cut)
  }

  private func day(_ time: WallTime) -> String {
    time.fields(offsetSeconds: facts.offsetSeconds).date(separator: "")
  }

  private func hour(_ time: WallTime) -> String {
    let fields = time.fields(offsetSeconds: facts.offsetSeconds)
    return String(fields.time(separator: ""))
  }

  /// CRC-16 of x16 + x15 + x2 + 1, reflected, from zero: four digits, the high byte first
  /// (EVA-DTS 6.1, 2.4.3).
  static func crc(_ bytes: [UInt8]) -> String {
    var sum: UInt16 = 0
    for byte in bytes {
      sum ^= UInt16(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xA001 : sum >> 1 }
    }
    let text = String(sum, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - text.count) + text
  }
}
