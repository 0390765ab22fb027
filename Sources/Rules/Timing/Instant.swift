/// A moment of the monotonic clock: it never steps, and means nothing after a restart.
///
/// Every deadline is one of these. The wall clock (`WallTime`) is for people and for the provider.
public struct Instant: Hashable, Comparable, Sendable {
  /// Nanoseconds since an arbitrary start, on Linux that of `CLOCK_MONOTONIC`.
  public var nanoseconds: Int64

  /// Makes the moment `nanoseconds` after the clock's start.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The clock's start.
  public static let zero = Instant(nanoseconds: 0)
  /// A moment that does not come.
  public static let distantFuture = Instant(nanoseconds: .max)

  public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The moment `duration` later; saturates instead of wrapping.
  public static func + (instant: Self, duration: Duration) -> Self {
    let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
    guard overflow else { return Self(nanoseconds: sum) }
    return duration > .zero ? .distantFuture : Self(nanoseconds: .min)
  }

  /// The time from `earlier` to `later`.
  public static func - (later: Self, earlier: Self) -> Duration {
    .nanoseconds(later.nanoseconds - earlier.nanoseconds)
  }
}

extension Duration {
  /// The duration in whole nanoseconds, saturating at about 292 years.
  public var wholeNanoseconds: Int64 {
    // A division of 128 bits takes long, and most durations are shorter than nine seconds.
    if let few = Int64(exactly: attoseconds) { return few / 1_000_000_000 }
    let nanoseconds = attoseconds / 1_000_000_000
    return Int64(exactly: nanoseconds) ?? (nanoseconds > 0 ? .max : .min)
  }

  /// The duration in whole milliseconds, rounded towards zero.
  public var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }

  /// The duration in whole seconds, rounded towards zero.
  public var wholeSeconds: Int64 { components.seconds }
}
