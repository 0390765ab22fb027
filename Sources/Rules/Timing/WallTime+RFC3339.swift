extension WallTime {
  /// `yyyy-MM-ddTHH:mm:ss+08:00`, Beijing time, as the v3 API writes moments.
  ///
  /// Facts: WeChat Pay B.5.
  public var beijingRFC3339: String {
    let f = fields(offsetSeconds: Self.beijingOffsetSeconds)
    return "\(f.date(separator: "-"))T\(f.time(separator: ":"))+08:00"
  }

  /// Reads a moment as RFC 3339 writes it, with its offset; nil for anything else.
  ///
  /// A fraction of a second is read over.
  public init?(rfc3339 text: String) {
    let bytes = Array(text.utf8)
    guard (20...64).contains(bytes.count), bytes[4] == 0x2D, bytes[7] == 0x2D,
      bytes[10] == UInt8(ascii: "T"), bytes[13] == 0x3A, bytes[16] == 0x3A,
      let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
      let day = Self.number(bytes[8..<10]), let hour = Self.number(bytes[11..<13]),
      let minute = Self.number(bytes[14..<16]), let second = Self.number(bytes[17..<19])
    else { return nil }
    var rest = bytes[19...]
    if rest.first == UInt8(ascii: ".") {
      let fraction = rest.dropFirst().prefix { (48...57).contains($0) }
      guard !fraction.isEmpty else { return nil }
      rest = rest.dropFirst(1 + fraction.count)
    }
    let fields = CalendarFields(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    guard fields.isValid, let offset = Self.offset(rest) else { return nil }
    self.init(seconds: fields.secondsSinceEpoch - offset)
  }

  /// `Z` or `+08:00`, in seconds.
  private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
    if bytes.elementsEqual("Z".utf8) { return 0 }
    let bytes = Array(bytes)
    guard bytes.count == 6, bytes[0] == 0x2B || bytes[0] == 0x2D, bytes[3] == 0x3A,
      let hours = number(bytes[1..<3]), let minutes = number(bytes[4..<6]),
      hours < 24, minutes < 60
    else { return nil }
    return (bytes[0] == 0x2D ? -1 : 1) * (hours * 3600 + minutes * 60)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int64($1 - 48) }
  }
}
