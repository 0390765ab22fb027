internal import Timing

/// How long to wait after failures in a row, so that ten thousand boards that lost a service
/// together do not come back together.
///
/// The whole pause is drawn ("full jitter"): a fixed part would only put the crowd off.
public struct BackOff: Equatable, Sendable {
  /// The bound after the first failure.
  public let first: Duration
  /// The bound that no number of failures exceeds.
  public let longest: Duration
  /// Failures since the last success.
  public private(set) var failures = 0

  /// No failure yet.
  public init(first: Duration, longest: Duration) {
    (self.first, self.longest) = (first, longest)
  }

  /// It worked.
  public mutating func succeeded() { failures = 0 }

  /// It failed; how long to wait, drawn by `random`.
  public mutating func failed(_ random: UInt64) -> Duration {
    failures = min(failures + 1, 32)
    let bound = min(first * (1 << min(failures - 1, 16)), longest)
    return Self.draw(.zero, bound, random)
  }

  /// A time between two, drawn by `random`.
  public static func draw(_ least: Duration, _ most: Duration, _ random: UInt64) -> Duration {
    let span = max(0, (most - least).wholeMilliseconds)
    return least + .milliseconds(Int64(random % UInt64(span + 1)))
  }
}
