internal import Money
internal import Timing

/// Create, query and close of v3 (facts: WeChat Pay B.5, B.6, B.11, D.5-D.18).
///
/// The orders are those of v2: either API sees and changes what the other one made.
extension PlatformModel {
  mutating func createV3(
    _ body: PlatformJSON, _ merchant: PlatformMerchant, at now: WallTime
  ) throws(PlatformRefusal) -> PlatformV3Outcome {
    try checkCreate(body, merchant)
    let number = body["out_trade_no"]?.text ?? ""
    let frozen = PlatformDocument(body.flat.sorted { $0.name < $1.name })
    if let known = index(of: number, merchant: merchant.id) {
      try reopenV3(known, frozen, at: now)
      return .object(.object([.init("code_url", newCode(known, at: now))]))
    }
    guard !isNumberTaken(number, merchant: merchant.id) else { throw reuseV3 }
    var expiry: WallTime?
    if let text = body["time_expire"]?.text {
      guard let moment = WallTime(rfc3339: text) else { throw Self.wrongExpiry(text) }
      // What is too near or too far is moved, not refused.
      expiry = min(max(moment, now + policy.shortestExpiry), now + policy.longestExpiry)
    }
    let total = Amount(fen: body["amount"]?["total"]?.whole ?? 0)
    orders.append(
      PlatformOrder(
        merchant: merchant.id, number: number, frozen: frozen, signature: .md5, total: total,
        createdAt: now, expiresAt: expiry, api: .v3))
    note(.created, number, "\(orders[orders.count - 1].title), \(total), by v3", at: now)
    return .object(.object([.init("code_url", newCode(orders.count - 1, at: now))]))
  }

