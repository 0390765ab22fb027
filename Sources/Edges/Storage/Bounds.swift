/// What a commit may hold: enough for any order, too little to fill a disk by one mistake.
enum Bounds {
  static let namesMax = 128
  static let bodyMax = 64 << 10
  static let valueMax = 1 << 20
  static let rowsMax = 10_000

  static func check(
    _ records: [Record], _ items: [Item], _ values: [(String, String)]
  ) throws(StorageError) {
    guard records.count + items.count + values.count <= rowsMax else {
      throw .refused("more than \(rowsMax) rows in one commit")
    }
    for record in records {
      try check(record.subject, "a record's subject", namesMax)
      try check(record.kind, "a record's kind", namesMax)
      try check(record.body, "a record's body", bodyMax)
    }
    for item in items {
      try check(item.key, "an item's key", namesMax)
      try check(item.state, "an item's state", namesMax)
      try check(item.body, "an item's body", bodyMax)
    }
    for (key, value) in values {
      try check(key, "a value's key", namesMax)
      try check(value, "a value", valueMax)
    }
  }

  private static func check(_ text: String, _ what: String, _ limit: Int) throws(StorageError) {
    let count = text.utf8.count
    if count > limit { throw .refused("\(what) of \(count) bytes: at most \(limit)") }
  }
}
