public import FleetStorage
internal import Money
public import Ordering
public import Timing

extension PostgresFleetStore {
  public func apply(_ postings: [Posting]) throws(FleetError) -> [PostingAnswer] {
    try FleetBounds.check(batchOf: postings.count)
    guard !postings.isEmpty else { return [] }
    var last: Undone?
    var plan = BatchPlan(postings)
    for _ in 0..<5 {
      do throws(Undone) {
        plan = BatchPlan(postings)
        return try attempt(&plan)
      } catch {
        // `unknown`, and an `unavailable` that was tried on a new connection already, are told.
        guard let failure = error.failure, failure.kind == .refused else { throw error.error }
        if failure.wantsDay {
          try makeDays(plan.days)
        } else if !failure.isRace {
          return try oneByOne(postings, error.error)
        }
        last = error
      }
    }
    throw .unavailable("others write the same all the time: \(last?.error.description ?? "")")
  }

  /// The batch's neighbours must not suffer from the one posting that the database refuses.
  private func oneByOne(
    _ postings: [Posting], _ error: FleetError
  ) throws(FleetError) -> [PostingAnswer] {
    // A server that is too busy for all of them is so for each, and the waits would add up.
    guard case .refused(let words) = error else { throw error }
    if postings.count == 1 { return [.refused(words)] }
    var answers: [PostingAnswer] = []
    for posting in postings { answers += try apply([posting]) }
    return answers
  }

  private func attempt(_ plan: inout BatchPlan) throws(Undone) -> [PostingAnswer] {
    let looks = looks(for: plan)
    // What is refused at once needs no transaction.
    if plan.numbers.isEmpty {
      plan.judge(BatchPlan.Found())
      return plan.answers(current: [:])
    }
    var writes = 0
    let results = try transaction(looks) { rows throws(FleetError) in
      plan.judge(try Self.found(rows))
      let queries = self.writes(plan)
      writes = queries.count
      return queries + (plan.conflicts.isEmpty ? [] : [Self.reading(plan.conflicts)])
    }
    do throws(FleetError) {
      var current: [OrderNumber: StoredOrder] = [:]
      if !plan.conflicts.isEmpty {
        for order in try results[writes].map(StoredOrder.init) { current[order.number] = order }
      }
      return plan.answers(current: current)
    } catch {
      throw Undone(error: error, failure: nil)
    }
  }

  // MARK: Looking

  private func looks(for plan: BatchPlan) -> [PostgresQuery] {
    let numbers = PostgresValue.texts(plan.numbers.map(\.text))
    var queries = [
      PostgresQuery(
        """
        SELECT number, revision, state, amount, opened FROM orders
        WHERE number = ANY ($1::text[]) ORDER BY number FOR UPDATE
        """, [numbers]),
      PostgresQuery(
        """
        SELECT a.number, a.revision, a.state, a.amount, a.opened
        FROM archived_numbers AS n JOIN archived_orders AS a USING (opened, number)
        WHERE n.number = ANY ($1::text[]) ORDER BY n.number FOR UPDATE OF n
        """, [numbers]),
    ]
    let keys = plan.wantedKeys
    queries.append(
      PostgresQuery(
        """
        SELECT k.key, k.number
        FROM unnest($1::text[], $2::text[], $3::bigint[]) AS w (key, number, day)
        LEFT JOIN (
          SELECT number, opened FROM orders WHERE number = ANY ($2::text[])
          UNION ALL SELECT number, opened FROM archived_numbers WHERE number = ANY ($2::text[])
        ) AS o ON o.number = w.number
        JOIN keys AS k
          ON k.day = coalesce((o.opened / 1000 + 28800) / 86400, w.day) AND k.key = w.key
        """,
        [
          .texts(keys.map(\.key.text)), .texts(keys.map(\.number.text)),
          .integers(keys.map(\.day.number)),
        ]))
    queries.append(
      PostgresQuery(
        "SELECT name, number FROM leases WHERE name = ANY ($1::text[]) ORDER BY name FOR SHARE",
        [.texts(plan.leases)]))
    return queries
  }

