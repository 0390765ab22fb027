public import Storage

/// Where the core keeps its book: a `RecordStore` on the board's disk, or a simulated disk.
public protocol OrderStore: Sendable {
  /// Every item about which something is still to be done.
  func openItems() throws(StorageError) -> [Item]
  /// One item by its key; nil when there is none.
  func item(_ key: String) throws(StorageError) -> Item?
  /// Writes all or nothing, as durably as it is told; the last record's sequence.
  func commit(
    _ records: [Record], items: [Item], durability: RecordStore.Durability
  ) throws(StorageError) -> Int64
  /// Syncs a deferred commit; nothing when there is none.
  func sync() throws(StorageError)
}

extension RecordStore: OrderStore {
  public func commit(
    _ records: [Record], items: [Item], durability: Durability
  ) throws(StorageError) -> Int64 {
    try commit(records, items: items, values: [], durability: durability)
  }
}
