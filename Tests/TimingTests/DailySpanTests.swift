import Testing
import Timing

struct DailySpanTests {
  @Test func aNightGoesOverMidnight() throws {
    let night = try #require(DailySpan("22:00-06:30"))
    let dark = (0..<1440).filter(night.contains(minute:))
    #expect(dark == Array(0..<390) + Array(1320..<1440))
  }

  @Test func aDayStaysInIt() throws {
    let day = try #require(DailySpan("06:30-22:00"))
    #expect((0..<1440).filter(day.contains(minute:)) == Array(390..<1320))
  }

  @Test(arguments: ["", "22:00", "22:00-22:00", "24:00-06:00", "22:60-06:00", "2:00-06:00", "-"])
  func whatIsNoSpanIsRefused(text: String) {
    #expect(DailySpan(text) == nil)
  }

  @Test(arguments: ["22:00-06:00", "00:00-23:59", "09:05-09:06"])
  func aSpanIsPrintedAsItIsRead(text: String) {
    #expect(DailySpan(text)?.description == text)
  }

  @Test func theNextChangeIsNeverNowAndAlwaysOne() throws {
    let night = try #require(DailySpan("22:00-06:00"))
    for second in stride(from: 0, to: 86_400, by: 37) {
      let wait = Int(night.untilChange(secondOfDay: second).wholeMilliseconds / 1000)
      #expect(wait > 0)
      let after = (second + wait) % 86_400
      let isDark = night.contains(minute: second / 60)
      #expect(night.contains(minute: after / 60) != isDark)
      #expect(night.contains(minute: (after + 86_399) % 86_400 / 60) == isDark)
    }
  }
}
