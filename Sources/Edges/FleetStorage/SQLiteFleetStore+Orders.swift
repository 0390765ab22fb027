internal import Money
public import Ordering
internal import Storage
public import Timing

extension SQLiteFleetStore {
  private static let columns =
    "number, machine, state, amount, revision, opened, updated, due, body"

  public func apply(_ postings: [Posting]) throws(FleetError) -> [PostingAnswer] {
    guard postings.count <= FleetBounds.batchMax else {
      throw .refused("more than \(FleetBounds.batchMax) postings at a time")
    }
    var plan = BatchPlan(postings)
    let hasMessages = postings.contains { !$0.messages.isEmpty }
    let answers = try write { connection throws(FleetError) in
      plan.judge(try Self.look(for: plan, connection))
      try Self.carryOut(plan, connection)
      var current: [OrderNumber: StoredOrder] = [:]
      for number in plan.conflicts { current[number] = try Self.order(number, connection) }
      return plan.answers(current: current)
    }
    if hasMessages { bell.ring() }
    return answers
  }

  private static func look(
    for plan: BatchPlan, _ connection: SQLiteConnection
  ) throws(FleetError) -> BatchPlan.Found {
    var found = BatchPlan.Found()
    for number in plan.numbers { found.heads[number] = try head(number, connection) }
    for (key, number, day) in plan.wantedKeys {
      let day = found.heads[number].map { BeijingDay(of: $0.openedAt) } ?? day
      try connection.run(
        "SELECT number FROM keys WHERE day = ? AND key = ?",
        [.integer(day.number), .text(key.text)]
      ) { row throws(FleetError) in found.keys[key] = try row.number(0) }
    }
    for name in plan.leases {
      found.leases[name] = try connection.integer(
        "SELECT number FROM leases WHERE name = ?", [.text(name)])
    }
    return found
  }

  private static func head(
    _ number: OrderNumber, _ connection: SQLiteConnection
  ) throws(FleetError) -> BatchPlan.Head? {
    for table in ["orders", "archived_orders"] {
      let heads = try connection.all(
        "SELECT revision, state, amount, opened FROM \(table) WHERE number = ?",
        [.text(number.text)]
      ) { row throws(FleetError) in
        BatchPlan.Head(
          revision: row.integer(0), state: try row.state(1), amount: Amount(fen: row.integer(2)),
          openedAt: row.time(3), isArchived: table != "orders")
      }
      if let head = heads.first { return head }
    }
    return nil
  }

  private static func carryOut(
    _ plan: BatchPlan, _ connection: SQLiteConnection
  ) throws(FleetError) {
    for number in plan.revived {
      try connection.run("DELETE FROM archived_orders WHERE number = ?", [.text(number.text)])
    }
    for order in plan.inserts + plan.updates {
      try connection.run(
        """
        INSERT INTO orders (\(columns), open, ending) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (number) DO UPDATE SET machine = excluded.machine, state = excluded.state,
        amount = excluded.amount, revision = excluded.revision, updated = excluded.updated,
        due = excluded.due, body = excluded.body, open = excluded.open
        """,
        [
          .text(order.number.text), .text(order.machine), .text(order.state.rawValue),
          .integer(order.amount.fen), .integer(order.revision), .time(order.openedAt),
          .time(order.updatedAt), .optional(order.dueAt), .text(order.body),
          .integer(order.state.isOpen ? 1 : 0), .text(order.turnedNumber),
        ])
    }
    for (event, day) in plan.events {
      try connection.run(
        "INSERT INTO events (day, number, revision, at, kind, body) VALUES (?, ?, ?, ?, ?, ?)",
        [
          .integer(day.number), .text(event.number.text), .integer(event.revision),
          .time(event.at), .text(event.kind), .text(event.body),
        ])
    }
    for (key, number, day) in plan.keys {
      try connection.run(
        "INSERT INTO keys (day, key, number) VALUES (?, ?, ?)",
        [.integer(day.number), .text(key.text), .text(number.text)])
    }
    for message in plan.messages { try append(message, connection) }
  }

  private static func order(
    _ number: OrderNumber, _ connection: SQLiteConnection
  ) throws(FleetError) -> StoredOrder? {
    for table in ["orders", "archived_orders"] {
      let orders = try connection.all(
        "SELECT \(columns) FROM \(table) WHERE number = ?", [.text(number.text)], stored)
      if let order = orders.first { return order }
    }
    return nil
  }

