internal import Ordering
internal import Platform
internal import Storage
private import Synchronization
public import Timing

extension SQLiteFleetStore {
  /// Puts a message at the outbox's end; the one writing transaction makes the order.
  static func append(
    _ message: OutboxMessage, _ connection: SQLiteConnection
  ) throws(FleetError) {
    try connection.run(
      """
      INSERT INTO outbox (at, machine, number, revision, topic, body) VALUES (?, ?, ?, ?, ?, ?)
      """,
      [
        .time(message.at), .text(message.machine), .text(message.number.text),
        .integer(message.revision), .text(message.topic), .text(message.body),
      ])
  }

  public func messages(
    after place: OutboxPlace, limit: Int
  ) throws(FleetError) -> [OutboxMessage] {
    try read { connection throws(FleetError) in
      try connection.all(
        """
        SELECT sequence, at, machine, number, revision, topic, body FROM outbox
        WHERE sequence > ? ORDER BY sequence LIMIT ?
        """, [.integer(place.sequence), .integer(FleetBounds.rows(limit))]
      ) { row throws(FleetError) in
        OutboxMessage(
          place: OutboxPlace(sequence: row.integer(0)), at: row.time(1), machine: try row.word(2),
          number: try row.number(3), revision: row.integer(4), topic: try row.word(5),
          body: try row.word(6))
      }
    }
  }

  public func outboxEnd() throws(FleetError) -> OutboxPlace {
    try read(Self.outboxEnd)
  }

  /// The newest message's place; what was trimmed away still counts.
  static func outboxEnd(_ connection: SQLiteConnection) throws(FleetError) -> OutboxPlace {
    OutboxPlace(
      sequence: try connection.integer("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")
        ?? 0)
  }

  public func place(of reader: String) throws(FleetError) -> OutboxPlace {
    try read { connection throws(FleetError) in
      OutboxPlace(
        sequence: try connection.integer(
          "SELECT sequence FROM readers WHERE name = ?", [.text(reader)]) ?? 0)
    }
  }

  public func delivered(to place: OutboxPlace, reader: String) throws(FleetError) {
    if let fault = FleetBounds.fault(inName: reader, "a reader's name") { throw .refused(fault) }
    try write { connection throws(FleetError) in
      try connection.run(
        """
        INSERT INTO readers (name, sequence) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET sequence = max(sequence, excluded.sequence)
        """, [.text(reader), .integer(place.sequence)])
    }
  }

  public func trimOutbox(before time: WallTime) throws(FleetError) -> Int {
    try write { connection throws(FleetError) in
      try connection.run(
        """
        DELETE FROM outbox WHERE at < ?
        AND sequence <= (SELECT coalesce(min(sequence), 9223372036854775807) FROM readers)
        """, [.time(time)])
      return try connection.changes()
    }
  }

  public func feed(after place: OutboxPlace) throws(FleetError) -> any OutboxFeed {
    SQLiteOutboxFeed(self, after: place)
  }
}

/// Waits for this process's commits by its bell, and for those of others by looking.
private final class SQLiteOutboxFeed: OutboxFeed {
  private let store: SQLiteFleetStore
  private let place: Mutex<OutboxPlace>
  private let isStopped = Atomic(false)

  init(_ store: SQLiteFleetStore, after place: OutboxPlace) {
    self.store = store
    self.place = Mutex(place)
  }

  func next(waiting limit: Duration, atMost count: Int) throws(FleetError) -> [OutboxMessage] {
    let end = Clock.now() + limit
    while true {
      let rings = store.bell.count
      if isStopped.load(ordering: .relaxed) { return [] }
      let place = place.withLock { $0 }
      let messages = try store.messages(after: place, limit: count)
      if let last = messages.last {
        self.place.withLock { $0 = last.place }
        return messages
      }
      let now = Clock.now()
      guard now < end else { return [] }
      store.bell.wait(beyond: rings, until: min(end, now + FleetBounds.lookPause))
    }
  }

  func stop() {
    isStopped.store(true, ordering: .relaxed)
    store.bell.ring()
  }
}
