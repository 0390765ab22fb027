public import Timing

/// Takes the bounce out of one contact: a level counts once it has stood for the debounce time.
///
/// A pure value over edges with their own times, so that edges read late are judged as if read at
/// once. Pulses shorter than the debounce time leave no trace.
public struct SteadyInput: Equatable, Sendable {
  /// The level that counts.
  public private(set) var isActive: Bool
  /// The level as last heard, and since when.
  public private(set) var level: Bool
  private var since: Instant
  private let debounce: Duration

  /// A level that now counts.
  public struct Change: Equatable, Sendable {
    public var isActive: Bool
    /// When the level began, not when it was found steady.
    public var at: Instant
  }

  /// Begins with a level that counts at once.
  public init(isActive: Bool, at now: Instant, debounce: Duration) {
    (self.isActive, level, since, self.debounce) = (isActive, isActive, now, debounce)
  }

  /// When a level that does not count yet will; nil when there is none.
  public var settlesAt: Instant? { level == isActive ? nil : since + debounce }

  /// Takes an edge, and says what had become steady before it.
  public mutating func take(_ edge: Edge) -> Change? {
    let change = settle(at: edge.at)
    // An edge to the level that we know means that one between was lost: the time starts anew.
    level = edge.isActive
    since = max(since, edge.at)
    return change
  }

  /// Says what has become steady by `now`.
  public mutating func settle(at now: Instant) -> Change? {
    guard let settlesAt, settlesAt <= now else { return nil }
    isActive = level
    return Change(isActive: level, at: since)
  }
}
