/// An amount to the hundred thousandth of a yuan, as providers give their fees; it may be negative.
public struct FineAmount: Hashable, Comparable, Sendable {
  /// The amount in thousandths of a fen.
  public var thousandthsOfFen: Int64

  /// Makes an amount.
  public init(thousandthsOfFen: Int64) { self.thousandthsOfFen = thousandthsOfFen }

  /// No money.
  public static let zero = FineAmount(thousandthsOfFen: 0)

  public static func < (left: Self, right: Self) -> Bool {
    left.thousandthsOfFen < right.thousandthsOfFen
  }
  /// Adds in place; traps on overflow.
  public static func += (left: inout Self, right: Self) {
    left.thousandthsOfFen += right.thousandthsOfFen
  }

  /// Adds another one; false, and the sum is worthless, when it is larger than any can be.
  public mutating func add(_ other: FineAmount) -> Bool {
    let (sum, overflow) = thousandthsOfFen.addingReportingOverflow(other.thousandthsOfFen)
    thousandthsOfFen = sum
    return !overflow
  }
}

extension FineAmount: CustomStringConvertible {
  /// Yuan with five decimals: `0.02610`.
  public var yuan: String {
    let magnitude = thousandthsOfFen.magnitude
    let fraction = String(magnitude % 100_000)
    let padding = String(repeating: "0", count: 5 - fraction.count)
    return "\(thousandthsOfFen < 0 ? "-" : "")\(magnitude / 100_000).\(padding)\(fraction)"
  }

  /// The amount as people read it in a log: `0.02610 CNY`.
  public var description: String { "\(yuan) CNY" }
}

extension FineAmount {
  /// Reads yuan exactly from decimal text with at most five decimals, a minus sign allowed.
  ///
  /// `0.02610` is 2.61 fen. Nil for anything else.
  public init?(yuan text: String) {
    let isNegative = text.first == "-"
    let unsigned = text.dropFirst(isNegative ? 1 : 0)
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
