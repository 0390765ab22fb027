import Testing
import Timing

@Suite struct BeijingDayTests {
  @Test func aDayBeginsAtMidnightInBeijing() throws {
    let day = try #require(BeijingDay("2026-11-23"))
    let first = try #require(WallTime(beijingCompact: "20261123000000"))
    #expect(day.start == first && day.description == "2026-11-23")
    #expect(BeijingDay(of: first) == day)
    #expect(BeijingDay(of: first + .seconds(86_399)) == day)
    #expect(BeijingDay(of: first + .milliseconds(-1)) < day)
    #expect(BeijingDay(of: first + .seconds(86_400)).description == "2026-11-24")
    #expect(BeijingDay(of: WallTime(seconds: 0)).description == "1970-01-01")
  }

  @Test(arguments: [
    "", "2026-11-3", "2026-02-30", "20261123", "2026-11-23 ", "2026/11/23", "a-b-c",
  ])
  func anythingElseIsNoDay(text: String) { #expect(BeijingDay(text) == nil) }
}
