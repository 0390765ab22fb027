import Money
import NetworkClient
import Ordering
import Testing
import Timing

@testable import BackOffice
@testable import WeChatPay

/// Notices of v3, in the order of work of the documents.
@Suite struct V3NoticeTests {
  private let shop: V3Shop

  init() throws { shop = try V3Shop() }

  private func provider(_ mode: V3Shop.Mode = .both, after: Duration = .zero) throws -> WeChatPayV3
  {
    let clocks = Clocks()
    clocks.pass(.seconds(83) + after)
    return try shop.provider(ScriptedPlatform(Answer.raw("", status: 404)), mode, clocks: clocks)
  }

  private func vector(_ index: Int) throws -> NoticeMessage {
    let vector = shop.vectors.v3_notifications[index]
    return NoticeMessage(
      headers: vector.headers.map { ($0.key, $0.value) }, body: Array(vector.body.utf8))
  }

  @Test func theVectorsPaymentIsReadAndOnlyOnce() throws {
    let provider = try provider()
    let notice = try vector(0)
    guard case .payment(let payment) = try provider.read(notice) else {
      Issue.record("no payment")
      return
    }
    #expect(payment.order.text == Shop.number && payment.total == Amount(fen: 350))
    #expect(payment.transaction == V3Shop.transaction)
    #expect(payment.paidAt == WallTime(rfc3339: "2026-01-01T08:01:23+08:00"))
    #expect(throws: NoticeRefusal.replayed) { try provider.read(notice) }
  }

  @Test func theVectorsRefundIsRead() throws {
    let provider = try provider(after: .seconds(247))
    guard case .refund(let news) = try provider.read(try vector(1)) else {
      Issue.record("no refund")
      return
    }
    #expect(news.order.text == Shop.number)
    #expect(news.refund == "R-VM0001202601010000000001-1")
    #expect(news.status == .success && news.refunded == Amount(fen: 350))
    #expect(news.arrivedAt == WallTime(rfc3339: "2026-01-01T08:05:30+08:00"))
  }

  @Test func bothOfThePlatformsKeysAndAnAbsentDataServe() throws {
    for (hand, mode) in [
      (shop.publicKey, V3Shop.Mode.publicKey), (shop.certificate, .certificate),
      (shop.publicKey, .both), (shop.certificate, .both),
    ] {
      for data in ["transaction", "", nil] {
        let body = try NoticeText.body(NoticeText.paid, data: data)
        let notice = NoticeText.sealed(body, hand)
        let provider = try shop.provider(ScriptedPlatform(Answer.raw("", status: 404)), mode)
        guard case .payment = try provider.read(notice) else {
          Issue.record("no payment")
          continue
        }
      }
    }
  }

  @Test func whatWasNotKeptMayComeAgain() throws {
    let provider = try provider()
    let notice = try vector(0)
    _ = try provider.read(notice)
    #expect(throws: NoticeRefusal.replayed) { try provider.read(notice) }
    provider.forget(notice)
    guard case .payment = try provider.read(notice) else {
      Issue.record("no payment")
      return
    }
  }

  @Test func onlyANoticeOfAKeyThatIsNotKnownMayAskThePlatform() throws {
    let provider = try shop.provider(ScriptedPlatform(Answer.raw("", status: 404)))
    let body = try NoticeText.body(NoticeText.paid)
    #expect(!provider.mayAsk(toRead: NoticeText.sealed(body, shop.publicKey)))
    #expect(!provider.mayAsk(toRead: NoticeMessage(body: Array(body.utf8))))
    let strange = NoticeMessage(
      headers: NoticeText.sealed(body, shop.publicKey).headers.map { name, value in
        (name, name == "wechatpay-serial" ? "PUB_KEY_ID_0119000000012026010100000000000002" : value)
      }, body: Array(body.utf8))
    #expect(provider.mayAsk(toRead: strange))
  }

  @Test func theSameEventUnderAnotherNonceIsTheSamePayment() throws {
    let provider = try shop.provider(ScriptedPlatform(Answer.raw("", status: 404)))
    let body = try NoticeText.body(NoticeText.paid)
    let notices = ["a", "b", "c"].map { NoticeText.sealed(body, shop.publicKey, nonce: $0) }
    let read = try notices.map { try provider.read($0) }
    #expect(Set(read).count == 1)
  }

