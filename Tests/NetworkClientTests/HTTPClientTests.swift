import Glibc
import LoopbackTLS
import NetworkClient
import Platform
import Testing
import Timing

/// The client against a real TLS server on the loopback.
@Suite struct HTTPClientTests {
  private let authority: CertificateAuthority
  private let identity: CertificateAuthority.Identity

  init() throws {
    authority = try CertificateAuthority()
    identity = try authority.issue()
  }

  private func client(
    connect: Duration = .seconds(2), total: Duration = .seconds(4), idle: Duration = .seconds(7),
    limit: Int = 65_536, caFile: String? = nil,
    certificate: CertificateAuthority.Identity? = nil
  ) -> HTTPClient {
    HTTPClient(
      HTTPClient.Configuration(
        connectDeadline: connect, totalDeadline: total, idleReuse: idle, bodyLimit: limit,
        caFile: caFile ?? authority.caFile,
        clientCertificate: certificate.map {
          HTTPClient.ClientCertificate(
            certificateFile: $0.certificateFile, keyFile: $0.keyFile)
        }, userAgent: "vend-test/1"))
  }

  private func failure(_ client: HTTPClient, _ url: String) -> HTTPFailure? {
    do throws(HTTPFailure) {
      let response = try client.post(url, contentType: "text/xml", body: Array("<xml/>".utf8))
      Issue.record("status \(response.status)")
      return nil
    } catch {
      return error
    }
  }

  // MARK: What works

  @Test func aPostArrivesWholeAndItsResponseComesBackWhole() throws {
    let answer = (0..<60_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let server = try LoopbackServer(identity) { _ in
      [.respond(headers: ["Content-Type: text/xml", "X-Two: a", "x-two: b"], body: answer)]
    }
    let body = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let response = try client().post(
      server.url("/pay/x"), contentType: "text/xml", body: body, headers: ["X-One": "1"])
    #expect(response.status == 200)
    #expect(response.body == answer)
    #expect(response.headers["content-type"] == "text/xml")
    #expect(response.headers["x-two"] == "a")
    #expect(response.repeatedHeaders == ["x-two"])
    let request = try #require(server.requests.first)
    #expect(request.line == "POST /pay/x HTTP/1.1")
    #expect(request.body == body)
    #expect(request.headers["content-type"] == "text/xml")
    #expect(request.headers["x-one"] == "1")
    #expect(request.headers["user-agent"] == "vend-test/1")
    #expect(request.headers["expect"] == nil)
    #expect(request.clientName == nil)
  }

  @Test func anEmptyPostSendsAnEmptyBodyAndDoesNotReadStandardInput() throws {
    let server = try LoopbackServer(identity) { _ in [.respond(body: "ok")] }
    let response = try client().post(server.url(), contentType: "text/plain", body: [])
    #expect(response.status == 200)
    #expect(server.requests.first?.headers["content-length"] == "0")
  }

  @Test func aGetAfterAPostIsAGet() throws {
    let server = try LoopbackServer(identity) { _ in [.respond(body: "ok")] }
    let client = client()
    _ = try client.post(server.url("/a"), contentType: "text/plain", body: [1, 2, 3])
    _ = try client.get(server.url("/b"))
    #expect(server.requests.last?.line == "GET /b HTTP/1.1")
    #expect(server.requests.last?.body == [])
    #expect(server.requests.last?.headers["content-type"] == nil)
  }

  @Test func aStatusOfFailureIsAResponseAndNoThrow() throws {
    let server = try LoopbackServer(identity) { _ in
      [.respond("502 Bad Gateway", headers: ["Content-Type: text/html"], body: "<html>")]
    }
    #expect(try client().get(server.url()).status == 502)
  }

  @Test func aRedirectIsNotFollowed() throws {
    let server = try LoopbackServer(identity) { _ in
      [.respond("302 Found", headers: ["Location: /elsewhere"], body: "")]
    }
    #expect(try client().get(server.url()).status == 302)
    #expect(server.requests.count == 1)
  }

  @Test func headersOfAnInterimResponseAreForgotten() throws {
    let server = try LoopbackServer(identity) { _ in
      [
        .send(Array("HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n".utf8)),
        .respond(headers: ["X-Final: 1"], body: "ok"),
      ]
    }
    let response = try client().get(server.url())
    #expect(response.headers["x-interim"] == nil)
    #expect(response.headers["x-final"] == "1")
  }

  @Test func theServersClockIsHeldAgainstOurs() throws {
    let server = try LoopbackServer(identity) { request in
      request.path == "/none"
        ? [.respond(headers: ["Date: yesterday"], body: "")]
        : [.respond(headers: ["Date: Fri, 01 Jan 2100 00:00:00 GMT"], body: "")]
    }
    let client = client()
    let response = try client.get(server.url())
    #expect(response.serverDate == WallTime(seconds: 4_102_444_800))
    let expected = WallTime(seconds: 4_102_444_800) - Clock.wallTime()
    let skew = try #require(response.clockSkew)
    #expect(abs((skew - expected).wholeMilliseconds) < 5000)
    #expect(try client.get(server.url("/none")).clockSkew == nil)
  }

  // MARK: Trust

  @Test func aServerOfAnotherAuthorityIsRefusedBeforeAnythingIsSaid() throws {
    let server = try LoopbackServer(identity) { _ in [.respond(body: "ok")] }
    let stranger = try CertificateAuthority(name: "Stranger")
    let failure = failure(client(caFile: stranger.caFile), server.url())
    #expect(failure?.cause == .tls)
    #expect(failure?.mayHaveArrived == false)
    #expect(server.requests.isEmpty)
  }

  @Test func aPrivateAuthorityIsUnknownToTheSystem() throws {
    let server = try LoopbackServer(identity) { _ in [.respond(body: "ok")] }
    #expect(failure(HTTPClient(), server.url())?.cause == .tls)
    #expect(server.requests.isEmpty)
  }

  @Test func aCertificateForAnotherHostIsRefused() throws {
    let other = try authority.issue(name: "pay.example", alternatives: "DNS:pay.example")
    let server = try LoopbackServer(other) { _ in [.respond(body: "ok")] }
    #expect(failure(client(), server.url())?.cause == .tls)
    #expect(failure(client(), server.url(host: "127.0.0.1"))?.cause == .tls)
    #expect(server.requests.isEmpty)
  }

  @Test func anExpiredCertificateAndOneOfTomorrowAreRefused() throws {
    for (from, until) in [(-7200, -3600), (3600, 7200)] {
      let stale = try authority.issue(from: from, until: until)
      let server = try LoopbackServer(stale) { _ in [.respond(body: "ok")] }
      #expect(failure(client(), server.url())?.cause == .tls)
      #expect(server.requests.isEmpty)
    }
  }

  @Test func aServerThatSpeaksOnlyTLS11IsRefused() throws {
    var manner = LoopbackServer.Manner()
    manner.isAncient = true
    let server = try LoopbackServer(identity, manner: manner) { _ in [.respond(body: "ok")] }
    #expect(failure(client(), server.url())?.cause == .tls)
    #expect(server.requests.isEmpty)
  }

  @Test func ourCertificateIsShownToAServerThatAsksForIt() throws {
    var manner = LoopbackServer.Manner()
    manner.clientCAFile = authority.caFile
    let server = try LoopbackServer(identity, manner: manner) { _ in [.respond(body: "ok")] }
    let own = try authority.issue(name: "1900000109", alternatives: "")
    #expect(try client(certificate: own).get(server.url()).status == 200)
    #expect(server.requests.first?.clientName == "1900000109")
  }

  @Test func aServerThatAsksInVainForOurCertificateIsATLSFailure() throws {
    var manner = LoopbackServer.Manner()
    manner.clientCAFile = authority.caFile
    let server = try LoopbackServer(identity, manner: manner) { _ in [.respond(body: "ok")] }
    #expect(failure(client(), server.url())?.cause == .tls)
    let stranger = try CertificateAuthority(name: "Stranger").issue(name: "stranger")
    #expect(
      [.tls, .unusableFile].contains(failure(client(certificate: stranger), server.url())?.cause))
    #expect(server.requests.isEmpty)
  }

