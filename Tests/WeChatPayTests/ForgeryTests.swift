import Money
import NetworkClient
import Ordering
import Synchronization
import Testing
import Timing

@testable import BackOffice
@testable import WeChatPay

/// Forged, replayed, truncated, re-encoded, re-ordered, wrong-key, wrong-merchant, wrong-amount and
/// stale messages of both versions: each is refused, and none makes money out of nothing.
@Suite struct ForgeryTests {
  private let shop: V3Shop

  init() throws { shop = try V3Shop() }

  typealias Ask = ConformanceTests.Ask
  typealias Outcome = ConformanceTests.Outcome

  /// What the platform may say that is good news for somebody, and who asks.
  private var goodNews: [(ask: Ask, status: Int, text: String)] {
    [
      (.create, 200, V3Text.created), (.query, 200, V3Text.paid()),
      (.query, 200, V3Text.paid("REFUND")), (.query, 200, V3Text.state("CLOSED")),
      (.query, 200, V3Text.state("NOTPAY")), (.close, 204, ""),
      (.refund, 200, V3Text.refund("PROCESSING")), (.queryRefund, 200, V3Text.refund("SUCCESS")),
    ]
  }

  private func isUnknown(_ outcome: Outcome) -> Bool {
    if case .unknown = outcome { true } else { false }
  }

  /// Counts what the tests below went through, so that the table cannot shrink unseen.
  private static let sizes = (answers: 400, notices: 150, v2: 120)

