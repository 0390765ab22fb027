/// Something about one order on which bill, journal and book do not agree.
public struct Difference: Hashable, Sendable {
  /// What kind of thing, in the words of the JSON report.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case notInJournal, notOnBill, notInBook, amountsDiffer, currency, paidTwice
    case deliveredAndRefunded, refundedTwice, refundMissing, refundOfUnknown, refundFailed
    case refundUnexplained, noEnd, twoEnds, booksDisagree
  }

  public var kind: Kind
  /// A plain sentence.
  public var words: String

  /// Makes a difference.
  public init(_ kind: Kind, _ words: String) { (self.kind, self.words) = (kind, words) }
}
