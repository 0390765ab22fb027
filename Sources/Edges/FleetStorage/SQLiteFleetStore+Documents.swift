internal import Storage
internal import Timing

extension SQLiteFleetStore {
  private static let documentColumns = "kind, name, version, at, author, body"

  private static func document(
    _ row: borrowing SQLiteConnection.Row
  ) throws(FleetError) -> Document {
    let word = try row.word(0)
    guard let kind = DocumentKind(rawValue: word) else {
      throw .corrupt("\"\(word)\" is no kind of document")
    }
    return Document(
      kind: kind, name: try row.word(1), version: row.integer(2), at: row.time(3),
      author: try row.word(4), body: try row.word(5))
  }

  public func document(
    _ kind: DocumentKind, _ name: String, version: Int64?
  ) throws(FleetError) -> Document? {
    try read { connection throws(FleetError) in
      try connection.all(
        """
        SELECT \(Self.documentColumns) FROM documents
        WHERE kind = ?1 AND name = ?2 AND (?3 IS NULL OR version = ?3)
        ORDER BY version DESC LIMIT 1
        """,
        [.text(kind.rawValue), .text(name), version.map { .integer($0) } ?? .null],
        Self.document
      ).first
    }
  }

  public func documents(
    _ kind: DocumentKind, after name: String, limit: Int
  ) throws(FleetError) -> [Document] {
    try read { connection throws(FleetError) in
      try connection.all(
        """
        SELECT \(Self.documentColumns) FROM documents AS d WHERE kind = ?1 AND name > ?2
        AND version = (SELECT max(version) FROM documents WHERE kind = ?1 AND name = d.name)
        ORDER BY name LIMIT ?3
        """,
        [.text(kind.rawValue), .text(name), .integer(FleetBounds.rows(limit))], Self.document)
    }
  }

  public func put(
    _ document: Document, expecting version: Int64, fence: Fence?
  ) throws(FleetError) -> PutAnswer {
    try FleetBounds.check(document)
    return try write { connection throws(FleetError) in
      guard try Self.holds(fence, connection) else { return .fenced }
      let standing =
        try connection.integer(
          "SELECT max(version) FROM documents WHERE kind = ? AND name = ?",
          [.text(document.kind.rawValue), .text(document.name)]) ?? 0
      guard standing == version else { return .conflict(standing) }
      try connection.run(
        "INSERT INTO documents (\(Self.documentColumns)) VALUES (?, ?, ?, ?, ?, ?)",
        [
          .text(document.kind.rawValue), .text(document.name), .integer(version + 1),
          .time(document.at), .text(document.author), .text(document.body),
        ])
      return .written(version + 1)
    }
  }
}

extension SQLiteFleetStore {
  public func session(_ tokenHash: String) throws(FleetError) -> OperatorSession? {
    try read { connection throws(FleetError) in
      try connection.all(
        "SELECT token, operator, started, until FROM sessions WHERE token = ?",
        [.text(tokenHash)]
      ) { row throws(FleetError) in
        OperatorSession(
          tokenHash: try row.word(0), operatorName: try row.word(1), startedAt: row.time(2),
          until: row.time(3))
      }.first
    }
  }

  public func put(_ session: OperatorSession) throws(FleetError) {
    try FleetBounds.check(
      names: [(session.tokenHash, "a hash"), (session.operatorName, "an operator's name")])
    try write { connection throws(FleetError) in
      try connection.run(
        """
        INSERT INTO sessions (token, operator, started, until) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (token) DO UPDATE SET operator = ?2, started = ?3, until = ?4
        """,
        [
          .text(session.tokenHash), .text(session.operatorName), .time(session.startedAt),
          .time(session.until),
        ])
    }
  }

  public func endSessions(_ which: OperatorSession.Selection) throws(FleetError) {
    let (condition, value): (String, SQLiteConnection.Value) =
      switch which {
      case .one(let hash): ("token = ?", .text(hash))
      case .all(let name): ("operator = ?", .text(name))
      case .past(let time): ("until <= ?", .time(time))
      }
    try write { connection throws(FleetError) in
      try connection.run("DELETE FROM sessions WHERE \(condition)", [value])
    }
  }

  public func log(_ entry: LogEntry) throws(FleetError) {
    try FleetBounds.check(entry)
    try write { connection throws(FleetError) in
      try connection.run(
        "INSERT INTO log (at, who, what, subject, body) VALUES (?, ?, ?, ?, ?)",
        [
          .time(entry.at), .text(entry.who), .text(entry.what), .text(entry.subject),
          .text(entry.body),
        ])
    }
  }

  public func logEntries(
    about subject: String?, before sequence: Int64?, limit: Int
  ) throws(FleetError) -> [LogEntry] {
    let about = subject == nil ? "" : "AND subject = ?3"
    return try read { connection throws(FleetError) in
      try connection.all(
        """
        SELECT sequence, at, who, what, subject, body FROM log WHERE sequence < ?1 \(about)
        ORDER BY sequence DESC LIMIT ?2
        """,
        [.integer(sequence ?? .max), .integer(FleetBounds.rows(limit))]
          + (subject.map { [.text($0)] } ?? [])
      ) { row throws(FleetError) in
        LogEntry(
          sequence: row.integer(0), at: row.time(1), who: try row.word(2), what: try row.word(3),
          subject: try row.word(4), body: try row.word(5))
      }
    }
  }
}
