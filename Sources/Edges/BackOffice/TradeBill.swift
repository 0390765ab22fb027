/// The platform's account of one day: `downloadbill`, type `ALL`, without compression.
///
/// What it says is checked against its own summary, to the fen; a bill of which anything is missing
/// or garbled is refused as a whole, since a line that is not there looks like money that never
/// came. The text carries no signature: its worth is that of the connection that it came over
/// (facts: WeChat Pay A.10).
public struct TradeBill: Hashable, Sendable {
  /// One line for each payment and each refund, in the bill's order.
  public let rows: [TradeBillRow]
  /// What the summary says, which is what the rows come to.
  public let totals: TradeBillTotals

  /// How much is read at most.
  public struct Limits: Hashable, Sendable {
    public var bytes = 128 << 20
    public var rows = 400_000
    /// A real line has some 300 bytes; texts of the merchant may add as much again.
    public var lineBytes = 4096

    /// What a merchant of many machines may have on one day.
    public init() {}
  }

  /// Reads a bill, its lines ended in either way, with or without a byte order mark.
  public init(_ bytes: [UInt8], limits: Limits = Limits()) throws(TradeBillRefusal) {
    var reader = try TradeBillReader(bytes, limits: limits)
    (rows, totals) = try reader.read()
  }
}
