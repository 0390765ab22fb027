public import Ordering

/// WeChat Pay, whichever version of its API: the five calls.
public protocol WeChatProvider: PaymentProvider {
  /// How far the platform's clock was ahead of ours at the last answer; nil before the first.
  ///
  /// To about a second, unsigned: for a fault, not for a decision.
  var clockSkew: Duration? { get }
}
