@testable import PaymentPlatform
import Money
import Testing
import Timing

/// Orders of v3, as the platform keeps them.
@Suite struct PlatformV3ModelTests {
  typealias Fixture = PlatformV3Fixture

  @Test func anOrderIsCreatedScannedPaidAndRefundedInV3() throws {
    var fixture = try Fixture()
    let created = fixture.create()
    #expect(created.status == 200 && created.isSealedByPublicKey)
    let url = try #require(created.json["code_url"]?.text)
    #expect(url.hasPrefix("weixin://wxpay/bizpayurl?pr="))
    let open = fixture.query()
    #expect(open.status == 200 && open.isSealedByPublicKey)
    #expect(open.json["trade_state"] == .text("NOTPAY") && open.json["transaction_id"] == nil)
    let cashier = try fixture.model.scan(url, payer: "alice", at: fixture.now).get()
    #expect(cashier.title == "可乐 330ml" && cashier.amount == Amount(fen: 350))
    _ = try fixture.model.confirm(cashier.order, payer: "alice", at: fixture.now).get()
    let paid = fixture.query()
    #expect(paid.json["trade_state"] == .text("SUCCESS") && paid.json["attach"] == .text("A1"))
    #expect(paid.json["amount"]?["total"] == .number("350"))
    #expect(paid.json["success_time"] == .text("2026-01-01T08:00:00+08:00"))
    let transaction = try #require(paid.json["transaction_id"]?.text)
    let same = fixture.call("GET", "/v3/pay/transactions/id/\(transaction)?mchid=1900000001")
    #expect(same.json == paid.json)
    let refund = fixture.refund()
    #expect(refund.status == 200 && refund.json["status"] == .text("PROCESSING"))
    fixture.pass(.seconds(3))
    let arrived = fixture.refundQuery()
    #expect(arrived.json["status"] == .text("SUCCESS") && arrived.isSealedByPublicKey)
    #expect(arrived.json["amount"]?["refund"] == .number("350"))
    #expect(fixture.query().json["trade_state"] == .text("REFUND"))
  }

  @Test func aCloseIsEmptySignedAndMayBeRepeated() throws {
    var fixture = try Fixture()
    fixture.create()
    for _ in 0..<2 {
      let closed = fixture.close()
      #expect(closed.status == 204 && closed.body.isEmpty && closed.isSealedByPublicKey)
    }
    #expect(fixture.query().json["trade_state"] == .text("CLOSED"))
    let again = fixture.create()
    #expect(again.status == 400 && again.code == "ORDER_CLOSED")
  }

  @Test func whatIsPaidIsNeitherClosedNorCreatedAgain() throws {
    var fixture = try Fixture()
    try fixture.paidOrder()
    for reply in [fixture.close(), fixture.create()] {
      #expect(reply.status == 400 && reply.code == "ORDERPAID")
      #expect(reply["Wechatpay-Signature"] == nil, "refusals come unsigned")
    }
    fixture.model.policy.paidStatus = 403
    #expect(fixture.close().status == 403)
  }

  @Test func theSameNumberGivesANewCodeOrIsRefused() throws {
    var fixture = try Fixture()
    let first = fixture.create().json["code_url"]?.text ?? ""
    let second = fixture.create().json["code_url"]?.text ?? ""
    #expect(first != second && !second.isEmpty)
    #expect(fixture.model.scan(first, payer: "alice", at: fixture.now) == .failure(.codeExpired))
    let other = fixture.create(fen: 351)
    #expect(other.status == 400 && other.code == "INVALID_REQUEST")
    #expect(other.json["message"] == .text("请求重入时，参数与首次请求时不一致"))
    #expect(other["Request-ID"]?.hasSuffix("-268498688") == true)
    #expect(fixture.create("order00000001").code == "INVALID_REQUEST", "case does not count")
    fixture.model.policy.reuseError = .outTradeNoUsed
    let used = fixture.create(fen: 351)
    #expect(used.status == 403 && used.code == "OUT_TRADE_NO_USED")
  }

