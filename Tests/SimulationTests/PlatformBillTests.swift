import BackOffice
import Money
@testable import PaymentPlatform
import Testing
import Timing
import WeChatPay

@testable import Simulation

/// The platform's bills, read by the product's own reader, which shares no code with their writer.
@Suite struct PlatformBillTests {
  private static let day = "20260101"

  /// Two payments, one of them given back, and one order that nobody paid.
  private func traded(_ policy: PlatformPolicy = PlatformPolicy()) throws -> PlatformFixture {
    var it = PlatformFixture(policy: policy)
    try it.paidOrder("ORDER00000001")
    it.pass(.seconds(10))
    try it.paidOrder("ORDER00000002")
    _ = try it.create("ORDER00000003")
    it.pass(.seconds(10))
    #expect(try it.refund("ORDER00000002", refund: "ORDER00000002R1").verdict == "SUCCESS")
    return it
  }

  private func download(
    _ it: inout PlatformFixture, _ fields: [String: String] = ["bill_date": day]
  ) -> [UInt8] {
    it.reply(.bill, fields).body
  }

  private func refusal(
    _ it: inout PlatformFixture, _ fields: [String: String] = ["bill_date": day]
  ) -> String {
    do {
      return "\(try TradeBill(download(&it, fields)).rows.count) rows"
    } catch {
      return "\(error)"
    }
  }

  @Test func aDaysBillSaysWhatWasPaidAndGivenBack() throws {
    var it = try traded()
    it.pass(.seconds(33 * 3600))
    let bill = try TradeBill(download(&it))
    #expect(
      bill.rows.map(\.order) == ["ORDER00000001", "ORDER00000002", "ORDER00000002"])
    #expect(bill.rows.map(\.kind) == [.payment, .payment, .refund])
    #expect(bill.rows[0].at == WallTime(seconds: 1_767_196_800))
    #expect(bill.rows[0].title == "可乐 330ml" && bill.rows[0].device == "VM1")
    #expect(bill.rows[0].fee.yuan == "0.02000", "0.6 % of 3.50, half up")
    #expect(bill.rows[2].refundNumber == "ORDER00000002R1")
    #expect(bill.rows[2].refundStatus == "SUCCESS")
    #expect(bill.totals.order == Amount(fen: 700))
    #expect(bill.totals.requestedRefund == Amount(fen: 350))
  }

  @Test func aCouponIsPartOfThePriceAndOfTheRefund() throws {
    var policy = PlatformPolicy()
    policy.couponFen = 50
    policy.makesBillsAtOnce = true
    var it = try traded(policy)
    let bill = try TradeBill(download(&it))
    #expect(bill.rows[0].total == Amount(fen: 350) && bill.rows[0].coupon == Amount(fen: 50))
    #expect(bill.rows[2].couponRefund == Amount(fen: 50))
  }

  @Test func aRefundStandsOnItsOwnDay() throws {
    var it = PlatformFixture()
    it.pass(.seconds(86_390))
    try it.paidOrder()
    it.pass(.seconds(20))
    _ = try it.refund()
    it.pass(.seconds(60 * 3600))
    #expect(try TradeBill(download(&it)).rows.map(\.kind) == [.payment])
    let next = try TradeBill(download(&it, ["bill_date": "20260102"]))
    #expect(next.rows.map(\.kind) == [.refund] && next.totals.order == .zero)
  }

  @Test func aRefundThatThePlatformGaveUpIsNone() throws {
    var policy = PlatformPolicy()
    policy.refundEnd = .closed
    var it = try traded(policy)
    it.pass(.seconds(33 * 3600))
    #expect(try TradeBill(download(&it)).rows.map(\.kind) == [.payment, .payment])
  }

  @Test func theBillIsTheBytesOfTheRealOne() throws {
    var it = try traded()
    it.pass(.seconds(33 * 3600))
    let bytes = download(&it)
    #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]) && bytes.suffix(2) == [13, 10])
    let lines = String(decoding: bytes.dropFirst(3), as: UTF8.self)
      .split(separator: "\r\n", omittingEmptySubsequences: false)
    #expect(lines.count == 7 && lines[6].isEmpty)
    #expect(lines[0].hasPrefix("交易时间,公众账号ID,") && lines[0].hasSuffix(",费率备注"))
    #expect(lines[1].hasPrefix("`2026-01-01 00:00:00,`wx8888888888888888,`1900000109,`0,`VM1,`"))
    #expect(lines[1].hasSuffix(",`可乐 330ml,`,`0.02000,`0.60%,`3.50,`0.00,`"))
    #expect(lines[5] == "`3.0,`7.0,`3.5,`0.0,`0.02,`7.0,`3.5")
  }

  @Test func aBillIsPackedWhereThatIsAskedFor() throws {
    var it = try traded()
    it.pass(.seconds(33 * 3600))
    let plain = it.reply(.bill, ["bill_date": Self.day]).body
    let packed = it.reply(.bill, ["bill_date": Self.day, "tar_type": "GZIP"]).body
    #expect(packed == PlatformFile.gzip(plain) && plain.starts(with: [0xEF, 0xBB, 0xBF]))
  }

  @Test func whatIsAskedWronglyIsRefusedInThePlatformsWords() throws {
    var it = try traded()
    #expect(refusal(&it) == "the platform is still making the bill: try after 10:00")
    it.pass(.seconds(33 * 3600))
    #expect(refusal(&it) == "3 rows")
    let table: [([String: String], String)] = [
      ([:], "the platform answered missing parameter (20001)"),
      (["bill_date": "2026011"], "the platform answered data format error (20001)"),
      (["bill_date": "20260230"], "the platform answered data format error (20001)"),
      (
        ["bill_date": Self.day, "bill_type": "REFUND"],
        "the platform answered invalid bill_type (20001)"
      ),
      (
        ["bill_date": Self.day, "tar_type": "ZIP"],
        "the platform answered CompressGZip Error (20003)"
      ),
      (["bill_date": "20251231"], "the platform says that there were no trades on that day"),
      (
        ["bill_date": Self.day, "appid": "wx0000000000000000"],
        "the platform answered APPID_MCHID_NOT_MATCH (20003)"
      ),
    ]
    for (fields, words) in table { #expect(refusal(&it, fields) == words) }
    it.key = "0123456789abcdef0123456789abcdef"
    #expect(refusal(&it) == "the platform answered 签名错误")
    it.key = PlatformFixture.merchant.apiKey
    it.pass(.seconds(92 * 86_400))
    #expect(refusal(&it) == "the platform says that there were no trades on that day")
  }

  @Test func aFaultOnTheWayIsAFaultOfBillsToo() throws {
    var it = try traded()
    it.pass(.seconds(33 * 3600))
    it.model.inject(PlatformFault(.systemError, on: .bill))
    #expect(refusal(&it) == "the platform answered SYSTEMERROR (20003)")
    it.model.inject(PlatformFault(.badGateway, on: .bill))
    #expect(refusal(&it) == "it is no trade bill")
    #expect(refusal(&it) == "3 rows")
  }
}
