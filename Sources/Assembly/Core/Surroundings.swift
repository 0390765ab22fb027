internal import Platform
public import Timing

/// Where the core gets time and chance from; a simulation gives its own.
public struct Surroundings: Sendable {
  /// The monotonic clock.
  public var now: @Sendable () -> Instant
  /// The wall clock, possibly wrong.
  public var wallTime: @Sendable () -> WallTime
  /// Sixteen fresh characters of `[0-9A-Za-z]`.
  public var chance: @Sendable () -> String

  /// The machine's own clocks and chance.
  public init() {
    now = { Clock.now() }
    wallTime = { Clock.wallTime() }
    chance = { RandomBits.text(count: 16) }
  }

  /// Clocks and chance of one's own.
  public init(
    now: @escaping @Sendable () -> Instant, wallTime: @escaping @Sendable () -> WallTime,
    chance: @escaping @Sendable () -> String
  ) {
    (self.now, self.wallTime, self.chance) = (now, wallTime, chance)
  }
}
