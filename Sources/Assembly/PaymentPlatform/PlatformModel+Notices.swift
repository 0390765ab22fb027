internal import Crypto
internal import CryptoExtras
internal import Money
public import Timing

/// A notice on its way to a merchant (facts: WeChat Pay A.12, B.9).
public struct PlatformNotice: Hashable, Sendable {
  /// Counts from one.
  public var id: Int
  public var order: String
  public var merchant: String
  public var api: PlatformAPI
  public var url: String
  public var body: [UInt8]
  /// What stands in the head of this send; a new seal each time in v3.
  public var headers: [PlatformHeader] = []
  /// What goes wrong with this send.
  public var fault: PlatformNoticeFault.Kind?
  /// Sends so far.
  public var sends: Int
  /// When it is to be sent next.
  public var dueAt: WallTime
  /// Whether it is being sent right now.
  public var isUnderWay: Bool
}

extension PlatformModel {
  /// Pauses after each failed send, in seconds: 15 re-sends in 24 hours and 4 minutes.
  public static let noticeScheduleSeconds: [Int64] = [
    15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600,
  ]

  mutating func enqueuePaymentNotice(order index: Int, at now: WallTime) {
    let order = orders[index]
    if order.api == .v3 { return enqueuePaymentNoticeV3(order, at: now) }
    guard let payment = order.payment, let merchant = merchants[order.merchant] else { return }
    for _ in 0..<max(0, policy.noticeCopies) {
      var document = PlatformDocument([
        .init("return_code", "SUCCESS"), .init("return_msg", "OK"),
        .init("appid", merchant.appID), .init("mch_id", merchant.id),
        .init("nonce_str", random.text(count: 32)), .init("result_code", "SUCCESS"),
      ])
      if order.signature == .hmacSHA256 { document.set("sign_type", order.signature.rawValue) }
      document.fields += echo(order.frozen, ["device_info"])
      document.fields += [
        .init("out_trade_no", order.number), .init("attach", order.attach),
        .init("total_fee", String(order.total.fen)),
      ]
      document.fields += Self.paymentFields(order, payment)
      document.set("sign", order.signature.sign(document, key: merchant.apiKey))
      enqueue(
        order.number, order.notifyURL, document.bytes, api: .v2, merchant: order.merchant, at: now)
    }
  }

  mutating func enqueueRefundNotice(order index: Int, refund place: Int, at now: WallTime) {
    let order = orders[index]
    let refund = order.refunds[place]
    if refund.api == .v3 { return enqueueRefundNoticeV3(order, refund, at: now) }
    guard let url = refund.notifyURL, let merchant = merchants[order.merchant] else { return }
    let secret = PlatformDocument([
      .init("transaction_id", order.payment?.transaction ?? ""),
      .init("out_trade_no", order.number), .init("refund_id", refund.id),
      .init("out_refund_no", refund.number), .init("total_fee", String(order.total.fen)),
      .init("settlement_total_fee", String(order.total.fen)),
      .init("refund_fee", String(refund.amount.fen)),
      .init("settlement_refund_fee", String(refund.amount.fen)),
      .init("refund_status", refund.status.rawValue),
      .init("success_time", (refund.finishedAt ?? now).beijingReadable),
      .init("refund_recv_accout", "支付用户零钱"), .init("refund_account", refund.account),
      .init("refund_request_source", "API"),
    ]).written(root: "root")
    guard let sealed = Self.sealed(secret, key: merchant.apiKey) else { return }
    let document = PlatformDocument([
      .init("return_code", "SUCCESS"), .init("appid", merchant.appID),
      .init("mch_id", merchant.id), .init("nonce_str", random.text(count: 32)),
      .init("req_info", Base64.text(of: sealed)),
    ])
    enqueue(
      order.number, url, document.bytes, api: .v2, merchant: order.merchant, at: now)
  }

  /// AES-256-ECB with PKCS#7 under the lower-case hexadecimal MD5 of the API key.
  ///
  /// ECB is CBC of one block at a time with a vector of zeros.
  static func sealed(_ plain: [UInt8], key: String) -> [UInt8]? {
    let digest = Insecure.MD5.hash(data: Array(key.utf8)).hexadecimal(upperCase: false)
    let secret = SymmetricKey(data: Array(digest.utf8))
    let padding = 16 - plain.count % 16
    let padded = plain + Array(repeating: UInt8(padding), count: padding)
    var sealed: [UInt8] = []
    for start in stride(from: 0, to: padded.count, by: 16) {
      guard let zero = try? AES._CBC.IV(ivBytes: Array(repeating: UInt8(0), count: 16)),
        let block = try? AES._CBC.encrypt(
          padded[start..<(start + 16)], using: secret, iv: zero, noPadding: true)
      else { return nil }
      sealed += block
    }
    return sealed
  }

  mutating func enqueue(
    _ order: String, _ url: String, _ body: [UInt8], api: PlatformAPI, merchant: String,
    at now: WallTime
  ) {
    guard notices.count < 1000, !url.isEmpty else { return }
    noticeCount += 1
    notices.append(
      PlatformNotice(
        id: noticeCount, order: order, merchant: merchant, api: api, url: url, body: body,
        sends: 0, dueAt: now + policy.noticeDelay, isUnderWay: false))
  }

  /// The notices that are due; each is under way until its result is told.
  public mutating func takeDueNotices(at now: WallTime) -> [PlatformNotice] {
    pass(to: now)
    var due: [PlatformNotice] = []
    for index in notices.indices where !notices[index].isUnderWay && notices[index].dueAt <= now {
      guard !strike(index, at: now) else { continue }
      notices[index].isUnderWay = true
      notices[index].sends += 1
      var sent = notices[index]
      lie(in: &sent)
      sent.headers = sealHeaders(of: sent, at: now)
      notices[index].headers = sent.headers
      due.append(sent.asSent)
    }
    notices.removeAll { $0.fault == .dropped }
    return due
  }

  /// What became of one send.
  ///
  /// Only HTTP 200 with `return_code` SUCCESS ends the repeats of v2, and HTTP 200 or 204 those of
  /// v3; the pauses between them are those of the schedule divided by `speed`.
  public mutating func noticeSent(
    _ id: Int, status: Int?, answer: [UInt8], speed: Int64 = 1, at now: WallTime
  ) {
    guard let index = notices.firstIndex(where: { $0.id == id }) else { return }
    let notice = notices[index]
    let isTaken =
      switch notice.api {
      case .v2:
        status == 200 && (try? PlatformDocument(reading: answer))?["return_code"] == "SUCCESS"
      case .v3: status == 200 || status == 204
      }
    if isTaken {
      notices.remove(at: index)
      note(.noticeTaken, notice.order, "notice taken at send \(notice.sends)", at: now)
      return
    }
    let seen = status.map { "HTTP \($0)" } ?? "no answer"
    note(.noticeFailed, notice.order, "notice, send \(notice.sends): \(seen)", at: now)
    let pauses = policy.noticeSchedule.seconds
    guard notice.sends <= pauses.count else {
      notices.remove(at: index)
      return
    }
    let pause = pauses[notice.sends - 1]
    notices[index].isUnderWay = false
    notices[index].dueAt = now + .milliseconds(pause * 1000 / max(1, speed))
  }
}

/// Base 64 of RFC 4648 with padding.
enum Base64 {
  static func text(of bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        text.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : "=")
      }
    }
    return text
  }
}
