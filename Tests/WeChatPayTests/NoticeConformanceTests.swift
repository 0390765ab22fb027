import Money
import NetworkClient
import Ordering
import Testing

@testable import BackOffice
@testable import WeChatPay

/// One table for both versions of the API: the same news, told in each version's words, are read as
/// the same, and answered so that the platform understands.
@Suite struct NoticeConformanceTests {
  /// What has happened on the platform's side, or on the way from it.
  enum News: CaseIterable {
    case paid, refundArrived, refundGivenUp, refundAbnormal
    case otherAmount, otherMerchant, otherApp, changedOnTheWay, unsigned, garbage
  }

  /// What reading a notice comes to.
  enum Outcome: Hashable {
    case paid(Amount)
    case refund(NoticeContent.RefundNews.Status, Amount)
    case forged, notANotice, other
  }

  static let table: [(News, Outcome)] = [
    (.paid, .paid(Amount(fen: 350))),
    (.refundArrived, .refund(.success, Amount(fen: 350))),
    (.refundGivenUp, .refund(.closed, Amount(fen: 350))),
    (.refundAbnormal, .refund(.abnormal, Amount(fen: 350))),
    (.otherAmount, .paid(Amount(fen: 351))), (.otherMerchant, .forged), (.otherApp, .forged),
    (.changedOnTheWay, .forged), (.unsigned, .forged), (.garbage, .notANotice),
  ]

  private let shop: V3Shop

  init() throws { shop = try V3Shop() }

  @Test func bothVersionsPassTheTable() throws {
    #expect(Set(Self.table.map(\.0)) == Set(News.allCases))
    let v2: any WeChatMerchant = try Shop.provider(.hmacSHA256)
    let v3: any WeChatMerchant = try shop.provider(ScriptedPlatform(Answer.raw("", status: 404)))
    for (news, expected) in Self.table {
      #expect(Self.read(try v2Message(news), by: v2) == expected, "v2 \(news)")
      let isSealed = news != .garbage
      // A seal is looked at before what it holds.
      let outcome: Outcome = isSealed ? expected : .forged
      #expect(Self.read(try v3Message(news), by: v3) == outcome, "v3 \(news)")
    }
  }

  @Test func onlyWhatIsTakenStopsTheRepetitions() throws {
    let refusals: [NoticeRefusal] = [
      .notANotice("x"), .notPaid, .replayed, .busy, .unknownOrder("x"),
      .forged(Doubt(.badSignature, "x")),
    ]
    let v3 = try shop.provider(ScriptedPlatform(Answer.raw("", status: 404)))
    for provider: any WeChatMerchant in [try Shop.provider(.md5), v3] {
      #expect(Self.stops(provider.reply(to: .taken)))
      for outcome in refusals.map(NoticeOutcome.refused) + [.notKept] {
        #expect(!Self.stops(provider.reply(to: outcome)), "\(outcome)")
      }
    }
  }

  /// Whether the platform takes this for success (facts: WeChat Pay A.12, B.9).
  private static func stops(_ reply: NoticeReply) -> Bool {
    if reply.contentType == "text/xml" {
      return reply.status == 200 && (try? FlatXML(reply.body))?["return_code"] == "SUCCESS"
    }
    return (200...204).contains(reply.status)
  }

  private static func read(_ message: NoticeMessage, by provider: any WeChatMerchant) -> Outcome {
    do throws(NoticeRefusal) {
      switch try provider.read(message) {
      case .payment(let payment): return .paid(payment.total)
      case .refund(let news): return .refund(news.status, news.refunded)
      }
    } catch {
      switch error {
      case .forged: return .forged
      case .notANotice: return .notANotice
      case .notPaid, .unknownOrder, .replayed, .busy: return .other
      }
    }
  }

  // MARK: v2

  private func v2Message(_ news: News) throws -> NoticeMessage {
    var fields = Answer.paid().with("trade_state", nil)
    switch news {
    case .paid, .changedOnTheWay, .unsigned: break
    case .otherAmount: fields = fields.with("total_fee", "351").with("cash_fee", "301")
    case .otherMerchant: fields = fields.with("mch_id", "10000101")
    case .otherApp: fields = fields.with("appid", "wx1")
    case .refundArrived: return try v2Refund("SUCCESS")
    case .refundGivenUp: return try v2Refund("REFUNDCLOSE")
    case .refundAbnormal: return try v2Refund("CHANGE")
    case .garbage: return NoticeMessage(body: Array("{}".utf8))
    }
    var body = try Answer.signed(fields, .hmacSHA256).body
    if news == .unsigned { body = FlatXML(fields).bytes }
    if news == .changedOnTheWay {
      body = Array(String(decoding: body, as: UTF8.self).replacing("000123", with: "000124").utf8)
    }
    return NoticeMessage(body: body)
  }

  private func v2Refund(_ status: String) throws -> NoticeMessage {
    let plain = try Vectors.load().v2_refund_notify.plaintext
      .replacing("[SUCCESS]", with: "[\(status)]")
    return NoticeMessage(
      body: FlatXML([
        Field("return_code", "SUCCESS"), Field("appid", Shop.appID),
        Field("mch_id", Shop.merchantID), Field("nonce_str", "x"),
        Field("req_info", try RefundNoticeTests.hide(plain)),
      ]).bytes)
  }

  // MARK: v3

  private func v3Message(_ news: News) throws -> NoticeMessage {
    var body = try NoticeText.body(NoticeText.paid)
    switch news {
    case .paid, .changedOnTheWay, .unsigned: break
    case .otherAmount:
      body = try NoticeText.body(NoticeText.paid.replacing(#""total":350"#, with: #""total":351"#))
    case .otherMerchant:
      body = try NoticeText.body(
        NoticeText.paid.replacing(V3Shop.merchantID, with: "1900000002"))
    case .otherApp:
      body = try NoticeText.body(NoticeText.paid.replacing(V3Shop.appID, with: "wx1"))
    case .refundArrived: body = try v3Refund("SUCCESS")
    case .refundGivenUp: body = try v3Refund("CLOSED")
    case .refundAbnormal: body = try v3Refund("ABNORMAL")
    case .garbage: return NoticeMessage(body: Array("<xml/>".utf8))
    }
    let sealed = NoticeText.sealed(body, shop.publicKey, nonce: "\(news)")
    switch news {
    case .unsigned: return NoticeMessage(body: sealed.body)
    case .changedOnTheWay:
      let changed = body.replacing("08:01:24", with: "08:01:25")
      return NoticeMessage(
        headers: sealed.headers.map { ($0.key, $0.value) }, body: Array(changed.utf8))
    default: return sealed
    }
  }

  private func v3Refund(_ status: String) throws -> String {
    try NoticeText.body(
      NoticeText.refund(status), event: "REFUND.\(status)", original: "refund", data: "refund")
  }
}
