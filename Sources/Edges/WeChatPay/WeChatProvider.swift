public import Money
public import Ordering
public import Timing

/// WeChat Pay, whichever version of its API: the five calls, its notices and its bills.
public protocol WeChatProvider: PaymentProvider {
  /// How far the platform's clock was ahead of ours at the last answer; nil before the first.
  ///
  /// To about a second, unsigned: for a fault, not for a decision.
  var clockSkew: Duration? { get }

  /// Verifies and reads a notice; `expected` gives what is to be paid for an order, nil when it is
  /// not known.
  ///
  /// What it returns is to be kept before the platform gets its reply. The same event may come
  /// twice, at once, late, or never: whoever keeps it goes by the order, not by the notice (facts:
  /// WeChat Pay D.1-D.4).
  func read(
    _ notice: NoticeMessage, expected: (OrderNumber) -> Amount?
  ) throws(NoticeRefusal) -> NoticeContent

  /// What the platform must get as the answer to a notice, within 5 seconds.
  func reply(to outcome: NoticeOutcome) -> NoticeReply

  /// Fetches the bill of a day, which is the Beijing day of the moment that is given.
  func bill(_ kind: BillKind, ofDay moment: WallTime) -> BillAnswer
}
