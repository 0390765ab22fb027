import Testing
import Timing

@testable import Daemon

struct TickBudgetTests {
  private static func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

  @Test func theFirstTickIsAlwaysDrawn() {
    #expect(TickBudget().allows(at: .zero))
  }

  /// A panel that takes `took` for a tick is asked each second for two minutes.
  @Test(arguments: [1, 20, 99, 100, 111, 400, 1000, 1900])
  func ticksTakeATenthOfThePanelsTimeAtMost(took: Int) {
    var budget = TickBudget()
    var (busy, now, drawn) = (0, 0, 0)
    for second in 0..<120 {
      now = max(now, second * 1000)
      guard budget.allows(at: Self.at(now)) else { continue }
      budget.drew(from: Self.at(now), to: Self.at(now + took))
      (busy, now, drawn) = (busy + took, now + took, drawn + 1)
    }
    #expect(busy <= 12_000 + took)
    // A panel that has the time shows each second.
    #expect(took > 100 || drawn == 120)
    #expect(drawn >= 6)
  }
}
