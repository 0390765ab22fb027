internal import Money
internal import Timing

/// Refunds of v3 (facts: WeChat Pay B.7, D.23-D.27): other words for the rules that v2 has.
extension PlatformModel {
  mutating func refundV3(
    _ body: PlatformJSON, _ merchant: PlatformMerchant, at now: WallTime
  ) throws(PlatformRefusal) -> PlatformV3Outcome {
    try PlatformShape.refund.check(body, at: "/body", "请求主体")
    let (transaction, order) = (body["transaction_id"]?.text, body["out_trade_no"]?.text)
    if transaction == nil, order == nil { throw .missing("/body/out_trade_no", "商户订单号") }
    let url = body["notify_url"]?.text
    if let url { try checkNotifyURL(url, "退款结果回调url") }
    let number = body["out_refund_no"]?.text ?? ""
    var request = PlatformDocument([
      .init("out_refund_no", number),
      .init("total_fee", String(body["amount"]?["total"]?.whole ?? 0)),
      .init("refund_fee", String(body["amount"]?["refund"]?.whole ?? 0)),
    ])
    if let transaction { request.set("transaction_id", transaction) }
    if let order { request.set("out_trade_no", order) }
    if body["funds_account"] == .text("AVAILABLE") {
      request.set("refund_account", "REFUND_SOURCE_RECHARGE_FUNDS")
    }
    if let url = url ?? accounts[merchant.id]?.consoleRefundURL { request.set("notify_url", url) }
    let known = refundPlace(number, merchant.id)
    switch acceptRefund(request, merchant, .merchant(merchant.id), at: now) {
    case .failed(let code, let words): throw Self.refusal(of: code, words)
    case .refused(let words): throw .parameter("/body/amount", words)
    case .page, .text: throw .systemError
    case .succeeded: break
    }
    guard let (index, refund) = refundPlace(number, merchant.id) else { throw .systemError }
    // Without an address of its own it is told as the merchant console says: by v2 (facts: D.33).
    if known == nil, url != nil { orders[index].refunds[refund].api = .v3 }
    return .object(Self.statement(orders[index], orders[index].refunds[refund]))
  }

  private func refundPlace(_ number: String, _ merchant: String) -> (order: Int, refund: Int)? {
    for index in orders.indices where orders[index].merchant == merchant {
      if let refund = orders[index].refunds.firstIndex(where: { $0.number == number }) {
        return (index, refund)
      }
    }
    return nil
  }

  mutating func queryRefundV3(
    _ number: String, _ merchant: PlatformMerchant, at now: WallTime
  ) throws(PlatformRefusal) -> PlatformV3Outcome {
    guard let (index, refund) = refundPlace(number, merchant.id) else { throw .noSuchRefund }
    let status = orders[index].refunds[refund].status.v3
    note(.refundQueried, orders[index].number, "\(status), by v3", at: now)
    return .object(Self.statement(orders[index], orders[index].refunds[refund]))
  }

  private static func refusal(of code: String, _ words: String) -> PlatformRefusal {
    switch code {
    case "ORDERNOTEXIST":
      PlatformRefusal(404, "RESOURCE_NOT_EXISTS", words, inner: 268_512_771)
    case "INVALID_TRANSACTIONID": PlatformRefusal(500, "INVALID_TRANSACTIONID", words)
    case "NOTENOUGH": PlatformRefusal(403, "NOT_ENOUGH", words)
    case "FREQUENCY_LIMITED", "INVALID_REQ_TOO_MUCH":
      PlatformRefusal(429, "FREQUENCY_LIMITED", words, inner: 268_447_840)
    default: PlatformRefusal(400, "INVALID_REQUEST", words)
    }
  }

  /// A refund as answers of v3 state it.
  private static func statement(_ order: PlatformOrder, _ refund: PlatformRefund) -> PlatformJSON {
    var members: [PlatformJSON.Member] = [
      .init("refund_id", refund.id), .init("out_refund_no", refund.number),
      .init("transaction_id", order.payment?.transaction ?? ""),
      .init("out_trade_no", order.number), .init("channel", "ORIGINAL"),
      .init("user_received_account", "支付用户零钱"),
      .init("create_time", refund.acceptedAt.beijingRFC3339), .init("status", refund.status.v3),
      .init("funds_account", refund.isFromRecharge ? "AVAILABLE" : "UNSETTLED"),
    ]
    if refund.status == .success, let time = refund.finishedAt {
      members.append(.init("success_time", time.beijingRFC3339))
    }
    return .object(members + [.init("amount", .object(amount(order, refund)))])
  }

  private static func amount(
    _ order: PlatformOrder, _ refund: PlatformRefund
  ) -> [PlatformJSON.Member] {
    let coupon = order.payment?.coupon ?? .zero
    let couponPart = min(coupon, refund.amount)
    return [
      .init("total", order.total.fen), .init("refund", refund.amount.fen), .init("from", .list([])),
      .init("payer_total", (order.total - coupon).fen),
      .init("payer_refund", (refund.amount - couponPart).fen),
      .init("settlement_refund", refund.amount.fen), .init("settlement_total", order.total.fen),
      .init("discount_refund", couponPart.fen), .init("currency", "CNY"),
    ]
  }

  /// A refund as notices of v3 state it.
  static func news(
    _ order: PlatformOrder, _ refund: PlatformRefund, _ merchant: PlatformMerchant
  ) -> PlatformJSON {
    let coupon = order.payment?.coupon ?? .zero
    var members: [PlatformJSON.Member] = [
      .init("mchid", merchant.id), .init("transaction_id", order.payment?.transaction ?? ""),
      .init("out_trade_no", order.number), .init("refund_id", refund.id),
      .init("out_refund_no", refund.number), .init("refund_status", refund.status.v3),
      .init("user_received_account", "支付用户零钱"),
      .init(
        "amount",
        .object([
          .init("total", order.total.fen), .init("refund", refund.amount.fen),
          .init("payer_total", (order.total - coupon).fen),
          .init("payer_refund", (refund.amount - min(coupon, refund.amount)).fen),
        ])),
    ]
    if refund.status == .success, let time = refund.finishedAt {
      members.append(.init("success_time", time.beijingRFC3339))
    }
    return .object(members)
  }
}

extension PlatformRefund {
  /// Whether it was paid out of what the merchant paid in.
  var isFromRecharge: Bool { account == "REFUND_SOURCE_RECHARGE_FUNDS" }
}

extension PlatformRefund.Status {
  /// The same in v3.
  var v3: String {
    switch self {
    case .processing: "PROCESSING"
    case .success: "SUCCESS"
    case .closed: "CLOSED"
    case .change: "ABNORMAL"
    }
  }
}