  private static func found(_ rows: [PostgresRows]) throws(FleetError) -> BatchPlan.Found {
    var found = BatchPlan.Found()
    for (index, isArchived) in [(1, true), (0, false)] {
      _ = try rows[index].map { row throws(FleetError) in
        found.heads[try row.number(0)] = BatchPlan.Head(
          revision: try row.integer(1), state: try row.state(2),
          amount: Amount(fen: try row.integer(3)), openedAt: try row.time(4),
          isArchived: isArchived)
      }
    }
    _ = try rows[2].map { row throws(FleetError) in
      found.keys[PostingKey(stored: try row.word(0))] = try row.number(1)
    }
    _ = try rows[3].map { row throws(FleetError) in
      found.leases[try row.word(0)] = try row.integer(1)
    }
    return found
  }

  // MARK: Writing

  private func writes(_ plan: BatchPlan) -> [PostgresQuery] {
    var queries: [PostgresQuery] = []
    if !plan.revived.isEmpty {
      queries.append(
        PostgresQuery(
          """
          WITH gone AS (
            DELETE FROM archived_numbers WHERE number = ANY ($1::text[]) RETURNING number, opened
          )
          DELETE FROM archived_orders AS a USING gone
          WHERE a.opened = gone.opened AND a.number = gone.number
          """, [.texts(plan.revived.map(\.text))]))
    }
    if !plan.inserts.isEmpty {
      queries.append(
        PostgresQuery(
          """
          INSERT INTO orders (number, machine, state, amount, revision, opened, updated, due, open,
            ending, body)
          SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[],
            $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[])
          """, Self.columns(plan.inserts)))
    }
    if !plan.updates.isEmpty {
      queries.append(
        PostgresQuery(
          """
          UPDATE orders SET machine = w.machine, state = w.state, amount = w.amount,
            revision = w.revision, updated = w.updated, due = w.due, open = w.open, body = w.body
          FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[],
            $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[])
            AS w (number, machine, state, amount, revision, opened, updated, due, open, ending,
              body)
          WHERE orders.number = w.number
          """, Self.columns(plan.updates)))
    }
    if !plan.events.isEmpty { queries.append(Self.writing(plan.events)) }
    if !plan.keys.isEmpty {
      // In the order in which everybody writes them: two that cross wait, and do not lock up.
      let keys = plan.keys.sorted { $0.key < $1.key }
      queries.append(
        PostgresQuery(
          """
          INSERT INTO keys (day, key, number)
          SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])
          """,
          [
            .integers(keys.map(\.day.number)), .texts(keys.map(\.key.text)),
            .texts(keys.map(\.number.text)),
          ]))
    }
    return queries + appending(plan.messages)
  }

  private static func columns(_ orders: [StoredOrder]) -> [PostgresValue] {
    [
      .texts(orders.map(\.number.text)), .texts(orders.map(\.machine)),
      .texts(orders.map(\.state.rawValue)), .integers(orders.map(\.amount.fen)),
      .integers(orders.map(\.revision)), .integers(orders.map(\.openedAt.milliseconds)),
      .integers(orders.map(\.updatedAt.milliseconds)),
      .integers(orders.map { $0.dueAt?.milliseconds }),
      .integers(orders.map { $0.state.isOpen ? 1 : 0 }), .texts(orders.map(\.turnedNumber)),
      .texts(orders.map(\.body)),
    ]
  }

  private static func writing(
    _ events: [(event: OrderEvent, day: BeijingDay)]
  ) -> PostgresQuery {
    PostgresQuery(
      """
      INSERT INTO events (day, number, revision, at, kind, body)
      SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[],
        $6::text[])
      """,
      [
        .integers(events.map(\.day.number)), .texts(events.map(\.event.number.text)),
        .integers(events.map(\.event.revision)), .integers(events.map(\.event.at.milliseconds)),
        .texts(events.map(\.event.kind)), .texts(events.map(\.event.body)),
      ])
  }

  // MARK: Reading

