@testable import PaymentPlatform
import Money
import Testing
import Timing

@testable import Simulation

@Suite struct PlatformModelTests {
  @Test(arguments: PlatformSignature.allCases)
  func anOrderIsCreatedQueriedPaidAndRefunded(signature: PlatformSignature) throws {
    var it = PlatformFixture()
    it.signature = signature
    let created = try it.create()
    #expect(created.verdict == "SUCCESS")
    #expect(created.isSigned(signature, key: it.key))
    #expect(created["device_info"] == "VM1")
    #expect(created["prepay_id"]?.utf8.count == 36)
    let url = try #require(created["code_url"])
    #expect(url.hasPrefix("weixin://wxpay/bizpayurl?pr=") && url.utf8.count <= 64)
    #expect(try it.query().verdict == "NOTPAY")
    let cashier = try it.model.scan(url, payer: "alice", at: it.now).get()
    #expect(cashier.amount == Amount(fen: 350) && cashier.title == "可乐 330ml")
    #expect(try it.query().verdict == "NOTPAY")
    let payment = try it.model.confirm(cashier.order, payer: "alice", at: it.now).get()
    let paid = try it.query()
    #expect(paid.verdict == "SUCCESS" && paid["total_fee"] == "350" && paid["cash_fee"] == "350")
    #expect(paid["transaction_id"] == payment.transaction)
    #expect(paid["time_end"] == "20260101000000" && paid["fee_type"] == "CNY")
    #expect(paid.isSigned(signature, key: it.key))
    #expect(try it.refund().verdict == "SUCCESS")
    #expect(try it.query().verdict == "REFUND")
    let first = try it.refundQuery(["out_refund_no": "ORDER00000001R1"])
    #expect(first["refund_status_0"] == "PROCESSING" && first["refund_fee_0"] == "350")
    it.pass(.seconds(2))
    let last = try it.refundQuery(["out_trade_no": "ORDER00000001"])
    #expect(last["refund_status_0"] == "SUCCESS")
    #expect(last["refund_success_time_0"] == "2026-01-01 00:00:02")
    #expect(try it.query().verdict == "REFUND")
  }

  @Test(arguments: [
    (["body": "-"], "缺少参数body"), (["out_trade_no": "-"], "缺少参数out_trade_no"),
    (["total_fee": "-"], "缺少参数total_fee"), (["notify_url": "-"], "缺少参数notify_url"),
    (["spbill_create_ip": "-"], "缺少参数spbill_create_ip"), (["nonce_str": "-"], "缺少参数nonce_str"),
    (["trade_type": "-"], "缺少参数trade_type"), (["product_id": "-"], "缺少参数product_id"),
    (["total_fee": "0"], "invalid total_fee"), (["total_fee": "1.0"], "invalid total_fee"),
    (["total_fee": "-5"], "invalid total_fee"), (["total_fee": "+5"], "invalid total_fee"),
    (["out_trade_no": "SHORT"], "商户订单号格式错误"), (["out_trade_no": "A B C D"], "商户订单号格式错误"),
    (["out_trade_no": "ORDER@0001"], "商户订单号格式错误"),
    (["out_trade_no": String(repeating: "1", count: 33)], "out_trade_no参数长度有误"),
    (["body": String(repeating: "可", count: 43)], "body参数长度有误"),
    (["body": "可乐🥤"], "签名错误"), (["appid": String(repeating: "x", count: 33)], "appid参数长度有误"),
    (["notify_url": "https://a.example/x?y=1"], "notify_url参数格式错误"),
    (["notify_url": "ftp://a.example"], "notify_url参数格式错误"),
    (["spbill_create_ip": "localhost"], "spbill_create_ip参数格式错误"),
    (["spbill_create_ip": "1.2.3.256"], "spbill_create_ip参数格式错误"),
    (["trade_type": "JSAPI"], "trade_type参数格式错误"), (["fee_type": "USD"], "fee_type参数格式错误"),
    (["time_expire": "2026-01-01"], "time_expire参数格式错误"),
    (["time_expire": "20260101000030"], "time_expire时间过短，刷卡至少1分钟，其他5分钟"),
    (["time_expire": "20251231235959"], "time_expire时间过短，刷卡至少1分钟，其他5分钟"),
    (["mch_id": "1"], "签名错误"), (["sign_type": "SHA1"], "签名类型错误"),
  ])
  func aWrongParameterIsRefusedWithoutASignature(changes: [String: String], words: String) throws {
    var it = PlatformFixture()
    let answer = try it.create("ORDER00000001", changes)
    #expect(answer["return_code"] == "FAIL" && answer["return_msg"] == words)
    #expect(answer.fields.count == 2)
    #expect(it.model.orders.isEmpty)
  }

