public import Timing

/// Says when something is to be written: only when it has changed, and no oftener than it may be.
public struct Changes<Value: Equatable> {
  private let pause: Duration
  private var last: Value?
  private var at: Instant?

  /// At most once in `pause`.
  public init(atMostEvery pause: Duration) { self.pause = pause }

  /// Whether it is to be written now; it counts as written then.
  public mutating func isDue(_ value: Value, at now: Instant) -> Bool {
    guard value != last else { return false }
    if let at, now - at < pause { return false }
    (last, at) = (value, now)
    return true
  }

  /// Forgets what was written: it is written anew as soon as it may be.
  public mutating func forget() { last = nil }
}
