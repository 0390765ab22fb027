public import Timing

/// The present state of one order or sale, replaced as a whole with each step.
public struct Item: Equatable, Sendable {
  /// The order's number; at most 128 bytes.
  public var key: String
  /// Whether something is still to be done about it.
  public var isOpen: Bool
  /// When it last changed, by the wall clock of the board.
  public var updatedAt: WallTime
  /// The state's name, for people and for lists; at most 128 bytes.
  public var state: String
  /// All of it, as JSON; at most 64 KiB.
  public var body: String

  /// Makes an item.
  public init(key: String, isOpen: Bool, updatedAt: WallTime, state: String, body: String) {
    (self.key, self.isOpen, self.updatedAt) = (key, isOpen, updatedAt)
    (self.state, self.body) = (state, body)
  }
}
