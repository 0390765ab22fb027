internal import Ordering
internal import Timing

extension OrderRequest {
  /// The shortest time to pay that every version of the platform takes is 5 minutes from its own
  /// clock (facts: WeChat Pay A.11); one more for our clock and for a repetition of the create.
  static let shortestPaymentTime: Duration = .seconds(360)

  /// What the platform is told as the last moment of payment.
  var lastPayment: WallTime { max(expiresAt, madeAt + Self.shortestPaymentTime) }
}
