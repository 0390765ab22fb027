import FleetStorage
import Glibc
import Ordering
import Platform
import Simulation
import Synchronization
import Testing
import Timing

@testable import PostgresStorage

/// A server that is not there is left in peace.
@Suite struct ReconnectionTests {
  private static let away = PostgresFailure(kind: .lost, code: "", words: "away")
  private static let starting = PostgresFailure(kind: .lost, code: "", words: "starting up")

  @Test func aServerThatIsThereIsAskedByEverybody() {
    var gate = Reconnection()
    for step in 0..<10 { #expect(gate.refusal(at: .zero + .milliseconds(step)) == nil) }
  }

  @Test func oneTriesAndTheOthersHearWhatTheLastOneHeard() {
    var gate = Reconnection()
    var now = Instant.zero
    gate.failed(Self.away, at: now)
    #expect(gate.refusal(at: now)?.words == "away")
    now = now + .milliseconds(20)
    #expect(gate.refusal(at: now) == nil)
    #expect(gate.refusal(at: now)?.words == "away", "somebody is trying already")
    gate.failed(Self.starting, at: now)
    #expect(gate.refusal(at: now + .milliseconds(39))?.words == "starting up")
    #expect(gate.refusal(at: now + .milliseconds(40)) == nil)
    gate.succeeded()
    for _ in 0..<10 { #expect(gate.refusal(at: now) == nil) }
  }

  @Test func whoNeverComesBackFromATryKeepsNobodyOutForLong() {
    var gate = Reconnection()
    gate.failed(Self.away, at: .zero)
    var tries = 0
    for step in 0..<60_000 where gate.refusal(at: .zero + .milliseconds(step)) == nil { tries += 1 }
    #expect(tries == 2999, "every 20 ms in a minute")
    for _ in 0..<20 { gate.failed(Self.away, at: .zero) }
    tries = 0
    for step in 0..<60_000 where gate.refusal(at: .zero + .milliseconds(step)) == nil { tries += 1 }
    #expect(tries == 119, "every half second")
  }

  @Test(.enabled(if: DatabaseServer.programs != nil, "PostgreSQL is not installed"))
  func aServerThatTurnsEverybodyAwayIsTriedNowAndThen() throws {
    let server = try DatabaseServer()
    let store = try PostgresFleetStore(server.parameters)
    _ = try store.apply([.opening()])
    server.stop(killing: false)
    // Somebody hangs up on all who call at its socket, as a server that starts up does.
    let caller = try Doorman(at: "\(server.folder)/.s.PGSQL.5432")
    let end = Clock.now() + .milliseconds(600)
    var refusals = 0
    while Clock.now() < end {
      do throws(FleetError) {
        _ = try store.order(OrderRequest.sample().number)
        Issue.record("there is no server")
      } catch {
        guard case .unavailable = error else { Issue.record("\(error)"); break }
        refusals += 1
      }
    }
    // 20, 40, ... 500 ms: six tries, and the same again for a slow computer.
    #expect(refusals > 1000 && caller.calls < 13, "\(refusals) refusals, \(caller.calls) tries")
    caller.leave()
    try server.start()
    let limit = Clock.now() + .seconds(10)
    while (try? store.order(OrderRequest.sample().number)) == nil, Clock.now() < limit {}
    #expect(try store.order(OrderRequest.sample().number)?.revision == 1)
  }
}

/// Takes calls at a socket, and hangs up.
private final class Doorman: Sendable {
  private let door: Int32
  private let path: String
  private let count = Mutex(0)
  private let worker = Worker(name: "doorman")

  init(at path: String) throws {
    self.path = path
    door = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    unlink(path)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(door, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard bound, listen(door, 64) == 0 else { throw SystemError.last("bind", path) }
    worker.enqueue { [self] in
      while true {
        let caller = accept(door, nil, nil)
        guard caller >= 0 else { return }
        count.withLock { $0 += 1 }
        close(caller)
      }
    }
  }

  /// How often somebody has called.
  var calls: Int { count.withLock { $0 } }

  func leave() {
    shutdown(door, Int32(SHUT_RDWR))
    close(door)
    unlink(path)
  }
}
