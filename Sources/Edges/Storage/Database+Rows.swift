internal import Timing

// The tables' rows as values; every row read is checked against its sum.
extension Database {
  /// Reads items; `clause` selects and sorts them.
  func items(_ clause: String, _ values: [Value] = []) throws(StorageError) -> [Item] {
    var items: [Item] = []
    try eachItem(clause, values) { item in items.append(item) }
    return items
  }

  /// Calls `body` with items, one at a time.
  func eachItem(
    _ clause: String, _ values: [Value] = [], body: (Item) -> Void
  ) throws(StorageError) {
    try run(
      "SELECT key, open, updated, state, body, \"check\" FROM items \(clause)", values
    ) { row throws(StorageError) in
      let item = Item(
        key: try row.text(0), isOpen: row.integer(1) != 0,
        updatedAt: WallTime(milliseconds: row.integer(2)), state: try row.text(3),
        body: try row.text(4))
      guard row.integer(5) == Int64(item.check) else {
        throw .corrupt("item \(item.key) does not add up")
      }
      body(item)
    }
  }

  /// Puts an item in the place of the one of the same key.
  func replace(_ item: Item) throws(StorageError) {
    try run(
      """
      INSERT INTO items (key, open, updated, state, body, "check") VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET open = excluded.open, updated = excluded.updated,
      state = excluded.state, body = excluded.body, "check" = excluded."check"
      """,
      [
        .text(item.key), .integer(item.isOpen ? 1 : 0), .integer(item.updatedAt.milliseconds),
        .text(item.state), .text(item.body), .integer(Int64(item.check)),
      ])
  }

  /// Reads records; `clause` selects and sorts them.
  func records(_ clause: String, _ values: [Value] = []) throws(StorageError) -> [Record] {
    var records: [Record] = []
    try links(clause, values) { link throws(StorageError) in records.append(link.record) }
    return records
  }

  /// Calls `body` with records and the sums that chain them.
  func links(
    _ clause: String, _ values: [Value] = [], body: (ChainLink) throws(StorageError) -> Void
  ) throws(StorageError) {
    try run(
      "SELECT sequence, at, subject, kind, body, previous, \"check\" FROM records \(clause)",
      values
    ) { row throws(StorageError) in
      var record = Record(
        at: WallTime(milliseconds: row.integer(1)), subject: try row.text(2),
        kind: try row.text(3), body: try row.text(4))
      record.sequence = row.integer(0)
      guard let previous = UInt32(exactly: row.integer(5)),
        let check = UInt32(exactly: row.integer(6))
      else { throw .corrupt("record \(record.sequence) does not add up") }
      let link = ChainLink(record: record, previous: previous, check: check)
      try link.mustAddUp()
      try body(link)
    }
  }

  /// The text kept under a key.
  func value(_ key: String) throws(StorageError) -> String? {
    var value: String?
    try run(
      "SELECT value, \"check\" FROM \"values\" WHERE key = ?", [.text(key)]
    ) { row throws(StorageError) in
      let text = try row.text(0)
      guard row.integer(1) == Int64(Self.check(text, of: key)) else {
        throw .corrupt("value \(key) does not add up")
      }
      value = text
    }
    return value
  }

  /// Keeps a text under a key.
  func replaceValue(_ value: String, for key: String) throws(StorageError) {
    try run(
      """
      INSERT INTO "values" (key, value, "check") VALUES (?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value, "check" = excluded."check"
      """, [.text(key), .text(value), .integer(Int64(Self.check(value, of: key)))])
  }

  private static func check(_ value: String, of key: String) -> UInt32 {
    var sum = Checksum("value")
    sum.add(key)
    sum.add(value)
    return sum.value
  }
}