  @Test func onTheBusinessLayerWrongParametersHaveCodesAndSignatures() throws {
    var policy = PlatformPolicy()
    policy.refusesOnCommunicationLayer = false
    var it = PlatformFixture(policy: policy)
    let lacking = try it.create("ORDER00000001", ["body": "-"])
    #expect(lacking.verdict == "LACK_PARAMS" && lacking.isSigned(.md5, key: it.key))
    #expect(try it.create("ORDER00000001", ["total_fee": "1.0"]).verdict == "PARAM_ERROR")
    #expect(try it.create("ORDER00000001", ["appid": "wx1"]).verdict == "APPID_MCHID_NOT_MATCH")
  }

  @Test func aWrongKeyAndATamperedRequestAreSignatureErrors() throws {
    var it = PlatformFixture()
    it.key = "another"
    #expect(try it.create()["return_msg"] == "签名错误")
    it = PlatformFixture()
    let text = String(decoding: it.body(it.createFields()), as: UTF8.self)
    let changed = Array(text.replacing("[350]", with: "[351]").utf8)
    let reply = it.model.answer(.create, body: changed, from: it.client, at: it.now)
    #expect(try PlatformDocument(reading: reply.body)["return_msg"] == "签名错误")
    let junk = it.model.answer(.create, body: Array("<a".utf8), from: it.client, at: it.now)
    #expect(try PlatformDocument(reading: junk.body)["return_msg"] == "XML格式错误")
  }

  @Test func theSameOrderAgainGivesANewCodeAndTheOldOneStops() throws {
    var it = PlatformFixture()
    let first = try #require(try it.create()["code_url"])
    let second = try #require(try it.create()["code_url"])
    #expect(first != second && it.model.orders.count == 1)
    #expect(it.model.scan(first, payer: "alice", at: it.now) == .failure(.codeExpired))
    #expect(throws: Never.self) { try it.model.scan(second, payer: "alice", at: it.now).get() }
    it.model.policy.keepsOldCodes = true
    let third = try #require(try it.create()["code_url"])
    for url in [second, third] {
      #expect(throws: Never.self) { try it.model.scan(url, payer: "alice", at: it.now).get() }
    }
  }

  @Test(arguments: ["total_fee": "351", "body": "水", "time_expire": "20260101010000"])
  func theSameNumberWithOtherParametersIsADuplicate(name: String, text: String) throws {
    var it = PlatformFixture()
    _ = try it.create()
    let answer = try it.create("ORDER00000001", [name: text])
    #expect(answer.verdict == "INVALID_REQUEST" && answer["err_code_des"] == "201 商户订单号重复")
    it.model.policy.reuseError = .outTradeNoUsed
    #expect(try it.create("ORDER00000001", [name: text]).verdict == "OUT_TRADE_NO_USED")
    #expect(try it.create("order00000001").verdict == "OUT_TRADE_NO_USED")
    #expect(it.model.orders.count == 1)
  }

  @Test func numbersThatArePaidOrClosedAreSpent() throws {
    var it = PlatformFixture()
    try it.paidOrder("PAID0000001")
    #expect(try it.create("PAID0000001").verdict == "ORDERPAID")
    #expect(try it.close("PAID0000001").verdict == "ORDERPAID")
    _ = try it.refund("PAID0000001", refund: "R1")
    #expect(try it.create("PAID0000001").verdict == "ORDERPAID")
    #expect(try it.close("PAID0000001").verdict == "TRADE_STATE_ERROR")
    _ = try it.create("SHUT0000001")
    #expect(try it.close("SHUT0000001").verdict == "SUCCESS")
    #expect(try it.close("SHUT0000001").verdict == "ORDERCLOSED")
    #expect(try it.create("SHUT0000001").verdict == "ORDERCLOSED")
    #expect(try it.query("SHUT0000001").verdict == "CLOSED")
  }