  private func checkCreate(
    _ body: PlatformJSON, _ merchant: PlatformMerchant
  ) throws(PlatformRefusal) {
    try PlatformShape.create(policy).check(body, at: "/body", "请求主体")
    if body["mchid"] != .text(merchant.id) { throw .otherMerchant }
    guard body["appid"] == .text(merchant.appID) else {
      throw PlatformRefusal(
        400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配", inner: 268_445_527)
    }
    try checkNotifyURL(body["notify_url"]?.text ?? "", "商户回调地址")
  }

  func checkNotifyURL(_ url: String, _ title: String) throws(PlatformRefusal) {
    let isGood =
      (url.hasPrefix("https://") || policy.allowsPlainNotices && url.hasPrefix("http://"))
      && !url.contains { "?# ".contains($0) }
    guard isGood else {
      throw .parameter(
        "/body/notify_url",
        "输入源“/body/notify_url”映射到值字段“\(title)”字符串规则校验失败，字符串必须匹配正则表达式"
          + "“^https?://([^\\s/?#\\[\\]\\@]+\\@)?([^\\s/?#\\@:]+)(?::\\d{2,5})?([^\\s?#\\[\\]]*)$”",
        value: url)
    }
  }

  private static func wrongExpiry(_ text: String) -> PlatformRefusal {
    .parameter(
      "/body/time_expire", "输入源“/body/time_expire”映射到值字段“支付结束时间”字符串规则校验失败，时间格式须为rfc3339",
      value: text)
  }

  private mutating func reopenV3(
    _ index: Int, _ frozen: PlatformDocument, at now: WallTime
  ) throws(PlatformRefusal) {
    switch orders[index].state {
    case .success, .refund: throw paidV3
    case .closed: throw .closed
    case .notPaid: break
    }
    guard orders[index].frozen == frozen else { throw reuseV3 }
    retireCodes(index)
    note(.recreated, orders[index].number, "the same order again: a new code", at: now)
  }

  private var paidV3: PlatformRefusal {
    PlatformRefusal(policy.paidStatus, "ORDERPAID", "该订单已支付", inner: 268_498_689)
  }

  private var reuseV3: PlatformRefusal {
    switch policy.reuseError {
    case .invalidRequest: .otherTerms
    case .outTradeNoUsed:
      PlatformRefusal(403, "OUT_TRADE_NO_USED", "商户订单号重复", inner: 268_498_688)
    }
  }

  // MARK: Query

  func ownMerchant(
    _ request: PlatformRequest, _ merchant: PlatformMerchant
  ) throws(PlatformRefusal) {
    guard let id = request.parameter("mchid"), !id.isEmpty else {
      throw .missing("/query/mchid", "直连商户号")
    }
    if id != merchant.id { throw .otherMerchant }
  }

  mutating func queryV3(
    _ request: PlatformRequest, _ route: PlatformRoute, _ merchant: PlatformMerchant,
    at now: WallTime
  ) throws(PlatformRefusal) -> PlatformV3Outcome {
    try ownMerchant(request, merchant)
    let found =
      route.call == .query
      ? index(of: route.number, merchant: merchant.id)
      : orders.firstIndex {
        $0.merchant == merchant.id && $0.payment?.transaction == route.number
      }
    guard let found else { throw .noSuchOrder }
    let order = orders[found]
    let state = visibleState(order, at: now)
    note(.queried, order.number, "\(state.rawValue), by v3", at: now)
    return .object(.object(Self.statement(order, state, merchant)))
  }

  /// An order as queries and notices of v3 state it (facts: WeChat Pay B.6).
  static func statement(
    _ order: PlatformOrder, _ state: PlatformOrder.State, _ merchant: PlatformMerchant
  ) -> [PlatformJSON.Member] {
    var members: [PlatformJSON.Member] = [
      .init("appid", merchant.appID), .init("mchid", merchant.id),
      .init("out_trade_no", order.number), .init("attach", order.attach),
      .init("trade_state", state.rawValue), .init("trade_state_desc", description(of: state)),
    ]
    guard let payment = order.payment, state == .success || state == .refund else {
      return members + [.init("amount", .object([.init("total", order.total.fen)]))]
    }
    members += [
      .init("transaction_id", payment.transaction), .init("trade_type", "NATIVE"),
      .init("bank_type", "OTHERS"), .init("success_time", payment.paidAt.beijingRFC3339),
      .init("payer", .object([.init("openid", payment.payer)])),
      .init(
        "amount",
        .object([
          .init("total", order.total.fen), .init("payer_total", (order.total - payment.coupon).fen),
          .init("currency", "CNY"), .init("payer_currency", "CNY"),
        ])),
    ]
    if !order.device.isEmpty {
      members.append(.init("scene_info", .object([.init("device_id", order.device)])))
    }
    if payment.coupon > .zero { members.append(.init("promotion_detail", promotion(payment))) }
    return members
  }

  private static func promotion(_ payment: PlatformOrder.Payment) -> PlatformJSON {
    .list([
      .object([
        .init("coupon_id", "10000"), .init("name", "满减券"), .init("scope", "GLOBAL"),
        .init("type", "CASH"), .init("amount", payment.coupon.fen), .init("stock_id", "9300000"),
        .init("wechatpay_contribute", payment.coupon.fen), .init("merchant_contribute", 0),
        .init("other_contribute", 0), .init("currency", "CNY"),
      ])
    ])
  }

  // MARK: Close

  mutating func closeV3(
    _ number: String, _ body: PlatformJSON, _ merchant: PlatformMerchant, at now: WallTime
  ) throws(PlatformRefusal) -> PlatformV3Outcome {
    try PlatformShape.close.check(body, at: "/body", "请求主体")
    if body["mchid"] != .text(merchant.id) { throw .otherMerchant }
    guard let index = index(of: number, merchant: merchant.id) else {
      guard policy.burnsUnknownNumbers else { throw .noSuchOrder }
      burnt.insert("\(merchant.id)/\(number.lowercased())")
      note(.closed, number, "closed without ever having been: the number is burnt", at: now)
      return .nothing
    }
    switch orders[index].state {
    case .success, .refund:
      throw PlatformRefusal(policy.paidStatus, "ORDERPAID", "该订单已支付", inner: 268_449_538)
    case .closed: return .nothing
    case .notPaid: break
    }
    guard now - orders[index].createdAt >= policy.closeNotBefore else {
      throw PlatformRefusal(403, "TRADE_ERROR", "订单生成后5分钟内不能关单")
    }
    orders[index].state = .closed
    orders[index].closedAt = now
    note(.closed, number, "closed by the merchant, by v3", at: now)
    return .nothing
  }

  /// Whether a number is gone: used, without regard to case, or burnt by a close.
  func isNumberTaken(_ number: String, merchant: String) -> Bool {
    let folded = number.lowercased()
    if !burnt.isEmpty, burnt.contains("\(merchant)/\(folded)") { return true }
    return orders.contains { $0.merchant == merchant && $0.number.lowercased() == folded }
  }
}
