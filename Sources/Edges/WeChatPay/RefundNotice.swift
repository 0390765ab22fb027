public import Money
internal import NetworkClient
public import Ordering
public import Timing

/// A notice about a refund, decrypted.
///
/// It is encrypted with a digest of the API key in a mode that authenticates nothing, and carries
/// no signature: take it as a reason to ask `queryRefund`, never as its answer.
public struct RefundNotice: Hashable, Sendable {
  /// What the notice says became of the refund.
  public enum Status: String, Hashable, Sendable, CaseIterable {
    case success = "SUCCESS"
    case change = "CHANGE"
    case closed = "REFUNDCLOSE"
  }

  public let order: OrderNumber
  /// Our own number of the refund (`out_refund_no`).
  public let refund: String
  public let total: Amount
  public let refunded: Amount
  public let status: Status
  /// When the money arrived, by the platform's clock.
  public let arrivedAt: WallTime?

  /// The documents say 1024 characters; a real one had 1112 (facts: WeChat Pay A.12).
  static let cipherTextLimit = 16_384

  /// Reads and decrypts a notice, and checks app and merchant.
  public init(_ body: [UInt8], account: WeChatPayV2.Account) throws(NoticeRefusal) {
    let outer: FlatXML
    do throws(XMLRefusal) {
      outer = try FlatXML(body)
    } catch {
      throw .notANotice("\(error)")
    }
    guard outer["return_code"] == "SUCCESS" else { throw .notANotice("no return_code SUCCESS") }
    guard let hidden = outer["req_info"], !hidden.isEmpty else {
      throw .notANotice("it has no req_info")
    }
    let doubt =
      SignedAnswer.mismatch(outer, "appid", account.appID)
      ?? SignedAnswer.mismatch(outer, "mch_id", account.merchantID)
    if let doubt { throw .forged(doubt) }
    try self.init(inner: Self.decrypt(hidden, account.key))
  }

  private init(inner: FlatXML) throws(NoticeRefusal) {
    guard let order = OrderNumber(inner["out_trade_no"] ?? "") else {
      throw .unknownOrder(PayerText.line(inner["out_trade_no"] ?? "", limit: 64))
    }
    guard let refund = inner["out_refund_no"], (1...64).contains(refund.utf8.count),
      let total = SignedAnswer.fen(inner["total_fee"]),
      let refunded = SignedAnswer.fen(inner["refund_fee"]),
      let status = Status(rawValue: inner["refund_status"] ?? "")
    else { throw .notANotice("a field is missing") }
    (self.order, self.refund, self.status) = (order, refund, status)
    (self.total, self.refunded) = (Amount(fen: total), Amount(fen: refunded))
    arrivedAt = inner["success_time"].flatMap { text in
      WallTime(beijingCompact: text.filter { !"-: ".contains($0) })
    }
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
