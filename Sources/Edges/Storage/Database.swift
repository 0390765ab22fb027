internal import CSQLite

/// One connection to one SQLite file, with its statements prepared once.
///
/// Not `Sendable`: its owner holds a lock around every call. SQLite's own mutexes are off.
@safe
package final class Database {
  /// A value for a `?` of a statement.
  package enum Value {
    case integer(Int64)
    case text(String)
    case null
  }

  private let handle: OpaquePointer
  private let path: String
  private var statements: [String: Statement] = [:]
  private let pages = UnsafeMutablePointer<Int32>.allocate(capacity: 1)

  /// Opens a file that is there.
  package init(path: String, readOnly: Bool) throws(StorageError) {
    let flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
      | (readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE)
    var opened: OpaquePointer?
    let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
    guard let opened = unsafe opened else { throw .io("SQLite has no memory") }
    guard code == SQLITE_OK else {
      let failure = unsafe Self.failure(code, opened, path)
      unsafe sqlite3_close_v2(opened)
      throw failure
    }
    unsafe handle = opened
    self.path = path
    unsafe pages.initialize(to: 0)
    // A reader that recovers the log, or a writer that checkpoints, holds a lock for a moment only.
    unsafe sqlite3_busy_timeout(handle, 2000)
    _ = unsafe vend_sqlite_defensive(handle)
    unsafe vend_sqlite_count_pages(handle, pages)
  }

  deinit {
    // With a limit the log that stays would be cut to nothing (sqlite3WalClose).
    unsafe sqlite3_exec(handle, "PRAGMA journal_size_limit=-1", nil, nil, nil)
    // Statements that live a little longer keep the connection until they are gone (close_v2).
    unsafe sqlite3_close_v2(handle)
    unsafe pages.deallocate()
  }

  /// Pages in the write-ahead log after the last commit of this connection.
  package var logPages: Int { Int(unsafe pages.pointee) }

  /// Lets nothing be written any more, not even by closing.
  package func abandon() { _ = unsafe vend_sqlite_no_checkpoint_on_close(handle) }

  /// Runs a statement and calls `row` with each of its rows.
  package func run(
    _ sql: String, _ values: [Value] = [],
    row: (borrowing Row) throws(StorageError) -> Void = { _ in }
  ) throws(StorageError) {
    let statement = unsafe try prepared(sql).pointer
    defer {
      unsafe sqlite3_reset(statement)
      unsafe sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() {
      let code = unsafe bind(value, to: statement, at: Int32(index + 1))
      guard code == SQLITE_OK else { throw failure(code) }
    }
    while true {
      let code = unsafe sqlite3_step(statement)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else { throw failure(code) }
      try row(unsafe Row(statement))
    }
  }

  /// The one number that a statement yields; nil without a row.
  package func integer(_ sql: String, _ values: [Value] = []) throws(StorageError) -> Int64? {
    var result: Int64?
    try run(sql, values) { row in result = row.integer(0) }
    return result
  }

  /// The one text that a statement yields; nil without a row.
  package func text(_ sql: String, _ values: [Value] = []) throws(StorageError) -> String? {
    var result: String?
    try run(sql, values) { row throws(StorageError) in result = try row.text(0) }
    return result
  }

  /// Syncs the log.
  package func syncLog() throws(StorageError) {
    let code = unsafe vend_sqlite_sync_log(handle)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// Keeps the log's file when this connection closes.
  package func keepLog() throws(StorageError) {
    let code = unsafe vend_sqlite_keep_log(handle)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// Moves what the log holds into the file, as far as readers allow.
  ///
  /// With `restart` the next commit begins the log anew unless a reader still needs it. A log that
  /// is busy is no failure; a failed write or sync is.
  package func checkpoint(restart: Bool) throws(StorageError) {
    let mode = restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE
    let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, mode, nil, nil)
    switch code & 0xFF {
    case SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED: return
    default: throw failure(code)
    }
  }

  /// A prepared statement, finalized with its owner.
  @safe
  private final class Statement {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe sqlite3_finalize(pointer) }
  }

  private func prepared(_ sql: String) throws(StorageError) -> Statement {
    if let statement = statements[sql] { return statement }
    var made: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
    guard code == SQLITE_OK, let made = unsafe made else { throw failure(code) }
    let statement = unsafe Statement(made)
    statements[sql] = statement
    return statement
  }

  private func bind(_ value: Value, to statement: OpaquePointer, at index: Int32) -> Int32 {
    switch value {
    case .null: return unsafe sqlite3_bind_null(statement, index)
    case .integer(let number): return unsafe sqlite3_bind_int64(statement, index, number)
    case .text(var text):
      return text.withUTF8 { bytes in
        unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
          // An empty text has no address of its own, and a null pointer would mean NULL.
          let count = Int32(characters.count)
          guard let base = characters.baseAddress, count > 0 else {
            return unsafe vend_sqlite_bind_text(statement, index, "", 0)
          }
          return unsafe vend_sqlite_bind_text(statement, index, base, count)
        }
      }
    }
  }

  private func failure(_ code: Int32) -> StorageError {
    unsafe Self.failure(code, handle, path)
  }

  /// One row of a running statement; it must not outlive the call that got it.
  @safe
  package struct Row: ~Copyable {
    private let statement: OpaquePointer

    fileprivate init(_ statement: OpaquePointer) { unsafe self.statement = statement }

    package func integer(_ column: Int32) -> Int64 {
      unsafe sqlite3_column_int64(statement, column)
    }

    /// Whether a column holds nothing.
    package func isNull(_ column: Int32) -> Bool {
      unsafe sqlite3_column_type(statement, column) == SQLITE_NULL
    }

    /// A column's text; `.corrupt` when it is not UTF-8, since only UTF-8 was ever written.
    package func text(_ column: Int32) throws(StorageError) -> String {
      guard let start = unsafe sqlite3_column_text(statement, column) else { return "" }
      let count = Int(unsafe sqlite3_column_bytes(statement, column))
      let bytes = unsafe UnsafeBufferPointer(start: start, count: count)
      guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
        throw .corrupt("a text that is not UTF-8")
      }
      return text
    }
  }
}
