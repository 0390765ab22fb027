import Glibc
import LoopbackTLS
import NetworkClient
import Platform
import Testing
import Timing

/// The client against a server and a network that fail it.
@Suite struct HTTPFaultTests {
  private let authority: CertificateAuthority
  private let identity: CertificateAuthority.Identity

  init() throws {
    authority = try CertificateAuthority()
    identity = try authority.issue()
  }

  private func client(
    connect: Duration = .seconds(2), total: Duration = .seconds(4), idle: Duration = .seconds(7),
    limit: Int = 65_536
  ) -> HTTPClient {
    HTTPClient(
      HTTPClient.Configuration(
        connectDeadline: connect, totalDeadline: total, idleReuse: idle, bodyLimit: limit,
        caFile: authority.caFile))
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

  // MARK: Deadlines

  @Test func aServerThatNeverAnswersEndsAtTheTotalDeadline() throws {
    let server = try LoopbackServer(identity) { _ in [.wait(.seconds(20)), .close] }
    let start = Clock.now()
    let failure = failure(client(total: .milliseconds(300)), server.url())
    #expect(failure?.cause == .timeout)
    #expect(failure?.mayHaveArrived == true)
    #expect((290...10_000).contains((Clock.now() - start).wholeMilliseconds))
    server.stop()
  }

  @Test func aBodyThatDripsEndsAtTheTotalDeadlineToo() throws {
    let server = try LoopbackServer(identity) { _ in
      [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".utf8))]
        + (0..<200).flatMap { _ in [.send([65]), .wait(.milliseconds(100))] }
    }
    let start = Clock.now()
    #expect(failure(client(total: .milliseconds(500)), server.url())?.cause == .timeout)
    #expect((490...10_000).contains((Clock.now() - start).wholeMilliseconds))
  }

  @Test func aServerThatNeverShakesHandsEndsAtTheConnectDeadline() throws {
    var manner = LoopbackServer.Manner()
    manner.greeting = .silence
    let server = try LoopbackServer(identity, manner: manner) { _ in [] }
    let start = Clock.now()
    let client = client(connect: .milliseconds(300), total: .seconds(20))
    let failure = failure(client, server.url())
    #expect(failure?.cause == .unreachable)
    #expect(failure?.mayHaveArrived == false)
    #expect((290...10_000).contains((Clock.now() - start).wholeMilliseconds))
  }

  // MARK: Connections that fail

  @Test func aClosedPortIsUnreachableAndANameWithoutAddressIsNotResolved() throws {
    let server = try LoopbackServer(identity) { _ in [] }
    let url = server.url()
    server.stop()
    #expect(failure(client(), url)?.cause == .unreachable)
    #expect(failure(client(), "https://no-such-host.invalid/")?.cause == .nameNotResolved)
  }

  @Test func aServerWithoutTLSIsATLSFailure() throws {
    var manner = LoopbackServer.Manner()
    manner.greeting = .plain(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8))
    let server = try LoopbackServer(identity, manner: manner) { _ in [] }
    #expect(failure(client(), server.url())?.cause == .tls)
  }

  @Test func aCutBodyIsBrokenAndNeverAShorterBody() throws {
    let declared = Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".utf8)
    let chunked = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc".utf8)
    for (bytes, end) in [
      (declared, LoopbackServer.Act.close), (declared, .cut), (chunked, .close),
      (chunked, .cut),
    ] {
      let server = try LoopbackServer(identity) { _ in [.send(bytes), end] }
      let failure = failure(client(), server.url())
      #expect(failure?.cause == .broken)
      #expect(failure?.mayHaveArrived == true)
      #expect(server.requests.count == 1)
    }
  }

  @Test func aConnectionClosedWithoutAWordIsBroken() throws {
    for end in [LoopbackServer.Act.close, .cut] {
      let server = try LoopbackServer(identity) { _ in [end] }
      #expect(failure(client(), server.url())?.cause == .broken)
      #expect(server.requests.count == 1, "a fresh connection that breaks is not tried again")
    }
  }

  @Test func anAnswerThatIsNotHTTPIsBroken() throws {
    for garbage in ["garbage", "\u{0}\u{1}\u{2}", "<html>hello</html>\r\n\r\n"] {
      let server = try LoopbackServer(identity) { _ in [.send(Array(garbage.utf8)), .close] }
      #expect(failure(client(), server.url())?.cause == .broken)
    }
  }

  @Test func aBodyOverTheLimitIsRefusedWhetherDeclaredOrNot() throws {
    let large = [UInt8](repeating: 65, count: 1001)
    let server = try LoopbackServer(identity) { request in
      switch request.path {
      case "/declared": [.respond(body: large)]
      case "/undeclared":
        [.send(Array("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".utf8) + large), .close]
      default: [.respond(body: Array(large.dropLast()))]
      }
    }
    let client = client(limit: 1000)
    #expect(failure(client, server.url("/declared"))?.cause == .tooLarge)
    #expect(failure(client, server.url("/undeclared"))?.cause == .tooLarge)
    #expect(try client.get(server.url("/exact")).body.count == 1000)
  }

  @Test func headersWithoutEndAreRefused() throws {
    let line = "X-Filler: " + String(repeating: "a", count: 1000) + "\r\n"
    let server = try LoopbackServer(identity) { _ in
      [.send(Array("HTTP/1.1 200 OK\r\n".utf8))]
        + (0..<200).map { _ in .send(Array(line.utf8)) }
    }
    #expect(failure(client(), server.url())?.cause == .tooLarge)
  }

  @Test func noDamagedResponseCrashesTheClientOrIsReadBeyondItsLength() throws {
    let whole = Array(
      ("HTTP/1.1 200 OK\r\nDate: Fri, 01 Jan 2100 00:00:00 GMT\r\nContent-Type: text/xml\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n").utf8)
    let server = try LoopbackServer(identity) { _ in
      var bytes = whole
      for _ in 0..<Int.random(in: 1...3) {
        bytes[Int.random(in: bytes.indices)] = .random(in: 0...255)
      }
      return [.send(bytes), .close]
    }
    let client = client(total: .seconds(20), limit: 1000)
    for _ in 0..<200 {
      do throws(HTTPFailure) {
        let response = try client.get(server.url())
        #expect(response.body.count <= whole.count)
      } catch {
        #expect([.broken, .tooLarge].contains(error.cause), "\(error)")
      }
    }
  }

  /// libcurl 7.83 to 8.1.0 keeps a pointer to the last header of the answer before, and lays a
  /// continued line behind it: it writes into memory that it has let go (curl issue 11101).
  @Test func anAnswerThatBeginsInTheMiddleOfAHeaderDamagesNoMemory() async {
    // In a process of its own: a damaged heap ends the process, now or later.
    await #expect(processExitsWith: .success) {
      let authority = try CertificateAuthority()
      let server = try LoopbackServer(try authority.issue()) { request in
        let first = request.path == "/good" ? "" : " "
        let head = "HTTP/1.1 200 OK\r\n\(first)Date: today\r\nContent-Length: 2\r\n\r\nok"
        return [.send(Array(head.utf8))]
      }
      let client = HTTPClient(HTTPClient.Configuration(caFile: authority.caFile))
      for _ in 0..<20 {
        try #require(try client.get(server.url("/good")).body == Array("ok".utf8))
        do throws(HTTPFailure) {
          _ = try client.get(server.url("/continued"))
        } catch {
          try #require(error.words == "a line of the answer's head is no header")
        }
      }
    }
  }

