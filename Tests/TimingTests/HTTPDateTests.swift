import Testing
import Timing

@Suite struct HTTPDateTests {
  @Test func theStandardsExampleIsRead() {
    #expect(
      WallTime(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT") == WallTime(seconds: 784_111_777))
    #expect(WallTime(httpDate: "Thu, 01 Jan 1970 00:00:00 GMT") == WallTime(seconds: 0))
    #expect(
      WallTime(httpDate: "Thu, 29 Feb 2024 23:59:59 GMT") == WallTime(seconds: 1_709_251_199))
  }

  @Test func whatIsWrittenIsRead() {
    #expect(WallTime(seconds: 784_111_777).httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
    for day in Int64(0)..<1500 {
      let time = WallTime(seconds: day * 13 * 86_400 + day * 61)
      #expect(WallTime(httpDate: time.httpDate) == time)
    }
  }

  @Test func everythingElseIsRefused() {
    for text in [
      "", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
      "Son, 06 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT",
      "Sun, 06 Nov 1994 08:49:37 CST", "Sun, 06 Nov 1994 08-49-37 GMT",
      "Sun, 0x Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
      "Thu, 29 Feb 2023 00:00:00 GMT", "Sün, 06 Nov 1994 08:49:37 GM",
    ] {
      #expect(WallTime(httpDate: text) == nil, "\(text)")
    }
  }
}
