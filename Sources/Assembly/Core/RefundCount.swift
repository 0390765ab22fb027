public import Money
internal import Ordering
internal import Storage

/// How many refunds have arrived, and how much they were: counted where they are recorded, and
/// never less.
public struct RefundCount: Equatable, Sendable, Codable {
  public var refunds: Int64 = 0
  public var value: Amount = .zero

  /// The name under which the book keeps it.
  public static let storageKey = "refunds"

  /// None yet.
  public init() {}
}

extension RecordStore {
  /// The refunds that have arrived since this count began.
  func refundCount() throws(StorageError) -> RefundCount {
    try decoded(RefundCount.storageKey) ?? RefundCount()
  }

  /// The count with this order's refund in it; nil when the step is none, or counted already.
  func refundCount(with order: Order) throws(StorageError) -> RefundCount? {
    guard order.state == .refunded,
      try self.order(order.number)?.state != .refunded
    else { return nil }
    var count = try refundCount()
    count.refunds += 1
    count.value += order.refundRequest.refund
    return count
  }
}
