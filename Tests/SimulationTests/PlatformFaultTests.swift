@testable import PaymentPlatform
import Testing
import Timing

@testable import Simulation

@Suite struct PlatformFaultTests {
  @Test(arguments: [true, false])
  func aSystemErrorLooksTheSameBeforeAndAfterTheCommit(commits: Bool) throws {
    var it = PlatformFixture()
    it.model.inject(PlatformFault(.systemError, on: .create, commits: commits))
    let answer = try it.create()
    #expect(answer.verdict == "SYSTEMERROR" && answer.isSigned(.md5, key: it.key))
    #expect(try it.query().verdict == (commits ? "NOTPAY" : "ORDERNOTEXIST"))
    #expect(try it.create().verdict == "SUCCESS", "the same parameters go through")
  }

  @Test func faultsWaitForTheirCallAndCount() throws {
    var it = PlatformFixture()
    it.model.inject(PlatformFault(.rateLimited, on: .query, skip: 1, times: 2))
    _ = try it.create()
    let verdicts = try (0..<4).map { _ in try it.query().verdict }
    #expect(verdicts == ["NOTPAY", "FREQUENCY_LIMITED", "FREQUENCY_LIMITED", "NOTPAY"])
    #expect(it.model.pendingFaults.isEmpty)
  }

  @Test func forgedAnswersAreSignedOrNotAsTheirNameSays() throws {
    for kind in [
      PlatformFault.Kind.wrongAmount, .wrongMerchant, .wrongApp, .wrongOrder, .extraFields,
    ] {
      var it = PlatformFixture()
      try it.paidOrder()
      let honest = try it.query()
      it.model.inject(PlatformFault(kind, on: .query))
      let forged = try it.query()
      #expect(forged.isSigned(.md5, key: it.key), "\(kind)")
      let changed = forged.fields.filter { !honest.fields.contains($0) }.map(\.name)
      #expect(Set(changed).isSuperset(of: Self.names[kind] ?? ["?"]), "\(kind) \(changed)")
    }
    var it = PlatformFixture()
    try it.paidOrder()
    it.model.inject(PlatformFault(.unsigned, on: .query))
    #expect(try it.query()["sign"] == nil)
    it.model.inject(PlatformFault(.badSignature, on: .query))
    let forged = try it.query()
    #expect(forged["sign"]?.count == 32 && !forged.isSigned(.md5, key: it.key))
  }

  private static let names: [PlatformFault.Kind: Set<String>] = [
    .wrongAmount: ["total_fee", "cash_fee"], .wrongMerchant: ["mch_id"], .wrongApp: ["appid"],
    .wrongOrder: ["out_trade_no"], .extraFields: ["zz_future_field", "Aa_future_field"],
  ]

  @Test func answersThatAreNoneHaveTheirShapes() throws {
    var it = PlatformFixture()
    func reply(_ kind: PlatformFault.Kind) -> PlatformReply {
      it.model.inject(PlatformFault(kind, milliseconds: 400))
      return it.reply(.query, ["out_trade_no": "ORDER00000001"])
    }
    #expect(reply(.badGateway).status == 502)
    #expect(reply(.emptyBody).body.isEmpty)
    #expect(reply(.dropped).delivery == .nothing)
    #expect(reply(.cutBody).delivery == .cut)
    #expect(reply(.slowBody).delivery == .slow(milliseconds: 400))
    #expect(reply(.delayed).delayMilliseconds == 400)
    #expect(reply(.oversized).body.count > 65_536)
    #expect(reply(.unsignedFailure) == .refused("System Error"))
    #expect(throws: PlatformDocument.Failure.self) {
      try PlatformDocument(reading: reply(.entities).body)
    }
  }

  @Test func aLateRequestIsToldToTheServerAndActsOnce() throws {
    var it = PlatformFixture()
    it.model.inject(PlatformFault(.delayed, on: .create, commits: false, milliseconds: 700))
    #expect(it.model.delayBeforeNext(.query) == 0)
    #expect(it.model.delayBeforeNext(.create) == 700)
    let answer = try it.create()
    #expect(answer.verdict == "SUCCESS")
    #expect(it.model.delayBeforeNext(.create) == 0)
  }
}

@Suite struct PlatformNoticeTests {
  @Test(arguments: PlatformSignature.allCases)
  func aPaymentSendsASignedNoticeThatRepeatsUntilItIsTaken(signature: PlatformSignature) throws {
    var it = PlatformFixture()
    it.signature = signature
    try it.paidOrder()
    #expect(it.model.takeDueNotices(at: it.now).isEmpty, "the notice leaves a moment later")
    it.pass(.seconds(1))
    let notice = try #require(it.model.takeDueNotices(at: it.now).first)
    #expect(notice.url == "http://127.0.0.1:9/wx")
    let document = try PlatformDocument(reading: notice.body)
    #expect(document.isSigned(signature, key: it.key))
    #expect(document["total_fee"] == "350" && document["out_trade_no"] == "ORDER00000001")
    #expect(it.model.takeDueNotices(at: it.now).isEmpty, "it is under way")
    it.model.noticeSent(notice.id, status: 201, answer: Self.taken, at: it.now)
    it.pass(.seconds(14))
    #expect(it.model.takeDueNotices(at: it.now).isEmpty)
    it.pass(.seconds(1))
    #expect(it.model.takeDueNotices(at: it.now).map(\.sends) == [2])
    it.model.noticeSent(notice.id, status: 200, answer: Self.taken, at: it.now)
    #expect(it.model.notices.isEmpty)
  }

  @Test func noticesAreSentSixteenTimesInADayAndFourMinutes() throws {
    var it = PlatformFixture()
    try it.paidOrder()
    it.pass(.milliseconds(200))
    let start = it.now
    var sends = 0
    var last = it.now
    while let due = it.model.notices.first?.dueAt {
      it.now = max(it.now, due)
      for notice in it.model.takeDueNotices(at: it.now) {
        sends += 1
        last = it.now
        it.model.noticeSent(notice.id, status: nil, answer: [], at: it.now)
      }
    }
    #expect(sends == 16)
    #expect(last - start == .seconds(86_640))
  }

  @Test func copiesLeaveAtOnceAndARefundNoticeFollowsItsRefund() throws {
    var policy = PlatformPolicy()
    policy.noticeCopies = 3
    var it = PlatformFixture(policy: policy)
    try it.paidOrder()
    _ = try it.refund("ORDER00000001", refund: "R1", ["notify_url": "http://127.0.0.1:9/refund"])
    it.pass(.seconds(5))
    let first = it.model.takeDueNotices(at: it.now)
    #expect(Set(first.map(\.body)).count == 3)
    it.pass(.seconds(1))
    let refund = try #require(it.model.takeDueNotices(at: it.now).first)
    let document = try PlatformDocument(reading: refund.body)
    #expect(refund.url.hasSuffix("/refund") && document["sign"] == nil)
    #expect((document["req_info"] ?? "").utf8.count > 400)
  }

  private static let taken = Array(
    """
    <xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>
    """.utf8)
}
