import BackOffice
import Foundation
import Money
import NetworkClient
import Ordering
import Platform
import Testing
import Timing
import WeChatPay

@testable import PaymentPlatform
@testable import Simulation

/// Our own client of v3 against the platform over TLS: two programs that share nothing but the
/// rules of Swift.
@Suite(.timeLimit(.minutes(1))) struct PlatformClientTests {
  @Test func anOrderGoesItsWholeWay() async throws {
    try await Meeting.run { meeting in
      let order = try meeting.order("CLIENT00000001")
      guard case .created(let code) = await meeting.ask({ $0.create(order) }) else {
        Issue.record("not created")
        return
      }
      #expect(await meeting.ask { $0.query(order.number) } == .pending)
      _ = try meeting.platform.pay(code, payer: "alice").get()
      guard case .paid(let payment) = await meeting.ask({ $0.query(order.number) }) else {
        Issue.record("not paid")
        return
      }
      #expect(payment.total == order.amount && payment.paidAt != nil)
      let same = await meeting.ask {
        $0.query(transaction: payment.transaction, of: order.number)
      }
      #expect(same == .paid(payment))
      #expect(await meeting.ask { $0.close(order.number) } == .alreadyPaid)
      #expect(await meeting.ask { $0.create(order) } == .alreadyPaid)
      let refund = RefundRequest(whole: order.number, paid: order.amount, reason: "没有掉货")
      #expect(await meeting.ask { $0.queryRefund(refund) } == .notFound)
      #expect(await meeting.ask { $0.refund(refund) } == .accepted)
      meeting.platform.advance(by: .seconds(3))
      #expect(await meeting.ask { $0.queryRefund(refund) } == .arrived)
      #expect(await meeting.ask { $0.query(order.number) } == .refunded(payment))
    }
  }

  @Test func whatIsClosedOrNeverWasIsSo() async throws {
    try await Meeting.run { meeting in
      let order = try meeting.order("CLIENT00000001")
      #expect(await meeting.ask { $0.query(order.number) } == .notFound)
      #expect(await meeting.ask { $0.close(order.number) } == .notFound)
      _ = await meeting.ask { $0.create(order) }
      #expect(await meeting.ask { $0.close(order.number) } == .closed)
      #expect(await meeting.ask { $0.query(order.number) } == .closed)
    }
  }

  @Test func billsAreFetchedUnpackedAndOfTheirHash() async throws {
    try await Meeting.run { meeting in
      meeting.platform.withModel { model, _ in model.policy.makesBillsAtOnce = true }
      let today = meeting.platform.withModel { $1 }
      #expect(await meeting.ask { $0.bill(.trades, ofDay: today) } == .noTrades)
      let order = try meeting.order("CLIENT00000001")
      guard case .created(let code) = await meeting.ask({ $0.create(order) }) else { return }
      _ = try meeting.platform.pay(code, payer: "alice").get()
      guard case .bill(let trades) = await meeting.ask({ $0.bill(.trades, ofDay: today) }),
        case .bill(let funds) = await meeting.ask({ $0.bill(.funds, ofDay: today) })
      else {
        Issue.record("no bills")
        return
      }
      #expect(trades == meeting.platform.todaysBill(of: PlatformFixture.merchant.id))
      #expect(String(decoding: funds, as: UTF8.self).contains("`收入,`3.50,"))
    }
  }

  @Test(arguments: [PlatformKeyMode.publicKey, .certificates, .changing(noticePercent: 50)])
  func noticesOfPaymentsAndRefundsAreRead(mode: PlatformKeyMode) async throws {
    try await Meeting.run(mode) { meeting in
      let order = try meeting.order("CLIENT00000001")
      guard case .created(let code) = await meeting.ask({ $0.create(order) }) else {
        Issue.record("not created")
        return
      }
      _ = try meeting.platform.pay(code, payer: "alice").get()
      let told = try await meeting.notice()
      let paid = await meeting.ask { client in
        Result { () throws(NoticeRefusal) in try client.read(told) }
      }
      guard case .success(.payment(let payment)) = paid else {
        Issue.record("\(paid)")
        return
      }
      #expect(payment.order == order.number && payment.total == order.amount)
      let again = await meeting.ask { client in
        Result { () throws(NoticeRefusal) in try client.read(told) }
      }
      #expect(again == .failure(.replayed))
    }
  }

  @Test func noticesThatLieAreRefused() async throws {
    try await Meeting.run { meeting in
      // The postman would take what is due: here it waits for a moment of its own.
      meeting.platform.withModel { model, _ in model.policy.noticeDelay = .seconds(60) }
      for (index, kind) in PlatformNoticeFault.Kind.allCases.enumerated()
      where kind != .dropped {
        let order = try meeting.order("CLIENT000000\(index + 10)")
        let told = try await meeting.notice(of: order, fault: kind)
        let read = await meeting.ask { client in
          Result { () throws(NoticeRefusal) in try client.read(told) }
        }
        switch (kind, read) {
        case (.duplicated, .success), (.delayed, .success): break
        case (.duplicated, _), (.delayed, _): Issue.record("\(kind): \(read)")
        case (.wrongAmount, .success(.payment(let payment))):
          // The platform's word all the same: the order book holds such money for a person.
          #expect(payment.total != order.amount)
        case (.wrongOrder, .success(.payment(let payment))):
          #expect(payment.order != order.number)
        case (_, .success): Issue.record("\(kind) was believed")
        case (_, .failure): break
        }
      }
    }
  }

  @Test func aNewCertificateAndTheSwitchToThePublicKeyAreFollowed() async throws {
    try await Meeting.run(.certificates) { meeting in
      let order = try meeting.order("CLIENT00000001")
      guard case .created = await meeting.ask({ $0.create(order) }) else {
        Issue.record("not created")
        return
      }
      // The client fetches no more often than each ten minutes: this is what it has by then.
      try await meeting.platform.rotateCertificate(
        of: PlatformFixture.merchant.id, signsAfter: .seconds(3600))
      #expect(await meeting.ask { $0.query(order.number) } == .pending)
    }
  }

  @Test func theSpareHostAnswersForTheMainOne() async throws {
    try await Meeting.run { meeting in
      let order = try meeting.order("CLIENT00000001")
      guard case .created(let code) = await meeting.ask({ $0.create(order) }) else {
        Issue.record("not created")
        return
      }
      try await meeting.platform.gate.set(.refused)
      guard case .created(let other) = await meeting.ask({ $0.create(order) }) else {
        Issue.record("no answer from the spare host")
        return
      }
      #expect(other != code && meeting.platform.model.orders.count == 1)
    }
  }
}

