@testable import PaymentPlatform
import Money
import Testing
import Timing

@testable import Simulation

@Suite struct PlatformRefundTests {
  @Test func refundsNeedTheMerchantsOwnCertificate() throws {
    var it = PlatformFixture()
    try it.paidOrder()
    it.client = .anonymous
    let page = it.reply(
      .refund,
      [
        "out_trade_no": "ORDER00000001", "out_refund_no": "R1", "total_fee": "350",
        "refund_fee": "350",
      ])
    #expect(page.status == 400 && page.contentType == "text/html")
    it.client = .merchant("1900000110")
    #expect(try it.refund().verdict == "CERT_ERROR")
    #expect(it.model.order("ORDER00000001")?.state == .success)
  }

  @Test func aRepeatedRefundPaysOnce() throws {
    var it = PlatformFixture()
    try it.paidOrder()
    let first = try it.refund()
    let second = try it.refund()
    #expect(first["refund_id"] == second["refund_id"])
    #expect(it.model.order("ORDER00000001")?.refunds.count == 1)
    #expect(it.model.merchants[PlatformFixture.merchant.id]?.balance == Amount(fen: 10_000))
    #expect(try it.refund(fen: 349).verdict == "REFUND_FEE_MISMATCH")
    try it.paidOrder("ORDER00000002")
    #expect(try it.refund("ORDER00000002").verdict == "REFUND_FEE_MISMATCH")
  }

  @Test func refundsNeverExceedThePaymentAndPartsKeepAMinuteApart() throws {
    var it = PlatformFixture()
    try it.paidOrder()
    #expect(try it.refund(fen: 351).verdict == "ERROR")
    #expect(try it.refund(total: 351, fen: 1).verdict == "ERROR")
    #expect(try it.refund(refund: "R1", fen: 200).verdict == "SUCCESS")
    #expect(try it.query().verdict == "REFUND", "a part is enough")
    #expect(try it.refund(refund: "R2", fen: 100).verdict == "FREQUENCY_LIMITED")
    it.pass(.seconds(60))
    #expect(try it.refund(refund: "R2", fen: 151).verdict == "ERROR")
    #expect(try it.refund(refund: "R2", fen: 150).verdict == "SUCCESS")
    let answer = try it.refundQuery(["out_trade_no": "ORDER00000001"])
    #expect(answer["refund_count"] == "2" && answer["out_refund_no_1"] == "R2")
    let rest = try it.refundQuery(["out_trade_no": "ORDER00000001", "offset": "1"])
    #expect(rest["refund_count"] == "1" && rest["out_refund_no_0"] == "R2")
    #expect(try it.refundQuery(["offset": "1"])["return_msg"] == "缺少参数out_refund_no")
  }

  @Test func withoutBalanceARefundIsNotAcceptedUntilThereIsSome() throws {
    var it = PlatformFixture()
    try it.paidOrder()
    it.model.withdrawBalance(of: PlatformFixture.merchant.id, true)
    #expect(try it.refund().verdict == "NOTENOUGH")
    #expect(try it.query().verdict == "SUCCESS")
    #expect(
      try it.refundQuery(["out_refund_no": "ORDER00000001R1"]).verdict == "REFUNDNOTEXIST")
    #expect(
      try it.refund(refund: "R2", ["refund_account": "REFUND_SOURCE_RECHARGE_FUNDS"]).verdict
        == "NOTENOUGH")
    it.model.recharge(PlatformFixture.merchant.id, with: Amount(fen: 350))
    #expect(
      try it.refund(refund: "R2", fen: 100, ["refund_account": "REFUND_SOURCE_RECHARGE_FUNDS"])
        .verdict == "SUCCESS")
    it.model.withdrawBalance(of: PlatformFixture.merchant.id, false)
    it.pass(.seconds(60))
    #expect(try it.refund(fen: 250).verdict == "SUCCESS")
  }

  @Test func anUnpaidOrderCannotBeRefunded() throws {
    var it = PlatformFixture()
    _ = try it.create()
    #expect(try it.refund().verdict == "ORDERNOTEXIST")
    let answer = try it.refund("ORDER00000001", refund: "R1", ["transaction_id": "4200"])
    #expect(answer.verdict == "INVALID_TRANSACTIONID")
  }

  @Test func tooFreshAndTooOldPaymentsAreNotRefunded() throws {
    var policy = PlatformPolicy()
    policy.refundNotBefore = .seconds(10)
    var it = PlatformFixture(policy: policy)
    try it.paidOrder()
    #expect(try it.refund().verdict == "ORDER_NOT_READY")
    it.pass(.seconds(365 * 86_400 + 1))
    #expect(try it.refund().verdict == "TRADE_OVERDUE")
    it.now = WallTime(seconds: it.now.seconds - 86_400)
    #expect(try it.refund().verdict == "SUCCESS")
  }

  @Test func manyBadRefundsEarnAMinutesPause() throws {
    var policy = PlatformPolicy()
    policy.badRefundsPerMinute = 3
    var it = PlatformFixture(policy: policy)
    try it.paidOrder()
    for _ in 0..<3 { #expect(try it.refund(fen: 351).verdict == "ERROR") }
    #expect(try it.refund().verdict == "INVALID_REQ_TOO_MUCH")
    it.pass(.seconds(60))
    #expect(try it.refund().verdict == "SUCCESS")
  }

  @Test(arguments: PlatformPolicy.RefundEnd.allCases)
  func aRefundEndsAsThePolicySays(end: PlatformPolicy.RefundEnd) throws {
    var policy = PlatformPolicy()
    policy.refundEnd = end
    var it = PlatformFixture(policy: policy)
    try it.paidOrder()
    _ = try it.refund()
    it.pass(.seconds(2))
    let answer = try it.refundQuery(["out_refund_no": "ORDER00000001R1"])
    #expect(answer["refund_status_0"] == end.rawValue)
    let balance = it.model.merchants[PlatformFixture.merchant.id]?.balance
    #expect(balance == Amount(fen: end == .closed ? 10_350 : 10_000))
  }
}
