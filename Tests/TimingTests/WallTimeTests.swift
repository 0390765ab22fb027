import Timing
import Testing

@Suite struct WallTimeTests {
  /// Seconds since the epoch against `date -u -d @SECONDS`.
  static let vectors: [(Int64, String)] = [
    (0, "1970-01-01T00:00:00.000Z"),
    (-1, "1969-12-31T23:59:59.000Z"),
    (-86_400, "1969-12-31T00:00:00.000Z"),
    (951_782_399, "2000-02-28T23:59:59.000Z"),
    (951_782_400, "2000-02-29T00:00:00.000Z"),
    (951_868_800, "2000-03-01T00:00:00.000Z"),
    (1_078_012_800, "2004-02-29T00:00:00.000Z"),
    (1_234_567_890, "2009-02-13T23:31:30.000Z"),
    (1_709_164_800, "2024-02-29T00:00:00.000Z"),
    (2_147_483_647, "2038-01-19T03:14:07.000Z"),
    (2_147_483_648, "2038-01-19T03:14:08.000Z"),
    (4_107_542_399, "2100-02-28T23:59:59.000Z"),
    (4_107_542_400, "2100-03-01T00:00:00.000Z"),
    (-2_203_891_200, "1900-03-01T00:00:00.000Z"),
    (-62_135_596_800, "0001-01-01T00:00:00.000Z"),
    (253_402_300_799, "9999-12-31T23:59:59.000Z"),
  ]

  @Test(arguments: vectors)
  func aMomentIsWrittenAsTheCalendarSays(seconds: Int64, text: String) {
    #expect(WallTime(seconds: seconds).rfc3339 == text)
  }

  @Test func millisecondsBeforeTheEpochCountUpwards() {
    #expect(WallTime(milliseconds: -1).rfc3339 == "1969-12-31T23:59:59.999Z")
    #expect(WallTime(milliseconds: -1).seconds == -1)
    #expect(WallTime(milliseconds: 1999).seconds == 1)
  }

  @Test(arguments: [
    ("2026-01-01T08:01:23+08:00", 1_767_225_683), ("2026-01-01T00:01:23Z", 1_767_225_683),
    ("2025-12-31T20:31:23-03:30", 1_767_225_683), ("2026-01-01T00:01:23.999999Z", 1_767_225_683),
    ("1970-01-01T00:00:00+23:59", -86_340), ("2024-02-29T00:00:00Z", 1_709_164_800),
  ])
  func aMomentIsReadWithItsOffset(text: String, seconds: Int64) {
    #expect(WallTime(rfc3339: text) == WallTime(seconds: seconds))
    let written = WallTime(seconds: seconds).beijingRFC3339
    #expect(written.hasSuffix("+08:00"))
    #expect(WallTime(rfc3339: written) == WallTime(seconds: seconds))
  }

  @Test(arguments: [
    "", "2026-01-01", "2026-01-01T08:01:23", "2026-01-01 08:01:23Z", "2026-01-01T08:01:23.Z",
    "2026-1-01T08:01:23+08:00", "2026-13-01T08:01:23Z", "2026-02-30T08:01:23Z",
    "2026-01-01T24:00:00Z", "2026-01-01T08:01:23+8:00", "2026-01-01T08:01:23+0800",
    "2026-01-01T08:01:23+24:00", "2026-01-01T08:01:23+08:60", "2026-01-01T08:01:23+0a:00",
    "2026-01-01T08:01:23 08:00", "2026-01-01T08:01:23ZZ", "202a-01-01T08:01:23Z",
    "2026-01-01T08:01:23." + String(repeating: "0", count: 60) + "Z",
  ])
  func whatIsNoMomentIsNone(text: String) { #expect(WallTime(rfc3339: text) == nil) }

  @Test func everyDayFrom1900To2200FollowsTheOneBefore() {
    func isLeap(_ year: Int64) -> Bool {
      year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }
    var (year, month, day): (Int64, Int64, Int64) = (1900, 1, 1)
    var seconds: Int64 = -2_208_988_800
    while year < 2200 {
      let fields = CalendarFields(secondsSinceEpoch: seconds)
      let isRight = (fields.year, fields.month, fields.day) == (year, month, day)
      let isReversible = fields.secondsSinceEpoch == seconds
      if !isRight || !isReversible {
        Issue.record("\(year)-\(month)-\(day) became \(fields)")
        return
      }
      seconds += 86_400
      day += 1
      let lengths: [Int64] = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      if day > lengths[Int(month) - 1] { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
  }

  @Test(
    arguments: [
      (0, "19700101080000"), (1_243_402_152, "20090527132912"), (1_582_991_999, "20200229235959"),
      (-28_800, "19700101000000"),
    ] as [(Int64, String)])
  func beijingIsEightHoursAhead(seconds: Int64, text: String) {
    #expect(WallTime(seconds: seconds).beijingCompact == text)
    #expect(WallTime(beijingCompact: text) == WallTime(seconds: seconds))
  }

  @Test(arguments: [
    "", "2009052713291", "200905271329120", "20090527 32912", "20091327132912", "20090500132912",
    "20090230132912", "21000229000000", "20090527242912", "20090527136012", "20090527132960",
    "+0090527132912", "２0090527132912", "2009-05-27 13:2",
  ])
  func aMomentThatDoesNotExistIsNotRead(text: String) {
    #expect(WallTime(beijingCompact: text) == nil)
  }

  @Test func addingAndSubtractingAreInverse() {
    let time = WallTime(seconds: 1_700_000_000)
    #expect((time + .seconds(90)) - time == .seconds(90))
    #expect(time - (time + .milliseconds(1)) == .milliseconds(-1))
    #expect(time < time + .milliseconds(1))
  }
}
