internal import Ordering
internal import Storage
public import Timing

extension SQLiteFleetStore {
  /// Days lie side by side in one table here: nothing is to be made ready.
  public func prepareDays(_ days: ClosedRange<BeijingDay>) throws(FleetError) {}

  public func archive(before day: BeijingDay, limit: Int) throws(FleetError) -> Int {
    let columns =
      "number, machine, state, amount, revision, opened, updated, due, open, ending, body"
    let ends = OrderState.allCases.filter { !$0.isOpen }.map { "'\($0.rawValue)'" }
    // A closed order that is watched for late money has a duty, and stays.
    let chosen =
      """
      SELECT number FROM orders WHERE opened < ?1 AND open = 0 AND due IS NULL
      AND state IN (\(ends.joined(separator: ", "))) ORDER BY opened, number LIMIT ?2
      """
    let values: [SQLiteConnection.Value] = [
      .time(day.start), .integer(FleetBounds.rows(limit)),
    ]
    return try write { connection throws(FleetError) in
      try connection.run(
        """
        INSERT INTO archived_orders (\(columns))
        SELECT \(columns) FROM orders WHERE number IN (\(chosen))
        """, values)
      let count = try connection.changes()
      try connection.run("DELETE FROM orders WHERE number IN (\(chosen))", values)
      return count
    }
  }

  public func dropDays(before day: BeijingDay) throws(FleetError) -> [BeijingDay] {
    try write { connection throws(FleetError) in
      let days = try connection.all(
        """
        SELECT DISTINCT day FROM events WHERE day < ?1
        UNION SELECT DISTINCT (opened / 1000 + 28800) / 86400 FROM archived_orders
        WHERE opened < ?2
        EXCEPT SELECT (opened / 1000 + 28800) / 86400 FROM orders WHERE opened < ?2
        ORDER BY 1
        """, [.integer(day.number), .time(day.start)]
      ) { row in BeijingDay(number: row.integer(0)) }
      for day in days {
        let next = BeijingDay(number: day.number + 1)
        for table in ["events", "keys"] {
          try connection.run("DELETE FROM \(table) WHERE day = ?", [.integer(day.number)])
        }
        try connection.run(
          "DELETE FROM archived_orders WHERE opened >= ? AND opened < ?",
          [.time(day.start), .time(next.start)])
      }
      return days
    }
  }

  public func backup(to path: String) throws(FleetError) {
    // A connection of its own: nobody's reading waits for the copy.
    let connection = try SQLiteConnection(path: self.path, readOnly: true)
    try connection.run("BEGIN")
    let copy = try FleetCopy.Writing(to: path)
    for table in FleetTable.all {
      try connection.run("SELECT \(table.list) FROM \(table.name)") { row throws(FleetError) in
        try copy.add(try row.values(of: table), to: table)
      }
    }
    try copy.end(outboxEnd: try Self.outboxEnd(connection))
  }

  public func restore(from path: String) throws(FleetError) {
    try write { connection throws(FleetError) in
      for table in FleetTable.all {
        guard try connection.integer("SELECT 1 FROM \(table.name) LIMIT 1") == nil else {
          throw .refused("the store is not empty: there are \(table.name)")
        }
      }
      let end = try FleetCopy.read(path) { table, values throws(FleetError) in
        try connection.run(
          "INSERT INTO \(table.name) (\(table.list)) VALUES (\(table.marks))",
          values.map { value in
            switch value {
            case .integer(let number): .integer(number)
            case .text(let text): .text(text)
            case .null: .null
            }
          })
      }
      // What was trimmed away still counts.
      try connection.run("DELETE FROM sqlite_sequence WHERE name = 'outbox'")
      try connection.run(
        "INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', ?)", [.integer(end.sequence)])
    }
  }
}
