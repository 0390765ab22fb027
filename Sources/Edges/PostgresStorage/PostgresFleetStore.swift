public import FleetStorage
internal import Platform
private import Synchronization
internal import Timing

/// A fleet's store in a PostgreSQL database (14 or later): for any number of processes.
///
/// It keeps a few connections and hands one to each call; with `CommitGroup` in front, four carry
/// tens of thousands of orders a second. Connections that were lost are made anew by the next call;
/// while there is no server, calls fail at once and one of them tries now and then.
/// All tables lie in one schema of the database, so that several stores may share a server.
public final class PostgresFleetStore: FleetStore {
  /// The schema that holds the tables.
  public let schema: String
  let parameters: String
  let timeLimit: Duration
  private let connectionsMax: Int
  private let pool = Mutex(Pool())
  private let bell = Bell()
  private let reconnection = Mutex(Reconnection())

  private struct Pool {
    var idle: [PostgresConnection] = []
    var count = 0
  }

  /// Connects to a database.
  ///
  /// `parameters` are libpq's own (`host=... dbname=... sslmode=verify-full`, or a `postgresql:`
  /// URL); a password belongs into a file that they name. `schema` is made of small letters, digits
  /// and `_`. Each trip to the server takes `timeLimit` at most, and a call makes two or three.
  /// Throws `unavailable` when there is no server, `newerSchema`, `olderSchema` when a migration is
  /// needed and not allowed, `refused` for a database that is not in UTF-8.
  public convenience init(
    _ parameters: String, schema: String = "vend", migration: FleetSchema.Migration = .allowed,
    connections: Int = 4, timeLimit: Duration = .seconds(10)
  ) throws(FleetError) {
    try self.init(
      parameters, schema: schema, migration: migration, connections: connections,
      timeLimit: timeLimit, lastStep: FleetSchema.version)
  }

