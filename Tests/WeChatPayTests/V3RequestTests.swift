import Money
import NetworkClient
import Ordering
import Testing
import Timing

@testable import WeChatPay

/// What a v3 client says.
@Suite struct V3RequestTests {
  private let shop: V3Shop

  init() throws { shop = try V3Shop() }

  @Test func everyRequestOfTheVectorsIsAuthorizedToTheByte() throws {
    #expect(shop.vectors.v3_requests.count == 4)
    for vector in shop.vectors.v3_requests {
      let seconds = try #require(Int64(vector.timestamp))
      let provider = WeChatPayV3(
        try shop.account(), exchange: ScriptedPlatform(Answer.raw("")),
        wallTime: { WallTime(seconds: seconds) }, nonce: { vector.nonce })
      let outgoing = try #require(
        provider.authorized(
          WeChatPayV3.Call(
            method: vector.method, path: vector.url,
            body: vector.body.isEmpty ? nil : Array(vector.body.utf8))))
      #expect(outgoing.headers["Authorization"] == vector.authorization, "\(vector.name)")
      #expect(outgoing.headers["Accept"] == "application/json")
      #expect((outgoing.headers["Content-Type"] != nil) == (vector.method == "POST"))
      #expect(outgoing.headers["Wechatpay-Serial"] == shop.vectors.v3_keys.public_key_id)
    }
  }

  @Test func anOrderSaysWhatTheDocumentsAskFor() throws {
    let platform = ScriptedPlatform(shop.publicKey.answer(V3Text.created))
    let provider = try shop.provider(platform)
    #expect(
      provider.create(try Shop.order(title: "可乐 \"330\"\n\\😀"))
        == .created(codeURL: "weixin://wxpay/bizpayurl?pr=aBcDeFgHz"))
    let call = try #require(platform.calls.first)
    #expect(call.path == "/v3/pay/transactions/native")
    #expect(
      call.text == #"{"appid":"wxd678efh567hg6787","mchid":"1900000001","#
        + #""description":"可乐 \"330\"\\","out_trade_no":"VM0001202601010000000001","#
        + #""time_expire":"2026-01-01T00:10:00+08:00","attach":"A1","#
        + #""notify_url":"https://pay.example.com/wxv3/notify","#
        + #""amount":{"total":350,"currency":"CNY"},"#
        + #""scene_info":{"payer_client_ip":"10.0.0.1","device_id":"VM-0001"}}"#)
  }

  @Test func aRepetitionSaysTheSameWithANewSignature() throws {
    let platform = ScriptedPlatform { [shop] call in
      // The first signature is bad, so that the call is made again.
      shop.publicKey.answer(call.path == "x" ? "" : V3Text.created)
    }
    let clocks = Clocks()
    let provider = try shop.provider(platform, clocks: clocks)
    _ = provider.create(try Shop.order())
    clocks.pass(.seconds(30))
    _ = provider.create(try Shop.order())
    let calls = platform.calls
    #expect(calls.count == 2)
    #expect(calls.first?.outgoing.body == calls.last?.outgoing.body)
    #expect(
      calls.first?.outgoing.headers["Authorization"]
        != calls.last?.outgoing.headers["Authorization"])
  }

  @Test func theOtherCallsGoToTheirPlaces() throws {
    let platform = ScriptedPlatform(Answer.raw("", status: 500))
    let provider = try shop.provider(platform)
    let number = try #require(OrderNumber(Shop.number))
    _ = provider.query(number)
    _ = provider.query(transaction: "42|0 0", of: number)
    _ = provider.close(number)
    _ = provider.refund(try Shop.refund())
    _ = provider.queryRefund(try Shop.refund())
    #expect(
      platform.calls.map(\.path) == [
        "/v3/pay/transactions/out-trade-no/\(Shop.number)?mchid=1900000001",
        "/v3/pay/transactions/id/42%7C0%200?mchid=1900000001",
        "/v3/pay/transactions/out-trade-no/\(Shop.number)/close",
        "/v3/refund/domestic/refunds", "/v3/refund/domestic/refunds/\(Shop.number)R1",
      ])
    #expect(platform.calls.map { $0.outgoing.body == nil } == [true, true, false, false, true])
    #expect(platform.calls[2].text == #"{"mchid":"1900000001"}"#)
    #expect(
      platform.calls[3].text == #"{"out_trade_no":"VM0001202601010000000001","#
        + #""out_refund_no":"VM0001202601010000000001R1","reason":"未出货","#
        + #""notify_url":"https://pay.example.com/wxv3/notify","#
        + #""amount":{"refund":350,"total":350,"currency":"CNY"}}"#)
  }

  @Test func momentsAreWrittenAndReadAsRFC3339Says() throws {
    let moment = try #require(WallTime(rfc3339: "2026-01-01T00:01:23+08:00"))
    #expect(moment == WallTime(beijingCompact: "20260101000123"))
    #expect(moment.beijingRFC3339 == "2026-01-01T00:01:23+08:00")
    #expect(WallTime(rfc3339: "2025-12-31T16:01:23Z") == moment)
    #expect(WallTime(rfc3339: "2025-12-31T16:01:23.999Z") == moment)
    #expect(WallTime(rfc3339: "2025-12-31T11:31:23-04:30") == moment)
    for text in [
      "", "2026-01-01", "2026-01-01T00:01:23", "2026-01-01 00:01:23Z", "2026-02-30T00:00:00Z",
      "2026-01-01T24:00:00Z", "2026-01-01T00:01:23.Z", "2026-01-01T00:01:23+8:00",
      "2026-01-01T00:01:23+08:60", "2026-01-01T00:01:23+0800", "2026-01-01T00:01:23ZZ",
      "２026-01-01T00:01:23Z",
    ] { #expect(WallTime(rfc3339: text) == nil, "\(text)") }
  }
}
