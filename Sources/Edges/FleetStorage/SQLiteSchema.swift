/// The file's tables, version by version.
enum SQLiteSchema {
  /// SQLite's application id, which `file(1)` prints too: "VFL1".
  private static let mark: Int64 = 0x5646_4C31

  /// Brings a file from the version that it has to `last`.
  static func migrate(
    _ database: SQLiteConnection, path: String, _ migration: FleetSchema.Migration,
    to last: Int = FleetSchema.version
  ) throws(FleetError) {
    // With the lock held, since another process may be migrating.
    try database.run("BEGIN IMMEDIATE")
    do throws(FleetError) {
      let found = Int(try database.integer("PRAGMA user_version") ?? 0)
      try check(database, path, found)
      for version in try FleetSchema.steps(from: found, migration) where version < last {
        for statement in steps[version] { try database.run(statement) }
        try database.run("PRAGMA user_version=\(version + 1)")
      }
      try database.run("PRAGMA application_id=\(mark)")
      try database.run("COMMIT")
    } catch {
      try? database.run("ROLLBACK")
      throw error
    }
  }

  private static func check(
    _ database: SQLiteConnection, _ path: String, _ found: Int
  ) throws(FleetError) {
    let mark = try database.integer("PRAGMA application_id") ?? 0
    let tables = try database.integer("SELECT count(*) FROM sqlite_schema") ?? 0
    guard mark == Self.mark || (mark == 0 && found == 0 && tables == 0) else {
      throw .refused("\(path) is a database of another program")
    }
  }

  private static func orders(_ name: String) -> [String] {
    [
      """
      CREATE TABLE \(name) (
        number TEXT PRIMARY KEY NOT NULL, machine TEXT NOT NULL, state TEXT NOT NULL,
        amount INTEGER NOT NULL, revision INTEGER NOT NULL, opened INTEGER NOT NULL,
        updated INTEGER NOT NULL, due INTEGER, open INTEGER NOT NULL, ending TEXT NOT NULL,
        body TEXT NOT NULL
      ) STRICT
      """,
      "CREATE INDEX \(name)_opened ON \(name) (opened, number)",
      "CREATE INDEX \(name)_machine ON \(name) (machine, opened, number)",
      "CREATE INDEX \(name)_state ON \(name) (state, opened, number)",
      "CREATE INDEX \(name)_ending ON \(name) (ending)",
    ]
  }

  private static let ordersAndOutbox =
    orders("orders") + [
      "CREATE INDEX orders_open ON orders (opened, number) WHERE open = 1",
      "CREATE INDEX orders_due ON orders (due, number) WHERE due IS NOT NULL",
      """
      CREATE TABLE events (
        day INTEGER NOT NULL, number TEXT NOT NULL, revision INTEGER NOT NULL,
        at INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL
      ) STRICT
      """,
      "CREATE UNIQUE INDEX events_order ON events (day, number, revision)",
      """
      CREATE TABLE keys (
        day INTEGER NOT NULL, key TEXT NOT NULL, number TEXT NOT NULL, PRIMARY KEY (day, key)
      ) STRICT, WITHOUT ROWID
      """,
      """
      CREATE TABLE outbox (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, machine TEXT NOT NULL,
        number TEXT NOT NULL, revision INTEGER NOT NULL, topic TEXT NOT NULL, body TEXT NOT NULL
      ) STRICT
      """,
      "CREATE TABLE readers (name TEXT PRIMARY KEY NOT NULL, sequence INTEGER NOT NULL) STRICT",
    ]

  private static let leasesAndMachines = [
    """
    CREATE TABLE leases (
      name TEXT PRIMARY KEY NOT NULL, holder TEXT NOT NULL, until INTEGER NOT NULL,
      number INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE machines (
      name TEXT PRIMARY KEY NOT NULL, revision INTEGER NOT NULL, code TEXT UNIQUE,
      code_until INTEGER, token TEXT UNIQUE, former_token TEXT UNIQUE, revoked INTEGER NOT NULL,
      note TEXT NOT NULL, contact INTEGER, boots INTEGER, health TEXT, faults TEXT
    ) STRICT
    """,
    """
    CREATE INDEX machines_contact ON machines (contact, name)
    WHERE contact IS NOT NULL AND revoked = 0
    """,
  ]

  private static let documentsAndPeople = [
    """
    CREATE TABLE documents (
      kind TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL,
      author TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, name, version)
    ) STRICT
    """,
    """
    CREATE TABLE sessions (
      token TEXT PRIMARY KEY NOT NULL, operator TEXT NOT NULL, started INTEGER NOT NULL,
      until INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE log (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL,
      what TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX log_subject ON log (subject, sequence)",
  ]

  private static let steps = [
    ordersAndOutbox, leasesAndMachines, documentsAndPeople, orders("archived_orders"),
  ]
}
