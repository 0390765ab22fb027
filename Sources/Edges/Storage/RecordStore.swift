internal import Platform
private import Synchronization
public import Timing

/// Records, items and values in one SQLite file that survives a power cut at any moment.
///
/// Two stores exist: the board's journal and the core's order book. What `commit` has returned from
/// is on the disk, unless it was told to be deferred: the log is synced with every commit (WAL,
/// `synchronous=FULL`; NORMAL may roll commits back). The log's room is written beforehand, so that
/// a sync writes data and no file system's tables, and a disk that fills up lets a sale end.
/// Records are chained by checksums and every row has its own, so worn flash is found and named
/// instead of read as truth.
///
/// After a commit that failed, what is on the disk is unknown: the kernel may drop what it cannot
/// write and call the pages clean, so a second sync would succeed without them (fsyncgate). Every
/// later commit is then `.poisoned`; the process ends, and the next one reads what is there.
///
/// Calls block for as long as the disk takes; give them a worker. While nobody calls, nothing is
/// written.
public final class RecordStore: Sendable {
  /// Whose store it is; a store of the other role is refused.
  public enum Role: String, Hashable, Sendable, CaseIterable {
    /// The board's journal of sales.
    case board
    /// The payment core's book of orders.
    case core
  }

  /// What the caller wants to do.
  public enum Mode: Hashable, Sendable {
    /// The one writer. Makes the file when it is not there.
    case readWrite
    /// A reader beside the writer, or without one. Nothing is made or repaired.
    case readOnly
  }

  /// The store's file; SQLite keeps a `-wal` and a `-shm` beside it.
  public let path: String
  public let role: Role
  public let mode: Mode
  private let logPagesMax: Int
  private let state: Mutex<State>

  /// How sure a commit is when it returns.
  public enum Durability: Hashable, Sendable {
    /// On the disk.
    case synced
    /// In the log, and on the disk after `sync`, which the next commit does first: until then a
    /// power cut may take it, and nothing else. A killed process loses nothing.
    case deferred
  }

  private struct State {
    var database: Database
    var failure: StorageError?
    var durability = Durability.synced
    /// Whether the last commit is not synced yet.
    ///
    /// Only ever one, or the log's check would take what a power cut left of two for damage.
    var awaitsSync = false
  }

  /// Opens a store, and checks it as far as a start can wait: the log frame by frame, the file's
  /// structure, the newest records' chain, every open item and every value.
  ///
  /// Throws `.notThere` without the directory (or the file, for a reader), `.readOnly`, `.corrupt`,
  /// `.newerSchema`, `.wrongRole`, `.locked` when another process writes just now, `.full`, `.io`.
  public convenience init(
    path: String, role: Role, mode: Mode = .readWrite
  ) throws(StorageError) {
    try self.init(path: path, role: role, mode: mode, logPagesMax: 256)
  }

  /// The log is kept near `logPagesMax` pages of 4 KiB: it bounds the disk, and the time that the
  /// next start needs.
  init(path: String, role: Role, mode: Mode, logPagesMax: Int) throws(StorageError) {
    (self.path, self.role, self.mode) = (path, role, mode)
    self.logPagesMax = logPagesMax
    if mode == .readWrite {
      try Layout.makeFile(path)
      try LogScan.check("\(path)-wal")
    }
    let database = try Database(path: path, readOnly: mode == .readOnly)
    try Layout.prepare(database, path: path, role: role, mode: mode)
    if mode == .readWrite {
      try Audit(database).atStart()
      // What a failed sync left in memory only is written again here, and synced.
      try database.checkpoint(restart: true)
      try database.keepLog()
      try Layout.reserveLog("\(path)-wal", pages: logPagesMax)
    }
    state = Mutex(State(database: database, failure: nil))
  }

  /// Why nothing can be written any more; nil while all is well.
  public var failure: StorageError? { state.withLock { $0.failure } }

  /// Bytes that may still be written on the store's file system.
  public var freeBytes: Int64 {
    get throws(StorageError) {
      do throws(SystemError) {
        return try Files.freeBytes(at: Files.directory(of: path))
      } catch {
        throw .io("\(error)")
      }
    }
  }

  /// Appends records and replaces items and values, all or nothing, as durably as it is told.
  ///
  /// Returns the sequence of the last record. Throws `.refused` for what breaks the bounds and
  /// `.locked` when another process writes: then nothing happened and the store stays usable. After
  /// any other error it is poisoned.
  @discardableResult
  public func commit(
    _ records: [Record], items: [Item] = [], values: [(String, String)] = [],
    durability: Durability = .synced
  ) throws(StorageError) -> Int64 {
    try Bounds.check(records, items, values)
    return try write(durability) { database throws(StorageError) in
      var tail = try Chain.tail(database)
      for record in records { tail = try Chain.append(record, after: tail, database) }
      for item in items { try database.replace(item) }
      for (key, value) in values { try database.replaceValue(value, for: key) }
      return tail.sequence
    }
  }

  /// Syncs a deferred commit; nothing when there is none.
  public func sync() throws(StorageError) {
    try state.withLock { state throws(StorageError) in
      if let failure = state.failure { throw .poisoned("\(failure)") }
      try Self.sync(&state)
    }
  }

  private static func sync(_ state: inout sending State) throws(StorageError) {
    guard state.awaitsSync else { return }
    do throws(StorageError) {
      try state.database.syncLog()
      state.awaitsSync = false
    } catch {
      state.failure = error
      state.database.abandon()
      throw error
    }
  }

  /// Deletes the oldest records, up to the first that is as new as `limit`; returns how many.
  ///
  /// Records of open items stay, and so does the proof that the rest is whole. Items and values are
  /// not touched. Age is by the records' own times: one that is dated too late keeps what follows.
  @discardableResult
  public func prune(keepingRecordsAfter limit: WallTime) throws(StorageError) -> Int {
    try write { database throws(StorageError) in try Chain.prune(database, before: limit) }
  }

  /// One transaction; the log is moved into the file when it has grown.
  private func write<Result: Sendable>(
    _ durability: Durability = .synced, _ body: (Database) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    guard mode == .readWrite else { throw .readOnly(path) }
    return try state.withLock { state throws(StorageError) in
      if let failure = state.failure { throw .poisoned("\(failure)") }
      try Self.sync(&state)
      let database = state.database
      if state.durability != durability {
        try Layout.setDurability(durability, database)
        state.durability = durability
      }
      try database.run("BEGIN IMMEDIATE")
      do throws(StorageError) {
        let result = try body(database)
        try database.run("COMMIT")
        state.awaitsSync = durability == .deferred
        state.failure = failureOfCheckpoint(database)
        return result
      } catch {
        state.failure = error
        database.abandon()
        throw error
      }
    }
  }

  /// The commit stands when this fails, but no later one may be built upon it.
  private func failureOfCheckpoint(_ database: Database) -> StorageError? {
    guard database.logPages >= logPagesMax else { return nil }
    do throws(StorageError) {
      try database.checkpoint(restart: false)
      return nil
    } catch {
      database.abandon()
      return error
    }
  }

  /// Reads under the lock; damage that a read finds ends the writing too.
  func read<Result: Sendable>(
    _ body: (Database) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    try state.withLock { state throws(StorageError) in
      do throws(StorageError) {
        return try body(state.database)
      } catch {
        if case .corrupt = error { state.failure = state.failure ?? error }
        throw error
      }
    }
  }
}
