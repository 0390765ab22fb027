internal import Timing

/// The chain of checksums through the records.
///
/// Each record holds the sum of the one before it, and its own sum covers that: a record that was
/// changed, lost, doubled or moved breaks the chain at its place. Pruning moves the anchor: at and
/// below it single records may remain (those of open items), above it none may be missing.
enum Chain {
  /// The end of a chain: what the next record is chained to.
  struct Tail: Equatable {
    var sequence: Int64
    var check: UInt32

    /// The sum that guards an anchor.
    var sum: Int64 {
      var sum = Checksum("anchor")
      sum.add(sequence)
      sum.add(Int64(check))
      return Int64(sum.value)
    }
  }

  /// Where the unbroken part of the chain begins.
  static func anchor(_ database: Database) throws(StorageError) -> Tail {
    var anchor: Tail?
    try database.run("SELECT sequence, \"check\", sum FROM anchor") { row throws(StorageError) in
      let found = Tail(
        sequence: row.integer(0), check: UInt32(truncatingIfNeeded: row.integer(1)))
      guard row.integer(2) == found.sum else { throw .corrupt("the anchor does not add up") }
      anchor = found
    }
    guard let anchor else { throw .corrupt("the chain's anchor is missing") }
    return anchor
  }

  /// Writes the anchor of a chain that has none.
  static func setAnchor(_ anchor: Tail, _ database: Database) throws(StorageError) {
    try database.run(
      "INSERT INTO anchor (id, sequence, \"check\", sum) VALUES (1, ?, ?, ?)",
      [.integer(anchor.sequence), .integer(Int64(anchor.check)), .integer(anchor.sum)])
  }

  /// The last record's sequence and sum; the anchor's when nothing lies behind it.
  static func tail(_ database: Database) throws(StorageError) -> Tail {
    let anchor = try anchor(database)
    var tail = anchor
    try database.run(
      "SELECT sequence, \"check\" FROM records WHERE sequence > ? ORDER BY sequence DESC LIMIT 1",
      [.integer(anchor.sequence)]
    ) { row in
      tail = Tail(sequence: row.integer(0), check: UInt32(truncatingIfNeeded: row.integer(1)))
    }
    return tail
  }

  /// Appends a record and returns the new tail.
  static func append(
    _ record: Record, after tail: Tail, _ database: Database
  ) throws(StorageError) -> Tail {
    var record = record
    record.sequence = tail.sequence + 1
    let check = record.check(after: tail.check)
    try database.run(
      """
      INSERT INTO records (sequence, at, subject, kind, body, previous, "check")
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .integer(record.sequence), .integer(record.at.milliseconds), .text(record.subject),
        .text(record.kind), .text(record.body), .integer(Int64(tail.check)),
        .integer(Int64(check)),
      ])
    return Tail(sequence: record.sequence, check: check)
  }

  /// Follows the chain through the newest `count` records, or through all; returns how many it saw.
  static func verify(_ database: Database, newest count: Int64? = nil) throws(StorageError) -> Int {
    let anchor = try anchor(database)
    let last = try tail(database).sequence
    let start = count.map { max(0, last - $0) } ?? 0
    // The record before the first that is looked at is not known, unless the anchor is.
    var walk = ChainWalk(
      from: max(start, anchor.sequence) + 1, after: start <= anchor.sequence ? anchor : nil)
    var seen = 0
    try database.links(
      "WHERE sequence > ? ORDER BY sequence", [.integer(start)]
    ) { link throws(StorageError) in
      seen += 1
      if link.record.sequence > anchor.sequence { try walk.take(link) }
    }
    guard walk.next == last + 1 else { throw .corrupt("record \(walk.next) is missing") }
    return seen
  }

  /// Deletes records older than `limit` from the front; returns how many.
  static func prune(_ database: Database, before limit: WallTime) throws(StorageError) -> Int {
    let anchor = try anchor(database)
    let firstKept = try database.integer(
      "SELECT sequence FROM records WHERE sequence > ? AND at >= ? ORDER BY sequence LIMIT 1",
      [.integer(anchor.sequence), .integer(limit.milliseconds)])
    let end = if let firstKept { firstKept - 1 } else { try tail(database).sequence }
    if end > anchor.sequence {
      let check = try database.integer(
        "SELECT \"check\" FROM records WHERE sequence = ?", [.integer(end)])
      guard let check else { throw .corrupt("record \(end) is missing") }
      let moved = Tail(sequence: end, check: UInt32(truncatingIfNeeded: check))
      try database.run("DELETE FROM anchor")
      try setAnchor(moved, database)
    }
    let before = try database.integer("SELECT count(*) FROM records") ?? 0
    try database.run(
      """
      DELETE FROM records WHERE sequence <= ?
      AND subject NOT IN (SELECT key FROM items WHERE open = 1)
      """, [.integer(end)])
    return Int(before - (try database.integer("SELECT count(*) FROM records") ?? 0))
  }
}
