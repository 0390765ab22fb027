public import FleetStorage
public import Timing

extension PostgresFleetStore {
  /// The lock that all who change tables take, and the one of the outbox's end.
  enum Lock: Int64 {
    case tables = 1
    case outbox = 2
  }

  /// Takes a lock of this schema for as long as the transaction lasts.
  func lock(_ lock: Lock) -> PostgresQuery {
    // An advisory lock's name is two numbers: ours are a word's letters ("vend") and a hash.
    PostgresQuery(
      "SELECT pg_advisory_xact_lock(1986358884, hashtext($1))",
      [.text("\(schema).\(lock.rawValue)")])
  }

  /// Brings the schema to `last`; one process at a time.
  func migrate(_ migration: FleetSchema.Migration, to last: Int) throws(FleetError) {
    let encoding = try run("SHOW server_encoding").first?.word(0)
    guard encoding == "UTF8" else {
      throw .refused("the database is in \(encoding ?? "no encoding"), not in UTF8")
    }
    if migration == .allowed, try versionNow() == 0 { try makeSchema() }
    do throws(Undone) {
      _ = try transaction([
        lock(.tables), PostgresQuery("SELECT version FROM schema_version"),
      ]) { rows throws(FleetError) in
        let found = Int(try rows[1].first?.integer(0) ?? 0)
        let steps = try FleetSchema.steps(from: found, migration).filter { $0 < last }
        guard !steps.isEmpty else { return [] }
        return steps.flatMap { PostgresSchema.steps[$0].map { PostgresQuery(once: $0) } } + [
          PostgresQuery("UPDATE schema_version SET version = $1", [.integer(Int64(last))])
        ]
      }
    } catch {
      // No such table: nothing was ever made here.
      if error.failure?.code == "42P01" {
        throw .olderSchema(found: 0, known: FleetSchema.version)
      }
      throw error.error
    }
  }

  /// Makes what the version is written in; only where it is missing, since that needs a right.
  private func makeSchema() throws(FleetError) {
    do throws(Undone) {
      _ = try transaction([lock(.tables)]) { _ in
        [
          PostgresQuery(once: "CREATE SCHEMA IF NOT EXISTS \"\(schema)\""),
          PostgresQuery(
            once: "CREATE TABLE IF NOT EXISTS schema_version (version bigint NOT NULL)"),
          PostgresQuery(
            """
            INSERT INTO schema_version SELECT 0
            WHERE NOT EXISTS (SELECT FROM schema_version)
            """),
        ]
      }
    } catch {
      throw error.error
    }
  }

  /// The schema's version; 0 when there is none.
  private func versionNow() throws(FleetError) -> Int {
    let isThere = try run(
      "SELECT to_regclass($1) IS NOT NULL", [.text("\"\(schema)\".schema_version")]
    ).first?.word(0)
    guard isThere == "t" else { return 0 }
    return Int(try run("SELECT version FROM schema_version").first?.integer(0) ?? 0)
  }

  public var schemaVersion: Int {
    get throws(FleetError) { try versionNow() }
  }

  // MARK: Days

  public func prepareDays(_ days: ClosedRange<BeijingDay>) throws(FleetError) {
    let numbers = days.lowerBound.number...days.upperBound.number
    guard numbers.count <= 100 else { throw .refused("more than 100 days at a time") }
    try makeDays(numbers.map { BeijingDay(number: $0) })
  }

  /// Makes the parts of these days, where they are missing.
  func makeDays(_ days: [BeijingDay]) throws(FleetError) {
    let names = days.flatMap { day in
      PostgresSchema.dailyTables.map { (table: $0, part: "\($0)_\(day.number)", day: day) }
    }
    do throws(Undone) {
      // The tables lock first, in a trip of its own: only then is it certain what is missing.
      _ = try transaction([
        lock(.tables),
        PostgresQuery(
          "SELECT name FROM unnest($1::text[]) AS w(name) WHERE to_regclass(name) IS NULL",
          [.texts(names.map(\.part))]),
      ]) { rows throws(FleetError) in
        let missing = Set(try rows[1].map { row throws(FleetError) in try row.word(0) })
        return names.filter { missing.contains($0.part) }.flatMap { table, part, day in
          // To attach a part disturbs nobody who writes; to create it as one would. Its indexes
          // are made as it is attached.
          [
            PostgresQuery(once: "CREATE TABLE \(part) (LIKE \(table))"),
            PostgresQuery(
              once: "ALTER TABLE \(table) ATTACH PARTITION \(part) \(Self.bounds(table, day))"),
          ]
        }
      }
    } catch {
      throw error.error
    }
  }

  private static func bounds(_ table: String, _ day: BeijingDay) -> String {
    guard table == "archived_orders" else { return "FOR VALUES IN (\(day.number))" }
    let next = BeijingDay(number: day.number + 1)
    return "FOR VALUES FROM (\(day.start.milliseconds)) TO (\(next.start.milliseconds))"
  }
}
