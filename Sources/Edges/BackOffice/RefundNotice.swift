internal import Money
internal import NetworkClient
internal import Ordering
internal import Timing
internal import WeChatPay

/// A notice of v2 about a refund.
///
/// It is encrypted with a digest of the API key in a mode that authenticates nothing, and carries
/// no signature: take it as a reason to ask `queryRefund`, never as its answer.
enum RefundNotice {
  /// The documents say 1024 characters; a real one had 1112 (facts: WeChat Pay A.12).
  static let cipherTextLimit = 16_384

  static let statuses: [String: NoticeContent.RefundNews.Status] = [
    "SUCCESS": .success, "REFUNDCLOSE": .closed, "CHANGE": .abnormal,
  ]

  /// Decrypts and reads it, and checks app and merchant.
  static func read(
    _ outer: FlatXML, _ account: WeChatPayV2.Account
  ) throws(NoticeRefusal) -> NoticeContent.RefundNews {
    let doubt =
      SignedAnswer.mismatch(outer, "appid", account.appID)
      ?? SignedAnswer.mismatch(outer, "mch_id", account.merchantID)
    if let doubt { throw .forged(doubt) }
    let inner = try decrypt(outer["req_info"] ?? "", account.key)
    guard let order = OrderNumber(inner["out_trade_no"] ?? "") else {
      throw .unknownOrder(PayerText.line(inner["out_trade_no"] ?? "", limit: 64))
    }
    guard let refund = inner["out_refund_no"], (1...64).contains(refund.utf8.count),
      let total = SignedAnswer.fen(inner["total_fee"]),
      let refunded = SignedAnswer.fen(inner["refund_fee"]),
      let status = statuses[inner["refund_status"] ?? ""]
    else { throw .notANotice("a field is missing") }
    return NoticeContent.RefundNews(
      order: order, refund: refund, total: Amount(fen: total), refunded: Amount(fen: refunded),
      status: status,
      arrivedAt: inner["success_time"].flatMap { text in
        WallTime(beijingCompact: text.filter { !"-: ".contains($0) })
      })
  }

  private static func decrypt(_ hidden: String, _ key: APIKey) throws(NoticeRefusal) -> FlatXML {
    guard hidden.utf8.count <= cipherTextLimit, let cipherText = Base64.decode(hidden) else {
      throw .forged(Doubt(.badSignature, "req_info is not base64"))
    }
    // 32 characters, leading zeros and all: the lower-case digits themselves are the key.
    let cipherKey = Array(Digest.md5Hex(key.bytes).lowercased().utf8)
    guard let plain = AES256ECB.decrypt(cipherText, key: cipherKey) else {
      throw .forged(Doubt(.badSignature, "req_info cannot be decrypted"))
    }
    do throws(XMLRefusal) {
      return try FlatXML(plain, root: "root")
    } catch {
      throw .forged(Doubt(.badSignature, "req_info: \(error)"))
    }
  }
}
