@testable import FleetStorage
import Glibc
import LoopbackDatabase
import Ordering
import Platform
@testable import PostgresStorage
import Simulation
import Testing
import Timing

/// Connections are cut, processes killed, the database stopped: what is told is what was done.
@Suite struct TroubleTests {
  private static let isHere = DatabaseServer.programs != nil

  /// A transaction of somebody else's, which holds what it has touched.
  private func holding(
    _ room: Storeroom, _ sql: [String]
  ) throws -> PostgresConnection {
    let connection = try PostgresConnection(room.address.place, timeLimit: .seconds(30))
    _ = try connection.run(
      (["SET search_path = \(room.address.schema)", "BEGIN"] + sql).map { PostgresQuery($0) })
    return connection
  }

  /// Ends the backend that waits for a lock while it carries out a statement like this one.
  private func cut(_ room: Storeroom, waitingIn words: String) throws -> Int {
    let connection = try PostgresConnection(room.address.place, timeLimit: .seconds(30))
    let limit = Clock.now() + .seconds(20)
    while Clock.now() < limit {
      // The store's backends are told from those of other tests by the lock that they wait for:
      // one that a transaction in this room's schema holds.
      let rows = try connection.run([
        PostgresQuery(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity AS a
          WHERE a.wait_event_type = 'Lock' AND a.query LIKE $1 AND EXISTS (
            SELECT FROM pg_stat_activity AS b WHERE b.pid = ANY (pg_blocking_pids(a.pid))
            AND b.query LIKE $2)
          """, [.text("%\(words)%"), .text("%\(room.address.schema) holds%")])
      ])[0]
      if rows.count > 0 { return rows.count }
    }
    return 0
  }

  @Test(.enabled(if: isHere, "PostgreSQL is not installed"))
  func aConnectionThatIsCutWhileCommittingLeavesTheOutcomeOpen() async throws {
    let room = Storeroom(.postgres)
    defer { room.leave() }
    let store = try #require(try room.open() as? PostgresFleetStore)
    _ = try store.apply(.opening())
    // Somebody holds the outbox: the batch has been sent up to its commit and waits there.
    let holder = try holding(room, [])
    _ = try holder.run([
      store.lock(.outbox), PostgresQuery("SELECT '\(room.address.schema) holds'"),
    ])
    let results = await onThreads(2) { index -> FleetError? in
      do throws(FleetError) {
        if index == 0 {
          guard
            let posting = try? Posting.step(1, messages: [.init(topic: "order", body: "x")])
          else { return nil }
          _ = try store.apply(posting)
        } else {
          let count = try? cut(room, waitingIn: "pg_advisory_xact_lock")
          precondition(count == 1, "\(count ?? -1) connections were cut")
        }
        return nil
      } catch {
        return error
      }
    }
    guard case .unknown? = results[0] else {
      Issue.record("\(String(describing: results[0]))")
      return
    }
    _ = try holder.run([PostgresQuery("ROLLBACK")])
    // Read again: nothing of it was written, and nothing stands in the way.
    #expect(try store.order(OrderRequest.sample().number)?.revision == 1)
    #expect(try store.events(of: OrderRequest.sample().number).count == 1)
    #expect(try store.messages(after: .start, limit: 9).isEmpty)
    #expect(try store.apply(.step(1)) == .written(revision: 2))
  }

  @Test(.enabled(if: isHere, "PostgreSQL is not installed"))
  func aConnectionThatIsCutBeforeAnythingIsWrittenIsReplaced() async throws {
    let room = Storeroom(.postgres)
    defer { room.leave() }
    let store = try room.open()
    _ = try store.apply(.opening())
    let holder = try holding(
      room,
      ["SELECT * FROM orders FOR UPDATE", "SELECT '\(room.address.schema) holds'"])
    let answers = await onThreads(2) { index -> PostingAnswer? in
      if index == 0 { return try? store.apply(.step(1)) }
      let count = try? cut(room, waitingIn: "FOR UPDATE")
      precondition(count == 1, "\(count ?? -1) connections were cut")
      _ = try? holder.run([PostgresQuery("ROLLBACK")])
      return nil
    }
    #expect(answers[0] == .written(revision: 2))
  }

  @Test(.enabled(if: isHere, "PostgreSQL is not installed"))
  func aProcessThatIsCutInMidTransactionLeavesNothingBehind() throws {
    let room = Storeroom(.postgres)
    defer { room.leave() }
    let store = try room.open()
    try store.sell(.sample())
    do {
      let stranger = try holding(
        room,
        [
          "UPDATE orders SET revision = 99", "DELETE FROM events",
          "INSERT INTO readers VALUES ('x', 1)",
        ])
      withExtendedLifetime(stranger) {}
    }
    #expect(try store.order(OrderRequest.sample().number)?.revision == 5)
    #expect(try store.events(of: OrderRequest.sample().number).count == 5)
    #expect(try store.place(of: "x") == .start)
  }

  @Test(.enabled(if: isHere, "PostgreSQL is not installed"), arguments: [true, false])
  func aServerThatIsStoppedAndStartedAgainIsFoundAgain(killing: Bool) throws {
    let server = try DatabaseServer()
    let room = Storeroom(.postgres, server: server)
    defer { room.leave() }
    let store = try room.open(timeLimit: .seconds(5))
    let feed = try store.feed(after: .start)
    _ = try store.apply(.opening(.sample(1), messages: [.init(topic: "order", body: "1")]))
    #expect(try feed.next(waiting: .seconds(10), atMost: 9).map(\.body) == ["1"])
    server.stop(killing: killing)
    #expect {
      _ = try store.apply(.opening(.sample(2)))
    } throws: {
      if case .unavailable? = $0 as? FleetError { true } else { false }
    }
    #expect(throws: FleetError.self) { try store.orders([OrderRequest.sample(1).number]) }
    #expect(throws: FleetError.self) { try feed.next(waiting: .seconds(1), atMost: 9) }
    #expect(throws: FleetError.self) { try room.open(timeLimit: .seconds(5)) }
    try server.start()
    #expect(try store.order(OrderRequest.sample(1).number)?.revision == 1)
    let drafts = [Posting.Draft(topic: "order", body: "2")]
    #expect(try store.apply(.opening(.sample(2), messages: drafts)) == .written(revision: 1))
    #expect(try feed.next(waiting: .seconds(10), atMost: 9).map(\.body) == ["2"])
  }

  @Test(.enabled(if: isHere, "PostgreSQL is not installed"))
  func idleConnectionsThatDiedCostNothing() throws {
    let room = Storeroom(.postgres)
    defer { room.leave() }
    let store = try room.open()
    let other = try PostgresConnection(room.address.place, timeLimit: .seconds(10))
    for step in 1...3 {
      // Whatever is called next finds a dead connection, and makes a new one.
      _ = try other.run([
        PostgresQuery(
          """
          SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
          WHERE pid <> pg_backend_pid() AND query LIKE $1
          """, [.text("%\(room.address.schema)%")])
      ])
      switch step {
      case 1: #expect(try store.apply(.opening()) == .written(revision: 1))
      case 2: #expect(try store.put(FleetMachine(name: "A"), expecting: 0) == .written(1))
      default: try store.log(LogEntry(at: noon, who: "a", what: "b", subject: "c", body: ""))
      }
    }
    #expect(try store.logEntries(about: nil, before: nil, limit: 9).count == 1)
  }

  @Test(.enabled(if: isHere, "PostgreSQL is not installed"))
  func aServerThatDoesNotAnswerCostsTheTimeLimitAndNoMore() throws {
    let room = Storeroom(.postgres)
    defer { room.leave() }
    let store = try room.open(timeLimit: .milliseconds(300))
    _ = try store.apply(.opening())
    let holder = try holding(room, ["SELECT * FROM orders FOR UPDATE"])
    #expect {
      _ = try store.apply(.step(1))
    } throws: {
      if case .unavailable? = $0 as? FleetError { true } else { false }
    }
    _ = try holder.run([PostgresQuery("ROLLBACK")])
    #expect(try store.apply(.step(1)) == .written(revision: 2))
  }

  @Test func aProcessThatIsKilledInMidTransactionLeavesNothingInTheFile() async throws {
    let room = Storeroom(.sqlite)
    defer { room.leave() }
    let path = room.address.place
    let store = try room.open()
    try store.sell(.sample())
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let store = try SQLiteFleetStore(path: path)
      try store.write { connection throws(FleetError) in
        try connection.run("UPDATE orders SET revision = 99")
        try connection.run("DELETE FROM events")
        kill(getpid(), SIGKILL)
      }
    }
    #expect(try store.order(OrderRequest.sample().number)?.revision == 5)
    #expect(try store.events(of: OrderRequest.sample().number).count == 5)
    #expect(try store.apply(.opening(.sample(2))) == .written(revision: 1))
  }

  @Test func aFileThatAnotherWritesIsNotAvailableForAMoment() throws {
    let room = Storeroom(.sqlite)
    defer { room.leave() }
    let store = try room.open()
    let other = try SQLiteConnection(path: room.address.place, readOnly: false)
    try other.run("BEGIN IMMEDIATE")
    #expect {
      _ = try store.apply(.opening())
    } throws: {
      if case .unavailable? = $0 as? FleetError { true } else { false }
    }
    #expect(try store.orders(matching: OrderSearch()).orders.isEmpty)
    try other.run("ROLLBACK")
    #expect(try store.apply(.opening()) == .written(revision: 1))
  }

  @Test func aDirectoryThatIsNotThereIsSaid() {
    #expect {
      _ = try SQLiteFleetStore(path: "/nowhere/at/all.db")
    } throws: {
      if case .unavailable? = $0 as? FleetError { true } else { false }
    }
  }

  @Test(arguments: StoreKind.here)
  func aDamagedRowIsToldAndItsNeighboursAreRead(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    for index in 1...2 { _ = try store.apply(.opening(.sample(index))) }
    try room.spoil("UPDATE orders SET state = 'nonsense' WHERE number = 'TEST10000001'")
    #expect {
      _ = try store.order(OrderRequest.sample(1).number)
    } throws: {
      if case .corrupt? = $0 as? FleetError { true } else { false }
    }
    #expect(try store.order(OrderRequest.sample(2).number)?.revision == 1)
    #expect(try store.apply(.step(1, of: .sample(2))) == .written(revision: 2))
  }
}
