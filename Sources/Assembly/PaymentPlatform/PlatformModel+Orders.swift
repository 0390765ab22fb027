internal import Money
internal import Timing

/// Create, query and close (facts: WeChat Pay A.5-A.7, A.11, D.5-D.18).
extension PlatformModel {
  mutating func create(
    _ request: PlatformDocument, _ merchant: PlatformMerchant, _ signature: PlatformSignature,
    at now: WallTime
  ) -> PlatformOutcome {
    let number = request["out_trade_no"] ?? ""
    var frozen = request
    for name in ["sign", "nonce_str", "sign_type"] { frozen.remove(name) }
    frozen.fields = frozen.fields.filter { !$0.text.isEmpty }.sorted { $0.name < $1.name }
    if let known = index(of: number, merchant: merchant.id) {
      return recreate(known, frozen, request, at: now)
    }
    // Numbers are unique without regard to case.
    guard !isNumberTaken(number, merchant: merchant.id) else { return reuse }
    let expiry = request.value("time_expire").flatMap { WallTime(beijingCompact: $0) }
    if let expiry, expiry - now < policy.shortestExpiry {
      return .refused("time_expire时间过短，刷卡至少1分钟，其他5分钟")
    }
    guard let fen = Self.fen(request["total_fee"] ?? "") else {
      return .refused("invalid total_fee")
    }
    orders.append(
      PlatformOrder(
        merchant: merchant.id, number: number, frozen: frozen, signature: signature,
        total: Amount(fen: fen), createdAt: now, expiresAt: expiry))
    note(.created, number, "\(orders[orders.count - 1].title), \(Amount(fen: fen))", at: now)
    return issueCode(orders.count - 1, request, at: now)
  }

  private mutating func recreate(
    _ index: Int, _ frozen: PlatformDocument, _ request: PlatformDocument, at now: WallTime
  ) -> PlatformOutcome {
    switch orders[index].state {
    case .success, .refund: return .failed(code: "ORDERPAID", words: "该订单已支付")
    case .closed: return .failed(code: "ORDERCLOSED", words: "该订单已关闭")
    case .notPaid: break
    }
    guard orders[index].frozen == frozen else { return reuse }
    retireCodes(index)
    note(.recreated, orders[index].number, "the same order again: a new code", at: now)
    return issueCode(index, request, at: now)
  }

  private var reuse: PlatformOutcome {
    .failed(code: policy.reuseError.rawValue, words: "201 商户订单号重复")
  }

  /// The codes of an order stop to work when it is created again.
  mutating func retireCodes(_ index: Int) {
    guard !policy.keepsOldCodes else { return }
    for code in orders[index].codes.indices { orders[index].codes[code].isLive = false }
  }

  /// Issues another code for an order.
  mutating func newCode(_ index: Int, at now: WallTime) -> String {
    let token = random.text(count: policy.usesLongCodes ? 7 : 9)
    let url =
      policy.usesLongCodes
      ? "weixin://wxpay/bizpayurl/up?pr=\(token)&groupid=00"
      : "weixin://wxpay/bizpayurl?pr=\(token)"
    orders[index].codes.append(.init(url: url, issuedAt: now, isLive: true))
    if orders[index].codes.count > 50 { orders[index].codes.removeFirst() }
    return url
  }

  private mutating func issueCode(
    _ index: Int, _ request: PlatformDocument, at now: WallTime
  ) -> PlatformOutcome {
    let url = newCode(index, at: now)
    let prepay = "wx\(now.beijingCompact)\(random.text(count: 20, of: "0123456789abcdef"))"
    return .succeeded(
      echo(request, ["device_info"]) + [
        .init("trade_type", "NATIVE"), .init("prepay_id", prepay), .init("code_url", url),
      ])
  }

