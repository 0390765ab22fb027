internal import Ordering
internal import WeChatPay

/// A notice of v2 that an order was paid, as the platform posts it to `notify_url`.
enum PaymentNotice {
  /// Verifies and reads it.
  static func read(
    _ message: FlatXML, _ account: WeChatPayV2.Account
  ) throws(NoticeRefusal) -> Payment {
    if let doubt = SignedAnswer.checkOrigin(message, account) { throw .forged(doubt) }
    guard message["result_code"] == "SUCCESS" else { throw .notPaid }
    guard let number = OrderNumber(message["out_trade_no"] ?? "") else {
      throw .unknownOrder(PayerText.line(message["out_trade_no"] ?? "", limit: 64))
    }
    switch TradeState.payment(message, number) {
    case .doubt(let doubt): throw .forged(doubt)
    case .payment(let payment): return payment
    }
  }
}
