internal import Money
internal import Timing
internal import WeChatPay

/// Reads a trade bill line by line (facts: WeChat Pay A.10).
struct TradeBillReader {
  /// The columns of a bill of type `ALL`, in their order.
  static let columns = [
    "交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识",
    "交易类型", "交易状态", "付款银行", "货币种类", "应结订单金额", "代金券金额", "微信退款单号",
    "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态", "商品名称", "商户数据包",
    "手续费", "费率", "订单金额", "申请退款金额", "费率备注",
  ]
  /// The columns of the summary.
  static let summaryColumns = [
    "总交易单数", "应结订单总金额", "退款总金额", "充值券退款总金额", "手续费总金额", "订单总金额",
    "申请退款总金额",
  ]
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
  private static let gzipMark: [UInt8] = [0x1F, 0x8B]
  private static let backTick = UInt8(ascii: "`")

  private let limits: TradeBill.Limits
  private var rest: ArraySlice<UInt8>
  private var line = 0

  init(_ bytes: [UInt8], limits: TradeBill.Limits) throws(TradeBillRefusal) {
    guard bytes.count <= limits.bytes else {
      throw TradeBillRefusal(.tooManyBytes(bytes.count))
    }
    if bytes.starts(with: Self.gzipMark) { throw TradeBillRefusal(.compressed) }
    self.limits = limits
    rest = bytes.starts(with: Self.byteOrderMark) ? bytes.dropFirst(3) : bytes[...]
    if rest.isEmpty { throw TradeBillRefusal(.empty) }
    if rest.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") {
      throw TradeBillRefusal(Self.answer(Array(rest)))
    }
  }

  mutating func read() throws(TradeBillRefusal) -> ([TradeBillRow], TradeBillTotals) {
    try readHeader()
    var rows: [TradeBillRow] = []
    var totals = TradeBillTotals()
    while let text = try nextLine() {
      if text.utf8.first == Self.backTick {
        guard rows.count < limits.rows else { throw refusal(.tooManyRows) }
        let row = try TradeBillRow(line: line, fields: try fields(text, Self.columns.count))
        guard totals.add(row) else { throw refusal(.overflow) }
        rows.append(row)
      } else if text == Self.summaryColumns.joined(separator: ",") {
        try readSummary(totals)
        return (rows, totals)
      } else {
        throw refusal(.noBackTick)
      }
    }
    throw TradeBillRefusal(.cut)
  }

  // MARK: Parts

  private mutating func readHeader() throws(TradeBillRefusal) {
    guard let text = try nextLine() else { throw TradeBillRefusal(.empty) }
    let found = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if found.count == 1 { throw refusal(.notABill) }
    for (index, expected) in Self.columns.enumerated() {
      let name = index < found.count ? found[index] : ""
      if name != expected {
        throw refusal(.header(column: index + 1, found: name, expected: expected))
      }
    }
    guard found.count == Self.columns.count else {
      throw refusal(.columns(found: found.count, expected: Self.columns.count))
    }
  }

  /// The summary's numbers, then nothing but empty lines.
  private mutating func readSummary(_ totals: TradeBillTotals) throws(TradeBillRefusal) {
    guard let text = try nextLine() else { throw TradeBillRefusal(.cut) }
    guard text.utf8.first == Self.backTick else { throw refusal(.noBackTick) }
    let values = try fields(text, Self.summaryColumns.count)
    try compareCount(values[0], totals.rowCount)
    try compareFee(values[4], totals.fee)
    let sums = [
      (1, totals.settlement), (2, totals.refund), (3, totals.couponRefund), (5, totals.order),
      (6, totals.requestedRefund),
    ]
    for (index, sum) in sums where try amount(values[index], Self.summaryColumns[index]) != sum {
      throw refusal(
        .sum(column: Self.summaryColumns[index], summary: values[index], rows: sum.yuan))
    }
    while let text = try nextLine() {
      guard text.isEmpty else { throw refusal(.trailing) }
    }
  }

  /// The platform writes `45` or `45.0`.
  private func compareCount(_ text: String, _ count: Int64) throws(TradeBillRefusal) {
    let said = try amount(text, Self.summaryColumns[0])
    guard said.fen == count * 100 else {
      throw refusal(.sum(column: Self.summaryColumns[0], summary: text, rows: "\(count)"))
    }
  }

  /// The summary may round the fees to the decimals that it prints.
  private func compareFee(_ text: String, _ sum: FineAmount) throws(TradeBillRefusal) {
    guard let said = FineAmount(yuan: text) else {
      throw refusal(.value(column: Self.summaryColumns[4], text: text))
    }
    let decimals = text.split(separator: ".", maxSplits: 1).dropFirst().first?.count ?? 0
    let unit = [100_000, 10_000, 1000, 100, 10, 1][decimals] as Int64
    let (difference, overflow) =
      said.thousandthsOfFen.subtractingReportingOverflow(sum.thousandthsOfFen)
    guard !overflow, difference.magnitude < unit.magnitude else {
      throw refusal(.sum(column: Self.summaryColumns[4], summary: text, rows: sum.yuan))
    }
  }

  private func amount(_ text: String, _ column: String) throws(TradeBillRefusal) -> Amount {
    guard let amount = try? Amount(yuan: text) else {
      throw refusal(.value(column: column, text: text))
    }
    return amount
  }

  // MARK: Lines

  /// Each field has a back-tick before it; the platform alters commas within.
  private func fields(_ text: String, _ count: Int) throws(TradeBillRefusal) -> [String] {
    let bytes = text.utf8.dropFirst()
    var fields: [String] = []
    var start = bytes.startIndex
    var index = start
    while index < bytes.endIndex {
      let next = bytes.index(after: index)
      if bytes[index] == UInt8(ascii: ","), next < bytes.endIndex, bytes[next] == Self.backTick {
        fields.append(String(Substring(bytes[start..<index])))
        start = bytes.index(after: next)
        index = start
      } else {
        index = next
      }
    }
    fields.append(String(Substring(bytes[start...])))
    guard fields.count == count else {
      throw refusal(.columns(found: fields.count, expected: count))
    }
    return fields
  }

  /// The next line without its end; nil at the end of the text.
  private mutating func nextLine() throws(TradeBillRefusal) -> String? {
    if rest.isEmpty { return nil }
    line += 1
    let end = rest.prefix(limits.lineBytes + 1).firstIndex(of: UInt8(ascii: "\n"))
    guard let stop = end ?? (rest.count <= limits.lineBytes ? rest.endIndex : nil) else {
      throw refusal(.lineTooLong)
    }
    var bytes = rest[..<stop]
    rest = rest[(end.map { $0 + 1 } ?? stop)...]
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    if let control = bytes.first(where: { ($0 < 0x20 && $0 != 9) || $0 == 0x7F }) {
      throw refusal(.control(control))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw refusal(.notUTF8) }
    return text
  }

  private func refusal(_ reason: TradeBillRefusal.Reason) -> TradeBillRefusal {
    TradeBillRefusal(line: line, reason)
  }

  // MARK: Answers

  /// What the platform says instead of a bill.
  static func answer(_ bytes: [UInt8]) -> TradeBillRefusal.Reason {
    let trimmed = bytes.drop { $0 <= 0x20 }
    guard let answer = try? FlatXML(Array(trimmed)), answer["return_code"] == "FAIL" else {
      return .notABill
    }
    let words = answer["return_msg"] ?? ""
    switch words.lowercased() {
    case "no bill exist": return .noBillExists
    case "bill creating": return .stillBeingMade
    default:
      return .answered(words: words, code: PayerText.line(answer["error_code"] ?? "", limit: 32))
    }
  }
}
