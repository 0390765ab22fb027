internal import Money
internal import NetworkClient
internal import Ordering
internal import Synchronization
internal import Timing
public import WeChatPay

// Notices of v3, in the order of work of facts: WeChat Pay B.9.
extension WeChatPayV3 {
  /// See `WeChatMerchant`.
  public func read(
    _ notice: NoticeMessage
  ) throws(NoticeRefusal) -> NoticeContent {
    let seal = try verify(notice)
    do throws(NoticeRefusal) {
      return try open(notice)
    } catch {
      // What we did not take may be given again.
      nonces.withLock { $0.forget(seal.nonce) }
      throw error
    }
  }

  /// See `WeChatMerchant`: a key that is not known may be among new certificates.
  public func mayAsk(toRead notice: NoticeMessage) -> Bool {
    guard let seal = try? PlatformSeal(notice.headers, repeated: notice.repeated) else {
      return false
    }
    return !knowsPlatformKey(seal.serial)
  }

  /// See `WeChatMerchant`.
  public func forget(_ notice: NoticeMessage) {
    guard let seal = try? PlatformSeal(notice.headers, repeated: notice.repeated) else { return }
    nonces.withLock { $0.forget(seal.nonce) }
  }

  /// Size, headers, time, signature, and that it was not here before.
  private func verify(_ notice: NoticeMessage) throws(NoticeRefusal) -> PlatformSeal {
    guard notice.body.count <= NoticeMessage.byteLimit else {
      throw .notANotice("\(notice.body.count) bytes are too many")
    }
    let seal: PlatformSeal
    let moment = wallTime()
    do throws(SealFlaw) {
      seal = try PlatformSeal(notice.headers, repeated: notice.repeated)
      _ = try seal.moment(near: moment)
      if ring.key(seal.serial, at: moment) == nil { fetchCertificates() }
      try seal.check(notice.body, ring, at: moment)
    } catch {
      throw .forged(error.doubt)
    }
    switch nonces.withLock({ $0.take(seal.nonce, at: moment) }) {
    case .new: return seal
    case .replayed: throw .replayed
    case .full: throw .busy
    }
  }

  private func open(
    _ notice: NoticeMessage
  ) throws(NoticeRefusal) -> NoticeContent {
    let outer: JSONValue
    do throws(JSONRefusal) {
      outer = try JSONReader.read(notice.body)
    } catch {
      throw .notANotice("\(error)")
    }
    let event = outer["event_type"]?.text ?? ""
    let resource = outer["resource"] ?? .null
    guard outer["resource_type"]?.text == "encrypt-resource" else {
      throw .notANotice("resource_type is not encrypt-resource")
    }
    guard let plain = Resource.open(resource, account.keys.secret) else {
      throw .forged(Doubt(.badSignature, "the resource cannot be decrypted: check the APIv3 key"))
    }
    guard let inner = try? JSONReader.read(plain) else {
      throw .forged(Doubt(.notAnAnswer, "the resource is no JSON"))
    }
    switch (event, resource["original_type"]?.text) {
    case ("TRANSACTION.SUCCESS", "transaction"):
      return .payment(try payment(inner))
    case ("REFUND.SUCCESS", "refund"): return .refund(try refund(inner, .success, "SUCCESS"))
    case ("REFUND.CLOSED", "refund"): return .refund(try refund(inner, .closed, "CLOSED"))
    case ("REFUND.ABNORMAL", "refund"): return .refund(try refund(inner, .abnormal, "ABNORMAL"))
    default: throw .notANotice("event \(PayerText.line(event, limit: 40))")
    }
  }

  private func payment(
    _ inner: JSONValue
  ) throws(NoticeRefusal) -> Payment {
    let text = inner["out_trade_no"]?.text ?? ""
    let doubt =
      inner.mismatch("appid", account.appID) ?? inner.mismatch("mchid", account.merchantID)
    if let doubt { throw .forged(doubt) }
    guard let number = OrderNumber(text) else {
      throw .unknownOrder(PayerText.line(text, limit: 64))
    }
    switch Transaction.read(inner, account, number) {
    case .paid(let payment): return payment
    case .pending, .closed, .refunded: throw .notPaid
    case .doubt(let doubt): throw .forged(doubt)
    }
  }

  private func refund(
    _ inner: JSONValue, _ status: NoticeContent.RefundNews.Status, _ word: String
  ) throws(NoticeRefusal) -> NoticeContent.RefundNews {
    if let doubt = inner.mismatch("mchid", account.merchantID) { throw .forged(doubt) }
    guard inner["refund_status"]?.text == word else {
      throw .forged(Doubt(.mismatch, "refund_status is not that of the event"))
    }
    guard let order = OrderNumber(inner["out_trade_no"]?.text ?? "") else {
      throw .unknownOrder(PayerText.line(inner["out_trade_no"]?.text ?? "", limit: 64))
    }
    let amount = inner["amount"] ?? .null
    if let doubt = amount.currencyMismatch { throw .forged(doubt) }
    guard let number = inner["out_refund_no"]?.text, (1...64).contains(number.utf8.count),
      let total = amount["total"]?.fen, let refunded = amount["refund"]?.fen, refunded <= total
    else { throw .notANotice("a field is missing") }
    return NoticeContent.RefundNews(
      order: order, refund: number, total: Amount(fen: total), refunded: Amount(fen: refunded),
      status: status, arrivedAt: inner["success_time"]?.text.flatMap(WallTime.init(rfc3339:)))
  }
}
