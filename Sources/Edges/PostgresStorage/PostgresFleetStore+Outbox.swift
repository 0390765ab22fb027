public import FleetStorage
internal import Ordering
internal import Platform
private import Synchronization
public import Timing

extension PostgresFleetStore {
  /// The name under which a committed batch wakes whoever listens.
  private var channel: String { "\(schema)_outbox" }

  /// Puts messages at the outbox's end, and wakes who listens when they are committed.
  ///
  /// A sequence's numbers are given before the commit and seen after it, so that a later number may
  /// be seen before an earlier one, and a reader that went past it would never look back. Here the
  /// numbers are given under a lock that is held until the commit is seen: their order is that of
  /// the commits. It costs little, as PostgreSQL's own NOTIFY holds such a lock while it commits.
  /// It is the last lock that a batch takes, so nobody waits for a batch that waits for it.
  func appending(_ messages: [OutboxMessage]) -> [PostgresQuery] {
    guard !messages.isEmpty else { return [] }
    return [
      lock(.outbox),
      PostgresQuery(
        """
        INSERT INTO outbox (at, machine, number, revision, topic, body)
        SELECT at, machine, number, revision, topic, body
        FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[])
          WITH ORDINALITY AS w (at, machine, number, revision, topic, body, place)
        ORDER BY place
        """,
        [
          .integers(messages.map(\.at.milliseconds)), .texts(messages.map(\.machine)),
          .texts(messages.map(\.number.text)), .integers(messages.map(\.revision)),
          .texts(messages.map(\.topic)), .texts(messages.map(\.body)),
        ]),
      PostgresQuery("SELECT pg_notify($1, '')", [.text(channel)]),
    ]
  }

  static func reading(after place: OutboxPlace, limit: Int) -> PostgresQuery {
    PostgresQuery(
      """
      SELECT sequence, at, machine, number, revision, topic, body FROM outbox
      WHERE sequence > $1 ORDER BY sequence LIMIT $2
      """, [.integer(place.sequence), .integer(FleetBounds.rows(limit))])
  }

  static func message(_ row: PostgresRows.Row) throws(FleetError) -> OutboxMessage {
    OutboxMessage(
      place: OutboxPlace(sequence: try row.integer(0)), at: try row.time(1),
      machine: try row.word(2), number: try row.number(3), revision: try row.integer(4),
      topic: try row.word(5), body: try row.word(6))
  }

  public func messages(
    after place: OutboxPlace, limit: Int
  ) throws(FleetError) -> [OutboxMessage] {
    try run([Self.reading(after: place, limit: limit)])[0].map(Self.message)
  }

  public func outboxEnd() throws(FleetError) -> OutboxPlace {
    OutboxPlace(sequence: try run(Self.outboxEndStatement).first?.integer(0) ?? 0)
  }

  /// The newest message's place.
  ///
  /// The sequence's own last number may belong to a batch that is not committed yet: a reader that
  /// begins there would miss it. What was trimmed away lies before every reader's place.
  static let outboxEndStatement =
    "SELECT greatest((SELECT max(sequence) FROM outbox), (SELECT max(sequence) FROM readers), 0)"

  public func place(of reader: String) throws(FleetError) -> OutboxPlace {
    let rows = try run("SELECT sequence FROM readers WHERE name = $1", [.text(reader)])
    return OutboxPlace(sequence: try rows.first?.integer(0) ?? 0)
  }

  public func delivered(to place: OutboxPlace, reader: String) throws(FleetError) {
    try FleetBounds.check(names: [(reader, "a reader's name")])
    try run(
      """
      INSERT INTO readers (name, sequence) VALUES ($1, $2)
      ON CONFLICT (name) DO UPDATE SET sequence = greatest(readers.sequence, excluded.sequence)
      """, [.text(reader), .integer(place.sequence)])
  }

  public func trimOutbox(before time: WallTime) throws(FleetError) -> Int {
    try run(
      """
      DELETE FROM outbox WHERE at < $1
      AND sequence <= (SELECT coalesce(min(sequence), 9223372036854775807) FROM readers)
      """, [.integer(time.milliseconds)]
    ).changes
  }

  public func feed(after place: OutboxPlace) throws(FleetError) -> any OutboxFeed {
    PostgresOutboxFeed(self, channel: channel, after: place)
  }
}

/// Waits for the database's word on a connection of its own, and looks four times a second.
private final class PostgresOutboxFeed: OutboxFeed {
  private let store: PostgresFleetStore
  private let channel: String
  private let isStopped = Atomic(false)
  /// Held by the one thread that the feed belongs to.
  private let state: Mutex<State>

  private struct State {
    var place: OutboxPlace
    var connection: PostgresConnection?
  }

  init(_ store: PostgresFleetStore, channel: String, after place: OutboxPlace) {
    (self.store, self.channel) = (store, channel)
    state = Mutex(State(place: place, connection: nil))
  }

  func next(waiting limit: Duration, atMost count: Int) throws(FleetError) -> [OutboxMessage] {
    let end = Clock.now() + limit
    return try state.withLock { state throws(FleetError) in
      do throws(PostgresFailure) {
        let connection = try listening(state.connection)
        state.connection = connection
        while !isStopped.load(ordering: .relaxed) {
          let rows = try connection.run([
            PostgresFleetStore.reading(after: state.place, limit: count)
          ])[0]
          if !rows.isEmpty {
            let messages = try messages(rows)
            state.place = messages.last?.place ?? state.place
            return messages
          }
          let now = Clock.now()
          guard now < end else { return [] }
          _ = try connection.waitForNotice(until: min(end, now + FleetBounds.lookPause))
        }
        return []
      } catch {
        state.connection = nil
        throw error.inFleet
      }
    }
  }

  private func listening(
    _ connection: PostgresConnection?
  ) throws(PostgresFailure) -> PostgresConnection {
    if let connection, !connection.isLost { return connection }
    let connection = try store.connect()
    _ = try connection.run([PostgresQuery("LISTEN \(channel)")])
    return connection
  }

  private func messages(_ rows: PostgresRows) throws(PostgresFailure) -> [OutboxMessage] {
    do throws(FleetError) {
      return try rows.map(PostgresFleetStore.message)
    } catch {
      throw PostgresFailure(kind: .refused, code: "XX001", words: "\(error)")
    }
  }

  func stop() { isStopped.store(true, ordering: .relaxed) }
}
