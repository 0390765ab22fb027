import LoopbackTLS
import Money
import NetworkClient
import Ordering
import Testing
import WeChatPay

/// The five calls over real TLS.
@Suite struct HTTPSExchangeTests {
  private let authority: CertificateAuthority

  init() throws { authority = try CertificateAuthority() }

  private func account(
    _ server: LoopbackServer, certificate: CertificateAuthority.Identity? = nil
  ) throws -> WeChatPayV2.Account {
    try WeChatPayV2.Account(
      appID: Shop.appID, merchantID: Shop.merchantID, key: try Shop.key(), signType: .md5,
      notifyURL: "https://pay.example.com/n", terminalAddress: "10.0.0.1",
      endpoint: "https://localhost:\(server.port)",
      certificate: certificate.map {
        HTTPClient.ClientCertificate(certificateFile: $0.certificateFile, keyFile: $0.keyFile)
      }, caFile: authority.caFile)
  }

  @Test func anOrderGoesItsWayAndOnlyTheRefundShowsTheCertificate() throws {
    let answers = [
      "/pay/unifiedorder": try Answer.signed(Answer.created()).body,
      "/pay/orderquery": try Answer.signed(Answer.paid()).body,
      "/pay/closeorder": try Answer.signed(Answer.failed("ORDERPAID")).body,
      "/secapi/pay/refund": try Answer.signed(Answer.refundAccepted()).body,
      "/pay/refundquery": try Answer.signed(Answer.refundState("SUCCESS")).body,
    ]
    let own = try authority.issue(name: Shop.merchantID)
    let server = try LoopbackServer(try authority.issue()) { request in
      [.respond(headers: ["Content-Type: text/plain"], body: answers[request.path] ?? [])]
    }
    let provider = WeChatPayV2(try account(server, certificate: own))
    let number = try #require(OrderNumber(Shop.number))
    #expect(
      provider.create(try Shop.order())
        == .created(codeURL: "weixin://wxpay/bizpayurl?pr=aBcDeFgHz"))
    guard case .paid = provider.query(number) else {
      Issue.record("not paid")
      return
    }
    #expect(provider.close(number) == .alreadyPaid)
    #expect(provider.refund(try Shop.refund()) == .accepted)
    #expect(provider.queryRefund(try Shop.refund()) == .arrived)
    #expect(server.requests.allSatisfy { $0.headers["content-type"] == "text/xml" })
    // One connection for the four, one of its own for the call with the certificate.
    #expect(server.connections == 2)
  }

  @Test func aRefundIsMadeWithTheCertificateThatTheServerAsksFor() throws {
    var manner = LoopbackServer.Manner()
    manner.clientCAFile = authority.caFile
    let answer = try Answer.signed(Answer.refundAccepted()).body
    let server = try LoopbackServer(try authority.issue(), manner: manner) { _ in
      [.respond(body: answer)]
    }
    let own = try authority.issue(name: Shop.merchantID)
    let provider = WeChatPayV2(try account(server, certificate: own))
    #expect(provider.refund(try Shop.refund()) == .accepted)
    #expect(server.requests.first?.clientName == Shop.merchantID)
    let number = try #require(OrderNumber(Shop.number))
    guard case .unknown(let doubt) = provider.query(number) else {
      Issue.record("a call without certificate was answered")
      return
    }
    #expect(doubt.cause == .tls)
  }

  @Test func anAnswerThatIsCutWithoutADeclaredLengthIsNoAnswer() throws {
    let whole = try Answer.signed(Answer.paid()).body
    let server = try LoopbackServer(try authority.issue()) { _ in
      [
        .send(
          Array("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".utf8) + whole.dropLast(10)), .cut,
      ]
    }
    let provider = WeChatPayV2(try account(server))
    guard case .unknown = provider.query(try #require(OrderNumber(Shop.number))) else {
      Issue.record("a cut answer was believed")
      return
    }
  }

  @Test func aCreateLostAfterItWasCommittedIsRepeatedWithTheSameNumber() throws {
    // D.17: the platform has the order, the answer is lost; the repetition brings the code.
    let answer = try Answer.signed(Answer.created()).body
    let server = try LoopbackServer(try authority.issue()) { request in
      request.connection == 0 ? [.cut] : [.respond(body: answer)]
    }
    let provider = WeChatPayV2(try account(server))
    guard case .unknown(let doubt) = provider.create(try Shop.order()) else {
      Issue.record("a lost answer was believed")
      return
    }
    #expect(doubt.cause == .broken)
    guard case .created = provider.create(try Shop.order()) else {
      Issue.record("not created")
      return
    }
    let numbers = try server.requests.map { try FlatXML($0.body)["out_trade_no"] }
    #expect(numbers == [Shop.number, Shop.number])
  }
}
