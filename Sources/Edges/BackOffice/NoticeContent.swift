public import Money
public import Ordering
public import Timing

/// What a notice says that was believed.
public enum NoticeContent: Hashable, Sendable {
  /// An order was paid: signature, app, merchant and currency are verified. Whether it is the
  /// order's amount is for the order book to judge: it holds money of another amount for a person.
  case payment(Payment)
  /// Something became of a refund: a reason to ask `queryRefund`, which has the last word. In v2 no
  /// signature vouches for it.
  case refund(RefundNews)

  /// A refund as a notice tells of it.
  public struct RefundNews: Hashable, Sendable {
    /// What became of it.
    public enum Status: Hashable, Sendable, CaseIterable {
      /// `SUCCESS`: the money arrived.
      case success
      /// `CLOSED` (v2: `REFUNDCLOSE`): the provider gave it up.
      case closed
      /// `ABNORMAL` (v2: `CHANGE`): the payer's account did not take it; a person must act.
      case abnormal
    }

    public let order: OrderNumber
    /// Our own number of the refund (`out_refund_no`).
    public let refund: String
    public let total: Amount
    public let refunded: Amount
    public let status: Status
    /// When the money arrived, by the platform's clock.
    public let arrivedAt: WallTime?
  }
}
