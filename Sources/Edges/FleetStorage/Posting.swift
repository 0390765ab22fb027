public import Money
public import Ordering
internal import Storage
public import Timing

/// What must stand in the store for a posting to be written.
public enum Expectation: Hashable, Sendable {
  /// No order of that number, archived ones included.
  case absent
  /// The order as it was read. The amount and the state are implied by the revision; they are
  /// compared all the same, since money hangs on them.
  case standing(revision: Int64, state: OrderState, amount: Amount)
}

/// A key that is used once, such as a notice's.
///
/// A posting that carries a used one is answered `duplicate` and changes nothing. Keys are kept
/// with the day on which their order came to the store, and for as long: they are unique among the
/// orders of that day.
public struct PostingKey: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The key as it is stored.
  public let text: String

  /// Reads a key as it is stored.
  package init(stored text: String) { self.text = text }

  /// The provider's own identifier of a notice, with the merchant's account: v3 has one.
  public static func notice(_ identifier: String, account: String) -> Self {
    Self(stored: "notice/\(account)/\(identifier)")
  }

  /// A payment by its transaction: for notices without an identifier.
  public static func payment(_ order: OrderNumber, transaction: String) -> Self {
    Self(stored: "payment/\(order)/\(transaction)")
  }

  public var description: String { text }

  public static func < (left: Self, right: Self) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}

/// One step of one order, with everything that must be true together with it.
public struct Posting: Hashable, Sendable {
  public var number: OrderNumber
  public var expected: Expectation
  public var machine: String
  public var state: OrderState
  public var amount: Amount
  /// The time of the step, by the service's clock.
  public var at: WallTime
  public var dueAt: WallTime?
  /// The order as JSON, as it shall be.
  public var body: String
  /// The word for the order's history; nil for a step that nobody need read about, such as a duty
  /// that is tried again later.
  public var event: String?
  /// Messages for the outbox, in order.
  public var messages: [Draft]
  /// Keys that the step uses up.
  public var keys: [PostingKey]
  /// The lease that must still be held.
  public var fence: Fence?

  /// A message before it has a place in the outbox.
  public struct Draft: Hashable, Sendable {
    /// What kind of message; the reader's business.
    public var topic: String
    public var body: String

    /// Makes a message about the posting's order.
    public init(topic: String, body: String) { (self.topic, self.body) = (topic, body) }
  }

  /// The step to `order`, whose next duty is due at `dueAt`.
  ///
  /// Throws `.refused` when the order cannot be written as JSON.
  public init(
    _ order: Order, expected: Expectation, dueAt: WallTime?, event: String?, at time: WallTime,
    messages: [Draft] = [], keys: [PostingKey] = [], fence: Fence? = nil
  ) throws(FleetError) {
    (number, machine) = (order.number, order.request.machine)
    (state, amount) = (order.state, order.request.amount)
    (self.expected, self.dueAt, self.event, at) = (expected, dueAt, event, time)
    (self.messages, self.keys, self.fence) = (messages, keys, fence)
    if let plain = order.plainText {
      body = plain
    } else {
      do throws(StorageError) {
        body = try JSONText.encode(order)
      } catch {
        throw .refused("order \(order.number): \(error)")
      }
    }
  }
}

/// What became of a posting.
public enum PostingAnswer: Hashable, Sendable {
  /// It is on disk, as this revision.
  case written(revision: Int64)
  /// Something else stands there; nil when there is no such order.
  case conflict(StoredOrder?)
  /// One of its keys was used before, for this order.
  case duplicate(PostingKey, of: OrderNumber)
  /// Its lease is no longer held.
  case fenced
  /// It breaks the store's bounds, as the words say.
  case refused(String)
}
