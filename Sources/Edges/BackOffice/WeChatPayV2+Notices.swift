public import WeChatPay

// Notices of v2, which tell their kind only by what is in them (facts: WeChat Pay A.12).
extension WeChatPayV2 {
  /// See `WeChatMerchant`.
  public func read(
    _ notice: NoticeMessage
  ) throws(NoticeRefusal) -> NoticeContent {
    let message: FlatXML
    do throws(XMLRefusal) {
      message = try FlatXML(notice.body)
    } catch {
      throw .notANotice("\(error)")
    }
    guard message["return_code"] == "SUCCESS" else { throw .notANotice("no return_code SUCCESS") }
    return message["req_info"] == nil
      ? .payment(try PaymentNotice.read(message, account))
      : .refund(try RefundNotice.read(message, account))
  }

  /// See `WeChatMerchant`; v2 needs nothing but its key.
  public func mayAsk(toRead notice: NoticeMessage) -> Bool { false }

  /// See `WeChatMerchant`; v2 remembers none.
  public func forget(_ notice: NoticeMessage) {}
}
