import Ordering
import Testing
import Vending

/// The shipped rules against the model of the money protocol (`Tests/Model`): what spin has proved
/// of the model holds for the rules as far as they do the same, step by step.
@Suite struct ModelTests {
  /// What may happen in the model, but for an old disk in the board.
  static let verbs: Set<String> = [
    "start", "confirm", "disk", "hear", "timer", "cancelKey", "doorOpens", "doorCloses", "take",
    "takeLate", "notice", "provider", "arrives", "reply", "duty", "alarm", "pay", "payLate",
    "refund", "relay",
    "falls", "jams", "power", "boardFails", "coreFails", "line",
  ]
  /// After these, what was only in memory is gone, and so is the mark of a step before them.
  static let failures: Set<String> = ["power", "boardFails", "coreFails", "start"]

  @Test func theRulesDoWhatTheModelDoesInEveryRun() throws {
    let runs = try ModelTranscript.kept()
    let others = try ModelTranscript.otherFolder.map(ModelTranscript.all) ?? []
    for run in runs + others {
      if let disagreement = Replay.disagreement(run) { Issue.record("\(disagreement)") }
    }
    #expect(runs.count >= 30)
  }

  @Test func theRunsGoEverywhere() throws {
    let steps = try ModelTranscript.kept().flatMap(\.steps)
    #expect(Set(steps.map { $0.words[0] }) == Self.verbs)
    func values(_ name: String) -> Set<String> { Set(steps.compactMap { $0.facts[name] }) }
    let boards = Replay.stateNames.subtracting(["selecting", "message"]).union(["off"])
    #expect(values("board") == boards)
    let books = OrderState.allCases.map(\.rawValue) + ["none"]
    #expect(values("0.book") == Set(books))
    #expect(values("core") == ["none", "create", "query", "close", "refund", "queryRefund"])
    let outcomes = ["delivered", "noDrop", "failed", "unsureRefund", "unsureHold", "assumed"]
    #expect(values("0.owed") == Set(outcomes + ["none", "cancelling"]))
    #expect(values("0.said") == Set(outcomes + ["none", "unpaid"]))
    #expect(values("0.back") == ["none", "processing", "arrived", "stuck"])
    #expect(values("0.permit") == ["none", "thisRun", "earlierRun"])
    let entries = Set(steps.filter { $0.words[0] == "disk" }.map { $0.words[1] })
    #expect(
      entries == [
        "saleBegan", "cancelling", "endedUnpaid", "intent", "verdict", "settled", "lateDrop",
      ])
    // The permit that was not synced is lost, and kept.
    let powers = steps.filter { $0.words[0] == "power" }.map(\.text)
    #expect(powers.contains { $0.hasSuffix("takenBack=1") })
    #expect(powers.contains { $0.hasSuffix("written=1 takenBack=0") })
  }

  @Test func aStepThatIsLeftOutIsMissed() throws {
    var leftOut = 0
    var unnoticed: [String] = []
    for run in try ModelTranscript.kept() {
      for (index, step) in run.steps.enumerated().dropFirst() {
        let next = index + 1 < run.steps.count ? run.steps[index + 1] : nil
        let before = run.steps[index - 1].facts
        guard step.facts != before, next?.facts != before else { continue }
        if let next, Self.failures.contains(next.words[0]) { continue }
        leftOut += 1
        if Replay.disagreement(run, leavingOut: index) == nil {
          unnoticed.append("\(run.name), line \(step.line), \(step.text)")
        }
      }
    }
    #expect(leftOut > 500)
    // A settlement and the order's own duty, say, may come to the same.
    #expect(unnoticed.count * 200 < leftOut, "\(unnoticed)")
  }

  @Test func everyFactIsCompared() throws {
    let runs = try ModelTranscript.kept()
    let names = Set(runs.flatMap(\.steps).flatMap(\.facts.keys))
    #expect(names.count == 30)
    for name in names {
      var run = try #require(runs.first { $0.steps.last?.facts[name] != nil })
      run.steps[run.steps.count - 1].facts[name] = "something else"
      let words = try #require(Replay.disagreement(run), "\(name)").description
      #expect(words.contains("the model says something else"))
    }
  }
}
