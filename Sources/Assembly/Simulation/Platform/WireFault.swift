/// One thing that happens to a connection between a caller (the machine, the service) and its
/// server (the platform, the service), below TLS, at one byte.
public struct WireFault: Hashable, Sendable {
  /// What happens before the byte passes.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// The connection is closed in good order.
    case cut
    /// It is reset (RST).
    case reset
    /// Nothing passes any more in either direction, and nobody is told: half open.
    case silence
    /// Nothing passes any more in the byte's direction; the other one works.
    case loss
    /// The byte is another one.
    case garbage
    /// The byte, and all after it, comes `delayTime` later.
    case delay
  }

  /// Whose bytes are counted.
  public enum Direction: String, Hashable, Sendable, Codable, CaseIterable {
    /// From the caller to the server.
    case up
    /// From the server to the caller.
    case down
  }

  public var kind: Kind
  public var direction: Direction
  /// The byte, from one, counted over all connections.
  public var place: Int

  /// Longer than any patience with a customer, shorter than a call's deadline.
  static let delayTime = Duration.seconds(3)

  /// Describes a fault.
  public init(_ kind: Kind, _ direction: Direction, at place: Int) {
    (self.kind, self.direction, self.place) = (kind, direction, place)
  }
}
