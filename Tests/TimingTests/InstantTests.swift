import Timing
import Testing

@Suite struct InstantTests {
  @Test func addingAndSubtractingAreInverse() {
    let start = Instant(nanoseconds: 5)
    #expect((start + .seconds(3)) - start == .seconds(3))
    #expect(start + .nanoseconds(-5) == .zero)
    #expect(start < start + .nanoseconds(1))
  }

  @Test func aSumBeyondTheEndIsTheEnd() {
    #expect(Instant(nanoseconds: .max - 1) + .seconds(1) == .distantFuture)
    #expect(Instant.zero + .seconds(Int64.max) == .distantFuture)
  }

  @Test func aSumBeforeTheBeginningIsNotTheEnd() {
    let past = Instant(nanoseconds: .min + 1) + .seconds(-1)
    #expect(past == Instant(nanoseconds: .min))
  }

  @Test(
    arguments: [
      (Duration.seconds(1), 1_000_000_000), (.milliseconds(-1), -1_000_000),
      (.seconds(Int64.max), Int64.max), (.seconds(Int64.min), Int64.min),
      (.seconds(9_223_372_036) + .milliseconds(900), Int64.max),
      (.seconds(-9_223_372_036) + .milliseconds(-900), Int64.min),
    ] as [(Duration, Int64)])
  func nanosecondsSaturate(duration: Duration, nanoseconds: Int64) {
    #expect(duration.wholeNanoseconds == nanoseconds)
  }

  @Test func smallerUnitsAreCutTowardsZero() {
    #expect(Duration.microseconds(1999).wholeMilliseconds == 1)
    #expect(Duration.microseconds(-1999).wholeMilliseconds == -1)
    #expect(Duration.milliseconds(1999).wholeSeconds == 1)
  }
}
