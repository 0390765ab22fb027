public import Timing

/// One line of a store's history: written once, never changed, chained to the one before.
public struct Record: Equatable, Sendable {
  /// Its place in the history, from 1; 0 until it is stored.
  public internal(set) var sequence: Int64
  /// When, by the wall clock of the board.
  public var at: WallTime
  /// The order that it is about; empty when about none; at most 128 bytes.
  public var subject: String
  /// What happened, as one word; at most 128 bytes.
  public var kind: String
  /// The details, as JSON; at most 64 KiB.
  public var body: String

  /// Makes a record that is not stored yet.
  public init(at: WallTime, subject: String, kind: String, body: String) {
    (sequence, self.at, self.subject, self.kind, self.body) = (0, at, subject, kind, body)
  }
}
