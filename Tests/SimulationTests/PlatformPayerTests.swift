@testable import PaymentPlatform
import Money
import Testing
import Timing

@testable import Simulation

@Suite struct PlatformPayerTests {
  @Test func aSecondPhoneIsRefusedAndAPaidOrderCannotBePaidAgain() throws {
    var it = PlatformFixture()
    let url = try #require(try it.create()["code_url"])
    let cashier = try it.model.scan(url, payer: "alice", at: it.now).get()
    #expect(it.model.scan(url, payer: "bob", at: it.now) == .failure(.otherPayer))
    #expect(it.model.confirm(cashier.order, payer: "bob", at: it.now) == .failure(.otherPayer))
    _ = try it.model.confirm(cashier.order, payer: "alice", at: it.now).get()
    #expect(it.model.confirm(cashier.order, payer: "alice", at: it.now) == .failure(.alreadyPaid))
    #expect(it.model.scan(url, payer: "alice", at: it.now) == .failure(.alreadyPaid))
  }

  @Test func nothingIsPaidWithoutAScan() throws {
    var it = PlatformFixture()
    _ = try it.create()
    #expect(
      it.model.confirm("ORDER00000001", payer: "alice", at: it.now) == .failure(.noCashier))
    #expect(it.model.scan("https://example.com", payer: "alice", at: it.now) == .failure(.notACode))
  }

  @Test(arguments: PayerTrouble.allCases)
  func aFailedAttemptLeavesTheOrderUnpaidAndTheCodeGood(trouble: PayerTrouble) throws {
    var it = PlatformFixture()
    let url = try #require(try it.create()["code_url"])
    let order = try it.model.scan(url, payer: "alice", at: it.now).get().order
    #expect(
      it.model.confirm(order, payer: "alice", trouble: trouble, at: it.now)
        == .failure(PayerRefusal(words: trouble.rawValue)))
    #expect(try it.query().verdict == "NOTPAY")
    #expect(throws: Never.self) {
      _ = try it.model.scan(url, payer: "alice", at: it.now).get()
      _ = try it.model.confirm(order, payer: "alice", at: it.now).get()
    }
  }

  @Test func ofPaymentAndCloseExactlyOneWins() throws {
    var it = PlatformFixture()
    let url = try #require(try it.create()["code_url"])
    let order = try it.model.scan(url, payer: "alice", at: it.now).get().order
    #expect(try it.query().verdict == "NOTPAY", "a query before the close proves nothing")
    _ = try it.model.confirm(order, payer: "alice", at: it.now).get()
    #expect(try it.close().verdict == "ORDERPAID")

    it = PlatformFixture()
    let other = try #require(try it.create()["code_url"])
    _ = try it.model.scan(other, payer: "alice", at: it.now).get()
    #expect(try it.close().verdict == "SUCCESS")
    #expect(it.model.confirm(order, payer: "alice", at: it.now) == .failure(.orderClosed))
    #expect(it.model.scan(other, payer: "alice", at: it.now) == .failure(.orderClosed))
    #expect(try it.query().verdict == "CLOSED")
  }

  @Test func aSwitchLetsAnOpenCashierPayAfterTheClose() throws {
    var policy = PlatformPolicy()
    policy.cashierOutlivesClose = true
    var it = PlatformFixture(policy: policy)
    let url = try #require(try it.create()["code_url"])
    let order = try it.model.scan(url, payer: "alice", at: it.now).get().order
    #expect(try it.close().verdict == "SUCCESS")
    _ = try it.model.confirm(order, payer: "alice", at: it.now).get()
    #expect(try it.query().verdict == "SUCCESS")
  }

  @Test func codesLiveTwoHoursAndOrdersStayUnpaid() throws {
    var it = PlatformFixture()
    let expiry = (it.now + .seconds(86_400)).beijingCompact
    let url = try #require(try it.create("ORDER00000001", ["time_expire": expiry])["code_url"])
    it.pass(.seconds(7200))
    #expect(it.model.scan(url, payer: "alice", at: it.now) == .failure(.codeExpired))
    #expect(try it.query().verdict == "NOTPAY")
    let fresh = try #require(try it.create("ORDER00000001", ["time_expire": expiry])["code_url"])
    #expect(throws: Never.self) { try it.model.scan(fresh, payer: "alice", at: it.now).get() }
  }

  @Test func afterTimeExpireOnlyAnOpenCashierMayPay() throws {
    var it = PlatformFixture()
    let url = try #require(try it.create()["code_url"])
    _ = try it.create("ORDER00000002")
    _ = try it.model.scan(url, payer: "alice", at: it.now).get()
    it.pass(.seconds(300))
    let late = try #require(it.model.order("ORDER00000002")?.codes.first?.url)
    #expect(it.model.scan(late, payer: "bob", at: it.now) == .failure(.orderClosed))
    #expect(try it.query("ORDER00000002").verdict == "NOTPAY")
    #expect(throws: Never.self) {
      try it.model.confirm("ORDER00000001", payer: "alice", at: it.now).get()
    }
    it = PlatformFixture()
    it.model.policy.cashierOutlivesExpiry = false
    let strict = try #require(try it.create()["code_url"])
    _ = try it.model.scan(strict, payer: "alice", at: it.now).get()
    it.pass(.seconds(300))
    #expect(
      it.model.confirm("ORDER00000001", payer: "alice", at: it.now) == .failure(.orderClosed))
  }
}