extension PlatformModel {
  /// Makes every notice due.
  fileprivate mutating func makeNoticesDue(at now: WallTime) {
    for index in notices.indices where notices[index].sends == 0 { notices[index].dueAt = now }
  }
}

/// A platform and a client of it, for one test.
private struct Meeting {
  let platform: WeChatPlatform
  let client: WeChatPayV3
  /// The client waits for its answers on a thread of its own.
  private let worker = Worker(name: "client")

  static func run(
    _ mode: PlatformKeyMode = .publicKey, _ body: (Meeting) async throws -> Void
  ) async throws {
    let directory = "/tmp/vend-client-\(UInt64.random(in: 0...(.max)))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let merchant = PlatformFixture.merchant
    var settings = WeChatPlatform.Settings(directory: directory, merchants: [merchant], seed: 1)
    settings.v3[merchant.id] = .init(
      secret: PlatformVectors.shared.v3_keys.apiv3_key, mode: mode)
    settings.hasSpareHost = true
    let platform = try await WeChatPlatform(settings)
    do {
      let client = WeChatPayV3(try account(platform, knowsPublicKey: mode != .certificates))
      try await body(Meeting(platform: platform, client: client))
    } catch {
      await platform.stop()
      throw error
    }
    await platform.stop()
  }

  private init(platform: WeChatPlatform, client: WeChatPayV3) {
    (self.platform, self.client) = (platform, client)
  }

  private static func account(
    _ platform: WeChatPlatform, knowsPublicKey: Bool
  ) throws -> WeChatPayV3.Account {
    let merchant = PlatformFixture.merchant
    let keys = try #require(platform.keys[merchant.id])
    let publicKey = PlatformKey(
      publicKey: try VerifyingKey(pemFile: keys.publicKeyFile), id: keys.publicKeyID)
    return try WeChatPayV3.Account(
      appID: merchant.appID, merchantID: merchant.id, serial: keys.serial,
      keys: .init(
        signing: try SigningKey(pemFile: platform.authority.keyFile(of: merchant.id)),
        secret: try APIKey(file: keys.secretFile),
        platform: knowsPublicKey ? [try #require(publicKey)] : []),
      notifyURL: "https://127.0.0.1:9/notice", terminalAddress: "127.0.0.1",
      endpoint: platform.origin, spareEndpoint: platform.spareOrigin,
      caFile: platform.authority.authorityFile)
  }

  func order(_ number: String) throws -> OrderRequest {
    let now = platform.withModel { $1 }
    return OrderRequest(
      number: try #require(OrderNumber(number)), machine: "SIM01", lane: "A1", title: "可乐 330ml",
      amount: Amount(fen: 350), madeAt: now, expiresAt: now + .seconds(300))
  }

  func ask<Answer: Sendable>(_ call: @escaping @Sendable (WeChatPayV3) -> Answer) async -> Answer {
    await withCheckedContinuation { continuation in
      worker.enqueue { [client] in continuation.resume(returning: call(client)) }
    }
  }

  /// Opens and pays an order, and takes the notice of it before the postman does.
  func notice(of order: OrderRequest, fault: PlatformNoticeFault.Kind) async throws -> NoticeMessage
  {
    guard case .created(let code) = await ask({ $0.create(order) }) else {
      throw CancellationError()
    }
    platform.withModel { model, _ in model.inject(PlatformNoticeFault(fault)) }
    _ = try platform.pay(code, payer: "alice").get()
    let sent = platform.withModel { model, now -> PlatformNotice? in
      for _ in 0..<2 {
        model.makeNoticesDue(at: now)
        let sent = model.takeDueNotices(at: now)
        if let first = sent.first { return first }
      }
      return nil
    }
    let notice = try #require(sent)
    return NoticeMessage(
      headers: notice.headers.map { ($0.name, $0.value) }, body: notice.body)
  }

  /// The next notice, as it left for an address where nobody is.
  func notice() async throws -> NoticeMessage {
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      let sent = platform.model.notices.first { $0.sends > 0 }
      if let sent {
        return NoticeMessage(headers: sent.headers.map { ($0.name, $0.value) }, body: sent.body)
      }
      try #require(ContinuousClock.now < deadline, "no notice")
      await platform.bell.wait(after: platform.bell.rings, atMost: .milliseconds(50))
    }
  }
}
