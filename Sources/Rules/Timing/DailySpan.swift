/// A part of every day by the clock on the wall, such as the night from 22:00 to 06:00.
public struct DailySpan: Equatable, Sendable {
  private static let minutesOfDay = 1440

  /// Minutes since midnight; the end belongs to the rest of the day.
  public let start: Int
  public let end: Int

  /// Reads `22:00-06:00`; nil when it is anything else, or empty.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(Self.minutes)
    guard parts.count == 2, let start = parts[0], let end = parts[1], start != end else {
      return nil
    }
    (self.start, self.end) = (start, end)
  }

  private static func minutes(_ text: Substring) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [2, 2],
      parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }

  /// Whether a minute of the day, counted from midnight, belongs to it.
  public func contains(minute: Int) -> Bool {
    start < end ? (start..<end).contains(minute) : minute >= start || minute < end
  }

  /// The time from a second of the day until it next begins or ends; never zero.
  public func untilChange(secondOfDay: Int) -> Duration {
    let day = Self.minutesOfDay * 60
    let waits = [start, end].map { boundary in
      let wait = (boundary * 60 - secondOfDay) % day
      return wait > 0 ? wait : wait + day
    }
    return .seconds(waits.min() ?? day)
  }
}

extension DailySpan: CustomStringConvertible {
  /// As it is read.
  public var description: String { "\(Self.text(start))-\(Self.text(end))" }

  private static func text(_ minutes: Int) -> String {
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(minutes / 60)):\(two(minutes % 60))"
  }
}
