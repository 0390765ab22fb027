public import Money
public import Ordering

/// A notice that an order was paid, as the platform posts it to `notify_url`, verified.
///
/// It may come twice, at once, late, or never (facts: WeChat Pay A.12, D.1-D.4).
public struct PaymentNotice: Hashable, Sendable {
  /// Signature, app and merchant verified; currency and amount are those that were expected.
  public let payment: Payment

  /// Reads and verifies a notice; `expected` gives what is to be paid for an order, nil when it is
  /// not known.
  public init(
    _ body: [UInt8], account: WeChatPayV2.Account, expected: (OrderNumber) -> Amount?
  ) throws(NoticeRefusal) {
    let message: FlatXML
    do throws(XMLRefusal) {
      message = try FlatXML(body)
    } catch {
      throw .notANotice("\(error)")
    }
    guard message["req_info"] == nil else { throw .notANotice("it is a refund notice") }
    guard message["return_code"] == "SUCCESS" else { throw .notANotice("no return_code SUCCESS") }
    if let doubt = SignedAnswer.checkOrigin(message, account) { throw .forged(doubt) }
    guard message["result_code"] == "SUCCESS" else { throw .notPaid }
    guard let number = OrderNumber(message["out_trade_no"] ?? ""), let amount = expected(number)
    else { throw .unknownOrder(PayerText.line(message["out_trade_no"] ?? "", limit: 64)) }
    switch TradeState.payment(message, number) {
    case .doubt(let doubt): throw .forged(doubt)
    case .payment(let payment):
      guard payment.total == amount else {
        throw .amountDiffers(expected: amount, paid: payment.total)
      }
      self.payment = payment
    }
  }
}
