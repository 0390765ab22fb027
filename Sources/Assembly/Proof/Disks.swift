internal import Ordering
internal import Storage
internal import Timing
internal import Vending

/// The board's journal as it lies on the disk: how many entries, and the ledger with the last.
///
/// Commits are atomic and synced one by one, so a power cut takes the one on its way or does not.
struct JournalDisk: Sendable {
  var ledger: Ledger?
  var length: Int64 = 0
  /// In worlds with bytes: the ledger's text, which a start must read again.
  var text: String?

  /// The entry that is on its way.
  struct Writing: Sendable {
    var entry: Entry
    var ledger: Ledger
    var text: String?
  }

  mutating func keep(_ done: Writing) {
    ledger = done.ledger
    text = done.text
    length += 1
  }
}

/// The core's book as it lies on the disk, with what a power cut may still take.
struct BookDisk: Sendable {
  private(set) var orders = Recent<Order>()
  /// In worlds with bytes: each order's row.
  private(set) var rows: [OrderNumber: String] = [:]
  private var unsynced: [Undo] = []

  private struct Undo {
    var number: OrderNumber
    var before: Order?
    var row: String?
  }

  var numbers: [OrderNumber] { orders.numbers }

  /// Commits that no sync has followed.
  var unsyncedCount: Int { unsynced.count }

  /// An order's row takes the place of the one before it.
  mutating func keep(_ order: Order, row: String?, isSynced: Bool) {
    let number = order.number
    if isSynced {
      unsynced.removeAll(keepingCapacity: true)
    } else {
      unsynced.append(
        Undo(number: number, before: orders[number], row: rows.isEmpty ? nil : rows[number]))
    }
    orders[number] = order
    if let row { rows[number] = row }
  }

  /// What was written is on the platters.
  mutating func sync() { unsynced.removeAll(keepingCapacity: true) }

  /// Power failed: of the commits that no sync has followed the first `kept` are there.
  mutating func lose(keeping kept: Int) {
    while unsynced.count > kept {
      let undo = unsynced.removeLast()
      orders[undo.number] = undo.before
      rows[undo.number] = undo.row
    }
    unsynced.removeAll()
  }

  /// The unfinished orders, as a start finds them.
  func unfinished() throws(StorageError) -> [Order] {
    guard !rows.isEmpty else { return orders.values.filter(\.isUnfinished) }
    var found: [Order] = []
    for number in numbers {
      guard let order = try order(number), order.isUnfinished else { continue }
      found.append(order)
    }
    return found
  }

  func order(_ number: OrderNumber) throws(StorageError) -> Order? {
    if !rows.isEmpty, let row = rows[number] { return try JSONText.decode(Order.self, from: row) }
    return orders[number]
  }

  /// Changes the rows as another version of the program would have written them.
  mutating func rewriteRows(_ change: (String) -> String) {
    for number in numbers { rows[number] = rows[number].map(change) }
  }
}
