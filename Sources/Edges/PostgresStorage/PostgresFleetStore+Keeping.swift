public import FleetStorage
public import Timing

extension PostgresFleetStore {
  private static let orderColumns =
    "number, machine, state, amount, revision, opened, updated, due, open, ending, body"

  public func archive(before day: BeijingDay, limit: Int) throws(FleetError) -> Int {
    // A closed order that is watched for late money has a duty, and stays.
    let chosen =
      """
      SELECT number FROM orders WHERE opened < $1 AND open = 0 AND due IS NULL
      ORDER BY opened, number LIMIT $2
      """
    let values: [PostgresValue] = [
      .integer(day.start.milliseconds), .integer(FleetBounds.rows(limit)),
    ]
    let moving = PostgresQuery(
      """
      WITH moved AS (
        DELETE FROM orders WHERE number IN (\(chosen) FOR UPDATE SKIP LOCKED)
        RETURNING \(Self.orderColumns)
      ), kept AS (
        INSERT INTO archived_orders (\(Self.orderColumns)) SELECT \(Self.orderColumns) FROM moved
      ), numbers AS (
        INSERT INTO archived_numbers (number, opened) SELECT number, opened FROM moved
      )
      SELECT count(*) FROM moved
      """, values)
    do throws(Undone) {
      return try moved(moving)
    } catch {
      guard error.failure?.wantsDay == true else { throw error.error }
    }
    let days = try run(
      """
      SELECT DISTINCT (opened / 1000 + 28800) / 86400 FROM orders
      WHERE number IN (\(chosen))
      """, values
    ).map { row throws(FleetError) in BeijingDay(number: try row.integer(0)) }
    try makeDays(days)
    do throws(Undone) {
      return try moved(moving)
    } catch {
      throw error.error
    }
  }

  private func moved(_ query: PostgresQuery) throws(Undone) -> Int {
    let rows = try transaction([]) { _ in [query] }
    do throws(FleetError) {
      return Int(try rows[0].first?.integer(0) ?? 0)
    } catch {
      throw Undone(error: error, failure: nil)
    }
  }

  public func dropDays(before day: BeijingDay) throws(FleetError) -> [BeijingDay] {
    let parts = try run(
      """
      SELECT DISTINCT substring(c.relname FROM '_([0-9]+)$')::bigint AS day
      FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
      WHERE i.inhparent IN (to_regclass('events'), to_regclass('archived_orders'))
      ORDER BY day
      """
    ).map { row throws(FleetError) in BeijingDay(number: try row.integer(0)) }
    var dropped: [BeijingDay] = []
    for part in parts where part < day {
      if try drop(part) { dropped.append(part) }
    }
    return dropped
  }

  /// Forgets one day, unless an order of it is not archived.
  private func drop(_ day: BeijingDay) throws(FleetError) -> Bool {
    let next = BeijingDay(number: day.number + 1)
    let span: [PostgresValue] = [
      .integer(day.start.milliseconds), .integer(next.start.milliseconds),
    ]
    var isDropped = false
    do throws(Undone) {
      // The day's archive is locked first: who takes an order out of it has done so, or waits.
      _ = try transaction([
        lock(.tables),
        PostgresQuery(once: "LOCK TABLE archived_orders_\(day.number) IN ACCESS EXCLUSIVE MODE"),
        PostgresQuery("SELECT 1 FROM orders WHERE opened >= $1 AND opened < $2 LIMIT 1", span),
      ]) { rows in
        guard rows[2].isEmpty else { return [] }
        isDropped = true
        return PostgresSchema.dailyTables.map {
          PostgresQuery(once: "DROP TABLE \($0)_\(day.number)")
        }
          + [
            PostgresQuery(
              "DELETE FROM archived_numbers WHERE opened >= $1 AND opened < $2", span)
          ]
      }
    } catch {
      throw error.error
    }
    return isDropped
  }
}
