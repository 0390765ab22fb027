public import Ordering
public import Storage
public import Timing

/// Where the core keeps its book: a `RecordStore` on the board's disk, or a simulated disk.
public protocol OrderStore: Sendable {
  /// Every order about which something is still to be done.
  func unfinishedOrders() throws(StorageError) -> [Order]
  /// One order by its number; nil when there is none.
  func order(_ number: OrderNumber) throws(StorageError) -> Order?
  /// Writes an order's new state with the word for what happened, as durably as it is told.
  func write(
    _ order: Order, _ kind: OrderBook.RecordKind, at time: WallTime,
    durability: RecordStore.Durability
  ) throws(StorageError)
  /// Syncs a deferred write; nothing when there is none.
  func sync() throws(StorageError)
}

extension RecordStore: OrderStore {
  public func unfinishedOrders() throws(StorageError) -> [Order] {
    var orders: [Order] = []
    for item in try openItems() { orders.append(try Order(item)) }
    return orders
  }

  public func order(_ number: OrderNumber) throws(StorageError) -> Order? {
    guard let item = try item(number.text) else { return nil }
    return try Order(item)
  }

  public func write(
    _ order: Order, _ kind: OrderBook.RecordKind, at time: WallTime, durability: Durability
  ) throws(StorageError) {
    let item = try Item(order, at: time)
    var values: [(String, String)] = []
    if let count = try refundCount(with: order) {
      values = [(RefundCount.storageKey, try JSONText.encode(count))]
    }
    _ = try commit(
      [Record(at: time, subject: item.key, kind: kind.rawValue, body: item.body)],
      items: [item],
      values: values,
      durability: durability)
  }
}

// How an order lies in the book.
extension Item {
  /// The row of an order's present state.
  public init(_ order: Order, at time: WallTime) throws(StorageError) {
    self.init(
      key: order.number.text, isOpen: order.isUnfinished, updatedAt: time,
      state: order.state.rawValue, body: try JSONText.encode(order))
  }
}

extension Order {
  /// Reads an order from its row.
  public init(_ item: Item) throws(StorageError) {
    self = try JSONText.decode(Order.self, from: item.body)
  }
}