  @Test func bothAPIsHaveTheSameOrders() throws {
    var fixture = try Fixture()
    try fixture.paidOrder()
    var old = PlatformFixture()
    old.model = fixture.model
    old.now = fixture.now
    func document(_ fields: [String: String]) -> [UInt8] {
      var document = PlatformDocument(
        [
          .init("appid", Fixture.merchant.appID), .init("mch_id", Fixture.merchant.id),
          .init("nonce_str", "x"),
        ] + fields.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) })
      document.set("sign", PlatformSignature.md5.sign(document, key: Fixture.merchant.apiKey))
      return document.bytes
    }
    let seen = old.model.answer(
      .query, body: document(["out_trade_no": "ORDER00000001"]), from: .anonymous, at: old.now)
    let answer = try PlatformDocument(reading: seen.body)
    #expect(answer.verdict == "SUCCESS" && answer["attach"] == "A1")
    let refunded = old.model.answer(
      .refund,
      body: document([
        "out_trade_no": "ORDER00000001", "out_refund_no": "ORDER00000001R1", "total_fee": "350",
        "refund_fee": "100",
      ]), from: .merchant(Fixture.merchant.id), at: old.now)
    #expect(try PlatformDocument(reading: refunded.body).verdict == "SUCCESS")
    fixture.model = old.model
    #expect(fixture.refundQuery().json["amount"]?["refund"] == .number("100"))
    let reused = old.model.answer(
      .create,
      body: document([
        "body": "x", "out_trade_no": "ORDER00000001", "total_fee": "350",
        "spbill_create_ip": "127.0.0.1", "notify_url": "https://pay.example.com/v2",
        "trade_type": "NATIVE", "product_id": "A1",
      ]), from: .anonymous, at: old.now)
    #expect(try PlatformDocument(reading: reused.body).verdict == "ORDERPAID")
  }

  @Test func aNumberThatNeverWasIsNotFoundOrBurnt() throws {
    var fixture = try Fixture()
    let unknown = fixture.query()
    #expect(unknown.status == 404 && unknown.code == "ORDER_NOT_EXIST")
    #expect(fixture.close().status == 404 && fixture.create().status == 200)
    fixture.model.policy.burnsUnknownNumbers = true
    #expect(fixture.close("NEVERWAS01").status == 204)
    let burnt = fixture.create("NEVERWAS01")
    #expect(burnt.status == 400 && burnt.code == "INVALID_REQUEST")
    #expect(fixture.query("NEVERWAS01").status == 404)
    #expect(fixture.refundQuery("NEVERWAS01R1").code == "RESOURCE_NOT_EXISTS")
  }

  @Test func theTimeToPayIsMovedAndNotRefused() throws {
    var fixture = try Fixture()
    func expiry(_ number: String) -> Duration? {
      fixture.model.order(number)?.expiresAt.map { $0 - fixture.now }
    }
    fixture.create("SOON0001", ",\"time_expire\":\"2026-01-01T08:00:10+08:00\"")
    #expect(expiry("SOON0001") == .seconds(60))
    fixture.create("LATE0001", ",\"time_expire\":\"2026-03-01T08:00:10+08:00\"")
    #expect(expiry("LATE0001") == .seconds(7 * 86_400))
    fixture.model.policy.longestExpiry = .seconds(90 * 86_400)
    fixture.create("LATE0002", ",\"time_expire\":\"2026-03-01T08:00:00+08:00\"")
    #expect(expiry("LATE0002") == .seconds(59 * 86_400))
    #expect(fixture.create("ODD00001", ",\"time_expire\":\"20260101080500\"").code == "PARAM_ERROR")
  }

  @Test(arguments: [
    (",\"openid\":\"x\"", "参数中含有非法的额外参数"),
    (",\"goods_tag\":null", "无法将 JSON 输入源“/body/goods_tag”"),
    (",\"goods_tag\":7", "此字段需要一个 string 类型的 Json 值"),
    (
      ",\"scene_info\":{\"device_id\":\"x\"}",
      "“/body/scene_info/payer_client_ip”映射到字段“用户终端IP”必填性规则校验失败"
    ),
    (",\"goods_tag\":\"🥤\"", "含有不支持的字符"), (",\"attach\":\"A1\"", "不是合法的JSON"),
    (",\"goods_tag\":\"012345678901234567890123456789012\"", "字节数 33，大于最大值 32"),
  ])
  func aWrongParameterIsNamed(more: String, words: String) throws {
    var fixture = try Fixture()
    let reply = fixture.create("ORDER00000001", more)
    #expect(reply.status == 400 && reply.code == "PARAM_ERROR")
    let message = reply.json["message"]?.text ?? ""
    #expect(message.contains(words), "\(message)")
    #expect(fixture.model.orders.isEmpty)
  }

  @Test func anAmountIsAWholeNumberOfFen() throws {
    var fixture = try Fixture()
    let zero = fixture.create(fen: 0)
    #expect(
      zero.json["message"] == .text("输入源“/body/amount/total”映射到数值字段“总金额”规则校验失败，值低于最小值 1"))
    for text in ["3.5", "350.0", "3.5e2", "\"350\"", "-1"] {
      let body = fixture.createBody("ORDER00000001").replacing("350", with: text)
      #expect(fixture.call("POST", Fixture.native, body).code == "PARAM_ERROR", "\(text)")
    }
  }

  @Test func addressesForNoticesAreSecureUnlessToldOtherwise() throws {
    var fixture = try Fixture()
    func reply(_ url: String) -> PlatformReply {
      let body = fixture.createBody("ORDER00000001")
        .replacing("https://pay.example.com/v3", with: url)
      return fixture.call("POST", Fixture.native, body)
    }
    #expect(reply("http://pay.example.com/v3").code == "PARAM_ERROR")
    #expect(reply("https://pay.example.com/v3?x=1").code == "PARAM_ERROR")
    fixture.model.policy.allowsPlainNotices = true
    #expect(reply("http://pay.example.com/v3").status == 200)
  }

  @Test func merchantsAndAppsAreNotMixed() throws {
    var fixture = try Fixture()
    let body = fixture.createBody("ORDER00000001")
    let other = body.replacing("\"mchid\":\"1900000001\"", with: "\"mchid\":\"1900000002\"")
    #expect(fixture.call("POST", Fixture.native, other).code == "PARAM_ERROR")
    let app = body.replacing("wxd678efh567hg6787", with: "wx0000000000000000")
    #expect(fixture.call("POST", Fixture.native, app).code == "APPID_MCHID_NOT_MATCH")
    let path = "/v3/pay/transactions/out-trade-no/ORDER00000001"
    #expect(fixture.call("GET", path).code == "PARAM_ERROR")
    #expect(fixture.call("GET", "\(path)?mchid=1900000002").code == "PARAM_ERROR")
  }

  @Test func refundsHaveTheRulesOfV2InTheWordsOfV3() throws {
    var fixture = try Fixture()
    #expect(fixture.refund().code == "RESOURCE_NOT_EXISTS", "there is no order")
    try fixture.paidOrder()
    #expect(fixture.refund(total: 351).code == "INVALID_REQUEST")
    #expect(fixture.refund(fen: 351).code == "INVALID_REQUEST")
    fixture.model.withdrawBalance(of: Fixture.merchant.id, true)
    let poor = fixture.refund()
    #expect(poor.status == 403 && poor.code == "NOT_ENOUGH")
    fixture.model.recharge(Fixture.merchant.id, with: Amount(fen: 350))
    #expect(fixture.refund(fen: 100, ",\"funds_account\":\"AVAILABLE\"").status == 200)
    let again = fixture.refund(fen: 100)
    #expect(again.status == 200 && fixture.model.orders[0].refunds.count == 1)
    #expect(fixture.refund(fen: 101).code == "INVALID_REQUEST", "another amount")
    let soon = fixture.refund("ORDER00000001", "ORDER00000001R2", fen: 10)
    #expect(soon.status == 429 && soon.code == "FREQUENCY_LIMITED")
    fixture.model.policy.refundEnd = .change
    fixture.pass(.seconds(5))
    #expect(fixture.refundQuery().json["status"] == .text("ABNORMAL"))
  }

  @Test func aMarkInANumberIsReadFromItsEncoding() throws {
    var fixture = try Fixture()
    #expect(fixture.create("ORDER|0001").status == 200)
    #expect(fixture.query("ORDER%7C0001").json["out_trade_no"] == .text("ORDER|0001"))
    #expect(fixture.create("ORDER@0001").code == "PARAM_ERROR")
    fixture.model.policy.allowsAtSign = true
    #expect(fixture.create("ORDER@0001").status == 200)
    #expect(fixture.create("SHORT").code == "PARAM_ERROR")
  }

  @Test func couponsCountInTheTotal() throws {
    var fixture = try Fixture()
    fixture.model.policy.couponFen = 50
    try fixture.paidOrder()
    let paid = fixture.query().json
    #expect(paid["amount"]?["total"] == .number("350"))
    #expect(paid["amount"]?["payer_total"] == .number("300"))
    #expect(paid["promotion_detail"]?.list?.first?["amount"] == .number("50"))
  }

  @Test func whatIsNotOfTheAPIHasNoBody() throws {
    var fixture = try Fixture()
    let method = fixture.call("GET", Fixture.native)
    #expect(method.status == 405 && method.body.isEmpty)
    let nowhere = fixture.call("GET", "/v3/pay/transactions/jsapi/x/y/z")
    #expect(nowhere.status == 404 && nowhere.body.isEmpty)
  }

  @Test func tooManyCallsAreRefused() throws {
    var fixture = try Fixture()
    fixture.model.policy.callsPerSecond = 1
    fixture.create()
    let second = fixture.query()
    #expect(second.status == 429 && second.code == "FREQUENCY_LIMITED")
    fixture.pass(.seconds(1))
    #expect(fixture.query().status == 200)
  }
}
