public import Money

/// The sums of a bill.
public struct TradeBillTotals: Hashable, Sendable {
  /// Rows of all kinds.
  public var rowCount: Int64 = 0
  /// What the merchant gets of the payments: all but the coupons that it gave itself.
  public var settlement = Amount.zero
  /// What refunds take of that.
  public var refund = Amount.zero
  /// The coupons' share of refunds.
  public var couponRefund = Amount.zero
  public var fee = FineAmount.zero
  /// What payments were made for: the sum of the orders' own prices.
  public var order = Amount.zero
  /// What refunds were asked for.
  public var requestedRefund = Amount.zero

  /// No rows.
  public init() {}

  /// Takes a row in; false when a sum is larger than any can be.
  mutating func add(_ row: TradeBillRow) -> Bool {
    rowCount += 1
    return Self.add(row.settlementTotal, to: &settlement)
      && Self.add(row.refund, to: &refund) && Self.add(row.couponRefund, to: &couponRefund)
      && Self.add(row.total, to: &order)
      && Self.add(row.requestedRefund, to: &requestedRefund) && fee.add(row.fee)
  }

  private static func add(_ amount: Amount, to sum: inout Amount) -> Bool {
    let (fen, overflow) = sum.fen.addingReportingOverflow(amount.fen)
    sum = Amount(fen: fen)
    return !overflow
  }
}
