public import Ordering
public import Timing

/// Which orders a person looks for; all that is set must hold.
public struct OrderSearch: Hashable, Sendable {
  /// The number's last characters, in either case.
  public var ending: String?
  public var machine: String?
  /// The day on which the order came to the service.
  public var day: BeijingDay?
  public var state: OrderState?
  /// Only orders about which something is still to be done.
  public var onlyOpen: Bool
  /// Where the page before ended.
  public var after: Mark?
  /// How many at most; not more than `FleetBounds.pageMax`.
  public var limit: Int

  /// A place in the listing: behind the order that came at this time with this number.
  public struct Mark: Hashable, Sendable {
    public var openedAt: WallTime
    public var number: OrderNumber

    /// The place behind an order.
    public init(openedAt: WallTime, number: OrderNumber) {
      (self.openedAt, self.number) = (openedAt, number)
    }
  }

  /// Looks for all orders.
  public init(limit: Int = 100) { (onlyOpen, self.limit) = (false, limit) }
}

/// A page of a listing.
public struct OrderPage: Hashable, Sendable {
  public var orders: [StoredOrder]
  /// Where the next page begins; nil when this is the last.
  public var next: OrderSearch.Mark?

  /// Puts a page together.
  public init(orders: [StoredOrder], next: OrderSearch.Mark?) {
    (self.orders, self.next) = (orders, next)
  }
}
