import Testing
import Vending

@Suite("The history of runs") struct RunHistoryTests {
  /// What a history is told, in order: a begin under a boot, or an end.
  private func told(_ words: String...) -> RunHistory {
    var history = RunHistory()
    for word in words {
      if word == "end" { history.end() } else { history.begin(boot: word) }
    }
    return history
  }

  @Test func aRunThatEndedInOrderIsNeitherACrashNorAPowerCut() {
    let history = told("a", "end", "a", "end", "b", "end")
    #expect((history.starts, history.powerCuts, history.crashes) == (3, 0, 0))
    #expect(!history.isRunning)
  }

  @Test func aRunThatEndedWithItsKernelIsAPowerCutAndOneThatEndedAloneIsACrash() {
    let history = told("a", "a", "b", "end", "b", "c", "c", "d")
    #expect((history.starts, history.powerCuts, history.crashes) == (7, 3, 2))
    #expect(history.isRunning)
  }

  @Test func anEndThatIsSaidTwiceCountsOnce() {
    #expect(told("a", "end", "end", "b") == told("a", "end", "b"))
  }
}
