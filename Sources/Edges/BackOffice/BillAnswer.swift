public import Ordering

/// Which bill of a day.
public enum BillKind: String, Hashable, Sendable, CaseIterable {
  /// Every payment and refund.
  case trades
  /// Every movement of the merchant's account.
  case funds
}

/// The answer to a request for a bill.
public enum BillAnswer: Hashable, Sendable {
  /// The bill's text, unpacked; in v3 its announced hash is checked.
  case bill([UInt8])
  /// There was no trade on that day, or so it seems: such a refusal comes unsigned.
  case noTrades
  /// The bill is made from 10:00 of the next day on.
  case notReady
  case refused(Refusal)
  case unknown(Doubt)

  /// The largest bill, unpacked.
  static let byteLimit = 64 << 20
}