  private static func reading(_ numbers: [OrderNumber]) -> PostgresQuery {
    PostgresQuery(
      """
      SELECT \(StoredOrder.columns) FROM orders WHERE number = ANY ($1::text[])
      UNION ALL
      SELECT \(StoredOrder.columns.split(separator: " ").map { "a.\($0)" }.joined(separator: " "))
      FROM archived_numbers AS n JOIN archived_orders AS a USING (opened, number)
      WHERE n.number = ANY ($1::text[])
      """, [.texts(numbers.map(\.text))])
  }

  public func orders(_ numbers: [OrderNumber]) throws(FleetError) -> [StoredOrder] {
    try FleetBounds.check(batchOf: numbers.count)
    let rows = try run([Self.reading(Array(Set(numbers)))])
    return try rows[0].map(StoredOrder.init)
  }

  public func orders(matching search: OrderSearch) throws(FleetError) -> OrderPage {
    guard let turned = search.turnedEnding else { return OrderPage(orders: [], next: nil) }
    var conditions: [String] = []
    var values: [PostgresValue] = []
    func add(_ condition: (String) -> String, _ value: PostgresValue) {
      values.append(value)
      conditions.append(condition("$\(values.count)"))
    }
    if search.ending != nil {
      add({ "ending >= \($0)" }, .text(turned))
      add({ "ending < \($0)" }, .text(turned + "~"))
    }
    if let machine = search.machine { add({ "machine = \($0)" }, .text(machine)) }
    if let state = search.state { add({ "state = \($0)" }, .text(state.rawValue)) }
    if search.onlyOpen { conditions.append("open = 1") }
    if let day = search.day {
      let next = BeijingDay(number: day.number + 1)
      add({ "opened >= \($0)" }, .integer(day.start.milliseconds))
      add({ "opened < \($0)" }, .integer(next.start.milliseconds))
    }
    if let mark = search.after {
      add({ "(opened, number) < (\($0)" }, .integer(mark.openedAt.milliseconds))
      values.append(.text(mark.number.text))
      conditions[conditions.count - 1] += ", $\(values.count))"
    }
    let clause = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    let tables = search.onlyOpen ? ["orders"] : ["orders", "archived_orders"]
    let parts = tables.map { table in
      """
      (SELECT \(StoredOrder.columns) FROM \(table) \(clause)
      ORDER BY opened DESC, number DESC LIMIT \(search.pageSize + 1))
      """
    }
    let rows = try run(
      """
      SELECT * FROM (\(parts.joined(separator: " UNION ALL "))) AS found
      ORDER BY opened DESC, number DESC LIMIT \(search.pageSize + 1)
      """, values)
    return OrderPage(try rows.map(StoredOrder.init), size: search.pageSize)
  }

  public func dueOrders(until time: WallTime, limit: Int) throws(FleetError) -> [StoredOrder] {
    try run(
      """
      SELECT \(StoredOrder.columns) FROM orders WHERE due IS NOT NULL AND due <= $1
      ORDER BY due, number LIMIT $2
      """, [.integer(time.milliseconds), .integer(FleetBounds.rows(limit))]
    ).map(StoredOrder.init)
  }

  public func nextDue() throws(FleetError) -> WallTime? {
    try run("SELECT min(due) FROM orders WHERE due IS NOT NULL").first?.optionalTime(0)
  }

  public func events(of number: OrderNumber) throws(FleetError) -> [OrderEvent] {
    try run(
      """
      SELECT e.number, e.revision, e.at, e.kind, e.body
      FROM (
        SELECT opened FROM orders WHERE number = $1
        UNION ALL SELECT opened FROM archived_numbers WHERE number = $1
      ) AS o JOIN events AS e ON e.day = (o.opened / 1000 + 28800) / 86400 AND e.number = $1
      ORDER BY e.revision
      """, [.text(number.text)]
    ).map { row throws(FleetError) in
      OrderEvent(
        number: try row.number(0), revision: try row.integer(1), at: try row.time(2),
        kind: try row.word(3), body: try row.word(4))
    }
  }
}
