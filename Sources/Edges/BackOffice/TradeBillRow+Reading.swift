internal import Money
internal import Timing

extension TradeBillRow {
  /// Reads a line's fields, which are as many as there are columns.
  init(line: Int, fields: [String]) throws(TradeBillRefusal) {
    func refusal(_ index: Int) -> TradeBillRefusal {
      TradeBillRefusal(
        line: line, .value(column: TradeBillReader.columns[index], text: fields[index]))
    }
    func amount(_ index: Int) throws(TradeBillRefusal) -> Amount {
      guard let amount = try? Amount(yuan: fields[index]) else { throw refusal(index) }
      return amount
    }
    guard let at = Self.moment(fields[0]) else { throw refusal(0) }
    guard let kind = Kind(rawValue: fields[9]) else { throw refusal(9) }
    guard let fee = FineAmount(yuan: fields[22]) else { throw refusal(22) }
    for index in [2, 5, 6, 11] where !Self.isNumber(fields[index]) { throw refusal(index) }
    self.init(
      line: line, at: at, appID: fields[1], merchantID: fields[2], subMerchantID: fields[3],
      device: fields[4], transaction: fields[5], order: fields[6], payer: fields[7],
      tradeType: fields[8], kind: kind, bank: fields[10], currency: fields[11],
      settlementTotal: try amount(12), coupon: try amount(13), refundID: fields[14],
      refundNumber: fields[15], refund: try amount(16), couponRefund: try amount(17),
      refundChannel: fields[18], refundStatus: fields[19], title: fields[20], attach: fields[21],
      fee: fee, rate: fields[23], total: try amount(24), requestedRefund: try amount(25),
      rateNote: fields[26])
    if let words = contradiction { throw TradeBillRefusal(line: line, .contradiction(words)) }
  }

  /// What a line cannot say: it would be neither a payment nor a refund.
  private var contradiction: String? {
    let hasRefundNumber = !refundNumber.isEmpty && refundNumber != "0"
    switch kind {
    case .payment:
      if hasRefundNumber || requestedRefund != .zero || refund != .zero {
        return "a payment with a refund in it"
      }
      return total == .zero ? "a payment of nothing" : nil
    case .refund:
      if !hasRefundNumber { return "a refund without a number" }
      return requestedRefund == .zero ? "a refund of nothing" : nil
    case .revoked:
      return nil
    }
  }

  /// `2026-11-23 18:05:09` in Beijing; nil for anything else.
  private static func moment(_ text: String) -> WallTime? {
    let bytes = Array(text.utf8)
    guard bytes.count == 19, bytes[4] == bytes[7], bytes[4] == UInt8(ascii: "-"),
      bytes[10] == UInt8(ascii: " "), bytes[13] == bytes[16], bytes[13] == UInt8(ascii: ":")
    else { return nil }
    let digits = [0..<4, 5..<7, 8..<10, 11..<13, 14..<16, 17..<19].flatMap { bytes[$0] }
    return WallTime(beijingCompact: String(decoding: digits, as: UTF8.self))
  }

  /// A number of ours or the platform's; what a spreadsheet makes of a long one is none.
  private static func isNumber(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
          || "_-|*@".unicodeScalars.contains($0)
      }
  }
}