  // MARK: Reuse

  @Test func callsInARowShareOneConnection() throws {
    let server = try LoopbackServer(identity) { _ in [.respond(body: "ok")] }
    let client = client()
    let reuse = try (0..<5).map { _ in try client.get(server.url()).reusedConnection }
    #expect(reuse == [false, true, true, true, true])
    #expect(server.connections == 1)
  }

  @Test func aConnectionThatWasIdleTooLongIsNotUsedAgain() throws {
    let server = try LoopbackServer(identity) { request in
      request.path == "/slow"
        ? [.wait(.milliseconds(700)), .respond(body: "ok")] : [.respond(body: "ok")]
    }
    // Nothing is quicker than no time at all: each call finds its connection too old.
    let impatient = client(idle: .zero)
    for _ in 0..<3 { #expect(try impatient.get(server.url()).reusedConnection == false) }
    #expect(server.connections == 3)
    // Idle time counts from the end of a call, not from its start.
    let patient = client(idle: .milliseconds(600))
    _ = try patient.get(server.url("/slow"))
    #expect(try patient.get(server.url("/slow")).reusedConnection)
    // The idle time is the thing under test, so there is nothing else to wait for.
    usleep(610_000)
    #expect(try patient.get(server.url()).reusedConnection == false)
  }

  @Test func aNewConnectionResumesTheSessionOfTheOneBefore() throws {
    let server = try LoopbackServer(identity) { _ in [.respond(body: "ok"), .close] }
    let client = client()
    for _ in 0..<3 { _ = try client.get(server.url()) }
    #expect(server.requests.map(\.isResumed) == [false, true, true])
  }

  @Test func aKeptConnectionThatTheServerHasClosedCostsOneRepetition() throws {
    // The second request of each connection finds it dead, as after the platform's 8 seconds.
    let served = ServedConnections()
    let server = try LoopbackServer(identity) { request in
      served.isFirst(on: request.connection) ? [.respond(body: "\(request.connection)")] : [.cut]
    }
    let client = client()
    for call in 0..<4 {
      let response = try client.post(server.url("/\(call)"), contentType: "a/b", body: [7])
      #expect(response.body == Array("\(call)".utf8))
    }
    #expect(server.requests.map(\.path) == ["/0", "/1", "/1", "/2", "/2", "/3", "/3"])
  }

  @Test func aRepetitionThatFailsTooSaysThatTheRequestMayHaveArrived() throws {
    let served = ServedConnections()
    let server = try LoopbackServer(identity) { request in
      request.connection == 0 && served.isFirst(on: 0) ? [.respond(body: "ok")] : [.cut]
    }
    let client = client()
    _ = try client.get(server.url())
    let failure = failure(client, server.url())
    #expect(failure?.cause == .broken)
    #expect(failure?.mayHaveArrived == true)
    #expect(server.requests.count == 3)
  }

  @Test func anAnswerCutOnAKeptConnectionIsNotRepeated() throws {
    let served = ServedConnections()
    let server = try LoopbackServer(identity) { request in
      served.isFirst(on: request.connection)
        ? [.respond(body: "ok")]
        : [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".utf8)), .cut]
    }
    let client = client()
    _ = try client.get(server.url())
    #expect(failure(client, server.url())?.cause == .broken)
    #expect(server.requests.count == 2)
  }

  @Test func theClientRecoversAfterEachFailure() throws {
    let server = try LoopbackServer(identity) { request in
      switch request.path {
      case "/cut": [.cut]
      case "/large": [.respond(body: [UInt8](repeating: 65, count: 70_000))]
      case "/slow": [.wait(.seconds(2)), .close]
      default: [.respond(body: "ok")]
      }
    }
    let client = client(total: .milliseconds(400))
    for path in ["/cut", "/large", "/slow"] {
      #expect(failure(client, server.url(path)) != nil)
      #expect(try client.get(server.url("/good")).body == Array("ok".utf8))
    }
  }

  @Test func callsFromManyThreadsAreServedOneAfterTheOther() async throws {
    let server = try LoopbackServer(identity) { request in
      [.respond(body: Array(request.path.utf8))]
    }
    let client = client()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<16 {
        group.addTask {
          try client.get(server.url("/\(number)")).body == Array("/\(number)".utf8)
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
    #expect(server.requests.count == 16)
    #expect(server.connections == 1)
  }
}
