import Glibc
import LoopbackTLS
import NetworkClient
import Platform
import Synchronization
import Testing
import Timing

/// An exchange that another thread gives up.
@Suite struct InterruptionTests {
  private let authority: CertificateAuthority

  init() throws { authority = try CertificateAuthority() }

  private func client() -> HTTPClient {
    HTTPClient(
      HTTPClient.Configuration(totalDeadline: .seconds(30), caFile: authority.caFile))
  }

  private static func failure(
    _ client: HTTPClient, _ url: String, _ interruption: Interruption
  ) -> HTTPFailure? {
    do throws(HTTPFailure) {
      _ = try client.post(
        url, contentType: "text/plain", body: [], until: interruption)
      return nil
    } catch {
      return error
    }
  }

  @Test func anExchangeThatWaitsIsGivenUpAndTheNextOneIsServed() throws {
    let isHeld = Atomic(true)
    let server = try LoopbackServer(try authority.issue()) { request in
      // Ends by itself, so that a failing test does.
      for _ in 0..<5000 where request.path == "/held" && isHeld.load(ordering: .relaxed) {
        usleep(1000)
      }
      return [.respond(body: "well")]
    }
    let (client, interruption) = (client(), Interruption())
    let seen = Mutex<[HTTPFailure?]>([])
    let worker = Worker(name: "held")
    let url = server.url("/held")
    worker.enqueue {
      let failure = Self.failure(client, url, interruption)
      seen.withLock { $0.append(failure) }
    }
    while server.requests.isEmpty { usleep(1000) }
    interruption.ask()
    while worker.backlog > 0 { usleep(1000) }
    let isStillHeld = isHeld.load(ordering: .relaxed)
    #expect(isStillHeld, "the server has not answered")
    #expect(seen.withLock { $0.first??.cause } == .broken)
    #expect(seen.withLock { $0.first??.words } == "given up by ourselves")
    isHeld.store(false, ordering: .relaxed)
    #expect(try client.get(server.url("/next")).status == 200)
    server.stop()
  }

  @Test func oneThatWasAskedBeforeSendsNothing() throws {
    let server = try LoopbackServer(try authority.issue()) { _ in [.respond(body: "well")] }
    let interruption = Interruption()
    interruption.ask()
    #expect(Self.failure(client(), server.url(), interruption)?.cause == .broken)
    #expect(server.requests.isEmpty)
  }

  @Test func anInterruptionThatNobodyAsksForChangesNothing() throws {
    let server = try LoopbackServer(try authority.issue()) { _ in [.respond(body: "well")] }
    let (client, interruption) = (client(), Interruption())
    for _ in 0..<3 { #expect(Self.failure(client, server.url(), interruption) == nil) }
    #expect(server.connections == 1)
    interruption.ask()
  }
}