  /// Makes the schema as the program of an earlier one did, for tests of what comes after it.
  init(
    _ parameters: String, schema: String, migration: FleetSchema.Migration, connections: Int,
    timeLimit: Duration, lastStep: Int
  ) throws(FleetError) {
    let isName = schema.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
    }
    guard isName, (1...40).contains(schema.utf8.count), schema.first?.isNumber == false else {
      throw .refused("\"\(schema)\" is no name of a schema: small letters, digits and _")
    }
    (self.parameters, self.schema) = (parameters, schema)
    (self.timeLimit, connectionsMax) = (timeLimit, max(1, connections))
    try migrate(migration, to: lastStep)
  }

  // MARK: Connections

  /// A new connection, set up for this store.
  func connect() throws(PostgresFailure) -> PostgresConnection {
    if let refusal = reconnection.withLock({ $0.refusal(at: Clock.now()) }) { throw refusal }
    do throws(PostgresFailure) {
      let connection = try tryToConnect()
      reconnection.withLock { $0.succeeded() }
      return connection
    } catch {
      reconnection.withLock { $0.failed(error, at: Clock.now()) }
      throw error
    }
  }

  private func tryToConnect() throws(PostgresFailure) -> PostgresConnection {
    let connection = try PostgresConnection(parameters, timeLimit: timeLimit)
    let milliseconds = max(1, timeLimit.wholeMilliseconds)
    // A process that hangs or dies in mid-transaction must not keep rows from others for long.
    let settings =
      [
        "search_path = \"\(schema)\"", "client_encoding = 'UTF8'",
        "standard_conforming_strings = on",
        "default_transaction_isolation = 'read committed'", "synchronous_commit = on",
        "jit = off",
        "statement_timeout = \(milliseconds)", "lock_timeout = \(milliseconds)",
        "idle_in_transaction_session_timeout = \(milliseconds)",
      ]
      // A plan is made once and kept, perhaps while a table was still empty: it must not read whole
      // tables when they have grown. Every statement here has an index to go by.
      + ["seqscan", "hashjoin", "mergejoin"].map { "enable_\($0) = off" }
    _ = try connection.run(settings.map { PostgresQuery(once: "SET \($0)") })
    return connection
  }

  /// Lends a connection for one piece of work; `isFresh` forbids one that was used before.
  private func borrow(isFresh: Bool) throws(PostgresFailure) -> PostgresConnection {
    let deadline = Clock.now() + timeLimit
    while true {
      let rings = bell.count
      let (idle, mayConnect) = pool.withLock { pool -> (PostgresConnection?, Bool) in
        if isFresh {
          // One was found dead: the others have most likely died with it.
          pool.count -= pool.idle.count
          pool.idle = []
        } else if let connection = pool.idle.popLast() {
          return (connection, false)
        }
        guard pool.count < connectionsMax else { return (nil, false) }
        pool.count += 1
        return (nil, true)
      }
      if let idle { return idle }
      if mayConnect {
        do throws(PostgresFailure) {
          return try connect()
        } catch {
          giveBack(nil)
          throw error
        }
      }
      guard Clock.now() < deadline else {
        throw PostgresFailure(kind: .refused, code: "", words: "all connections are busy")
      }
      bell.wait(beyond: rings, until: deadline)
    }
  }

  private func giveBack(_ connection: PostgresConnection?) {
    pool.withLock { pool in
      if let connection, !connection.isLost {
        pool.idle.append(connection)
      } else {
        pool.count -= 1
      }
    }
    bell.ring()
  }

  /// Does work with a connection, and once more with a new one when that was lost: for what may be
  /// done twice, or cannot have been done.
  func with<Result>(
    _ body: (PostgresConnection) throws(PostgresFailure) -> Result
  ) throws(PostgresFailure) -> (PostgresConnection, Result) {
    var isFresh = false
    while true {
      let connection = try borrow(isFresh: isFresh)
      do throws(PostgresFailure) {
        return (connection, try body(connection))
      } catch {
        giveBack(connection)
        guard error.kind == .lost, !isFresh else { throw error }
        isFresh = true
      }
    }
  }

  /// Carries out statements that may be carried out twice, in one transaction.
  func run(_ queries: [PostgresQuery]) throws(FleetError) -> [PostgresRows] {
    do throws(PostgresFailure) {
      let (connection, rows) = try with { connection throws(PostgresFailure) in
        try connection.run(queries)
      }
      giveBack(connection)
      return rows
    } catch {
      throw error.inFleet
    }
  }

  /// Carries out one such statement.
  @discardableResult
  func run(
    _ sql: String, _ values: [PostgresValue] = []
  ) throws(FleetError) -> PostgresRows {
    try run([PostgresQuery(sql, values)])[0]
  }

  /// A transaction's failure, with the server's own words where it had any.
  struct Undone: Error {
    var error: FleetError
    var failure: PostgresFailure?
  }

  /// Looks with `first`, and writes what `second` makes of that, in one transaction.
  ///
  /// Its two trips to the server are what keeps its fate clear: a connection that is lost before
  /// the second was sent has written nothing.
  func transaction(
    _ first: [PostgresQuery],
    then second: ([PostgresRows]) throws(FleetError) -> [PostgresQuery]
  ) throws(Undone) -> [PostgresRows] {
    let connection: PostgresConnection
    let found: [PostgresRows]
    do throws(PostgresFailure) {
      (connection, found) = try with { connection throws(PostgresFailure) in
        do throws(PostgresFailure) {
          return try connection.run([PostgresQuery("BEGIN")] + first)
        } catch {
          _ = try? connection.run([PostgresQuery("ROLLBACK")])
          throw error
        }
      }
    } catch {
      throw Undone(error: error.inFleet, failure: error)
    }
    defer { giveBack(connection) }
    let queries: [PostgresQuery]
    do throws(FleetError) {
      queries = try second(Array(found.dropFirst()))
    } catch {
      _ = try? connection.run([PostgresQuery("ROLLBACK")])
      throw Undone(error: error, failure: nil)
    }
    do throws(PostgresFailure) {
      return try connection.run(queries + [PostgresQuery("COMMIT")])
    } catch {
      if error.kind == .lost { throw Undone(error: .unknown(error.words), failure: nil) }
      _ = try? connection.run([PostgresQuery("ROLLBACK")])
      throw Undone(error: error.inFleet, failure: error)
    }
  }
}

extension PostgresFailure {
  /// Whether the same transaction may succeed when it is tried again at once: it lost a race.
  var isRace: Bool { ["40001", "40P01", "23505"].contains(code) }

  /// Whether a row's day has no part of its table yet.
  var wantsDay: Bool { code == "23514" && words.contains("no partition of relation") }

  /// The failure in the words of the store, of a transaction that was not carried out.
  var inFleet: FleetError {
    switch (kind, code.prefix(2)) {
    case (.lost, _): .unavailable(words)
    // Values that do not fit, and constraints (postgresql.org/docs/15/errcodes-appendix.html).
    case (.refused, "22"), (.refused, "23"), (.refused, "54"): .refused(words)
    case (.refused, "XX"): .corrupt(words)
    case (.refused, _): .unavailable(code.isEmpty ? words : "\(words) (\(code))")
    }
  }
}
