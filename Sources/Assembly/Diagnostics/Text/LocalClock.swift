internal import Platform
public import Timing

/// Moments as people at the machine read them.
public struct LocalClock: Sendable {
  let offsetSeconds: @Sendable (WallTime) -> Int64

  /// This computer's zone.
  public static let here = LocalClock { LocalTime.offsetSeconds(at: $0) }

  /// A zone by its seconds ahead of UTC at a moment.
  public init(_ offsetSeconds: @escaping @Sendable (WallTime) -> Int64) {
    self.offsetSeconds = offsetSeconds
  }

  /// `2026-11-23 18:05:09+08:00`: RFC 3339 with a space, as its section 5.6 allows.
  public func text(_ time: WallTime) -> String {
    let offset = offsetSeconds(time)
    let fields = time.fields(offsetSeconds: offset)
    let minutes = offset.magnitude / 60
    return "\(fields.date(separator: "-")) \(fields.time(separator: ":"))"
      + "\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
  }

  /// A moment by its milliseconds since the epoch.
  public func text(milliseconds: Int64) -> String { text(WallTime(milliseconds: milliseconds)) }

  private func two(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
