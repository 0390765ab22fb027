internal import CPostgres
internal import FleetStorage
internal import Glibc
internal import Platform
internal import Timing

/// Why a statement was not carried out.
struct PostgresFailure: Error {
  enum Kind {
    /// The server answered with an error; the transaction is undone.
    case refused
    /// The connection is gone or was given up; the server may have gone on.
    case lost
  }

  var kind: Kind
  /// SQLSTATE; empty where libpq has none.
  var code: String
  var words: String
}

/// One connection to a PostgreSQL server.
///
/// Statements go out together (pipeline mode) and their answers come back together, by sockets that
/// do not block and a deadline over all: a server that hangs costs the time limit and no thread.
/// Used by one thread at a time; whoever hands it on does so under a lock.
@safe
final class PostgresConnection: @unchecked Sendable {
  private let connection: OpaquePointer
  private let timeLimit: Duration
  /// The names of the statements that the server has prepared, by their text.
  private var prepared: [String: String] = [:]
  private(set) var isLost = false

  /// Connects, as `parameters` says in libpq's words (`host=... dbname=...`, or a URL).
  init(_ parameters: String, timeLimit: Duration) throws(PostgresFailure) {
    guard let made = unsafe PQconnectStart(parameters) else {
      throw PostgresFailure(kind: .lost, code: "", words: "libpq has no memory")
    }
    unsafe connection = made
    self.timeLimit = timeLimit
    guard unsafe PQstatus(connection) != CONNECTION_BAD else { throw lost() }
    unsafe vend_pq_be_quiet(connection)
    try establish(until: Clock.now() + timeLimit)
    guard unsafe PQsetnonblocking(connection, 1) == 0,
      unsafe PQenterPipelineMode(connection) == 1
    else { throw lost() }
  }

  deinit { unsafe PQfinish(connection) }

  private func establish(until deadline: Instant) throws(PostgresFailure) {
    var progress = PGRES_POLLING_WRITING
    while true {
      switch progress {
      case PGRES_POLLING_OK: return
      case PGRES_POLLING_READING: try wait(POLLIN, until: deadline)
      case PGRES_POLLING_WRITING: try wait(POLLOUT, until: deadline)
      default: throw lost()
      }
      progress = unsafe PQconnectPoll(connection)
    }
  }

  /// Carries out statements one after the other and gives their rows, one result each.
  ///
  /// The first that fails keeps those behind it from being carried out.
  func run(_ queries: [PostgresQuery]) throws(PostgresFailure) -> [PostgresRows] {
    guard !isLost else { throw lost() }
    let deadline = Clock.now() + timeLimit
    // What each answer belongs to: nil for the preparation of the statement behind it.
    var expected: [(isRows: Bool, sql: String)] = []
    for query in queries {
      let isNew = prepared[query.sql] == nil && !expected.contains { $0.sql == query.sql }
      if query.isKept, isNew {
        let name = "s\(namesGiven)"
        namesGiven += 1
        try mustSend(unsafe PQsendPrepare(connection, name, query.sql, 0, nil))
        expected.append((false, query.sql))
        names[query.sql] = name
      }
      try send(query)
      expected.append((true, query.sql))
    }
    try mustSend(unsafe PQpipelineSync(connection))
    return try collect(expected, until: deadline)
  }

  /// Names that were given, whether or not the server has the statement.
  private var names: [String: String] = [:]
  private var namesGiven = 0

  private func send(_ query: PostgresQuery) throws(PostgresFailure) {
    let texts = query.values.map(\.text)
    let count = Int32(texts.count)
    let sent = unsafe withCStrings(texts) { pointers in
      guard query.isKept, let name = names[query.sql] else {
        return unsafe PQsendQueryParams(
          connection, query.sql, count, nil, pointers.baseAddress, nil, nil, 0)
      }
      return unsafe PQsendQueryPrepared(
        connection, name, count, pointers.baseAddress, nil, nil, 0)
    }
    try mustSend(sent)
  }

