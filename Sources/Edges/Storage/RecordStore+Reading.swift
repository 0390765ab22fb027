extension RecordStore {
  /// Every open item, the oldest change first.
  public func openItems() throws(StorageError) -> [Item] {
    try read { database throws(StorageError) in
      try database.items("WHERE open = 1 ORDER BY updated, key")
    }
  }

  /// The item of a key; nil when there is none.
  public func item(_ key: String) throws(StorageError) -> Item? {
    try read { database throws(StorageError) in
      try database.items("WHERE key = ?", [.text(key)]).first
    }
  }

  /// The newest items, the newest change first.
  public func items(limit: Int) throws(StorageError) -> [Item] {
    try read { database throws(StorageError) in
      try database.items(
        "ORDER BY updated DESC, key LIMIT ?", [.integer(Int64(max(0, limit)))])
    }
  }

  /// Items whose key ends so, as a customer reads out the last digits.
  ///
  /// ASCII letters of either case are the same. The newest first, at most 50.
  public func items(endingWith suffix: String) throws(StorageError) -> [Item] {
    guard !suffix.isEmpty else { return [] }
    return try read { database throws(StorageError) in
      try database.items(
        "WHERE upper(substr(key, -length(?1))) = upper(?1) ORDER BY updated DESC, key LIMIT 50",
        [.text(suffix)])
    }
  }

  /// The history of one order, the oldest record first: the first `limit` of it.
  public func records(subject: String, limit: Int = 1000) throws(StorageError) -> [Record] {
    try read { database throws(StorageError) in
      try database.records(
        "WHERE subject = ? ORDER BY sequence LIMIT ?",
        [.text(subject), .integer(Int64(max(0, limit)))])
    }
  }

  /// Records after a sequence, the oldest first; for exports that go on where they stopped.
  public func records(after sequence: Int64, limit: Int) throws(StorageError) -> [Record] {
    try read { database throws(StorageError) in
      try database.records(
        "WHERE sequence > ? ORDER BY sequence LIMIT ?",
        [.integer(sequence), .integer(Int64(max(0, limit)))])
    }
  }

  /// The newest records, the newest first.
  public func records(newest limit: Int) throws(StorageError) -> [Record] {
    try read { database throws(StorageError) in
      try database.records(
        "ORDER BY sequence DESC LIMIT ?", [.integer(Int64(max(0, limit)))])
    }
  }

  /// The newest records of a kind, the newest first: those whose subject ends so, as a customer
  /// reads out the last characters; ASCII letters of either case are the same.
  public func records(
    kind: String, subjectEndingWith suffix: String = "", newest limit: Int
  ) throws(StorageError) -> [Record] {
    try read { database throws(StorageError) in
      try database.records(
        "WHERE kind = ?1 AND (?2 = '' OR upper(substr(subject, -length(?2))) = upper(?2)) "
          + "ORDER BY sequence DESC LIMIT ?3",
        [.text(kind), .text(suffix), .integer(Int64(max(0, limit)))])
    }
  }

  /// The text kept under a key; nil when there is none.
  public func value(_ key: String) throws(StorageError) -> String? {
    try read { database throws(StorageError) in try database.value(key) }
  }

  /// The value kept under a key as JSON; nil when there is none, `.corrupt` when it is not one.
  public func decoded<Value: Decodable>(_ key: String) throws(StorageError) -> Value? {
    try value(key).map { text throws(StorageError) in try JSONText.decode(Value.self, from: text) }
  }

  /// How many records there are.
  public var recordCount: Int {
    get throws(StorageError) {
      try read { database throws(StorageError) in
        Int(try database.integer("SELECT count(*) FROM records") ?? 0)
      }
    }
  }

  /// What a full check found to be whole.
  public struct Verification: Equatable, Sendable {
    public var records: Int
    public var items: Int
    public var values: Int
  }

  /// Checks everything: the file's structure and indices, the whole chain, every item and value.
  ///
  /// It reads the whole file once and holds the store's lock meanwhile. Throws `.corrupt`, naming
  /// the first bad place.
  public func verify() throws(StorageError) -> Verification {
    try read { database throws(StorageError) in try Audit(database).complete() }
  }
}
