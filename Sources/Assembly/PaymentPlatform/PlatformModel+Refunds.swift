internal import Money
internal import Timing

/// Refunds (facts: WeChat Pay A.8, A.9, D.23-D.27).
extension PlatformModel {
  mutating func acceptRefund(
    _ request: PlatformDocument, _ merchant: PlatformMerchant, _ client: PlatformClient,
    at now: WallTime
  ) -> PlatformOutcome {
    guard client != .anonymous else {
      return .page(status: 400, title: "400 No required SSL certificate was sent")
    }
    guard client == .merchant(merchant.id) else {
      return .failed(code: "CERT_ERROR", words: "证书校验错误")
    }
    let recent = (badRefunds[merchant.id] ?? []).filter { now - $0 < .seconds(60) }
    badRefunds[merchant.id] = recent
    guard recent.count < policy.badRefundsPerMinute else {
      return .failed(code: "INVALID_REQ_TOO_MUCH", words: "无效请求过多")
    }
    let outcome = decideRefund(request, merchant, at: now)
    if case .failed = outcome { badRefunds[merchant.id, default: []].append(now) }
    return outcome
  }

  private mutating func decideRefund(
    _ request: PlatformDocument, _ merchant: PlatformMerchant, at now: WallTime
  ) -> PlatformOutcome {
    guard let index = paidOrder(request, merchant) else {
      return request.value("transaction_id") == nil
        ? .failed(code: "ORDERNOTEXIST", words: "订单不存在")
        : .failed(code: "INVALID_TRANSACTIONID", words: "无效transaction_id")
    }
    guard let total = Self.fen(request["total_fee"] ?? "").map(Amount.init(fen:)),
      let amount = Self.fen(request["refund_fee"] ?? "").map(Amount.init(fen:)),
      let number = request.value("out_refund_no")
    else { return parameterError("PARAM_ERROR", "invalid refund_fee") }
    if let known = orders[index].refunds.first(where: { $0.number == number }) {
      guard known.amount == amount, orders[index].total == total else {
        return .failed(code: "REFUND_FEE_MISMATCH", words: "订单金额或退款金额与之前请求不一致，请核实后再试")
      }
      return .succeeded(acceptance(orders[index], known))
    }
    let isUsed = orders.contains {
      $0.merchant == merchant.id && $0.refunds.contains { $0.number == number }
    }
    guard !isUsed else {
      return .failed(code: "REFUND_FEE_MISMATCH", words: "订单金额或退款金额与之前请求不一致，请核实后再试")
    }
    if let offence = offence(of: amount, total, order: orders[index], at: now) { return offence }
    if let offence = takeFunds(amount, request.value("refund_account"), merchant) { return offence }
    let refund = PlatformRefund(
      number: number, id: "503\(random.text(count: 25, of: PlatformRandom.digits))",
      amount: amount, acceptedAt: now, notifyURL: request.value("notify_url"),
      account: request.value("refund_account") ?? "REFUND_SOURCE_UNSETTLED_FUNDS")
    orders[index].refunds.append(refund)
    orders[index].state = .refund
    note(.refundAccepted, orders[index].number, "refund \(number) of \(amount) accepted", at: now)
    return .succeeded(acceptance(orders[index], refund))
  }

  private func paidOrder(_ request: PlatformDocument, _ merchant: PlatformMerchant) -> Int? {
    orders.firstIndex { order in
      guard order.merchant == merchant.id, let payment = order.payment else { return false }
      if let transaction = request.value("transaction_id") {
        return payment.transaction == transaction
      }
      return order.number == request["out_trade_no"]
    }
  }

  private func offence(
    of amount: Amount, _ total: Amount, order: PlatformOrder, at now: WallTime
  ) -> PlatformOutcome? {
    guard total == order.total else {
      return .failed(code: "ERROR", words: "订单金额不一致")
    }
    guard order.refunded + amount <= order.total else {
      return .failed(code: "ERROR", words: "累计退款金额大于支付金额")
    }
    guard order.refunds.count < 50 else {
      return .failed(code: "ERROR", words: "退款次数超过限制")
    }
    if let last = order.refunds.last, now - last.acceptedAt < .seconds(60) {
      return .failed(code: "FREQUENCY_LIMITED", words: "同一笔订单退款请间隔一分钟")
    }
    guard let payment = order.payment else { return nil }
    if now - payment.paidAt > .seconds(365 * 86_400) {
      return .failed(code: "TRADE_OVERDUE", words: "订单已经超过退款期限")
    }
    if now - payment.paidAt < policy.refundNotBefore {
      return .failed(code: "ORDER_NOT_READY", words: "订单处理中，暂时无法退款，请稍后再试")
    }
    return nil
  }

