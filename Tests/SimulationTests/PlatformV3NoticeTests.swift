@testable import PaymentPlatform
import Money
import Testing
import Timing

/// Notices, bills and certificates of v3.
@Suite struct PlatformV3NoticeTests {
  typealias Fixture = PlatformV3Fixture

  private func take(_ fixture: inout Fixture) -> [PlatformNotice] {
    fixture.pass(.seconds(1))
    return fixture.model.takeDueNotices(at: fixture.now)
  }

  private func inner(_ notice: PlatformNotice) throws -> PlatformJSON {
    let body = try #require(PlatformJSON(reading: notice.body))
    #expect(body["resource_type"] == .text("encrypt-resource"))
    let resource = try #require(body["resource"])
    let plain = try #require(PlatformAEAD.open(resource, key: Fixture.keys.apiv3_key))
    return try #require(PlatformJSON(reading: plain))
  }

  private func isSealed(_ notice: PlatformNotice) -> Bool {
    var reply = PlatformReply(body: notice.body)
    reply.headers = notice.headers
    return reply.isSealedByPublicKey
  }

  @Test func aPaymentAndARefundAreToldUnderSeal() throws {
    var fixture = try Fixture()
    try fixture.paidOrder()
    let paid = try #require(take(&fixture).first)
    #expect(paid.url == "https://pay.example.com/v3" && isSealed(paid))
    let payment = try inner(paid)
    #expect(payment["trade_state"] == .text("SUCCESS"))
    #expect(payment["amount"]?["total"] == .number("350"))
    fixture.model.noticeSent(paid.id, status: 204, answer: [], at: fixture.now)
    #expect(fixture.model.notices.isEmpty)
    #expect(fixture.refund().status == 200)
    fixture.pass(.seconds(3))
    _ = fixture.refundQuery()
    let refunded = try #require(take(&fixture).first)
    #expect(refunded.url == "https://pay.example.com/v3r" && isSealed(refunded))
    #expect(
      PlatformJSON(reading: refunded.body)?["event_type"] == .text("REFUND.SUCCESS"))
    #expect(try inner(refunded)["refund_status"] == .text("SUCCESS"))
  }

  @Test func aRepetitionHasTheSameEventUnderANewSeal() throws {
    var fixture = try Fixture()
    try fixture.paidOrder()
    let first = try #require(take(&fixture).first)
    for (status, answer) in [(201, ""), (302, ""), (500, "{\"code\":\"FAIL\"}")] {
      fixture.model.noticeSent(
        first.id, status: status, answer: Array(answer.utf8), at: fixture.now)
      fixture.pass(.seconds(40))
      let next = try #require(take(&fixture).first)
      #expect(next.body == first.body && next.headers != first.headers && isSealed(next))
    }
  }

  @Test func theOldScheduleIsShorter() throws {
    var fixture = try Fixture()
    fixture.model.policy.noticeSchedule = .old
    try fixture.paidOrder()
    var sends = 0
    while let notice = take(&fixture).first {
      sends += 1
      fixture.model.noticeSent(notice.id, status: nil, answer: [], at: fixture.now)
      fixture.pass(.seconds(3600))
    }
    #expect(sends == 10)
    #expect(PlatformModel.noticeScheduleSeconds.reduce(0, +) == 86_640)
  }

  @Test func withoutTheSecretNothingIsTold() throws {
    var fixture = try Fixture()
    var account = try #require(fixture.model.accounts[Fixture.merchant.id])
    account.secret = nil
    fixture.model.setAccount(account, of: Fixture.merchant.id)
    try fixture.paidOrder()
    #expect(take(&fixture).isEmpty)
    #expect(fixture.call("GET", "/v3/certificates").json["message"] == .text("商户未设置APIv3密钥。"))
  }

  @Test func aRefundWithoutAnAddressIsToldAsTheConsoleSaysInXML() throws {
    var fixture = try Fixture()
    try fixture.paidOrder()
    let paid = try #require(take(&fixture).first)
    fixture.model.noticeSent(paid.id, status: 200, answer: [], at: fixture.now)
    var account = try #require(fixture.model.accounts[Fixture.merchant.id])
    account.consoleRefundURL = "https://pay.example.com/old"
    fixture.model.setAccount(account, of: Fixture.merchant.id)
    #expect(fixture.refund("ORDER00000001", "R000001", "").status == 200)
    fixture.pass(.seconds(3))
    _ = fixture.refundQuery("R000001")
    let notice = try #require(take(&fixture).first)
    #expect(notice.api == .v2 && notice.url == "https://pay.example.com/old")
    #expect(try PlatformDocument(reading: notice.body)["req_info"] != nil)
  }

  @Test func noticesAreSignedByEitherKeyWhileAMerchantChanges() throws {
    var fixture = try Fixture(.changing(noticePercent: 50))
    try fixture.paidOrder()
    var serials: Set<String> = []
    for _ in 0..<40 {
      let notice = try #require(take(&fixture).first)
      serials.insert(notice.headers.first { $0.name == "Wechatpay-Serial" }?.value ?? "")
      fixture.model.noticeSent(
        notice.id, status: 500, answer: [], speed: 1_000_000, at: fixture.now)
      if fixture.model.notices.isEmpty { try fixture.paidOrder("ORDER\(fixture.now.seconds)") }
    }
    #expect(serials == [Fixture.keys.platform_serial, Fixture.keys.public_key_id])
  }

  @Test(arguments: [
    PlatformNoticeFault.Kind.badSignature, .unsigned, .probe, .notBase64, .otherKey,
    .strangeSerial, .changedBody,
  ])
  func aForgedNoticeIsNotSealedAndARightOneFollows(kind: PlatformNoticeFault.Kind) throws {
    var fixture = try Fixture()
    fixture.model.inject(PlatformNoticeFault(kind))
    try fixture.paidOrder()
    let forged = try #require(take(&fixture).first)
    #expect(!isSealed(forged))
    fixture.model.noticeSent(forged.id, status: 401, answer: [], at: fixture.now)
    fixture.pass(.seconds(15))
    let right = try #require(take(&fixture).first)
    #expect(isSealed(right))
  }

  @Test(arguments: [
    PlatformNoticeFault.Kind.wrongAmount, .wrongCurrency, .wrongMerchant, .wrongApp, .wrongOrder,
  ])
  func aNoticeThatLiesIsSealedAndTheTruthFollows(kind: PlatformNoticeFault.Kind) throws {
    var fixture = try Fixture()
    fixture.model.inject(PlatformNoticeFault(kind))
    try fixture.paidOrder()
    let lie = try #require(take(&fixture).first)
    #expect(isSealed(lie))
    fixture.model.noticeSent(lie.id, status: 500, answer: [], at: fixture.now)
    fixture.pass(.seconds(15))
    let truth = try #require(take(&fixture).first)
    #expect(isSealed(truth))
    #expect(try inner(truth) != inner(lie))
    #expect(try inner(truth)["mchid"] == .text(Fixture.merchant.id))
  }

  @Test func aNoticeCanBeLostLateOrDoubled() throws {
    var fixture = try Fixture()
    fixture.model.inject(PlatformNoticeFault(.dropped))
    try fixture.paidOrder()
    #expect(take(&fixture).isEmpty && fixture.model.notices.isEmpty)
    fixture.model.inject(PlatformNoticeFault(.delayed, milliseconds: 5000))
    try fixture.paidOrder("ORDER00000002")
    #expect(take(&fixture).isEmpty)
    fixture.pass(.seconds(5))
    let late = try #require(take(&fixture).first)
    fixture.model.noticeSent(late.id, status: 204, answer: [], at: fixture.now)
    fixture.model.inject(PlatformNoticeFault(.duplicated))
    try fixture.paidOrder("ORDER00000003")
    let twins = take(&fixture) + take(&fixture)
    #expect(twins.count == 2 && Set(twins.map(\.id)).count == 2)
    #expect(twins[0].body == twins[1].body && twins[0].headers != twins[1].headers)
  }

  // MARK: Bills

  private func bill(_ fixture: inout Fixture, _ target: String) throws -> (String, [UInt8]) {
    let announced = fixture.call("GET", target)
    #expect(announced.status == 200 && announced.isSealedByPublicKey)
    let url = try #require(announced.json["download_url"]?.text)
    let file = fixture.call("GET", String(url.dropFirst(fixture.model.origin.count)))
    #expect(file.status == 200 && file["Wechatpay-Signature"] == nil)
    return (announced.json["hash_value"]?.text ?? "", file.body)
  }

  @Test func aBillIsAnnouncedUnderSealAndHandedOutUnderItsHash() throws {
    var fixture = try Fixture()
    let target = "/v3/bill/tradebill?bill_date=2026-01-01"
    #expect(fixture.call("GET", target).code == "STATEMENT_CREATING")
    fixture.model.policy.makesBillsAtOnce = true
    #expect(fixture.call("GET", target).code == "NO_STATEMENT_EXIST")
    try fixture.paidOrder()
    let (hash, plain) = try bill(&fixture, "\(target)&bill_type=ALL")
    #expect(hash == PlatformFile.sha1(plain))
    #expect(String(decoding: plain, as: UTF8.self).contains("`ORDER00000001,`alice,`NATIVE"))
    let (same, packed) = try bill(&fixture, "\(target)&tar_type=GZIP")
    #expect(same == hash && packed == PlatformFile.gzip(plain))
    #expect(packed.starts(with: [0x1F, 0x8B]))
  }

  @Test func aBillFileHasAnAddressForAWhile() throws {
    var fixture = try Fixture()
    fixture.model.policy.makesBillsAtOnce = true
    fixture.model.policy.billAddressLife = .seconds(30)
    try fixture.paidOrder()
    let announced = fixture.call("GET", "/v3/bill/tradebill?bill_date=2026-01-01").json
    let url = try #require(announced["download_url"]?.text)
    fixture.pass(.seconds(30))
    let late = fixture.call("GET", String(url.dropFirst(fixture.model.origin.count)))
    #expect(late.status == 400 && late.code == "INVALID_REQUEST")
    for odd in [
      "bill_date=20260101", "bill_date=2026-13-01", "x=1", "bill_date=2026-01-01&tar_type=ZIP",
    ] {
      #expect(fixture.call("GET", "/v3/bill/tradebill?\(odd)").code == "PARAM_ERROR", "\(odd)")
    }
  }

  @Test func theFundsOfADayAddUp() throws {
    var fixture = try Fixture()
    fixture.model.policy.makesBillsAtOnce = true
    try fixture.paidOrder()
    fixture.pass(.seconds(60))
    #expect(fixture.refund(fen: 100).status == 200)
    let (_, file) = try bill(&fixture, "/v3/bill/fundflowbill?bill_date=2026-01-01")
    let lines = String(decoding: file, as: UTF8.self).split(separator: "\r\n")
    // 100.00 before; 3.50 in, two fen of fee out, 1.00 back to the payer.
    #expect(lines[1].contains("`收入,`3.50,`103.50"))
    #expect(lines[2].contains("`支出,`0.02,`103.48"))
    #expect(lines[3].contains("`支出,`1.00,`102.48"))
    #expect(lines[5] == "`3,`1,`3.50,`2,`1.02")
  }
}
