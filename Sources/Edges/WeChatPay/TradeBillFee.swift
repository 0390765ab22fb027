internal import Money

/// A fee, which the bill gives to the hundred thousandth of a yuan; negative when it comes back.
public struct TradeBillFee: Hashable, Sendable {
  /// Thousandths of a fen.
  public var thousandthsOfFen: Int64

  /// Makes a fee.
  public init(thousandthsOfFen: Int64) { self.thousandthsOfFen = thousandthsOfFen }

  /// No fee.
  public static let zero = TradeBillFee(thousandthsOfFen: 0)

  /// Takes another one in; false when the sum is larger than any can be.
  mutating func add(_ other: TradeBillFee) -> Bool {
    let (sum, overflow) = thousandthsOfFen.addingReportingOverflow(other.thousandthsOfFen)
    thousandthsOfFen = sum
    return !overflow
  }

  /// Reads yuan with at most five decimals exactly: `0.02610` is 2.61 fen; nil for anything else.
  init?(yuan text: String) {
    let isNegative = text.first == "-"
    let unsigned = isNegative ? text.dropFirst() : text[...]
    let parts = unsigned.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 1 || (1...5).contains(parts[1].count) else { return nil }
    let decimals = (parts.count == 1 ? "" : parts[1]) + "00000"
    // Two exact readings: yuan and fen, and the three digits behind them as a whole number.
    guard let fen = try? Amount(yuan: "\(parts[0]).\(decimals.prefix(2))").fen,
      let rest = try? Amount(yuan: String(decimals.dropFirst(2).prefix(3))).fen / 100
    else { return nil }
    let (product, tooLarge) = fen.multipliedReportingOverflow(by: 1000)
    let (sum, overflow) = product.addingReportingOverflow(rest)
    if tooLarge || overflow { return nil }
    thousandthsOfFen = isNegative ? -sum : sum
  }
}

extension TradeBillFee: CustomStringConvertible {
  /// Yuan with five decimals, as the bill writes it: `0.02610`.
  public var description: String {
    let magnitude = thousandthsOfFen.magnitude
    let fraction = String(magnitude % 100_000)
    let padding = String(repeating: "0", count: 5 - fraction.count)
    return "\(thousandthsOfFen < 0 ? "-" : "")\(magnitude / 100_000).\(padding)\(fraction)"
  }
}
