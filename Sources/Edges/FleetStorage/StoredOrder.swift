public import Money
public import Ordering
internal import Storage
public import Timing

/// An order as it lies in the store.
///
/// What can be searched lies beside the order's text; `order()` reads that and refuses one that
/// says something else.
public struct StoredOrder: Hashable, Sendable {
  public var number: OrderNumber
  /// The name of the machine that it belongs to; another one may not see it.
  public var machine: String
  public var state: OrderState
  /// What must be paid.
  public var amount: Amount
  /// Grows by one with each posting; 1 for the first.
  public var revision: Int64
  /// When the order first came to the store, by the service's clock.
  public var openedAt: WallTime
  /// When it was last written.
  public var updatedAt: WallTime
  /// When the book must look at it again; nil when it need not.
  public var dueAt: WallTime?
  /// The order as JSON.
  public var body: String

  /// Puts a stored order together.
  public init(
    number: OrderNumber, machine: String, state: OrderState, amount: Amount, revision: Int64,
    openedAt: WallTime, updatedAt: WallTime, dueAt: WallTime?, body: String
  ) {
    (self.number, self.machine, self.state, self.amount) = (number, machine, state, amount)
    (self.revision, self.openedAt, self.updatedAt) = (revision, openedAt, updatedAt)
    (self.dueAt, self.body) = (dueAt, body)
  }

  /// The order itself; `.corrupt` when the text is none, or not this one.
  public func order() throws(FleetError) -> Order {
    let order: Order
    if let plain = Order(plainText: body) {
      order = plain
    } else {
      do throws(StorageError) {
        order = try JSONText.decode(Order.self, from: body)
      } catch {
        throw .corrupt("order \(number): \(error)")
      }
    }
    guard order.number == number, order.state == state, order.request.amount == amount,
      order.request.machine == machine
    else { throw .corrupt("order \(number) does not agree with its row") }
    return order
  }

  /// What a posting that builds upon this one expects.
  public var expectation: Expectation {
    .standing(revision: revision, state: state, amount: amount)
  }
}

/// One thing that happened to an order.
public struct OrderEvent: Hashable, Sendable {
  public var number: OrderNumber
  /// The order's revision after it.
  public var revision: Int64
  public var at: WallTime
  /// The word for it: `OrderBook.RecordKind`, or the service's own.
  public var kind: String
  /// The order as JSON, as it was left.
  public var body: String

  /// Puts an event together.
  public init(
    number: OrderNumber, revision: Int64, at: WallTime, kind: String, body: String
  ) {
    (self.number, self.revision, self.at) = (number, revision, at)
    (self.kind, self.body) = (kind, body)
  }
}
