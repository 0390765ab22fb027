public import FleetStorage
internal import Timing

extension PostgresFleetStore {
  private static let documentColumns = "kind, name, version, at, author, body"

  private static func document(_ row: PostgresRows.Row) throws(FleetError) -> Document {
    let word = try row.word(0)
    guard let kind = DocumentKind(rawValue: word) else {
      throw .corrupt("\"\(word)\" is no kind of document")
    }
    return Document(
      kind: kind, name: try row.word(1), version: try row.integer(2), at: try row.time(3),
      author: try row.word(4), body: try row.word(5))
  }

  public func document(
    _ kind: DocumentKind, _ name: String, version: Int64?
  ) throws(FleetError) -> Document? {
    try run(
      """
      SELECT \(Self.documentColumns) FROM documents
      WHERE kind = $1 AND name = $2 AND ($3::bigint IS NULL OR version = $3)
      ORDER BY version DESC LIMIT 1
      """, [.text(kind.rawValue), .text(name), .optional(version)]
    ).map(Self.document).first
  }

  public func documents(
    _ kind: DocumentKind, after name: String, limit: Int
  ) throws(FleetError) -> [Document] {
    try run(
      """
      SELECT \(Self.documentColumns) FROM documents AS d WHERE kind = $1 AND name > $2
      AND version = (SELECT max(version) FROM documents WHERE kind = $1 AND name = d.name)
      ORDER BY name LIMIT $3
      """, [.text(kind.rawValue), .text(name), .integer(FleetBounds.rows(limit))]
    ).map(Self.document)
  }

  public func put(
    _ document: Document, expecting version: Int64, fence: Fence?
  ) throws(FleetError) -> PutAnswer {
    try FleetBounds.check(document)
    let looking = PostgresQuery(
      "SELECT max(version) FROM documents WHERE kind = $1 AND name = $2",
      [.text(document.kind.rawValue), .text(document.name)])
    return try put(looking, expecting: version, fence: fence) { version in
      PostgresQuery(
        "INSERT INTO documents (\(Self.documentColumns)) VALUES ($1, $2, $3, $4, $5, $6)",
        [
          .text(document.kind.rawValue), .text(document.name), .integer(version + 1),
          .integer(document.at.milliseconds), .text(document.author), .text(document.body),
        ])
    }
  }

  // MARK: People

  public func session(_ tokenHash: String) throws(FleetError) -> OperatorSession? {
    try run(
      "SELECT token, operator, started, until FROM sessions WHERE token = $1", [.text(tokenHash)]
    ).map { row throws(FleetError) in
      OperatorSession(
        tokenHash: try row.word(0), operatorName: try row.word(1), startedAt: try row.time(2),
        until: try row.time(3))
    }.first
  }

  public func put(_ session: OperatorSession) throws(FleetError) {
    try FleetBounds.check(
      names: [(session.tokenHash, "a hash"), (session.operatorName, "an operator's name")])
    try run(
      """
      INSERT INTO sessions (token, operator, started, until) VALUES ($1, $2, $3, $4)
      ON CONFLICT (token) DO UPDATE SET operator = $2, started = $3, until = $4
      """,
      [
        .text(session.tokenHash), .text(session.operatorName),
        .integer(session.startedAt.milliseconds), .integer(session.until.milliseconds),
      ])
  }

  public func endSessions(_ which: OperatorSession.Selection) throws(FleetError) {
    switch which {
    case .one(let hash): try run("DELETE FROM sessions WHERE token = $1", [.text(hash)])
    case .all(let name): try run("DELETE FROM sessions WHERE operator = $1", [.text(name)])
    case .past(let time):
      try run("DELETE FROM sessions WHERE until <= $1", [.integer(time.milliseconds)])
    }
  }

  public func log(_ entry: LogEntry) throws(FleetError) {
    try FleetBounds.check(entry)
    do throws(Undone) {
      _ = try transaction([]) { _ in
        [
          PostgresQuery(
            "INSERT INTO log (at, who, what, subject, body) VALUES ($1, $2, $3, $4, $5)",
            [
              .integer(entry.at.milliseconds), .text(entry.who), .text(entry.what),
              .text(entry.subject), .text(entry.body),
            ])
        ]
      }
    } catch {
      throw error.error
    }
  }

  public func logEntries(
    about subject: String?, before sequence: Int64?, limit: Int
  ) throws(FleetError) -> [LogEntry] {
    let about = subject == nil ? "" : "AND subject = $3"
    return try run(
      """
      SELECT sequence, at, who, what, subject, body FROM log WHERE sequence < $1 \(about)
      ORDER BY sequence DESC LIMIT $2
      """,
      [.integer(sequence ?? .max), .integer(FleetBounds.rows(limit))]
        + (subject.map { [.text($0)] } ?? [])
    ).map { row throws(FleetError) in
      LogEntry(
        sequence: try row.integer(0), at: try row.time(1), who: try row.word(2),
        what: try row.word(3), subject: try row.word(4), body: try row.word(5))
    }
  }
}
