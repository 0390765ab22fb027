import Audit
import Testing

@testable import Proof

/// Every power cut of a story, and every second one while it recovers.
@Suite struct CrashPointsTests {
  @Test(arguments: Script.allCases)
  func everyCutAndEverySecondCutEndsWell(_ script: Script) {
    let sum = CrashPoints.run(script, depth: 2)
    #expect(sum.violations.isEmpty, "after cuts\(sum.path): \(sum.violations)")
    #expect(sum.images[0] > 80)
    #expect(sum.images[1] > 2000)
  }

  /// What one thread takes for equal, another follows: the count is the same only if it is equal.
  @Test(arguments: Script.allCases)
  func threadsShareTheWorkWithoutChangingIt(_ script: Script) {
    let whole = CrashPoints.run(script, depth: 2)
    var parts = CrashPoints.Sum.nothing(depth: 2)
    for part in 0..<3 { parts += CrashPoints.run(script, depth: 2, part: part, of: 3) }
    #expect(parts.images == whole.images)
  }

  @Test func aJournalThatSaysTooEarlyIsCaughtByACut() {
    var settings = World.Settings(script: .vend)
    settings.mistake = .syncIsSkipped
    #expect(!CrashPoints.run(settings, depth: 1).violations.isEmpty)
  }
}
