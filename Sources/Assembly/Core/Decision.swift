/// What a person decides about an order's money.
public enum Decision: String, Hashable, Sendable, CaseIterable {
  /// The customer has the product.
  case delivered
  /// The money goes back, by our own refund.
  case refund
  /// The money went back by another way: the provider's console, or cash.
  case refunded

  /// What is done when it is done.
  public var doneWords: String {
    switch self {
    case .delivered: "delivered"
    case .refund: "its refund is under way, or made already"
    case .refunded: "refunded by another way"
    }
  }
}