  @Test func noForgedAnswerOfV3IsBelieved() throws {
    var count = 0
    for (ask, status, text) in goodNews {
      let honest = ScriptedPlatform(shop.publicKey.answer(text, status: status))
      #expect(
        !isUnknown(try ConformanceTests.outcome(ask, of: try shop.provider(honest))), "\(text)")
      for forgery in try Forger(shop: shop).forgeries(of: text) {
        let platform = ScriptedPlatform(forgery.response(status))
        let outcome = try ConformanceTests.outcome(ask, of: try shop.provider(platform))
        #expect(isUnknown(outcome), "\(ask), \(forgery.name): \(outcome)")
        count += 1
      }
    }
    #expect(count >= Self.sizes.answers, "\(count)")
  }

  @Test func noSignedAnswerOfAnotherStatusIsBelieved() throws {
    for (ask, status, text) in goodNews {
      for other in [200, 201, 202, 204, 206, 301, 302] where other != status {
        let platform = ScriptedPlatform(shop.publicKey.answer(text, status: other))
        let outcome = try ConformanceTests.outcome(ask, of: try shop.provider(platform))
        #expect(isUnknown(outcome), "\(ask), \(other): \(outcome)")
      }
    }
  }

  /// Well signed by the platform, and about something else.
  private var strangers: [(ask: Ask, text: String)] {
    let swaps = [
      (V3Shop.merchantID, "1900000002"), (V3Shop.appID, "wx0"), (Shop.number, "VM9"),
      (#""total":350"#, #""total":"350""#), (#""total":350"#, #""total":350.0"#),
      (#""total":350"#, #""total":-350"#), (#""total":350"#, #""total":3.5e2"#),
      (#""total":350"#, #""total":null"#), (#""total":350"#, #""total":0"#),
      (#""total":350"#, #""total":99999999999999999999"#), (#""total":350"#, #""totel":350"#),
      (#""total":350"#, #""total":350,"total":1"#), (#""currency":"CNY""#, #""currency":"USD""#),
      (#""currency":"CNY""#, #""currency":"cny""#), (#""currency":"CNY""#, #""currency":null"#),
      ("SUCCESS", "success"), ("SUCCESS", ""), ("SUCCESS", "SUCCESS "),
      (#""transaction_id":""#, #""transaction_id":"","x":""#), ("{", "["), ("}}", "}"),
      (#"{"appid""#, #"{"appid":"\#(V3Shop.appID)","appid""#),
    ]
    return swaps.map { (.query, V3Text.paid().replacing($0.0, with: $0.1)) }
      + [
        (Shop.number + "R1", "R2"), (#""refund":350"#, #""refund":35"#),
        (#""refund":350"#, #""refund":"350""#), (#""total":350"#, #""total":3500"#),
        (#""currency":"CNY""#, #""currency":"USD""#), ("SUCCESS", "DONE"),
        (#""out_trade_no":"\#(Shop.number)""#, #""out_trade_no":"VM00012026010100000002""#),
      ].flatMap { swap in
        [Ask.refund, .queryRefund].map {
          ($0, V3Text.refund("SUCCESS").replacing(swap.0, with: swap.1))
        }
      }
  }

  @Test func nothingThatThePlatformSignedAboutOthersIsOurs() throws {
    for (ask, text) in strangers {
      let platform = ScriptedPlatform(shop.publicKey.answer(text))
      let outcome = try ConformanceTests.outcome(ask, of: try shop.provider(platform))
      #expect(isUnknown(outcome), "\(ask) \(text): \(outcome)")
    }
  }

  // MARK: Notices of v3

  /// Whether the order book will not serve it: not our order, or not its amount.
  private static func isHeld(_ content: NoticeContent) -> Bool {
    guard case .payment(let payment) = content else { return false }
    return payment.order.text != Shop.number || payment.total != Amount(fen: 350)
  }

  private func read(_ notice: NoticeMessage, _ provider: WeChatPayV3) -> NoticeRefusal? {
    do throws(NoticeRefusal) {
      return Self.isHeld(try provider.read(notice)) ? .notPaid : nil
    } catch {
      return error
    }
  }

  @Test func noForgedNoticeOfV3IsTaken() throws {
    var count = 0
    for body in [
      try NoticeText.body(NoticeText.paid),
      try NoticeText.body(
        NoticeText.refund("SUCCESS"), event: "REFUND.SUCCESS", original: "refund"),
    ] {
      let provider = try shop.provider(ScriptedPlatform(Answer.raw("", status: 404)))
      #expect(read(NoticeText.sealed(body, shop.publicKey), provider) == nil)
      for forgery in try Forger(shop: shop).forgeries(of: body) {
        // A machine that has not seen the notice, and one that has.
        let fresh = try shop.provider(ScriptedPlatform(Answer.raw("", status: 404)))
        #expect(read(forgery.notice, fresh) != nil, "\(forgery.name)")
        #expect(read(forgery.notice, provider) != nil, "\(forgery.name)")
        count += 1
      }
    }
    #expect(count >= Self.sizes.notices, "\(count)")
  }

  /// Well signed, and not what we may act on.
  private func strangeNotices() throws -> [String] {
    let paid = NoticeText.paid
    let hidden = try GCMSeal.seal(
      paid, key: NoticeText.secret, nonce: "abcdefghijkl", data: "transaction")
    var flipped = Base64.decode(hidden) ?? []
    flipped[flipped.count - 1] ^= 1
    let swaps = [
      (V3Shop.merchantID, "1900000002"), (V3Shop.appID, "wx0"),
      (Shop.number, "VM0001202601010000000002"), ("350", "351"), ("CNY", "USD"),
      ("SUCCESS", "NOTPAY"), ("SUCCESS", "REFUND"), ("SUCCESS", "CLOSED"),
      (#""total":350"#, #""total":"350""#), (#""transaction_id""#, #""transaction_ix""#),
    ]
    return try swaps.map { try NoticeText.body(paid.replacing($0.0, with: $0.1)) } + [
      try NoticeText.body(paid, nonce: "abcdefghijk"),
      try NoticeText.body(paid, nonce: "abcdefghijklm"),
      try NoticeText.body(paid, algorithm: "AEAD_AES_128_GCM"),
      try NoticeText.body(paid, event: "TRANSACTION.FAILED"),
      try NoticeText.body(paid, event: "REFUND.SUCCESS"),
      try NoticeText.body(paid, original: "refund"),
      try NoticeText.body(paid, event: "REFUND.SUCCESS", original: "refund"),
      try NoticeText.body(paid, event: "SECURITY_ECHO.SUCCESS"),
      try NoticeText.body(paid, key: "0123456789abcdefghijklmnopqrstuV"),
      try NoticeText.body("hello"), try NoticeText.body(""), try NoticeText.body("[]"),
      NoticeText.envelope(Base64.encode(flipped)), NoticeText.envelope(hidden, data: "other"),
      NoticeText.envelope(hidden, nonce: "abcdefghijkm"), NoticeText.envelope(""),
      NoticeText.envelope("AAAA"), NoticeText.envelope("!!!!"),
      NoticeText.envelope(Base64.encode([UInt8](repeating: 0, count: 15))),
      NoticeText.envelope(hidden, data: nil), "<xml><return_code>SUCCESS</return_code></xml>",
      "{}", "null", #"{"resource":{}}"#,
    ]
      + (["SUCCESS", "CLOSED", "ABNORMAL"].flatMap { status in
        try ["SUCCESS", "CLOSED", "ABNORMAL"].filter { $0 != status }.map {
          try NoticeText.body(
            NoticeText.refund(status), event: "REFUND.\($0)", original: "refund")
        }
      })
  }

  @Test func noNoticeThatSaysSomethingElseIsTaken() throws {
    let provider = try shop.provider(ScriptedPlatform(Answer.raw("", status: 404)))
    for (index, body) in try strangeNotices().enumerated() {
      let notice = NoticeText.sealed(body, shop.publicKey, nonce: "nonce\(index)")
      #expect(read(notice, provider) != nil, "\(index): \(body)")
    }
  }

  @Test func aRecordedNoticeIsWorthNothingWithinItsTimeAndAfter() throws {
    let clocks = Clocks()
    let provider = try shop.provider(
      ScriptedPlatform(Answer.raw("", status: 404)), clocks: clocks)
    let notice = NoticeText.sealed(try NoticeText.body(NoticeText.paid), shop.publicKey)
    #expect(read(notice, provider) == nil)
    for _ in 0..<20 {
      #expect(read(notice, provider) != nil)
      clocks.pass(.seconds(30))
    }
  }

  // MARK: v2

  private var v2News: [(ask: Ask, fields: [Field])] {
    [
      (.create, Answer.created()), (.query, Answer.paid()), (.query, Answer.paid("REFUND")),
      (.query, Answer.state("CLOSED")), (.query, Answer.state("NOTPAY")), (.close, Answer.head()),
      (.refund, Answer.refundAccepted()), (.queryRefund, Answer.refundState("SUCCESS")),
    ]
  }

  /// Forgeries of a signed message of v2.
  private func v2Forgeries(_ fields: [Field]) throws -> [String] {
    let key = try Shop.key()
    let sign = Signature.sign(fields, key: key, type: .hmacSHA256)
    let other = try APIKey("192006250b4c09247ec02edce69f6a2e")
    func text(_ fields: [Field]) -> String {
      String(decoding: FlatXML(fields).bytes, as: UTF8.self)
    }
    let good = text(fields + [Field("sign", sign)])
    let signs = [
      "", "A", String(sign.dropLast()), sign + "0", " " + sign, sign + " ",
      String(sign.reversed()), String(repeating: "0", count: 64), String(sign.prefix(32)),
      Signature.sign(fields, key: other, type: .hmacSHA256),
      Signature.sign(fields, key: other, type: .md5),
      Digest.md5Hex(Signature.canonical(fields)), sign.lowercased(),
    ]
    return signs.map { text(fields + [Field("sign", $0)]) } + [
      text(fields), text(fields + [Field("sign", sign), Field("extra", "1")]),
      text(fields.dropLast() + [Field("sign", sign)]),
      text(fields.map { Field($0.name, $0.value + " ") } + [Field("sign", sign)]),
      good.replacing("<appid>", with: "<appid>x").replacing("<![CDATA[wx", with: "<![CDATA[wx"),
      String(good.dropLast(7)), String(good.prefix(good.count / 2)), good + "x",
      "<!DOCTYPE xml>" + good, good.replacing("xml>", with: "root>"),
      good.replacing("<sign>", with: "<sign>&e;"), good + good,
    ]
  }

  @Test func noForgedAnswerOfV2IsBelieved() throws {
    var count = 0
    for (ask, fields) in v2News {
      for text in try v2Forgeries(fields) {
        let provider = WeChatPayV2(
          try Shop.account(.hmacSHA256, certificate: V2Situations.certificate),
          exchange: ScriptedPlatform(Answer.raw(text)))
        let outcome = try ConformanceTests.outcome(ask, of: provider)
        #expect(isUnknown(outcome), "\(ask) \(text): \(outcome)")
        count += 1
      }
    }
    #expect(count >= Self.sizes.v2, "\(count)")
  }

  @Test func noForgedNoticeOfV2IsTaken() throws {
    let provider = WeChatPayV2(
      try Shop.account(.hmacSHA256), exchange: ScriptedPlatform(Answer.raw("")))
    for text in try v2Forgeries(Answer.paid().with("trade_state", nil)) {
      let content = try? provider.read(NoticeMessage(body: Array(text.utf8)))
      #expect(content.map(Self.isHeld) ?? true, "\(text)")
    }
  }

  @Test func otherOrderAndWritingChangeNothing() throws {
    // What a proxy or the platform itself may do to XML without touching what it says.
    let fields = Answer.paid()
    let sign = Signature.sign(fields, key: try Shop.key(), type: .hmacSHA256)
    let all = fields + [Field("sign", sign)]
    let plain =
      "<xml>" + all.map { "<\($0.name)>\($0.value)</\($0.name)>" }.joined() + "</xml>\n"
    for body in [FlatXML(all.reversed()).bytes, Array(plain.utf8)] {
      let provider = WeChatPayV2(
        try Shop.account(.hmacSHA256), exchange: ScriptedPlatform(Answer.raw(body)))
      #expect(try ConformanceTests.outcome(.query, of: provider) == .paid)
    }
  }
}