  private static func stored(
    _ row: borrowing SQLiteConnection.Row
  ) throws(FleetError) -> StoredOrder {
    StoredOrder(
      number: try row.number(0), machine: try row.word(1), state: try row.state(2),
      amount: Amount(fen: row.integer(3)), revision: row.integer(4), openedAt: row.time(5),
      updatedAt: row.time(6), dueAt: row.optionalTime(7), body: try row.word(8))
  }

  public func orders(_ numbers: [OrderNumber]) throws(FleetError) -> [StoredOrder] {
    guard numbers.count <= FleetBounds.batchMax else {
      throw .refused("more than \(FleetBounds.batchMax) numbers at a time")
    }
    return try read { connection throws(FleetError) in
      var orders: [StoredOrder] = []
      for number in Set(numbers) {
        if let order = try Self.order(number, connection) { orders.append(order) }
      }
      return orders
    }
  }

  public func orders(matching search: OrderSearch) throws(FleetError) -> OrderPage {
    guard let turned = search.turnedEnding else { return OrderPage(orders: [], next: nil) }
    var conditions: [String] = []
    var values: [SQLiteConnection.Value] = []
    func add(_ condition: String, _ added: SQLiteConnection.Value...) {
      conditions.append(condition)
      values += added
    }
    if search.ending != nil {
      add("ending >= ? AND ending < ?", .text(turned), .text(turned + "~"))
    }
    if let machine = search.machine { add("machine = ?", .text(machine)) }
    if let state = search.state { add("state = ?", .text(state.rawValue)) }
    if search.onlyOpen { add("open = 1") }
    if let day = search.day {
      let next = BeijingDay(number: day.number + 1)
      add("opened >= ? AND opened < ?", .time(day.start), .time(next.start))
    }
    if let mark = search.after {
      add("(opened, number) < (?, ?)", .time(mark.openedAt), .text(mark.number.text))
    }
    let clause = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    let (size, wanted) = (search.pageSize, values)
    let found = try read { connection throws(FleetError) in
      // An order that is archived just now is in one table or the other, in this view of the file.
      var found: [StoredOrder] = []
      for table in search.onlyOpen ? ["orders"] : ["orders", "archived_orders"] {
        found += try connection.all(
          """
          SELECT \(Self.columns) FROM \(table) INDEXED BY \(table)_\(Self.index(for: search))
          \(clause) ORDER BY opened DESC, number DESC LIMIT \(size + 1)
          """, wanted, Self.stored)
      }
      return found
    }
    return OrderPage(
      found.sorted { ($0.openedAt, $0.number) > ($1.openedAt, $1.number) }, size: size)
  }

  /// The index that leaves the fewest rows; without statistics SQLite cannot know.
  private static func index(for search: OrderSearch) -> String {
    if search.ending != nil { return "ending" }
    if search.machine != nil { return "machine" }
    if search.onlyOpen { return "open" }
    return search.state != nil ? "state" : "opened"
  }

  public func dueOrders(until time: WallTime, limit: Int) throws(FleetError) -> [StoredOrder] {
    try read { connection throws(FleetError) in
      try connection.all(
        """
        SELECT \(Self.columns) FROM orders WHERE due IS NOT NULL AND due <= ?
        ORDER BY due, number LIMIT ?
        """, [.time(time), .integer(FleetBounds.rows(limit))], Self.stored)
    }
  }

  public func nextDue() throws(FleetError) -> WallTime? {
    try read { connection throws(FleetError) in
      try connection.integer("SELECT min(due) FROM orders WHERE due IS NOT NULL")
        .map { WallTime(milliseconds: $0) }
    }
  }

  public func events(of number: OrderNumber) throws(FleetError) -> [OrderEvent] {
    try read { connection throws(FleetError) in
      guard let head = try Self.head(number, connection) else { return [] }
      return try connection.all(
        """
        SELECT number, revision, at, kind, body FROM events WHERE day = ? AND number = ?
        ORDER BY revision
        """, [.integer(BeijingDay(of: head.openedAt).number), .text(number.text)]
      ) { row throws(FleetError) in
        OrderEvent(
          number: try row.number(0), revision: row.integer(1), at: row.time(2),
          kind: try row.word(3), body: try row.word(4))
      }
    }
  }
}