  private mutating func takeFunds(
    _ amount: Amount, _ account: String?, _ merchant: PlatformMerchant
  ) -> PlatformOutcome? {
    if account == "REFUND_SOURCE_RECHARGE_FUNDS" {
      guard merchant.rechargedFunds >= amount else { return Self.notEnough }
      merchants[merchant.id]?.rechargedFunds = merchant.rechargedFunds - amount
    } else {
      let available = merchant.isBalanceWithdrawn ? .zero : merchant.balance
      guard available >= amount else { return Self.notEnough }
      merchants[merchant.id]?.balance = merchant.balance - amount
    }
    return nil
  }

  private static var notEnough: PlatformOutcome {
    .failed(code: "NOTENOUGH", words: "基本账户余额不足，请充值后重新发起")
  }

  private func acceptance(
    _ order: PlatformOrder, _ refund: PlatformRefund
  ) -> [PlatformDocument.Field] {
    let coupon = order.payment?.coupon ?? .zero
    let couponPart = min(coupon, refund.amount)
    return [
      .init("transaction_id", order.payment?.transaction ?? ""),
      .init("out_trade_no", order.number), .init("out_refund_no", refund.number),
      .init("refund_id", refund.id), .init("refund_channel", ""),
      .init("refund_fee", String(refund.amount.fen)),
      .init("coupon_refund_fee", String(couponPart.fen)),
      .init("total_fee", String(order.total.fen)), .init("fee_type", "CNY"),
      .init("cash_fee", String((order.total - coupon).fen)),
      .init("coupon_refund_count", couponPart > .zero ? "1" : "0"),
      .init("cash_refund_fee", String((refund.amount - couponPart).fen)),
    ]
  }

  mutating func queryRefund(
    _ request: PlatformDocument, _ merchant: PlatformMerchant, at now: WallTime
  ) -> PlatformOutcome {
    guard
      let (order, refunds) = findRefunds(request, merchant)
    else { return parameterError("LACK_PARAMS", "缺少参数out_refund_no") }
    guard let order, let payment = order.payment, !refunds.isEmpty else {
      return .failed(code: "REFUNDNOTEXIST", words: "退款订单查询失败")
    }
    note(
      .refundQueried, order.number, refunds.map(\.status.rawValue).joined(separator: " "), at: now)
    let offset = min(refunds.count, Int(request.value("offset") ?? "0").map { max(0, $0) } ?? 0)
    let shown = refunds[offset...].prefix(10)
    var fields: [PlatformDocument.Field] = [
      .init("transaction_id", payment.transaction), .init("out_trade_no", order.number),
      .init("total_fee", String(order.total.fen)), .init("fee_type", "CNY"),
      .init("cash_fee", String((order.total - payment.coupon).fen)),
      .init("total_refund_count", String(order.refunds.count)),
      .init("refund_count", String(shown.count)),
    ]
    for (index, refund) in shown.enumerated() { fields += Self.fields(of: refund, at: index) }
    return .succeeded(fields)
  }

  /// Finds by refund_id, out_refund_no, transaction_id, out_trade_no, in this priority; nil when
  /// the request names none of them.
  private func findRefunds(
    _ request: PlatformDocument, _ merchant: PlatformMerchant
  ) -> (PlatformOrder?, [PlatformRefund])? {
    let own = orders.filter { $0.merchant == merchant.id }
    func one(_ isIt: (PlatformRefund) -> Bool) -> (PlatformOrder?, [PlatformRefund]) {
      let order = own.first { $0.refunds.contains(where: isIt) }
      return (order, order?.refunds.filter(isIt) ?? [])
    }
    if let id = request.value("refund_id") { return one { $0.id == id } }
    if let number = request.value("out_refund_no") { return one { $0.number == number } }
    if let transaction = request.value("transaction_id") {
      let order = own.first { $0.payment?.transaction == transaction }
      return (order, order?.refunds ?? [])
    }
    if let number = request.value("out_trade_no") {
      let order = own.first { $0.number == number }
      return (order, order?.refunds ?? [])
    }
    return nil
  }

  private static func fields(
    of refund: PlatformRefund, at index: Int
  ) -> [PlatformDocument.Field] {
    var fields: [PlatformDocument.Field] = [
      .init("out_refund_no_\(index)", refund.number), .init("refund_id_\(index)", refund.id),
      .init("refund_channel_\(index)", "ORIGINAL"),
      .init("refund_fee_\(index)", String(refund.amount.fen)),
      .init("refund_status_\(index)", refund.status.rawValue),
      .init("refund_account_\(index)", refund.account),
      .init("refund_recv_accout_\(index)", "支付用户零钱"),  // spelled so by the platform
    ]
    if refund.status == .success, let finished = refund.finishedAt {
      fields.append(.init("refund_success_time_\(index)", finished.beijingReadable))
    }
    return fields
  }
}

extension WallTime {
  /// `yyyy-MM-dd HH:mm:ss` in Beijing.
  var beijingReadable: String {
    let f = fields(offsetSeconds: Self.beijingOffsetSeconds)
    return "\(f.date(separator: "-")) \(f.time(separator: ":"))"
  }
}
