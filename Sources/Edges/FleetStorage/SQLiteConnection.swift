internal import Money
internal import Ordering
internal import Storage
internal import Timing

/// A connection to the file, in the words of this module.
///
/// Not `Sendable`: its owner holds a lock around every call.
final class SQLiteConnection {
  typealias Value = Database.Value
  typealias Row = Database.Row

  private let database: Database
  /// Whether SQLite found the file damaged, or could not write it: nothing more may be built on it.
  private(set) var isLost = false

  init(path: String, readOnly: Bool) throws(FleetError) {
    do throws(StorageError) {
      database = try Database(path: path, readOnly: readOnly)
      for pragma in ["trusted_schema=OFF", "cache_size=-16384", "temp_store=2"] {
        try database.run("PRAGMA \(pragma)")
      }
    } catch {
      throw FleetError(error)
    }
  }

  /// Pages in the write-ahead log after the last commit of this connection.
  var logPages: Int { database.logPages }

  func abandon() { database.abandon() }

  /// Runs a statement and calls `row` with each of its rows.
  func run(
    _ sql: String, _ values: [Value] = [],
    row body: (borrowing Row) throws(FleetError) -> Void = { _ in }
  ) throws(FleetError) {
    var failure: FleetError?
    do throws(StorageError) {
      try database.run(sql, values) { row throws(StorageError) in
        do throws(FleetError) {
          try body(row)
        } catch {
          failure = error
          throw .refused("a row")
        }
      }
    } catch {
      if let failure { throw failure }
      switch error {
      case .corrupt, .io, .poisoned: isLost = true
      case .full, .readOnly, .locked, .newerSchema, .wrongRole, .notThere, .refused: break
      }
      throw FleetError(error)
    }
  }

  /// The one number that a statement yields; nil without a row, or with nothing in it.
  func integer(_ sql: String, _ values: [Value] = []) throws(FleetError) -> Int64? {
    var result: Int64?
    try run(sql, values) { row in result = row.optionalInteger(0) }
    return result
  }

  /// Rows that the last statement changed.
  func changes() throws(FleetError) -> Int { Int(try integer("SELECT changes()") ?? 0) }

  /// The rows that a statement yields, as values.
  func all<Element>(
    _ sql: String, _ values: [Value] = [],
    _ element: (borrowing Row) throws(FleetError) -> Element
  ) throws(FleetError) -> [Element] {
    var found: [Element] = []
    try run(sql, values) { row throws(FleetError) in found.append(try element(row)) }
    return found
  }

  /// Makes every commit last, and the log long enough for batches.
  func makeDurable(_ path: String, logPages: Int) throws(FleetError) {
    do throws(StorageError) {
      guard try database.text("PRAGMA journal_mode=WAL") == "wal" else {
        throw .io("the file system does not allow SQLite's write-ahead log")
      }
      try database.run("PRAGMA synchronous=FULL")
      try database.run("PRAGMA journal_size_limit=\(logPages * 4120)")
      try database.keepLog()
      try Layout.reserveLog("\(path)-wal", pages: logPages, bytesMax: logPages * 4120)
    } catch {
      throw FleetError(error)
    }
  }

  /// Moves what the log holds into the file, as far as readers allow.
  func checkpoint() throws(FleetError) {
    do throws(StorageError) {
      try database.checkpoint(restart: false)
    } catch {
      throw FleetError(error)
    }
  }
}

extension Database.Row: FleetRow {
  package func word(_ column: Int32) throws(FleetError) -> String {
    do throws(StorageError) {
      return try text(column)
    } catch {
      throw FleetError(error)
    }
  }

  func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

  func time(_ column: Int32) -> WallTime { WallTime(milliseconds: integer(column)) }

  func optionalTime(_ column: Int32) -> WallTime? {
    optionalInteger(column).map { WallTime(milliseconds: $0) }
  }
}

extension SQLiteConnection.Value {
  static func optional(_ text: String?) -> Self { text.map { .text($0) } ?? .null }

  static func time(_ time: WallTime) -> Self { .integer(time.milliseconds) }

  static func optional(_ time: WallTime?) -> Self { time.map { .time($0) } ?? .null }
}

extension FleetError {
  /// The file's failures in this module's words.
  init(_ error: StorageError) {
    switch error {
    case .full, .readOnly, .locked, .notThere: self = .unavailable("\(error)")
    case .corrupt(let place): self = .corrupt(place)
    case .newerSchema(let found, let known): self = .newerSchema(found: found, known: known)
    case .wrongRole(let words): self = .refused(words)
    case .refused(let words): self = .refused(words)
    case .io(let words), .poisoned(let words): self = .broken(words)
    }
  }
}
