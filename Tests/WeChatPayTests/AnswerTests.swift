import Money
import NetworkClient
import Ordering
import Synchronization
import Testing
import Timing
import WeChatPay

/// What the answers come to, when they are the platform's own.
@Suite struct AnswerTests {
  private func provider(_ fields: [Field], _ type: SignType = .md5) throws -> WeChatPayV2 {
    WeChatPayV2(
      try Shop.account(type), exchange: ScriptedPlatform(try Answer.signed(fields, type)))
  }

  private func number() throws -> OrderNumber { try #require(OrderNumber(Shop.number)) }

  // MARK: Create

  @Test func theCodeOfANewOrderIsPassedOnByteForByte() throws {
    for codeURL in [
      "weixin://wxpay/bizpayurl?pr=JyC91EIz1",
      "weixin://wxpay/bizpayurl/up?pr=NwY5Mz9&groupid=00", " x ", "e\u{301}", "x",
      String(repeating: "x", count: 512),
    ] {
      for type in SignType.allCases {
        let answer = try provider(Answer.created(codeURL), type).create(try Shop.order())
        guard case .created(let text) = answer else {
          Issue.record("\(answer)")
          continue
        }
        #expect(text.utf8.elementsEqual(codeURL.utf8))
      }
    }
  }

  @Test func aSuccessWithoutAUsableCodeIsNoOrder() throws {
    for codeURL in [nil, "", String(repeating: "x", count: 513)] {
      let answer = try provider(Answer.created().with("code_url", codeURL))
        .create(try Shop.order())
      guard case .unknown(let doubt) = answer else {
        Issue.record("\(answer)")
        continue
      }
      #expect(doubt.cause == .notAnAnswer)
    }
  }

  @Test func theVectorsAnswersAreUnderstood() throws {
    let vectors = try Vectors.load().v2_sign
    func provider(_ name: String) throws -> WeChatPayV2 {
      let vector = try #require(vectors.first { $0.name == name })
      return WeChatPayV2(
        try Shop.account(), exchange: ScriptedPlatform(Answer.raw(vector.xml)))
    }
    #expect(
      try provider("unifiedorder response").create(try Shop.order())
        == .created(codeURL: "weixin://wxpay/bizpayurl?pr=aBcDeFgHz"))
    #expect(try provider("orderquery response NOTPAY").query(number()) == .pending)
    #expect(
      try provider("orderquery response SUCCESS").query(number())
        == .paid(
          Payment(
            order: number(), total: Amount(fen: 350), currency: "CNY",
            transaction: "4200000000202601010000000001",
            paidAt: WallTime(beijingCompact: "20260101000123"))))
  }

  // MARK: Query

  @Test func eachTradeStateHasItsMeaning() throws {
    for (state, expected) in [
      ("NOTPAY", QueryAnswer.pending), ("USERPAYING", .pending), ("PAYERROR", .pending),
      ("ACCEPT", .pending), ("CLOSED", .closed), ("REVOKED", .closed),
    ] {
      #expect(try provider(Answer.state(state)).query(number()) == expected)
    }
    let payment = Payment(
      order: try number(), total: Amount(fen: 350), currency: "CNY",
      transaction: "4200000000202601010000000001",
      paidAt: WallTime(beijingCompact: "20260101000123"))
    #expect(try provider(Answer.paid()).query(number()) == .paid(payment))
    #expect(try provider(Answer.paid("REFUND")).query(number()) == .refunded(payment))
    // Without `fee_type` the currency is CNY; a missing or odd time is no reason to doubt.
    #expect(try provider(Answer.paid().with("fee_type", nil)).query(number()) == .paid(payment))
    #expect(try provider(Answer.paid().with("fee_type", "")).query(number()) == .paid(payment))
    var timeless = payment
    timeless.paidAt = nil
    for time in [nil, "", "yesterday"] {
      #expect(
        try provider(Answer.paid().with("time_end", time)).query(number()) == .paid(timeless))
    }
  }

  @Test func thePriceIsWhatWasSettledAndNotWhatThePayersCashWas() throws {
    let fields = Answer.paid().with("cash_fee", "1").with("settlement_total_fee", "2")
    guard case .paid(let payment) = try provider(fields).query(number()) else {
      Issue.record("not paid")
      return
    }
    #expect(payment.total == Amount(fen: 350))
  }

  @Test func aSignedPaymentOfSomethingElseIsUnknown() throws {
    for (name, values) in [
      ("out_trade_no", [nil, "", "VM0001202601010000000002", "vm0001202601010000000001"]),
      ("appid", [nil, "", "wxd930ea5d5a258f4e"]), ("mch_id", [nil, "", "10000101"]),
      ("fee_type", ["USD", "cny", "CNY "]), ("transaction_id", [nil, ""]),
      (
        "total_fee",
        [
          nil, "", "0", "-350", "+350", "350.0", "3.50", " 350", "0350", "３５０", "1e3", "abc",
          "9999999999999999",
        ]
      ),
    ] as [(String, [String?])] {
      for value in values {
        for state in ["SUCCESS", "REFUND"] {
          let answer = try provider(Answer.paid(state).with(name, value)).query(number())
          guard case .unknown(let doubt) = answer else {
            Issue.record("\(name)=\(value ?? "nil"): \(answer)")
            continue
          }
          #expect(doubt.cause == .mismatch, "\(name)=\(value ?? "nil")")
        }
      }
    }
  }

  @Test func closedOrUnpaidIsBelievedOnlyOfOurNumber() throws {
    for state in ["NOTPAY", "CLOSED"] {
      for value in [nil, "VM0001202601010000000002"] {
        let answer = try provider(Answer.state(state).with("out_trade_no", value)).query(number())
        guard case .unknown(let doubt) = answer else {
          Issue.record("\(answer)")
          continue
        }
        #expect(doubt.cause == .mismatch)
      }
    }
  }

  @Test func aNewStateIsUnknownAndNotUnpaid() throws {
    for state in ["", "success", "PAID", "SUCCESS "] {
      guard case .unknown(let doubt) = try provider(Answer.state(state)).query(number()) else {
        Issue.record("\(state) was taken for something")
        continue
      }
      #expect(doubt.cause == .notAnAnswer)
    }
  }

  @Test func unknownFieldsTakePartInTheSignatureAndAreOtherwiseIgnored() throws {
    let fields = Answer.paid() + [Field("brand_new", "1"), Field("coupon_id_0", "7")]
    guard case .paid = try provider(fields).query(number()) else {
      Issue.record("not paid")
      return
    }
  }

  // MARK: Close

  @Test func aCloseThatWorkedIsClosed() throws {
    #expect(try provider(Answer.head()).close(number()) == .closed)
  }

  // MARK: Clock

  @Test func thePlatformsClockIsRememberedEvenFromAFailure() throws {
    let unsigned = Answer.raw(
      Array("<xml><return_code>FAIL</return_code></xml>".utf8),
      headers: ["date": "Wed, 31 Dec 2025 16:05:00 GMT"])
    let plain = try Answer.signed(Answer.state("NOTPAY"))
    let isFirst = Mutex(true)
    let platform = ScriptedPlatform { _ in
      isFirst.withLock { first in
        defer { first = false }
        return first ? unsigned : plain
      }
    }
    let provider = WeChatPayV2(try Shop.account(), exchange: platform)
    #expect(provider.clockSkew == nil)
    _ = provider.query(try number())
    #expect(provider.clockSkew == .seconds(300))
    // An answer without a date says nothing new.
    _ = provider.query(try number())
    #expect(provider.clockSkew == .seconds(300))
  }
}
