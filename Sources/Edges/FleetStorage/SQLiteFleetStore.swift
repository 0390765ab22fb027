internal import Platform
internal import Storage
internal import Synchronization

/// A fleet's store in one SQLite file: for one computer, and a few processes on it.
///
/// One transaction writes at a time, whichever process it is of; reading goes on beside it. Every
/// commit is on the disk when it returns. After a write or a sync that failed, nothing more is
/// written by this object (see `RecordStore` for why): the process ends, and the next one reads
/// what is there.
public final class SQLiteFleetStore: FleetStore {
  /// The file; SQLite keeps a `-wal` and a `-shm` beside it.
  public let path: String
  private let writer: Mutex<Writer>
  private let reader: Mutex<SQLiteConnection>
  /// Rung when messages were committed by this object.
  let bell = Bell()

  private struct Writer {
    var connection: SQLiteConnection
    var failure: FleetError?
  }

  /// A log of 16 MB: some dozens of batches between two moves of its content into the file.
  private static let logPages = 4096

  /// Opens the file, or makes it.
  ///
  /// Throws `unavailable` without the directory or the right to write, `newerSchema`, `olderSchema`
  /// when a migration is needed and not allowed, `refused` for a file of another program.
  public convenience init(
    path: String, migration: FleetSchema.Migration = .allowed
  ) throws(FleetError) {
    try self.init(path: path, migration: migration, lastStep: FleetSchema.version)
  }

  /// Opens the file as the program of an earlier schema did, for tests of what comes after it.
  init(
    path: String, migration: FleetSchema.Migration, lastStep: Int
  ) throws(FleetError) {
    self.path = path
    do throws(StorageError) {
      try Layout.makeFile(path)
    } catch {
      throw FleetError(error)
    }
    let connection = try SQLiteConnection(path: path, readOnly: false)
    // The log's mode first: it cannot be changed within a transaction.
    try connection.makeDurable(path, logPages: Self.logPages)
    try SQLiteSchema.migrate(connection, path: path, migration, to: lastStep)
    writer = Mutex(Writer(connection: connection, failure: nil))
    reader = Mutex(try SQLiteConnection(path: path, readOnly: true))
  }

  public var schemaVersion: Int {
    get throws(FleetError) {
      try read { connection throws(FleetError) in
        Int(try connection.integer("PRAGMA user_version") ?? 0)
      }
    }
  }

  /// One transaction; all of it or nothing.
  func write<Result: Sendable>(
    _ body: (SQLiteConnection) throws(FleetError) -> Result
  ) throws(FleetError) -> Result {
    try writer.withLock { writer throws(FleetError) in
      if let failure = writer.failure { throw failure }
      let connection = writer.connection
      do throws(FleetError) {
        try connection.run("BEGIN IMMEDIATE")
        let result = try body(connection)
        try connection.run("COMMIT")
        writer.failure = Self.moveLog(connection)
        return result
      } catch {
        if connection.isLost {
          writer.failure = error
          connection.abandon()
        } else {
          try? connection.run("ROLLBACK")
        }
        throw error
      }
    }
  }

  /// The commit stands when this fails, but no later one may be built upon it.
  private static func moveLog(_ connection: SQLiteConnection) -> FleetError? {
    guard connection.logPages >= logPages / 2 else { return nil }
    do throws(FleetError) {
      try connection.checkpoint()
      return nil
    } catch {
      connection.abandon()
      return error
    }
  }

  /// Reads in one view of the file.
  func read<Result: Sendable>(
    _ body: (SQLiteConnection) throws(FleetError) -> Result
  ) throws(FleetError) -> Result {
    try reader.withLock { connection throws(FleetError) in
      try connection.run("BEGIN")
      defer { try? connection.run("COMMIT") }
      return try body(connection)
    }
  }
}
