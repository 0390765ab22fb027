internal import Glibc
public import Timing

/// The wall clock's zone, for people.
public enum LocalTime {
  /// Seconds that this computer's zone is ahead of UTC at a moment.
  public static func offsetSeconds(at time: WallTime) -> Int64 {
    var seconds = time_t(time.seconds)
    var fields = unsafe tm()
    guard unsafe localtime_r(&seconds, &fields) != nil else { return 0 }
    return unsafe Int64(fields.tm_gmtoff)
  }

  /// Seconds since local midnight at a moment.
  public static func secondOfDay(at time: WallTime) -> Int {
    let day: Int64 = 86_400
    let local = (time.seconds + offsetSeconds(at: time)) % day
    return Int(local >= 0 ? local : local + day)
  }
}
