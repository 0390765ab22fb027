public import Ordering
public import Timing

/// A place in the outbox: between a message and the next.
public struct OutboxPlace: Hashable, Comparable, Sendable {
  /// Grows from message to message; gaps are usual.
  public var sequence: Int64

  /// Makes the place behind the message of that sequence.
  public init(sequence: Int64) { self.sequence = sequence }

  /// Before the first message.
  public static let start = OutboxPlace(sequence: 0)

  public static func < (left: Self, right: Self) -> Bool { left.sequence < right.sequence }
}

/// A message that was committed together with a step of an order.
public struct OutboxMessage: Hashable, Sendable {
  /// The place behind it.
  public var place: OutboxPlace
  public var at: WallTime
  /// The machine that the order belongs to: a process skips what is not for one connected to it.
  public var machine: String
  public var number: OrderNumber
  /// The order's revision after the step.
  public var revision: Int64
  public var topic: String
  public var body: String

  /// Puts a message together.
  public init(
    place: OutboxPlace, at: WallTime, machine: String, number: OrderNumber, revision: Int64,
    topic: String, body: String
  ) {
    (self.place, self.at, self.machine, self.number) = (place, at, machine, number)
    (self.revision, self.topic, self.body) = (revision, topic, body)
  }
}

/// Messages as they come, for one thread that waits for them.
///
/// It is woken by the store the moment a batch is committed, wherever in the fleet, and looks by
/// itself four times a second: a lost wake-up costs that much time, and no message. After an error
/// the next call begins again behind the last message that was given.
public protocol OutboxFeed: Sendable {
  /// Waits for messages, at most as long as it is told; none when none came, or after `stop`.
  func next(waiting limit: Duration, atMost count: Int) throws(FleetError) -> [OutboxMessage]

  /// Ends the wait of another thread, and all later ones.
  func stop()
}
