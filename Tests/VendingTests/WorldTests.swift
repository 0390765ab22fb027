import EmulatedCore
import Glibc
import Ordering
import Testing
import Vending

/// Random stories of a whole machine, each judged from outside.
@Suite struct WorldTests {
  static let stepsPerStory = 400

  /// How many stories are told: `VEND_STORIES` for a long night, else what a test run can bear.
  static var stories: UInt64 {
    getenv("VEND_STORIES").flatMap { UInt64(String(cString: $0)) } ?? 2000
  }

  /// Seeds stand for settings too: calm and stormy worlds, with and without a sensor.
  static func settings(_ seed: UInt64) -> World.Settings {
    var dice = Dice(seed: seed &+ 77)
    return World.Settings(
      seed: seed, isTogether: dice.happens(500), hasDropSensor: dice.happens(700),
      unsure: dice.choice(Outcome.UnsureChoice.allCases), trouble: dice.choice([0, 100, 400, 800]),
      powerCuts: dice.choice([0, 5, 20, 60]), visits: dice.choice([0, 10, 40]),
      laneFailureLimit: dice.choice([2, 1000]), jams: dice.choice([0, 200, 700]))
  }

  static func run(_ settings: World.Settings, telling: Bool = false) -> World {
    var world = World(settings, telling: telling)
    for _ in 0..<stepsPerStory {
      world.step()
      if !world.auditor.problems.isEmpty { return world }
    }
    let isQuiet = world.settleDown()
    let state = World.name(world.machine.state)
    let left = world.machine.ledger.obligations.count
    world.auditor.expect(
      isQuiet, "I10: not at rest: \(state), \(left) obligations, \(world.core.book.orders)")
    var auditor = world.auditor
    auditor.close(world)
    world.auditor = auditor
    return world
  }

  @Test func everyOrderOfEveryStoryHasOneEndAndTheMoneyAddsUp() {
    var states: Set<String> = []
    var kinds: Set<OrderBook.RecordKind> = []
    var ends: Set<OrderState> = []
    for seed in UInt64(1)...Self.stories {
      let settings = Self.settings(seed)
      let world = Self.run(settings)
      states.formUnion(world.statesSeen)
      kinds.formUnion(world.core.kinds)
      ends.formUnion(world.core.disk.values.map(\.state))
      guard let problem = world.auditor.problems.first else { continue }
      let story = Self.run(settings, telling: true).story(of: problem)
      Issue.record("seed \(seed): \(problem)\n\(settings)\n\(story)")
      return
    }
    #expect(states == World.stateNames)
    #expect(kinds == Set(OrderBook.RecordKind.allCases).subtracting([.notOpened]))
    #expect(ends == [.closed, .delivered, .refunded, .held])
  }
}
