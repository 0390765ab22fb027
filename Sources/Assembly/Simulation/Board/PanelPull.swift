public import Pixels
public import Timing

/// The display's plug, pulled at one byte and put back a while later.
public struct PanelPull: Hashable, Sendable {
  /// The byte, from one, that does not arrive any more.
  public var place: Int
  /// How long the panel stays away.
  public var away: Duration

  /// Describes a pull.
  public init(at place: Int, away: Duration) { (self.place, self.away) = (place, away) }

  /// What became of it.
  public struct Tally: Equatable, Sendable {
    /// Bytes that the panel has taken.
    public var count = 0
    /// When the plug was pulled, and put back.
    public var pulledAt: Instant?
    public var pluggedAt: Instant?
    /// When the first picture with anything on it stood on the panel that came back, and which.
    public var lightAt: Instant?
    public var firstPicture: Frame?

    /// Nothing yet.
    public init() {}

    /// How long the panel was there and showed nothing.
    public var darkTime: Duration? {
      guard let pluggedAt, let lightAt else { return nil }
      return lightAt - pluggedAt
    }
  }
}
