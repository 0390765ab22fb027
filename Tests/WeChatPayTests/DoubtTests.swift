import LoopbackTLS
import Money
import NetworkClient
import Ordering
import Testing
import WeChatPay

/// Answers that prove nothing: whatever they say, every call ends in *unknown*.
@Suite struct DoubtTests {
  private let authority: CertificateAuthority
  private let account: WeChatPayV2.Account

  init() throws {
    authority = try CertificateAuthority()
    let own = try authority.issue()
    account = try Shop.account(
      certificate: HTTPClient.ClientCertificate(
        certificateFile: own.certificateFile, keyFile: own.keyFile))
  }

  /// The doubt of each of the five calls; a call that came to anything else is an issue.
  private func doubts(
    _ platform: ScriptedPlatform, location: SourceLocation = #_sourceLocation
  ) throws -> [Doubt] {
    let provider = WeChatPayV2(account, exchange: platform)
    let number = try #require(OrderNumber(Shop.number))
    var doubts: [Doubt] = []
    if case .unknown(let doubt) = provider.create(try Shop.order()) { doubts.append(doubt) }
    if case .unknown(let doubt) = provider.query(number) { doubts.append(doubt) }
    if case .unknown(let doubt) = provider.close(number) { doubts.append(doubt) }
    if case .unknown(let doubt) = provider.refund(try Shop.refund()) { doubts.append(doubt) }
    if case .unknown(let doubt) = provider.queryRefund(try Shop.refund()) { doubts.append(doubt) }
    #expect(doubts.count == 5, sourceLocation: location)
    return doubts
  }

  private func expect(
    _ cause: Doubt.Cause, _ response: HTTPResponse, location: SourceLocation = #_sourceLocation
  ) throws {
    let doubts = try doubts(ScriptedPlatform(response), location: location)
    #expect(doubts.allSatisfy { $0.cause == cause }, "\(doubts)", sourceLocation: location)
  }

  /// Every answer that would be good news for some call.
  private var goodNews: [[Field]] {
    [
      Answer.created(), Answer.paid(), Answer.paid("REFUND"), Answer.state("CLOSED"),
      Answer.state("NOTPAY"), Answer.head(), Answer.refundAccepted(),
      Answer.refundState("SUCCESS"), Answer.failed("ORDERPAID"), Answer.failed("ORDERCLOSED"),
      Answer.failed("ORDERNOTEXIST"), Answer.failed("REFUNDNOTEXIST"), Answer.failed("NOAUTH"),
    ]
  }

  @Test func nothingUnsignedIsBelieved() throws {
    for fields in goodNews {
      try expect(.badSignature, Answer.raw(FlatXML(fields).bytes))
      try expect(.badSignature, Answer.raw(FlatXML(fields + [Field("sign", "")]).bytes))
    }
  }

  @Test func nothingSignedWithAnotherKeyIsBelieved() throws {
    let other = try APIKey("192006250b4c09247ec02edce69f6a2e")
    for fields in goodNews {
      for type in SignType.allCases {
        let sign = Signature.sign(fields, key: other, type: type)
        try expect(.badSignature, Answer.raw(FlatXML(fields + [Field("sign", sign)]).bytes))
      }
    }
  }

  @Test func nothingAlteredAfterSigningIsBelieved() throws {
    for fields in goodNews {
      let sign = Signature.sign(fields, key: try Shop.key(), type: .md5)
      for index in fields.indices where fields[index].name != "return_code" {
        var altered = fields + [Field("sign", sign)]
        altered[index].value += "0"
        try expect(.badSignature, Answer.raw(FlatXML(altered).bytes))
      }
      let added = fields + [Field("sign", sign), Field("trade_state_x", "SUCCESS")]
      try expect(.badSignature, Answer.raw(FlatXML(added).bytes))
    }
  }

  @Test func nothingToAnotherAppOrMerchantIsBelieved() throws {
    // The same key in two shops signs both their answers (D.36).
    for fields in goodNews {
      for (name, value) in [
        ("appid", "wxd930ea5d5a258f40"), ("appid", nil), ("mch_id", "10000101"), ("mch_id", nil),
      ] {
        try expect(.mismatch, try Answer.signed(fields.with(name, value)))
      }
    }
  }

  @Test func aForgedTwinFieldIsRefusedBeforeAnySignature() throws {
    let honest = try Answer.signed(Answer.state("NOTPAY")).body
    let twin = String(decoding: honest, as: UTF8.self).replacing(
      "</xml>", with: "<trade_state>SUCCESS</trade_state></xml>")
    try expect(.notAnAnswer, Answer.raw(twin))
  }

  // MARK: No answers of the API

