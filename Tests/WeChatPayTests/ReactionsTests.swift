import LoopbackTLS
import NetworkClient
import Ordering
import Testing
import WeChatPay

/// The table of error codes against that of the facts (A.5-A.9), written down a second time.
@Suite struct ReactionsTests {
  private static let setUp = [
    "NOAUTH", "APPID_NOT_EXIST", "MCHID_NOT_EXIST", "APPID_MCHID_NOT_MATCH", "LACK_PARAMS",
    "PARAM_ERROR", "XML_FORMAT_ERROR", "POST_DATA_EMPTY", "NOT_UTF8", "REQUIRE_POST_METHOD",
    "SIGNERROR",
  ]

  private let account: WeChatPayV2.Account

  init() throws {
    let authority = try CertificateAuthority()
    let own = try authority.issue()
    account = try Shop.account(
      certificate: HTTPClient.ClientCertificate(
        certificateFile: own.certificateFile, keyFile: own.keyFile))
  }

  private func provider(_ code: String) throws -> WeChatPayV2 {
    WeChatPayV2(account, exchange: ScriptedPlatform(try Answer.signed(Answer.failed(code, "词"))))
  }

  private func number() throws -> OrderNumber { try #require(OrderNumber(Shop.number)) }

  @Test func codesOfCreateHaveTheirReactions() throws {
    func answer(_ code: String) throws -> String {
      switch try provider(code).create(try Shop.order()) {
      case .created: "created"
      case .alreadyPaid: "paid"
      case .alreadyClosed: "closed"
      case .refused(let refusal): refusal.reaction.rawValue
      case .unknown(let doubt): doubt.cause.rawValue
      }
    }
    for (code, expected) in [
      ("SYSTEMERROR", "tryLater"), ("INVALID_REQUEST", "query"), ("OUT_TRADE_NO_USED", "query"),
      ("ORDERPAID", "paid"), ("ORDERCLOSED", "closed"), ("NOTENOUGH", "query"),
      ("FREQUENCY_LIMITED", "tryLater"), ("BRAND_NEW", "query"), ("", "query"),
    ] + Self.setUp.map({ ($0, "stopAndAlarm") }) {
      #expect(try answer(code) == expected, "\(code)")
    }
  }

  @Test func codesOfQueryHaveTheirReactions() throws {
    func answer(_ code: String) throws -> String {
      switch try provider(code).query(number()) {
      case .pending, .paid, .refunded, .closed: "a state"
      case .notFound: "notFound"
      case .refused(let refusal): refusal.reaction.rawValue
      case .unknown(let doubt): doubt.cause.rawValue
      }
    }
    for (code, expected) in [
      ("ORDERNOTEXIST", "notFound"), ("SYSTEMERROR", "tryLater"), ("ORDERPAID", "tryLater"),
      ("ORDERCLOSED", "tryLater"), ("BRAND_NEW", "tryLater"), ("", "tryLater"),
      ("REFUNDNOTEXIST", "tryLater"),
    ] + Self.setUp.map({ ($0, "stopAndAlarm") }) {
      #expect(try answer(code) == expected, "\(code)")
    }
  }

  @Test func codesOfCloseHaveTheirReactions() throws {
    func answer(_ code: String) throws -> String {
      switch try provider(code).close(number()) {
      case .closed: "closed"
      case .alreadyPaid: "paid"
      case .notFound: "notFound"
      case .refused(let refusal): refusal.reaction.rawValue
      case .unknown(let doubt): doubt.cause.rawValue
      }
    }
    for (code, expected) in [
      ("ORDERPAID", "paid"), ("ORDERCLOSED", "closed"), ("ORDERNOTEXIST", "notFound"),
      ("TRADE_STATE_ERROR", "query"), ("SYSTEMERROR", "tryLater"), ("BRAND_NEW", "query"),
      ("", "query"),
    ] + ["SIGNERROR", "REQUIRE_POST_METHOD", "XML_FORMAT_ERROR"].map({ ($0, "stopAndAlarm") }) {
      #expect(try answer(code) == expected, "\(code)")
    }
  }

  @Test func codesOfRefundHaveTheirReactions() throws {
    func answer(_ code: String) throws -> String {
      switch try provider(code).refund(try Shop.refund()) {
      case .accepted: "accepted"
      case .refused(let refusal): refusal.reaction.rawValue
      case .unknown(let doubt): doubt.cause.rawValue
      }
    }
    for (code, expected) in [
      ("SYSTEMERROR", "tryLater"), ("BIZERR_NEED_RETRY", "tryLater"), ("ERROR", "query"),
      ("NOTENOUGH", "oweAndAlarm"), ("USER_ACCOUNT_ABNORMAL", "oweAndAlarm"),
      ("TRADE_OVERDUE", "oweAndAlarm"), ("INVALID_REQ_TOO_MUCH", "retrySame"),
      ("FREQUENCY_LIMITED", "tryLater"), ("ORDERNOTEXIST", "query"),
      ("INVALID_TRANSACTIONID", "query"), ("REFUND_FEE_MISMATCH", "stopAndAlarm"),
      ("ORDER_NOT_READY", "retrySame"), ("BRAND_NEW", "query"), ("", "query"),
      ("CERT_ERROR", "stopAndAlarm"), ("SIGNERROR", "stopAndAlarm"),
      ("PARAM_ERROR", "stopAndAlarm"), ("APPID_NOT_EXIST", "stopAndAlarm"),
      ("MCHID_NOT_EXIST", "stopAndAlarm"), ("XML_FORMAT_ERROR", "stopAndAlarm"),
      ("REQUIRE_POST_METHOD", "stopAndAlarm"),
    ] {
      #expect(try answer(code) == expected, "\(code)")
    }
  }

  @Test func codesOfRefundQueryHaveTheirReactions() throws {
    func answer(_ code: String) throws -> String {
      switch try provider(code).queryRefund(try Shop.refund()) {
      case .processing, .arrived, .stuck: "a state"
      case .notFound: "notFound"
      case .refused(let refusal): refusal.reaction.rawValue
      case .unknown(let doubt): doubt.cause.rawValue
      }
    }
    for (code, expected) in [
      ("SYSTEMERROR", "tryLater"), ("REFUNDNOTEXIST", "notFound"),
      ("INVALID_TRANSACTIONID", "query"), ("PARAM_ERROR", "stopAndAlarm"),
      ("BRAND_NEW", "tryLater"), ("ORDERNOTEXIST", "tryLater"),
    ] {
      #expect(try answer(code) == expected, "\(code)")
    }
  }

  @Test func aRefusalSaysWhatThePlatformSaidAndWhatItMeans() throws {
    guard case .refused(let refusal) = try provider("NOAUTH").create(try Shop.order()) else {
      Issue.record("not refused")
      return
    }
    #expect(refusal.code == "NOAUTH")
    #expect(refusal.words == "Native payment is not enabled (词)")
  }

  @Test func everyCodeIsThereOnceWithAMeaning() {
    let codes = Reactions.table.map(\.code)
    #expect(Set(codes).count == codes.count)
    #expect(Reactions.table.allSatisfy { !$0.meaning.isEmpty && !$0.reactions.isEmpty })
  }

  @Test func noCodeMakesAQuestionSayUnpaidButTheOneOfAnUnknownNumber() {
    for row in Reactions.table where row.reactions[.query] == .notFound {
      #expect(row.code == "ORDERNOTEXIST")
    }
    for row in Reactions.table where row.reactions[.queryRefund] == .notFound {
      #expect(row.code == "REFUNDNOTEXIST")
    }
  }
}
