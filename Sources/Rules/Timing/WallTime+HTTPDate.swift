extension WallTime {
  /// Reads `Sun, 06 Nov 1994 08:49:37 GMT` and nothing else (RFC 7231 section 7.1.1.1).
  ///
  /// The two obsolete forms of that section are refused: no server of ours sends them.
  public init?(httpDate text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 29 else { return nil }
    func part(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    func number(_ range: Range<Int>) -> Int64? {
      guard bytes[range].allSatisfy({ (48...57).contains($0) }) else { return nil }
      return bytes[range].reduce(0) { $0 * 10 + Int64($1 - 48) }
    }
    guard Self.weekdays.contains(part(0..<3)), part(3..<5) == ", ", bytes[7] == 0x20,
      bytes[11] == 0x20, bytes[16] == 0x20, bytes[19] == 0x3A, bytes[22] == 0x3A,
      part(25..<29) == " GMT", let month = Self.months.firstIndex(of: part(8..<11)),
      let year = number(12..<16), let day = number(5..<7), let hour = number(17..<19),
      let minute = number(20..<22), let second = number(23..<25)
    else { return nil }
    let fields = CalendarFields(
      year: year, month: Int64(month) + 1, day: day, hour: hour, minute: minute, second: second)
    guard fields.isValid else { return nil }
    self.init(seconds: fields.secondsSinceEpoch)
  }

  /// As a `Date` header has it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 7231 section 7.1.1.1).
  public var httpDate: String {
    let fields = fields()
    let weekday = Self.weekdays[Int(seconds / 86_400 % 7)]
    let day = fields.day < 10 ? "0\(fields.day)" : "\(fields.day)"
    return "\(weekday), \(day) \(Self.months[Int(fields.month) - 1]) \(fields.year) "
      + "\(fields.time(separator: ":")) GMT"
  }

  /// The first day of 1970 was a Thursday.
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
