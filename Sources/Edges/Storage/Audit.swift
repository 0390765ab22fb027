/// Looks whether what is on the disk is what was written.
struct Audit {
  private let database: Database

  init(_ database: Database) { self.database = database }

  /// Records whose chain every start follows.
  static let recordsAtStart: Int64 = 2000
  /// Up to this size (4 MiB) a start looks at the whole structure; beyond it, at the small tables.
  static let wholePagesAtStart: Int64 = 1024

  /// The checks of a start: bounded, so that a long history does not delay the first sale.
  func atStart() throws(StorageError) {
    let pages = try database.integer("PRAGMA page_count") ?? 0
    if pages <= Self.wholePagesAtStart {
      try structure("PRAGMA quick_check(1)")
    } else {
      try structure("PRAGMA quick_check(items)")
      try structure("PRAGMA quick_check('values')")
    }
    _ = try Chain.verify(database, newest: Self.recordsAtStart)
    try database.eachItem("WHERE open = 1") { _ in }
    _ = try values()
  }

  /// All checks there are, over all rows, in one view of the file.
  func complete() throws(StorageError) -> RecordStore.Verification {
    try database.run("BEGIN")
    defer { try? database.run("COMMIT") }
    try structure("PRAGMA integrity_check(1)")
    let records = try Chain.verify(database)
    var items = 0
    try database.eachItem("") { _ in items += 1 }
    return RecordStore.Verification(records: records, items: items, values: try values())
  }

  private func structure(_ pragma: String) throws(StorageError) {
    var words: String?
    try database.run(pragma) { row throws(StorageError) in
      if words == nil { words = try row.text(0) }
    }
    guard words == "ok" else { throw .corrupt(words ?? "the file's structure") }
  }

  private func values() throws(StorageError) -> Int {
    var keys: [String] = []
    try database.run("SELECT key FROM \"values\"") { row throws(StorageError) in
      keys.append(try row.text(0))
    }
    for key in keys { _ = try database.value(key) }
    return keys.count
  }
}
