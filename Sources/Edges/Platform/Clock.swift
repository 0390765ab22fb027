internal import CLinux
public import Timing

/// The machine's clocks.
///
/// Nothing but the edges reads them; rules get moments as values.
public enum Clock {
  /// The monotonic clock: for every deadline.
  public static func now() -> Instant { Instant(nanoseconds: vend_monotonic_nanoseconds()) }

  /// The wall clock: for people and providers, possibly wrong.
  public static func wallTime() -> WallTime {
    WallTime(milliseconds: vend_realtime_nanoseconds() / 1_000_000)
  }
}
