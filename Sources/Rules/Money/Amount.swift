/// An amount of money in fen, a hundredth of a yuan (CNY): always whole, never a fraction.
///
/// Arithmetic traps on overflow: money that wraps round is worse than a restart.
public struct Amount: Hashable, Comparable, Sendable, Codable {
  /// The amount in fen; it may be negative in a difference.
  public var fen: Int64

  /// Makes an amount of `fen`.
  public init(fen: Int64) { self.fen = fen }

  /// No money.
  public static let zero = Amount(fen: 0)

  public static func < (left: Self, right: Self) -> Bool { left.fen < right.fen }
  /// The sum of two amounts.
  public static func + (left: Self, right: Self) -> Self { Self(fen: left.fen + right.fen) }
  /// The difference of two amounts.
  public static func - (left: Self, right: Self) -> Self { Self(fen: left.fen - right.fen) }
  /// Adds in place.
  public static func += (left: inout Self, right: Self) { left.fen += right.fen }

  /// Written as one bare integer of fen.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(fen)
  }

  /// Read from one bare integer of fen.
  public init(from decoder: any Decoder) throws {
    fen = try decoder.singleValueContainer().decode(Int64.self)
  }
}

extension Amount: CustomStringConvertible {
  /// Yuan with two decimals, as `4.35`; nothing is rounded.
  public var yuan: String {
    let magnitude = fen.magnitude
    let cents = magnitude % 100
    return "\(fen < 0 ? "-" : "")\(magnitude / 100).\(cents < 10 ? "0" : "")\(cents)"
  }

  /// The amount as people read it in a log: `4.35 CNY`.
  public var description: String { "\(yuan) CNY" }
}

/// Why a text is not an amount of yuan.
public enum AmountError: Error, Equatable, CustomStringConvertible {
  case empty
  case notDecimal(String)
  case moreThanTwoDecimals(String)
  case tooLarge(String)

  /// The reason in words, naming the text.
  public var description: String {
    switch self {
    case .empty: "an amount is missing"
    case .notDecimal(let text): "\"\(text)\" is not an amount: write yuan as \"4.35\""
    case .moreThanTwoDecimals(let text):
      "\"\(text)\" has a fraction of a fen: at most two decimals"
    case .tooLarge(let text): "\"\(text)\" is too large an amount"
    }
  }
}

extension Amount {
  /// Reads yuan exactly from decimal text: `"4.35"` is 435 fen, `"4"` is 400, `"4.5"` is 450.
  ///
  /// No binary fraction is involved: the naive `Int(4.35 * 100)` gives 434. Signs, spaces,
  /// exponents and separators are refused.
  public init(yuan text: String) throws(AmountError) {
    guard !text.isEmpty else { throw .empty }
    let bytes = Array(text.utf8)
    let point = bytes.firstIndex(of: UInt8(ascii: "."))
    let whole = bytes[..<(point ?? bytes.endIndex)]
    let decimals = point.map { bytes[($0 + 1)...] } ?? []
    guard !whole.isEmpty, point == nil || !decimals.isEmpty,
      (whole + decimals).allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { throw .notDecimal(text) }
    guard decimals.count <= 2 else { throw .moreThanTwoDecimals(text) }
    let padding = Array(repeating: UInt8(ascii: "0"), count: 2 - decimals.count)
    var sum: Int64 = 0
    for digit in whole + decimals + padding {
      let (product, tooLarge) = sum.multipliedReportingOverflow(by: 10)
      let (next, overflow) = product.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
      if tooLarge || overflow { throw .tooLarge(text) }
      sum = next
    }
    self.init(fen: sum)
  }
}