  @Test func whatWasNeverCreatedDoesNotExist() throws {
    var it = PlatformFixture()
    #expect(try it.query().verdict == "ORDERNOTEXIST")
    #expect(try it.close().verdict == "ORDERNOTEXIST")
    #expect(try it.refund().verdict == "ORDERNOTEXIST")
    #expect(try it.refundQuery(["out_refund_no": "X1"]).verdict == "REFUNDNOTEXIST")
    #expect(
      try it.create().verdict == "SUCCESS", "a close of an unknown number burns nothing in v2")
  }

  @Test func queriesFindByTransactionFirst() throws {
    var it = PlatformFixture()
    try it.paidOrder()
    let transaction = try #require(it.model.order("ORDER00000001")?.payment?.transaction)
    let answer = try it.call(.query, ["transaction_id": transaction, "out_trade_no": "NONSENSE1"])
    #expect(answer["out_trade_no"] == "ORDER00000001")
    #expect(try it.call(.query, ["transaction_id": "1"]).verdict == "ORDERNOTEXIST")
    #expect(try it.call(.query, [:])["return_msg"] == "缺少参数out_trade_no")
  }

  @Test func theOldRuleAgainstEarlyClosesIsASwitch() throws {
    var policy = PlatformPolicy()
    policy.closeNotBefore = .seconds(300)
    var it = PlatformFixture(policy: policy)
    _ = try it.create()
    #expect(try it.close().verdict == "TRADE_STATE_ERROR")
    it.pass(.seconds(300))
    #expect(try it.close().verdict == "SUCCESS")
  }

  @Test func queriesMayLagBehindPaymentsAndShowExpiryAsClosed() throws {
    var policy = PlatformPolicy()
    policy.queryLag = .seconds(3)
    policy.closesAtExpiry = true
    var it = PlatformFixture(policy: policy)
    try it.paidOrder()
    #expect(try it.query().verdict == "NOTPAY")
    it.pass(.seconds(3))
    #expect(try it.query().verdict == "SUCCESS")
    _ = try it.create("ORDER00000002")
    it.pass(.seconds(300))
    #expect(try it.query("ORDER00000002").verdict == "CLOSED")
  }

  @Test func anOrderThatNobodyPaysIsClosedAfterSevenDays() throws {
    var it = PlatformFixture()
    _ = try it.create()
    it.pass(.seconds(7 * 86_400 - 1))
    #expect(try it.query().verdict == "NOTPAY")
    it.pass(.seconds(1))
    #expect(try it.query().verdict == "CLOSED")
  }

  @Test func aCouponPaysAPartAndTheTotalStays() throws {
    var policy = PlatformPolicy()
    policy.couponFen = 100
    var it = PlatformFixture(policy: policy)
    try it.paidOrder()
    let answer = try it.query()
    #expect(answer["total_fee"] == "350" && answer["cash_fee"] == "250")
    #expect(answer["coupon_fee"] == "100" && answer["coupon_fee_0"] == "100")
  }

  @Test func tooManyCallsInASecondAreTurnedAway() throws {
    var policy = PlatformPolicy()
    policy.callsPerSecond = 2
    var it = PlatformFixture(policy: policy)
    _ = try it.create()
    #expect(try it.query().verdict == "NOTPAY")
    #expect(try it.query().verdict == "FREQUENCY_LIMITED")
    it.pass(.seconds(1))
    #expect(try it.query().verdict == "NOTPAY")
  }

  @Test func theSameSeedGivesTheSameBytes() throws {
    var first = PlatformFixture()
    var second = PlatformFixture()
    #expect(
      first.reply(.create, first.createFields()) == second.reply(.create, second.createFields()))
  }
}