  @Test func missingOrWrongFilesAreNamedAsSuch() throws {
    let server = try LoopbackServer(identity) { _ in [.respond(body: "ok")] }
    #expect(failure(client(caFile: "/nonexistent/ca.pem"), server.url())?.cause == .unusableFile)
    let own = try authority.issue()
    let other = try authority.issue()
    for (certificate, key) in [
      (own.certificateFile, "/nonexistent/key"), (own.certificateFile, other.keyFile),
      (own.keyFile, own.keyFile),
    ] {
      let client = HTTPClient(
        HTTPClient.Configuration(
          caFile: authority.caFile,
          clientCertificate: HTTPClient.ClientCertificate(
            certificateFile: certificate, keyFile: key)))
      #expect(failure(client, server.url())?.cause == .unusableFile)
    }
    #expect(server.requests.isEmpty)
  }

  // MARK: Requests that are none

  @Test func onlyPlainHTTPSURLsAndHeadersOfOneLineAreSent() throws {
    let client = client()
    for url in [
      "http://localhost/", "ftp://localhost/", "file:///etc/passwd", "https://", "https:///x",
      "https://user@localhost/", "https://user:word@localhost/", "https://localhost/a b",
      "https://localhost/\r\nX: y", "localhost", "", "https://localhost/ü",
      "https://localhost/" + String(repeating: "a", count: 3000),
    ] {
      #expect(failure(client, url)?.cause == .badRequest, "\(url)")
    }
    for (name, value) in [("X", "a\r\nY: b"), ("X:", "a"), ("", "a"), ("X Y", "a"), ("X", "\u{0}")]
    {
      #expect(throws: HTTPFailure.self) {
        try client.get("https://localhost:1/", headers: [name: value])
      }
    }
  }

  @Test func theEnvironmentsProxyIsNotAsked() async {
    // In a process of its own: changing the environment is not safe beside other threads.
    await #expect(processExitsWith: .success) {
      for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        setenv(name, "http://127.0.0.1:1", 1)
      }
      let authority = try CertificateAuthority()
      let server = try LoopbackServer(try authority.issue()) { _ in [.respond(body: "ok")] }
      let client = HTTPClient(HTTPClient.Configuration(caFile: authority.caFile))
      try #require(try client.get(server.url()).status == 200)
    }
  }
}
