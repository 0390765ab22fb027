import LoopbackTLS
import Money
import NetworkClient
import Ordering
import Testing
import Timing

@testable import WeChatPay

/// v3 over real TLS, the spare host included.
@Suite struct V3HTTPSTests {
  private let authority: CertificateAuthority
  private let shop: V3Shop

  init() throws {
    authority = try CertificateAuthority()
    shop = try V3Shop()
  }

  private func account(
    main: UInt16, spare: UInt16? = nil
  ) throws -> WeChatPayV3.Account {
    let sample = try shop.account()
    return try WeChatPayV3.Account(
      appID: sample.appID, merchantID: sample.merchantID, serial: sample.serial,
      keys: sample.keys, notifyURL: sample.notifyURL, terminalAddress: sample.terminalAddress,
      endpoint: "https://localhost:\(main)", spareEndpoint: spare.map { "https://localhost:\($0)" },
      caFile: authority.caFile)
  }

  /// Serves the five calls, sealed as of now, and refuses what is not authorized.
  private func server() throws -> LoopbackServer {
    let hand = shop.publicKey
    return try LoopbackServer(try authority.issue()) { request in
      guard
        request.headers["authorization"]?.hasPrefix("WECHATPAY2-SHA256-RSA2048 mchid=") == true,
        request.headers["accept"] == "application/json",
        request.headers["user-agent"]?.isEmpty == false
      else { return [.respond("401 Unauthorized", body: V3Text.failure("SIGN_ERROR"))] }
      let (status, text) =
        switch request.path {
        case "/v3/pay/transactions/native": ("200 OK", V3Text.created)
        case "/v3/pay/transactions/out-trade-no/\(Shop.number)/close": ("204 No Content", "")
        case "/v3/refund/domestic/refunds": ("200 OK", V3Text.refund("PROCESSING"))
        case "/v3/refund/domestic/refunds/\(Shop.number)R1": ("200 OK", V3Text.refund("SUCCESS"))
        default: ("200 OK", V3Text.paid())
        }
      let sealed = hand.headers(Array(text.utf8), at: V3Shop.moment)
      let lines = sealed.map { "\($0.key): \($0.value)" } + ["Request-ID: 08-0"]
      if status.hasPrefix("204") {
        let head = "HTTP/1.1 204 No Content\r\n" + lines.map { "\($0)\r\n" }.joined() + "\r\n"
        return [.send(Array(head.utf8))]
      }
      return [.respond(status, headers: lines, body: text)]
    }
  }

  private func all(_ provider: WeChatPayV3) throws {
    for (ask, outcome) in [
      (ConformanceTests.Ask.create, ConformanceTests.Outcome.created), (.query, .paid),
      (.close, .closed), (.refund, .accepted), (.queryRefund, .arrived),
    ] { #expect(try ConformanceTests.outcome(ask, of: provider) == outcome) }
  }

  @Test func theFiveCallsGoTheirWayOverOneConnection() throws {
    let server = try server()
    let provider = WeChatPayV3(
      try account(main: server.port), wallTime: { V3Shop.moment })
    try all(provider)
    #expect(server.connections == 1)
    #expect(server.requests.map { $0.line.prefix(4) } == ["POST", "GET ", "POST", "POST", "GET "])
  }

  @Test func aDeadMainHostCostsOneAttemptAndNoOrder() throws {
    let dead = try server()
    dead.stop()
    let spare = try server()
    let provider = WeChatPayV3(
      try account(main: dead.port, spare: spare.port), wallTime: { V3Shop.moment })
    try all(provider)
    #expect(spare.requests.count == 5)
  }

  @Test func aMainHostWithAnothersCertificateIsLeftForTheSpare() throws {
    let stranger = try CertificateAuthority()
    let impostor = try LoopbackServer(try stranger.issue()) { _ in [.respond(body: V3Text.created)]
    }
    let spare = try server()
    let provider = WeChatPayV3(
      try account(main: impostor.port, spare: spare.port), wallTime: { V3Shop.moment })
    try all(provider)
    #expect(impostor.requests.isEmpty)
  }

  @Test func aHeaderThatComesTwiceIsSeenThroughTLS() throws {
    let hand = shop.publicKey
    let server = try LoopbackServer(try authority.issue()) { _ in
      let sealed = hand.headers(Array(V3Text.paid().utf8), at: V3Shop.moment)
      let lines = sealed.map { "\($0.key): \($0.value)" }
      return [
        .respond(
          headers: lines + ["Wechatpay-Nonce: \(sealed["wechatpay-nonce"] ?? "")"],
          body: V3Text.paid())
      ]
    }
    let provider = WeChatPayV3(
      try account(main: server.port), wallTime: { V3Shop.moment })
    #expect(try ConformanceTests.outcome(.query, of: provider) == .unknown(.badSignature))
    #expect(server.requests.count == 2, "asked once more")
  }
}
