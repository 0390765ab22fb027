public import Money
public import Timing

/// One line of a provider's bill, whoever the provider is: money that came in or went back.
public struct BillLine: Hashable, Sendable {
  /// Which way the money went.
  public enum Kind: Hashable, Sendable {
    case payment
    /// With the provider's word on how far it has come; nil when it is on its way or has arrived.
    case refund(trouble: String?)
  }

  /// The line of the bill, from 1.
  public var line: Int
  public var kind: Kind
  /// Our number of the order.
  public var order: String
  /// Our number of the refund; empty for a payment.
  public var refund: String
  /// The machine's name as the order gave it; empty when the bill does not say.
  public var device: String
  /// The whole sum, coupons included.
  public var amount: Amount
  public var currency: String
  /// What the provider took for it; negative when it comes back.
  public var fee: FineAmount
  /// By the provider's clock.
  public var at: WallTime

  /// Makes a line.
  public init(
    line: Int, kind: Kind, order: String, refund: String, device: String, amount: Amount,
    currency: String, fee: FineAmount, at: WallTime
  ) {
    (self.line, self.kind, self.order, self.refund) = (line, kind, order, refund)
    (self.device, self.amount, self.currency) = (device, amount, currency)
    (self.fee, self.at) = (fee, at)
  }
}
