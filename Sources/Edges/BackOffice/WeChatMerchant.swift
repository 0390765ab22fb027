public import Timing
public import WeChatPay

/// What WeChat Pay tells a merchant beside the five calls: its notices and its bills.
///
/// A machine sells without them, so that no code of theirs is in `vendd`.
public protocol WeChatMerchant: WeChatProvider {
  /// Verifies and reads a notice.
  ///
  /// What it returns is to be kept before the platform gets its reply. The same event may come
  /// twice, at once, late, or never: whoever keeps it goes by the order, not by the notice (facts:
  /// WeChat Pay D.1-D.4).
  func read(_ notice: NoticeMessage) throws(NoticeRefusal) -> NoticeContent

  /// Whether reading a notice may ask the platform first, which takes as long as a call does: give
  /// it a thread that may wait.
  func mayAsk(toRead notice: NoticeMessage) -> Bool

  /// Takes it that a notice could not be kept: the very same bytes may be given again.
  func forget(_ notice: NoticeMessage)

  /// What the platform must get as the answer to a notice, within 5 seconds.
  func reply(to outcome: NoticeOutcome) -> NoticeReply

  /// Fetches the bill of a day, which is the Beijing day of the moment that is given.
  func bill(_ kind: BillKind, ofDay moment: WallTime) -> BillAnswer
}

extension WeChatPayV2: WeChatMerchant {}
extension WeChatPayV3: WeChatMerchant {}
