public import Money
public import Ordering
public import Timing

/// What a verified notice of v3 says.
public enum PlatformNotice: Hashable, Sendable {
  /// An order was paid; currency and amount are those that were expected.
  case payment(Payment)
  /// Something became of a refund: a reason to ask `queryRefund`, which has the last word.
  case refund(RefundNews)

  /// A refund as a notice tells of it.
  public struct RefundNews: Hashable, Sendable {
    /// What became of it.
    public enum Status: String, Hashable, Sendable, CaseIterable {
      case success = "SUCCESS"
      case closed = "CLOSED"
      case abnormal = "ABNORMAL"
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
