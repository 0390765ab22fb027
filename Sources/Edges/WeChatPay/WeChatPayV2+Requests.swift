internal import Money
internal import Ordering
internal import Timing

extension WeChatPayV2 {
  /// What a create says of an order.
  ///
  /// All of it derives from the request, so that a repetition says the same: other parameters under
  /// the same number are refused (D.11).
  func orderFields(_ order: OrderRequest) -> [Field] {
    let title = PayerText.cut(order.title, toBytes: 127)
    return [
      Field("device_info", PayerText.cut(order.machine, toBytes: 32)),
      // A title of nothing but emoji still needs a text.
      Field("body", title.isEmpty ? order.number.text : title),
      Field("out_trade_no", order.number.text),
      Field("fee_type", "CNY"),
      Field("total_fee", "\(order.amount.fen)"),
      Field("spbill_create_ip", account.terminalAddress),
      Field("time_expire", order.lastPayment.beijingCompact),
      Field("notify_url", account.notifyURL),
      Field("trade_type", "NATIVE"),
      Field("product_id", PayerText.cut(order.lane, toBytes: 32)),
    ]
  }

  /// What a refund says; equal on every repetition, since another amount or number could pay twice.
  func refundFields(_ request: RefundRequest) -> [Field] {
    [
      Field("out_trade_no", request.order.text),
      Field("out_refund_no", request.number.text),
      Field("total_fee", "\(request.total.fen)"),
      Field("refund_fee", "\(request.refund.fen)"),
      Field("refund_fee_type", "CNY"),
      Field("refund_desc", PayerText.cut(request.reason, toBytes: 80)),
    ]
  }
}
