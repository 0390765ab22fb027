import Testing
import Timing
import Vending

/// A clock by which no request could be signed stops selling before it comes to that.
@Suite struct ClockJudgementTests {
  private let now = WallTime(seconds: 1_795_000_000)

  @Test(arguments: [nil, 0, 239, -239] as [Int64?])
  func aClockNearTheProvidersIsGood(seconds: Int64?) {
    let judgement = ClockJudgement(at: now, skew: seconds.map { .seconds($0) })
    #expect(judgement == .good)
    #expect(judgement.words(at: now) == nil)
  }

  @Test(arguments: [
    (Int64(240), "the provider's is 240 s ahead of ours"),
    (-300, "the provider's is 300 s behind ours"),
    (86_400, "the provider's is 86400 s ahead of ours"),
  ])
  func aClockFarFromTheProvidersIsNamedBeforeSigningFails(seconds: Int64, words: String) {
    let judgement = ClockJudgement(at: now, skew: .seconds(seconds))
    #expect(judgement == .apart(.seconds(seconds)))
    #expect(judgement.words(at: now) == words)
    // The platform's own window.
    #expect(ClockJudgement.limit < .seconds(300))
  }

  @Test func aClockThatLostItsTimeIsNamedWhateverWasMeasured() {
    let lost = WallTime(seconds: 0)
    for skew in [nil, .zero, Duration.seconds(1_795_000_000)] {
      #expect(ClockJudgement(at: lost, skew: skew) == .lost)
    }
    #expect(ClockJudgement.lost.words(at: lost) == "it says 1970-01-01T00:00:00.000Z")
    #expect(ClockJudgement(at: ClockJudgement.earliest, skew: nil) == .good)
  }
}
