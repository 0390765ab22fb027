public import FleetStorage
internal import Timing

// Copies go over a connection of their own, which may take as long as it takes.
extension PostgresFleetStore {
  public func backup(to path: String) throws(FleetError) {
    let connection = try copying("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    let copy = try FleetCopy.Writing(to: path)
    for table in FleetTable.all {
      try ask(connection, "DECLARE rows CURSOR FOR SELECT \(table.list) FROM \(table.name)")
      while true {
        let rows = try ask(connection, "FETCH 1000 FROM rows")
        if rows.isEmpty { break }
        _ = try rows.map { row throws(FleetError) in
          try copy.add(try row.values(of: table), to: table)
        }
      }
      try ask(connection, "CLOSE rows")
    }
    let end = try ask(connection, Self.outboxEndStatement).first?.integer(0) ?? 0
    try copy.end(outboxEnd: OutboxPlace(sequence: end))
  }

  public func restore(from path: String) throws(FleetError) {
    let connection = try copying("BEGIN")
    for table in FleetTable.all {
      guard try ask(connection, "SELECT 1 FROM \(table.name) LIMIT 1").isEmpty else {
        throw .refused("the store is not empty: there are \(table.name)")
      }
    }
    var rows: [[FleetCopy.Value]] = []
    var filling: FleetTable?
    var days: Set<BeijingDay> = []
    let end = try FleetCopy.read(path) { table, values throws(FleetError) in
      if let filled = filling, filled.name != table.name || rows.count == 500 {
        try fill(filled, rows, &days, connection)
        rows = []
      }
      filling = table
      rows.append(values)
    }
    if let filling { try fill(filling, rows, &days, connection) }
    try ask(
      connection,
      """
      INSERT INTO archived_numbers (number, opened) SELECT number, opened FROM archived_orders
      """)
    for (table, last) in [
      ("outbox", "\(end.sequence)"), ("log", "(SELECT coalesce(max(sequence), 0) FROM log)"),
    ] {
      try ask(
        connection,
        """
        SELECT setval(pg_get_serial_sequence('\(table)', 'sequence'), greatest(1, \(last)),
          \(last) > 0)
        """)
    }
    do throws(PostgresFailure) {
      _ = try connection.run([PostgresQuery("COMMIT")])
    } catch {
      throw error.kind == .lost ? .unknown(error.words) : error.inFleet
    }
  }

  /// Puts rows of a copy into a table, whose days are made as they come.
  private func fill(
    _ table: FleetTable, _ rows: [[FleetCopy.Value]], _ days: inout Set<BeijingDay>,
    _ connection: PostgresConnection
  ) throws(FleetError) {
    let needed = Set(rows.compactMap { Self.day(of: $0, table) }).subtracting(days)
    if !needed.isEmpty { try makeDays(needed.sorted()) }
    days.formUnion(needed)
    var values: [PostgresValue] = []
    for (index, column) in table.columns.enumerated() {
      if column.isNumber {
        let numbers = try rows.map { row throws(FleetError) -> Int64? in
          switch row[index] {
          case .integer(let number): number
          case .null: nil
          case .text: throw .corrupt("the copy's \(table.name): a text in place of a number")
          }
        }
        values.append(.integers(numbers))
      } else {
        let texts = try rows.map { row throws(FleetError) -> String? in
          switch row[index] {
          case .text(let text): text
          case .null: nil
          case .integer: throw .corrupt("the copy's \(table.name): a number in place of a text")
          }
        }
        values.append(.texts(texts))
      }
    }
    let arrays = table.columns.enumerated().map { index, column in
      "$\(index + 1)::\(column.isNumber ? "bigint" : "text")[]"
    }
    try ask(
      connection,
      """
      INSERT INTO \(table.name) (\(table.list))
      SELECT * FROM unnest(\(arrays.joined(separator: ", ")))
      """, values)
  }

  private static func day(of row: [FleetCopy.Value], _ table: FleetTable) -> BeijingDay? {
    guard PostgresSchema.dailyTables.contains(table.name),
      let index = table.columns.firstIndex(where: { $0.name == "day" || $0.name == "opened" }),
      case .integer(let number) = row[index]
    else { return nil }
    return table.columns[index].name == "day"
      ? BeijingDay(number: number) : BeijingDay(of: WallTime(milliseconds: number))
  }

  /// A connection in a transaction that nobody hurries.
  private func copying(_ beginning: String) throws(FleetError) -> PostgresConnection {
    do throws(PostgresFailure) {
      let connection = try connect()
      _ = try connection.run(
        [
          "SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0",
          "SET enable_seqscan = on", beginning,
        ].map { PostgresQuery(once: $0) })
      return connection
    } catch {
      throw error.inFleet
    }
  }

  @discardableResult
  private func ask(
    _ connection: PostgresConnection, _ sql: String, _ values: [PostgresValue] = []
  ) throws(FleetError) -> PostgresRows {
    do throws(PostgresFailure) {
      return try connection.run([PostgresQuery(sql, values)])[0]
    } catch {
      throw error.inFleet
    }
  }
}