  mutating func query(
    _ request: PlatformDocument, _ merchant: PlatformMerchant, at now: WallTime
  ) -> PlatformOutcome {
    let found: Int?
    if let transaction = request.value("transaction_id") {
      found = orders.firstIndex {
        $0.merchant == merchant.id && $0.payment?.transaction == transaction
      }
    } else if let number = request.value("out_trade_no") {
      found = index(of: number, merchant: merchant.id)
    } else {
      return parameterError("LACK_PARAMS", "缺少参数out_trade_no")
    }
    guard let found else {
      return .failed(code: "ORDERNOTEXIST", words: "此交易订单号不存在")
    }
    let order = orders[found]
    let state = visibleState(order, at: now)
    note(.queried, order.number, state.rawValue, at: now)
    var fields = echo(order.frozen, ["device_info"])
    fields.append(.init("out_trade_no", order.number))
    fields.append(.init("attach", order.attach))
    fields.append(.init("trade_state", state.rawValue))
    fields.append(.init("trade_state_desc", Self.description(of: state)))
    fields.append(.init("total_fee", String(order.total.fen)))
    if let payment = order.payment, state == .success || state == .refund {
      fields += Self.paymentFields(order, payment)
    }
    return .succeeded(fields)
  }

  /// What a query shows, which may lag behind what is.
  func visibleState(_ order: PlatformOrder, at now: WallTime) -> PlatformOrder.State {
    if order.state == .success, let payment = order.payment,
      now - payment.paidAt < policy.queryLag
    {
      return .notPaid
    }
    if order.state == .notPaid, policy.closesAtExpiry, let expiry = order.expiresAt, now >= expiry {
      return .closed
    }
    return order.state
  }

  static func description(of state: PlatformOrder.State) -> String {
    switch state {
    case .notPaid: "订单未支付"
    case .success: "支付成功"
    case .refund: "订单发生过退款，退款详情请查询退款单"
    case .closed: "订单已关闭"
    }
  }

  /// The fields that a paid order has in queries and notices.
  static func paymentFields(
    _ order: PlatformOrder, _ payment: PlatformOrder.Payment
  ) -> [PlatformDocument.Field] {
    var fields: [PlatformDocument.Field] = [
      .init("openid", payment.payer), .init("is_subscribe", "N"), .init("trade_type", "NATIVE"),
      .init("bank_type", "OTHERS"), .init("fee_type", "CNY"), .init("cash_fee_type", "CNY"),
      .init("cash_fee", String((order.total - payment.coupon).fen)),
      .init("transaction_id", payment.transaction),
      .init("time_end", payment.paidAt.beijingCompact),
    ]
    if payment.coupon > .zero {
      fields += [
        .init("coupon_fee", String(payment.coupon.fen)), .init("coupon_count", "1"),
        .init("coupon_type_0", "CASH"), .init("coupon_id_0", "10000"),
        .init("coupon_fee_0", String(payment.coupon.fen)),
      ]
    }
    return fields
  }

  mutating func close(
    _ request: PlatformDocument, _ merchant: PlatformMerchant, at now: WallTime
  ) -> PlatformOutcome {
    let number = request["out_trade_no"] ?? ""
    guard let index = index(of: number, merchant: merchant.id) else {
      return .failed(code: "ORDERNOTEXIST", words: "订单不存在")
    }
    switch orders[index].state {
    case .success: return .failed(code: "ORDERPAID", words: "订单已支付")
    case .refund: return .failed(code: "TRADE_STATE_ERROR", words: "订单状态错误")
    case .closed: return .failed(code: "ORDERCLOSED", words: "订单已关闭")
    case .notPaid: break
    }
    guard now - orders[index].createdAt >= policy.closeNotBefore else {
      return .failed(code: "TRADE_STATE_ERROR", words: "订单生成后5分钟内不能关单")
    }
    orders[index].state = .closed
    orders[index].closedAt = now
    note(.closed, number, "closed by the merchant", at: now)
    return .succeeded([.init("result_msg", "OK")])
  }

  func echo(_ document: PlatformDocument, _ names: [String]) -> [PlatformDocument.Field] {
    names.compactMap { name in document.value(name).map { .init(name, $0) } }
  }
}
