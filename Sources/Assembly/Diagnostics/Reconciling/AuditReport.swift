public import Audit
internal import Money
internal import Timing

/// A reconciliation for programs: as JSON it is schema 1, all amounts in fen.
public struct AuditReport: Hashable, Sendable, Codable {
  /// Raised when a field changes its meaning or goes away; new fields do not raise it.
  public var schema = 1
  public var addsUp: Bool
  /// The bill's days in Beijing.
  public var days: [String]
  public var paidFen: Int64
  public var deliveredFen: Int64
  public var refundedFen: Int64
  public var openFen: Int64
  public var unexplainedFen: Int64
  public var refundedOfEarlierFen: Int64
  /// In thousandths of a fen, as exact as the bill is.
  public var feeMillifen: Int64
  /// Lines of the bill about other machines.
  public var otherLines: Int
  public var orders: [Line]

  /// One order.
  public struct Line: Hashable, Sendable, Codable {
    public var order: String
    public var paidFen: Int64
    public var deliveredFen: Int64
    public var refundedFen: Int64
    public var openFen: Int64
    public var unexplainedFen: Int64
    public var refundedOfEarlierFen: Int64
    /// Why it is open; absent when it is not.
    public var openReason: String?
    public var differences: [Sentence]
  }

  /// A difference: its kind, which is stable, and the sentence, which is not.
  public struct Sentence: Hashable, Sendable, Codable {
    public var kind: String
    public var words: String
  }

  /// The report of a reconciliation.
  public init(_ result: Reconciliation) {
    addsUp = result.addsUp
    days = result.days.map(\.description)
    let sums = result.sums
    (paidFen, deliveredFen, refundedFen) = (sums.paid.fen, sums.delivered.fen, sums.refunded.fen)
    (openFen, unexplainedFen) = (sums.open.fen, sums.unexplained.fen)
    refundedOfEarlierFen = sums.refundedOfEarlier.fen
    feeMillifen = sums.fee.thousandthsOfFen
    otherLines = result.others.lineCount
    orders = result.lines.map { line in
      Line(
        order: line.number, paidFen: line.paid.fen, deliveredFen: line.delivered.fen,
        refundedFen: line.refunded.fen, openFen: line.open.fen,
        unexplainedFen: line.unexplained.fen, refundedOfEarlierFen: line.refundedOfEarlier.fen,
        openReason: line.openReason,
        differences: line.differences.map { Sentence(kind: $0.kind.rawValue, words: $0.words) })
    }
  }

  /// The report as JSON with sorted keys, ending with a line feed.
  public var json: String { JSONLines.pretty(self) }
}
