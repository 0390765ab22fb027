internal import Timing

/// Notices of v3: a resource that only the APIv3 key opens, under a seal that is new at each send
/// (facts: WeChat Pay B.9).
extension PlatformModel {
  mutating func enqueuePaymentNoticeV3(_ order: PlatformOrder, at now: WallTime) {
    guard let merchant = merchants[order.merchant] else { return }
    let inner = PlatformJSON.object(Self.statement(order, .success, merchant))
    enqueueV3(
      order, order.notifyURL, event: "TRANSACTION.SUCCESS", type: "transaction", "支付成功", inner,
      copies: policy.noticeCopies, at: now)
  }

  mutating func enqueueRefundNoticeV3(
    _ order: PlatformOrder, _ refund: PlatformRefund, at now: WallTime
  ) {
    guard let url = refund.notifyURL, let merchant = merchants[order.merchant] else { return }
    let summary =
      switch refund.status {
      case .success, .processing: "退款成功"
      case .closed: "退款关闭"
      case .change: "退款异常"
      }
    enqueueV3(
      order, url, event: "REFUND.\(refund.status.v3)", type: "refund", summary,
      Self.news(order, refund, merchant), copies: policy.noticeCopies, at: now)
  }

  private mutating func enqueueV3(
    _ order: PlatformOrder, _ url: String, event: String, type: String, _ summary: String,
    _ inner: PlatformJSON, copies: Int, at now: WallTime
  ) {
    // Without the APIv3 key nothing is told (facts: WeChat Pay B.1).
    guard let secret = accounts[order.merchant]?.secret else { return }
    for _ in 0..<max(0, copies) {
      let nonce = random.text(count: 12)
      guard
        let resource = PlatformAEAD.seal(
          inner.bytes, key: secret, nonce: nonce, data: type, type: type)
      else { return }
      let body = PlatformJSON.object([
        .init("id", identifier()), .init("create_time", now.beijingRFC3339),
        .init("resource_type", "encrypt-resource"), .init("event_type", event),
        .init("summary", summary), .init("resource", resource),
      ])
      enqueue(order.number, url, body.bytes, api: .v3, merchant: order.merchant, at: now)
    }
  }

  /// 36 characters in the form of a UUID.
  private mutating func identifier() -> String {
    [8, 4, 4, 4, 12].map { random.text(count: $0, of: "0123456789abcdef") }
      .joined(separator: "-")
  }

  /// The headers of one send.
  mutating func sealHeaders(of notice: PlatformNotice, at now: WallTime) -> [PlatformHeader] {
    guard notice.api == .v3, let account = accounts[notice.merchant],
      let key = account.noticeKey(chance: Int(random.next() % 100), at: now)
    else { return [] }
    var seal = PlatformSeal(key: key, nonce: random.text(count: 32), at: now)
    seal.otherKey = account.otherKey(than: key)
    if isProbed(notice.merchant) { seal.flaw = .probe }
    if let flaw = notice.fault?.sealFlaw { seal.flaw = flaw }
    return seal.headers(over: notice.body) + [
      .init("Request-ID", "08\(random.text(count: 26, of: PlatformRandom.digits))-0")
    ]
  }
}