  @Test func whatIsNoAnswerOfTheAPIIsUnknown() throws {
    let good = try Answer.signed(Answer.paid())
    let whole = String(decoding: good.body, as: UTF8.self)
    for text in [
      "", " ", "<html><body><h1>502 Bad Gateway</h1></body></html>", "{\"code\":\"PAID\"}",
      String(whole.dropLast(20)), String(whole.dropLast(6)), whole + whole,
      "<!DOCTYPE xml>" + whole, "\u{FEFF}" + whole, "<xml></xml>",
      "<xml><return_code>OK</return_code></xml>", "<xml><return_code/></xml>",
      whole.replacing("\n", with: "<!-- -->"), "\u{0}", "ok",
      "<xml><a>" + String(repeating: "x", count: 70_000) + "</a></xml>",
    ] {
      try expect(.notAnAnswer, Answer.raw(text))
    }
    // A right answer under a wrong status is a proxy's, or a replay.
    for status in [0, 100, 201, 204, 301, 302, 400, 401, 404, 429, 500, 502, 503] {
      try expect(.notAnAnswer, Answer.raw(good.body, status: status))
    }
    for result in [nil, "", "success", "YES"] {
      try expect(.notAnAnswer, try Answer.signed(Answer.head().with("result_code", result)))
    }
  }

  @Test func noMutationOfASignedPaymentIsTakenForAnotherPayment() throws {
    let bytes = try Answer.signed(Answer.paid()).body
    let number = try #require(OrderNumber(Shop.number))
    var generator = SplitMix(state: 42)
    for _ in 0..<4000 {
      var mutated = bytes
      for _ in 0...generator.below(3) {
        mutated[generator.below(mutated.count)] = UInt8(generator.below(256))
      }
      let provider = WeChatPayV2(account, exchange: ScriptedPlatform(Answer.raw(mutated)))
      switch provider.query(number) {
      case .unknown: break
      case .paid(let payment):
        // Only what XML does not mind: a space between elements, for instance.
        #expect(payment.total == Amount(fen: 350) && payment.order == number)
      case .pending, .refunded, .closed, .notFound, .refused:
        Issue.record("\(String(decoding: mutated, as: UTF8.self))")
      }
    }
  }

  // MARK: The communication layer

  @Test func anUnsignedFailureDecidesNothing() throws {
    func fail(_ message: String) -> HTTPResponse {
      Answer.raw(
        "<xml><return_code><![CDATA[FAIL]]></return_code>\n"
          + "<return_msg><![CDATA[\(message)]]></return_msg>\n</xml>")
    }
    for message in ["System Error", "频率限制，请稍后再试", "SYSTEMERROR"] {
      try expect(.tryLater, fail(message))
    }
    for message in ["", "OK", "订单不存在", "ORDERNOTEXIST", "something new"] {
      try expect(.unsigned, fail(message))
      #expect(try doubts(ScriptedPlatform(fail(message))).allSatisfy { !$0.hintsAtSetUp })
    }
    for message in [
      "签名错误", "appid参数长度有误", "商户号该产品权限未开通，请前往商户平台>产品中心检查后重试",
      "invalid total_fee", "缺少参数", "time_expire时间过短，刷卡至少1分钟，其他5分钟", "XML格式错误",
      "appid不存在", "mch_id参数格式错误", "证书已过期", "SIGN ERROR",
    ] {
      try expect(.unsigned, fail(message))
      #expect(
        try doubts(ScriptedPlatform(fail(message))).allSatisfy {
          $0.hintsAtSetUp && $0.detail.contains(message)
        }, "\(message)")
    }
  }

  @Test func anUnsignedFailureIsNotMadeTrueByOtherFields() throws {
    // A signature over a FAIL is not of the API; what it says of the order is not read.
    try expect(.unsigned, try Answer.signed(Answer.paid().with("return_code", "FAIL")))
    try expect(.unsigned, try Answer.signed(Answer.failed("ORDERPAID").with("return_code", "FAIL")))
  }

  @Test func wordsOfTheOtherSideAreOneShortLine() throws {
    let long = String(repeating: "签", count: 500) + "\u{1B}[31m"
    let response = Answer.raw(
      "<xml><return_code>FAIL</return_code><return_msg>a\nb\(long.filter { $0 != "\u{1B}" })"
        + "</return_msg></xml>")
    for doubt in try doubts(ScriptedPlatform(response)) {
      #expect(doubt.detail.utf8.count < 300)
      #expect(!doubt.detail.contains("\n"))
    }
  }

  // MARK: The transport

  @Test func eachFailureOfTheTransportHasItsCause() throws {
    for cause in HTTPFailure.Cause.allCases {
      let expected: Doubt.Cause =
        switch cause {
        case .nameNotResolved: .nameNotResolved
        case .unreachable, .badRequest: .unreachable
        case .tls, .unusableFile: .tls
        case .timeout: .timeout
        case .broken: .broken
        case .tooLarge: .notAnAnswer
        }
      let platform = ScriptedPlatform { _ throws(HTTPFailure) in throw HTTPFailure(cause, "seen") }
      for doubt in try doubts(platform) { #expect(doubt == Doubt(expected, "seen")) }
    }
  }
}
