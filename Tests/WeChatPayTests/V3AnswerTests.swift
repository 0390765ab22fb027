import Money
import NetworkClient
import Ordering
import Testing
import Timing

@testable import WeChatPay

/// What a v3 client makes of signatures, refusals and certificates.
@Suite struct V3AnswerTests {
  private let shop: V3Shop
  private let number: OrderNumber

  init() throws {
    shop = try V3Shop()
    number = try Shop.known(OrderNumber(Shop.number))
  }

  @Test func theVectorsAnswersAreBelievedInBothModes() throws {
    for vector in shop.vectors.v3_responses {
      let response = HTTPResponse(
        status: vector.status,
        headers: Dictionary(
          uniqueKeysWithValues: vector.headers.map { ($0.key.lowercased(), $0.value) }),
        body: Array(vector.body.utf8), receivedAt: V3Shop.moment)
      let clocks = Clocks()
      clocks.pass(.seconds(vector.status == 204 ? 300 : 0))
      let provider = try shop.provider(ScriptedPlatform(response), clocks: clocks)
      if vector.status == 204 {
        #expect(provider.close(number) == .closed)
      } else {
        #expect(
          provider.create(try Shop.order())
            == .created(codeURL: "weixin://wxpay/bizpayurl?pr=JyC91EIz1"), "\(vector.name)")
      }
    }
  }

  @Test func theFiveMinutesHoldInBothDirections() throws {
    for (seconds, isGood) in [(-301, false), (-300, true), (0, true), (300, true), (301, false)] {
      let time = V3Shop.moment + .seconds(seconds)
      let platform = ScriptedPlatform(shop.publicKey.answer(V3Text.paid(), at: time))
      let answer = try shop.provider(platform).query(number)
      if case .paid = answer {
        #expect(isGood)
      } else {
        #expect(!isGood, "\(seconds): \(answer)")
        // Our clock is wrong or theirs: asking again tells nothing new.
        #expect(platform.calls.count == 1)
      }
    }
  }

  @Test func aProbeIsRefusedAndTheCallRepeatedOnce() throws {
    var headers = shop.publicKey.headers(Array(V3Text.paid().utf8))
    headers["wechatpay-signature"] = "WECHATPAY/SIGNTEST/\(headers["wechatpay-signature"] ?? "")"
    let probe = HTTPResponse(
      status: 200, headers: headers, body: Array(V3Text.paid().utf8), receivedAt: V3Shop.moment)
    let good = shop.publicKey.answer(V3Text.paid())
    let counter = Counter()
    let platform = ScriptedPlatform { _ in counter.next() == 0 ? probe : good }
    guard case .paid = try shop.provider(platform).query(number) else {
      Issue.record("the repetition was not believed")
      return
    }
    #expect(platform.calls.count == 2)
    let stubborn = ScriptedPlatform(probe)
    guard case .unknown(let doubt) = try shop.provider(stubborn).query(number) else {
      Issue.record("a probe was believed")
      return
    }
    #expect(doubt.cause == .badSignature)
    #expect(stubborn.calls.count == 2, "no more than once")
  }

  @Test func anUnsignedRefusalEndsNothing() throws {
    func provider(_ status: Int, _ code: String, signed: Bool = false) throws -> WeChatPayV3 {
      let body = V3Text.failure(code)
      return try shop.provider(
        ScriptedPlatform(
          signed ? shop.publicKey.answer(body, status: status) : V3Text.unsigned(status, body)))
    }
    guard case .refused(let refusal) = try provider(400, "ORDER_CLOSED").close(number) else {
      Issue.record("closed")
      return
    }
    #expect(refusal.reaction == .query)
    #expect(try provider(400, "ORDER_CLOSED", signed: true).close(number) == .closed)
    guard case .refused(let spent) = try provider(400, "ORDERCLOSED").create(try Shop.order())
    else {
      Issue.record("closed")
      return
    }
    #expect(spent.reaction == .newNumber)
    #expect(
      try provider(400, "ORDERCLOSED", signed: true).create(try Shop.order()) == .alreadyClosed)
    // Only a 404 says that there is no such thing.
    for status in [400, 403, 500] {
      guard case .unknown = try provider(status, "ORDER_NOT_EXIST").query(number) else {
        Issue.record("HTTP \(status) was taken for a 404")
        continue
      }
    }
    #expect(try provider(404, "ORDER_NOT_EXIST").query(number) == .notFound)
    #expect(try provider(404, "ORDERNOTEXIST").query(number) == .notFound)
    guard case .unknown = try provider(404, "RESOURCE_NOT_EXISTS").query(number) else {
      Issue.record("another 404 is not this one")
      return
    }
  }

  @Test func aRefusedSignatureNamesWhatToPutRight() throws {
    for (words, hint) in [
      ("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟", "clock"),
      ("商户证书序列号有误。请使用签名私钥匹配的证书序列号", "serial"), ("签名错误", "private key"),
      ("商户未设置APIv3密钥。", "APIv3"), ("商户证书已过期", "run out"),
    ] {
      let platform = ScriptedPlatform(
        V3Text.unsigned(401, V3Text.failure("SIGN_ERROR", words)))
      guard case .unknown(let doubt) = try shop.provider(platform).create(try Shop.order()) else {
        Issue.record("\(words)")
        continue
      }
      #expect(doubt.cause == .unsigned && doubt.hintsAtSetUp)
      #expect(doubt.detail.contains(hint), "\(doubt.detail)")
      #expect(platform.calls.count == 1, "it never loops")
    }
  }

  @Test func theClocksDistanceIsMeasuredOnRefusalsToo() throws {
    var response = V3Text.unsigned(401, V3Text.failure("SIGN_ERROR"))
    response.headers["date"] = "Thu, 01 Jan 2026 00:10:01 GMT"
    response.receivedAt = V3Shop.moment
    let provider = try shop.provider(ScriptedPlatform(response))
    #expect(provider.clockSkew == nil)
    _ = provider.query(number)
    #expect(provider.clockSkew == .seconds(600))
  }

  @Test func unknownMembersAreReadOver() throws {
    let body = V3Text.paid().replacing(#"{"appid""#, with: #"{"new":[{"a":null}],"appid""#)
    guard
      case .paid(let payment) = try shop.provider(
        ScriptedPlatform(shop.certificate.answer(body))
      ).query(number)
    else {
      Issue.record("not paid")
      return
    }
    #expect(payment.total == Amount(fen: 350), "the whole price, not what coupons left of it")
    #expect(payment.paidAt == WallTime(beijingCompact: "20260101000123"))
    #expect(payment.transaction == V3Shop.transaction)
  }

  @Test func aCloseIsDoneByAnEmpty204Alone() throws {
    for (body, status) in [("x", 204), ("{}", 204), ("{}", 200), ("", 200)] {
      let platform = ScriptedPlatform(shop.publicKey.answer(body, status: status))
      guard case .unknown(let doubt) = try shop.provider(platform).close(number) else {
        Issue.record("\(status) with \(body)")
        continue
      }
      #expect(doubt.cause == .notAnAnswer)
    }
  }

  @Test func anEmptyOrHugeCodeIsNoCode() throws {
    for body in [
      "{}", #"{"code_url":""}"#, #"{"code_url":5}"#,
      #"{"code_url":"\#(String(repeating: "x", count: 513))"}"#, "[]",
    ] {
      guard
        case .unknown(let doubt) = try shop.provider(
          ScriptedPlatform(shop.publicKey.answer(body))
        ).create(try Shop.order())
      else {
        Issue.record("\(body)")
        continue
      }
      #expect(doubt.cause == .notAnAnswer)
    }
  }
}

/// Counts calls.
final class Counter: Sendable {
  private let value = Clocks()

  func next() -> Int64 {
    let now = value.now
    value.pass(.seconds(1))
    return (now - Instant(nanoseconds: 1_000_000_000)).wholeSeconds
  }
}