  @Test func theNonceStoreIsBoundedAndForgetsWhatIsTooOld() {
    var store = NonceStore(limit: 3)
    let now = V3Shop.moment
    for nonce in ["a", "b", "c"] { #expect(store.take(nonce, at: now) == .new) }
    #expect(store.take("d", at: now) == .full)
    #expect(store.take("a", at: now) == .replayed)
    // Signed five minutes ahead, it is good for ten minutes.
    let late = now + .seconds(600)
    #expect(store.take("a", at: late) == .replayed)
    #expect(store.take("d", at: late) == .full)
    let later = now + .seconds(601)
    #expect(store.take("a", at: later) == .replayed)
    #expect(store.take("d", at: later) == .new)
    #expect(store.take("e", at: later) == .new)
    store.forget("e")
    #expect(store.take("e", at: later) == .new)
  }

  @Test func theRepliesAreThoseThatThePlatformUnderstands() throws {
    let provider = try provider()
    #expect(provider.reply(to: .taken) == NoticeReply(status: 204, contentType: "", body: []))
    for refusal: NoticeRefusal in [
      .notANotice("x"), .notPaid, .replayed, .busy, .unknownOrder("x"),
      .forged(Doubt(.badSignature, "secret words")),
    ] {
      let reply = provider.reply(to: .refused(refusal))
      #expect((400...599).contains(reply.status))
      #expect((try? JSONReader.read(reply.body))?["code"]?.text == "FAIL")
      #expect(!String(decoding: reply.body, as: UTF8.self).contains("secret"))
    }
    #expect(provider.reply(to: .notKept).status == 500)
  }
}

/// Notices of v3 as the platform writes them.
enum NoticeText {
  static let paid = V3Text.paid()
  static let secret = "0123456789abcdefghijklmnopqrstuv"

  /// What is encrypted when a refund has come to its end.
  static func refund(_ status: String) -> String {
    #"{"mchid":"\#(V3Shop.merchantID)","transaction_id":"\#(V3Shop.transaction)","#
      + #""out_trade_no":"\#(Shop.number)","refund_id":"503","out_refund_no":"\#(Shop.number)R1","#
      + #""refund_status":"\#(status)","success_time":"2026-01-01T08:05:30+08:00","#
      + #""amount":{"total":350,"refund":350,"payer_total":350,"payer_refund":350}}"#
  }

  static func body(
    _ plain: String, event: String = "TRANSACTION.SUCCESS", original: String = "transaction",
    algorithm: String = "AEAD_AES_256_GCM", nonce: String = "abcdefghijkl",
    data: String? = "transaction", key: String = secret
  ) throws -> String {
    let hidden = try GCMSeal.seal(plain, key: key, nonce: nonce, data: data ?? "")
    return envelope(
      hidden, event: event, original: original, algorithm: algorithm, nonce: nonce, data: data)
  }

  static func envelope(
    _ hidden: String, event: String = "TRANSACTION.SUCCESS", original: String = "transaction",
    algorithm: String = "AEAD_AES_256_GCM", nonce: String = "abcdefghijkl",
    data: String? = "transaction"
  ) -> String {
    #"{"id":"3f2c8b1e","create_time":"2026-01-01T08:01:24+08:00","#
      + #""resource_type":"encrypt-resource","event_type":"\#(event)","summary":"x","#
      + #""resource":{"original_type":"\#(original)","algorithm":"\#(algorithm)","#
      + #""ciphertext":"\#(hidden)","#
      + (data.map { #""associated_data":"\#($0)","# } ?? "") + #""nonce":"\#(nonce)"}}"#
  }

  static func sealed(
    _ body: String, _ hand: SealHand, nonce: String = "EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz"
  ) -> NoticeMessage {
    let bytes = Array(body.utf8)
    return NoticeMessage(
      headers: hand.headers(bytes, nonce: nonce).map { ($0.key, $0.value) }, body: bytes)
  }
}
