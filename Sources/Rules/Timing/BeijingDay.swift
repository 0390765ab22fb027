/// A calendar day in Beijing: what providers make bills of, and what caps count by.
public struct BeijingDay: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01.
  public let number: Int64

  /// The day of that number.
  public init(number: Int64) { self.number = number }

  /// The day that a moment belongs to.
  public init(of time: WallTime) {
    number = (time.seconds + WallTime.beijingOffsetSeconds).floorDivided(by: 86_400)
  }

  /// Reads `2026-11-23`; nil when it is anything else, or no day.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2],
      let noon = WallTime(beijingCompact: "\(parts.joined())120000")
    else { return nil }
    self.init(of: noon)
  }

  public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

  /// Its first moment.
  public var start: WallTime {
    WallTime(seconds: number * 86_400 - WallTime.beijingOffsetSeconds)
  }
}

extension BeijingDay: CustomStringConvertible {
  /// As `2026-11-23`.
  public var description: String {
    start.fields(offsetSeconds: WallTime.beijingOffsetSeconds).date(separator: "-")
  }
}