  private func collect(
    _ expected: [(isRows: Bool, sql: String)], until deadline: Instant
  ) throws(PostgresFailure) -> [PostgresRows] {
    var results: [PostgresRows] = []
    var failure: PostgresFailure?
    for (isRows, sql) in expected {
      // A statement's result, then a null that ends it.
      guard let result = unsafe try next(until: deadline) else { throw lost() }
      switch unsafe PQresultStatus(result) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
        if isRows {
          results.append(unsafe PostgresRows(adopting: result))
        } else {
          prepared[sql] = names[sql]
          unsafe PQclear(result)
        }
      default:
        if failure == nil { failure = unsafe error(of: result) }
        unsafe PQclear(result)
      }
      if let more = unsafe try next(until: deadline) {
        unsafe PQclear(more)
        throw lost()
      }
    }
    // The mark behind the last statement: only now is the transaction's fate known.
    guard let mark = unsafe try next(until: deadline) else { throw lost() }
    let isMark = unsafe PQresultStatus(mark) == PGRES_PIPELINE_SYNC
    unsafe PQclear(mark)
    guard isMark else { throw lost() }
    if let failure {
      if failure.kind == .lost { isLost = true }
      throw failure
    }
    return results
  }

  private func error(of result: OpaquePointer) -> PostgresFailure {
    let code = unsafe vend_pq_error_kind(result).map { unsafe String(cString: $0) } ?? ""
    let severity = unsafe vend_pq_severity(result).map { unsafe String(cString: $0) } ?? ""
    let words = Self.line(unsafe String(cString: PQresultErrorMessage(result)))
    // After FATAL the server closes the connection, and may have committed before it did.
    let isLost = severity != "ERROR" || code.isEmpty
    return PostgresFailure(kind: isLost ? .lost : .refused, code: code, words: words)
  }

  /// The next result; nil at a statement's end.
  private func next(until deadline: Instant) throws(PostgresFailure) -> OpaquePointer? {
    try flush(until: deadline)
    while unsafe PQisBusy(connection) == 1 {
      try wait(POLLIN, until: deadline)
      guard unsafe PQconsumeInput(connection) == 1 else { throw lost() }
    }
    return unsafe PQgetResult(connection)
  }

  /// Sends what waits to be sent, and reads meanwhile: the server may be waiting for us to.
  private func flush(until deadline: Instant) throws(PostgresFailure) {
    while true {
      let left = unsafe PQflush(connection)
      if left == 0 { return }
      guard left == 1 else { throw lost() }
      try wait(POLLIN | POLLOUT, until: deadline)
      guard unsafe PQconsumeInput(connection) == 1 else { throw lost() }
    }
  }

  private func wait(_ events: Int32, until deadline: Instant) throws(PostgresFailure) {
    if try !wait(for: events, until: deadline) {
      isLost = true
      throw PostgresFailure(
        kind: .lost, code: "", words: "no answer within \(timeLimit.wholeMilliseconds) ms")
    }
  }

  /// Waits for the socket; false when the time is over.
  private func wait(for events: Int32, until deadline: Instant) throws(PostgresFailure) -> Bool {
    var entry = pollfd(
      fd: unsafe PQsocket(connection), events: Int16(events), revents: 0)
    while true {
      let rest = (deadline - Clock.now()).wholeMilliseconds
      let count = unsafe poll(&entry, 1, Int32(clamping: max(0, rest + 1)))
      if count > 0 { return true }
      if count == 0 || rest < 0 { return false }
      guard errno == EINTR else { throw lost() }
    }
  }

  /// Waits for a notification until a moment; true when one came.
  func waitForNotice(until deadline: Instant) throws(PostgresFailure) -> Bool {
    if takeNotices() { return true }
    guard try wait(for: POLLIN, until: deadline) else { return false }
    guard unsafe PQconsumeInput(connection) == 1 else { throw lost() }
    return takeNotices()
  }

  private func takeNotices() -> Bool {
    var isThere = false
    while let notice = unsafe PQnotifies(connection) {
      unsafe PQfreemem(notice)
      isThere = true
    }
    return isThere
  }

  private func mustSend(_ result: Int32) throws(PostgresFailure) {
    if result != 1 { throw lost() }
  }

  private func lost() -> PostgresFailure {
    isLost = true
    let words = Self.line(unsafe String(cString: PQerrorMessage(connection)))
    return PostgresFailure(
      kind: .lost, code: "", words: words.isEmpty ? "the connection is lost" : words)
  }

  /// libpq's words in one line.
  private static func line(_ words: String) -> String {
    words.split(separator: "\n").joined(separator: "; ")
  }
}

/// Calls `body` with texts as C strings, nil for nil, which live as long as the call.
private func withCStrings<Result>(
  _ texts: [String?], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
  var places: [Int?] = []
  var characters: [CChar] = []
  for text in texts {
    guard let text else {
      places.append(nil)
      continue
    }
    places.append(characters.count)
    characters += text.utf8.map { CChar(bitPattern: $0) }
    characters.append(0)
  }
  return unsafe characters.withUnsafeBufferPointer { buffer in
    let pointers = unsafe places.map { place in
      unsafe place.flatMap { unsafe buffer.baseAddress?.advanced(by: $0) }
    }
    return unsafe pointers.withUnsafeBufferPointer(body)
  }
}
