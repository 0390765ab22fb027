/// A moment of the wall clock: for people, for the journal's reader and for the provider.
///
/// It can step or be wrong (a board without a battery wakes up in 1970), so no deadline hangs on
/// it.
public struct WallTime: Hashable, Comparable, Sendable, Codable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public var milliseconds: Int64

  /// Makes the moment `milliseconds` after the epoch.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Makes the moment `seconds` after the epoch.
  public init(seconds: Int64) { milliseconds = seconds * 1000 }

  /// Whole seconds since the epoch.
  public var seconds: Int64 { milliseconds.floorDivided(by: 1000) }

  public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

  /// The moment `duration` later.
  public static func + (time: Self, duration: Duration) -> Self {
    Self(milliseconds: time.milliseconds + duration.wholeMilliseconds)
  }

  /// The time from `earlier` to `later`.
  public static func - (later: Self, earlier: Self) -> Duration {
    .milliseconds(later.milliseconds - earlier.milliseconds)
  }

  /// Beijing's offset from UTC; China has had no daylight saving since 1991.
  public static let beijingOffsetSeconds: Int64 = 8 * 3600

  /// The moment as year, month, day, hour, minute and second at an offset from UTC.
  public func fields(offsetSeconds: Int64 = 0) -> CalendarFields {
    CalendarFields(secondsSinceEpoch: seconds + offsetSeconds)
  }

  /// `yyyy-MM-ddTHH:mm:ss.mmmZ`, in UTC (RFC 3339).
  public var rfc3339: String {
    let f = fields()
    let fraction = milliseconds - seconds * 1000
    return "\(f.date(separator: "-"))T\(f.time(separator: ":")).\(padded(fraction, 3))Z"
  }

  /// `yyyyMMddHHmmss` in Beijing time, as the v2 API writes moments (facts: WeChat Pay A.5).
  public var beijingCompact: String {
    let f = fields(offsetSeconds: Self.beijingOffsetSeconds)
    return f.date(separator: "") + f.time(separator: "")
  }

  /// Reads `yyyyMMddHHmmss` in Beijing time; nil when it is anything else.
  public init?(beijingCompact text: String) {
    let digits = text.utf8.compactMap { (48...57).contains($0) ? Int64($0 - 48) : nil }
    guard digits.count == 14, text.utf8.count == 14 else { return nil }
    func number(_ range: Range<Int>) -> Int64 { digits[range].reduce(0) { $0 * 10 + $1 } }
    let f = CalendarFields(
      year: number(0..<4), month: number(4..<6), day: number(6..<8),
      hour: number(8..<10), minute: number(10..<12), second: number(12..<14))
    guard f.isValid else { return nil }
    self.init(seconds: f.secondsSinceEpoch - Self.beijingOffsetSeconds)
  }
}

/// A date and a time of day without a zone, in the proleptic Gregorian calendar.
public struct CalendarFields: Equatable, Sendable {
  public var year: Int64
  public var month: Int64
  public var day: Int64
  public var hour: Int64
  public var minute: Int64
  public var second: Int64

  /// Makes the fields as they are given; `isValid` tells whether such a moment exists.
  public init(year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64) {
    (self.year, self.month, self.day) = (year, month, day)
    (self.hour, self.minute, self.second) = (hour, minute, second)
  }

  /// The fields of a count of seconds (days from civil, after Howard Hinnant's derivation).
  public init(secondsSinceEpoch seconds: Int64) {
    let days = seconds.floorDivided(by: 86_400)
    let rest = seconds - days * 86_400
    let shifted = days + 719_468
    let era = shifted.floorDivided(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
  }

  /// Seconds since 1970-01-01 00:00:00 in the same zone.
  public var secondsSinceEpoch: Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear.floorDivided(by: 400)
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return (era * 146_097 + dayOfEra - 719_468) * 86_400 + hour * 3600 + minute * 60 + second
  }

  /// Whether there is such a day and such a time of day.
  public var isValid: Bool {
    guard (1...12).contains(month), (1...31).contains(day), (0...23).contains(hour),
      (0...59).contains(minute), (0...59).contains(second)
    else { return false }
    return CalendarFields(secondsSinceEpoch: secondsSinceEpoch) == self
  }

  /// The date with `separator` between its parts, as `2026-11-23`.
  public func date(separator: String) -> String {
    padded(year, 4) + separator + padded(month, 2) + separator + padded(day, 2)
  }

  /// The time of day with `separator` between its parts, as `18:05:09`.
  public func time(separator: String) -> String {
    padded(hour, 2) + separator + padded(minute, 2) + separator + padded(second, 2)
  }
}

extension Int64 {
  func floorDivided(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor != 0 && (self < 0) != (divisor < 0) ? quotient - 1 : quotient
  }
}

private func padded(_ number: Int64, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
