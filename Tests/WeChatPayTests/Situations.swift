import LoopbackTLS
import NetworkClient
import Ordering
import Timing

@testable import WeChatPay

/// The situations of `ConformanceTests` in the words of v2.
enum V2Situations {
  typealias Situation = ConformanceTests.Situation
  typealias Ask = ConformanceTests.Ask

  private static let authority = try? CertificateAuthority()
  /// Any pair of files will do: nothing is sent.
  static let certificate: HTTPClient.ClientCertificate? = (try? authority?.issue()).map {
    HTTPClient.ClientCertificate(certificateFile: $0.certificateFile, keyFile: $0.keyFile)
  }

  static func answer(_ situation: Situation, _ ask: Ask) throws(HTTPFailure) -> HTTPResponse {
    if let response = try Wire.answer(situation) { return response }
    if situation == .signatureRefused {
      return Answer.raw(
        "<xml><return_code><![CDATA[FAIL]]></return_code>"
          + "<return_msg><![CDATA[签名错误]]></return_msg></xml>")
    }
    let fields = fields(situation, ask)
    switch situation {
    case .unsigned: return Answer.raw(FlatXML(fields).bytes)
    case .badSignature:
      let sign = String(repeating: "A", count: 64)
      return Answer.raw(FlatXML(fields + [Field("sign", sign)]).bytes)
    default:
      guard let response = try? Answer.signed(fields, .hmacSHA256) else {
        throw HTTPFailure(.badRequest, "the test cannot sign")
      }
      return response
    }
  }

  private static func fields(_ situation: Situation, _ ask: Ask) -> [Field] {
    switch situation {
    case .created: Answer.created()
    case .pending: Answer.state("NOTPAY")
    case .paid, .unsigned, .badSignature: Answer.paid()
    case .refundedPayment: Answer.paid("REFUND")
    case .closed: Answer.state("CLOSED")
    case .notExisting: Answer.failed("ORDERNOTEXIST")
    case .wrongAmountText: Answer.paid().with("total_fee", "350.0")
    case .wrongMerchant: Answer.paid().with("mch_id", "10000101")
    case .wrongApp: Answer.paid().with("appid", "wx0")
    case .wrongNumber: Answer.paid().with("out_trade_no", "VM0001202601010000000002")
    case .wrongCurrency: Answer.paid().with("fee_type", "USD")
    case .noTransaction: Answer.paid().with("transaction_id", nil)
    case .unknownState: Answer.state("DREAMING")
    case .closeDone: Answer.head()
    case .alreadyPaid: Answer.failed("ORDERPAID")
    case .otherParameters: Answer.failed("INVALID_REQUEST", "201 商户订单号重复")
    case .productMissing: Answer.failed("NOAUTH")
    case .refundAccepted: Answer.refundAccepted()
    case .refundProcessing: Answer.refundState("PROCESSING")
    case .refundArrived: Answer.refundState("SUCCESS")
    case .refundStuck: Answer.refundState("CHANGE")
    case .refundMissing: Answer.failed("REFUNDNOTEXIST")
    case .refundPoor: Answer.failed("NOTENOUGH")
    case .refundOfAnotherAmount:
      ask == .refund
        ? Answer.refundAccepted().with("refund_fee", "35")
        : Answer.refundState("SUCCESS").with("refund_fee_0", "35")
    case .systemError: Answer.failed("SYSTEMERROR")
    case .rateLimited: Answer.failed("FREQUENCY_LIMITED")
    case .signatureRefused, .html, .emptyBody, .truncated, .teapot, .nothing, .tlsRefused: []
    }
  }
}

/// The same in the words of v3.
struct V3Situations: Sendable {
  typealias Situation = ConformanceTests.Situation
  typealias Ask = ConformanceTests.Ask

  var shop: V3Shop

  func answer(_ situation: Situation, _ ask: Ask) throws(HTTPFailure) -> HTTPResponse {
    if let response = try Wire.answer(situation) { return response }
    if let (status, code) = refusal(situation) {
      return V3Text.unsigned(status, V3Text.failure(code))
    }
    if situation == .closeDone { return shop.publicKey.answer("", status: 204) }
    let body = body(situation)
    switch situation {
    case .unsigned: return Answer.raw(body)
    case .badSignature:
      var response = shop.publicKey.answer(body)
      response.headers["wechatpay-signature"] = shop.publicKey.headers([])["wechatpay-signature"]
      return response
    default: return shop.publicKey.answer(body)
    }
  }

  private func refusal(_ situation: Situation) -> (Int, String)? {
    switch situation {
    case .notExisting: (404, "ORDER_NOT_EXIST")
    case .alreadyPaid: (400, "ORDERPAID")
    case .otherParameters: (400, "INVALID_REQUEST")
    case .productMissing: (403, "NO_AUTH")
    case .refundMissing: (404, "RESOURCE_NOT_EXISTS")
    case .refundPoor: (403, "NOT_ENOUGH")
    case .systemError: (500, "SYSTEM_ERROR")
    case .rateLimited: (429, "FREQUENCY_LIMITED")
    case .signatureRefused: (401, "SIGN_ERROR")
    default: nil
    }
  }

  private func body(_ situation: Situation) -> String {
    let paid = V3Text.paid()
    return switch situation {
    case .created: V3Text.created
    case .pending: V3Text.state("NOTPAY")
    case .refundedPayment: V3Text.paid("REFUND")
    case .closed: V3Text.state("CLOSED")
    case .wrongAmountText: paid.replacing(#""total":350"#, with: #""total":350.0"#)
    case .wrongMerchant: paid.replacing("1900000001", with: "1900000002")
    case .wrongApp: paid.replacing(V3Shop.appID, with: "wx0")
    case .wrongNumber: paid.replacing(Shop.number, with: "VM0001202601010000000002")
    case .wrongCurrency: paid.replacing(#""currency":"CNY""#, with: #""currency":"USD""#)
    case .noTransaction: paid.replacing("transaction_id", with: "transaction_ix")
    case .unknownState: V3Text.state("DREAMING")
    case .refundAccepted, .refundProcessing: V3Text.refund("PROCESSING")
    case .refundArrived: V3Text.refund("SUCCESS")
    case .refundStuck: V3Text.refund("ABNORMAL")
    case .refundOfAnotherAmount:
      V3Text.refund("SUCCESS").replacing(#""refund":350"#, with: #""refund":35"#)
    default: paid
    }
  }
}

/// What happens on the way, whatever the version.
enum Wire {
  static func answer(
    _ situation: ConformanceTests.Situation
  ) throws(HTTPFailure) -> HTTPResponse? {
    switch situation {
    case .html: Answer.raw("<html><body>502 Bad Gateway</body></html>", status: 502)
    case .emptyBody: Answer.raw("", status: 404)
    case .truncated: throw HTTPFailure(.broken, "end of file", mayHaveArrived: true)
    case .teapot: Answer.raw("short and stout", status: 418)
    case .nothing: throw HTTPFailure(.timeout, "10 s", mayHaveArrived: true)
    case .tlsRefused: throw HTTPFailure(.tls, "certificate")
    default: nil
    }
  }
}
