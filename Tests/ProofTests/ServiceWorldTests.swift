import Audit
import Ordering
import Testing
import Vending

@testable import Proof

/// Random worlds whose payment core is a service, each judged from outside by the same judge.
@Suite struct ServiceWorldTests {
  @Test func everyOrderOfEveryWorldHasOneEndAndTheMoneyAddsUp() {
    var sum = Soak.Sum(.service)
    for seed in WorldTests.seeds {
      sum.add(World(World.Settings(seed: seed, core: .service)).tell())
    }
    #expect(sum.isClean, "\(sum.failed)")
    #expect(sum.vends > 1500)
    #expect(sum.crashes > 300)
    #expect(sum.openCases > 0, "some orders must be left for a person")
    #expect(sum.fired[.serviceKilled] > 20)
    #expect(sum.fired[.overtaken] > 20)
  }

  @Test func callsThatPassThroughTheirTextKeepTheInvariantsToo() {
    var sum = Soak.Sum(.service)
    for seed in UInt64(1)...20 {
      sum.add(World(World.Settings(seed: seed, hasBytes: true, core: .service)).tell())
    }
    #expect(sum.isClean, "\(sum.failed)")
    #expect(sum.vendsWithBytes == sum.vends)
    #expect(sum.vends > 150)
  }

  @Test func aSeedTellsTheSameStoryEachTime() {
    for (seed, codes) in [(UInt64(3), false), (4, true), (265, false)] {
      let one = Replay.tell(seed: seed, hasBytes: codes, core: .service).ending
      let other = Replay.tell(seed: seed, hasBytes: codes, core: .service).ending
      #expect(one.trace == other.trace)
      #expect(one.story == other.story)
      #expect(one.fired == other.fired)
      // Telling changes nothing, nor does the text that calls pass through.
      let settings = World.Settings(seed: seed, hasBytes: codes, core: .service)
      #expect(World(settings).tell().trace == one.trace)
    }
  }

  @Test func aBoardDoesNotKnowTheOtherCoresTroubles() {
    for kind in FaultKind.allCases where kind.isOfService { #expect(!kind.strikes(.embedded)) }
    #expect(FaultKind.kinds(.embedded).count == 101)
    let both = FaultKind.allCases.filter { $0.strikes(.embedded) && $0.strikes(.service) }
    #expect(both.count > 90, "the board's troubles are the same")
  }

  @Test(arguments: Script.allCases)
  func everyCutAndEveryKillEndsWell(_ script: Script) {
    let sum = CrashPoints.run(script, core: .service, depth: 1)
    #expect(sum.violations.isEmpty, "after\(sum.path): \(sum.violations)")
    #expect(sum.images[0] > CrashPoints.run(script, depth: 1).images[0] + 80)
  }

  /// Most second cuts of one story, on one thread of seven.
  @Test func secondKillsEndWell() {
    let sum = CrashPoints.run(.vend, core: .service, depth: 2, part: 3, of: 7)
    #expect(sum.violations.isEmpty, "after\(sum.path): \(sum.violations)")
    #expect(sum.images[1] > 2000)
  }

  static let mistakes: [World.Mistake] = [
    .relayPulsesTwice, .verdictIsDropped, .unsignedIsBelieved, .refundIsDoubled,
    .screenKeepsCode, .dropIsForgotten, .alarmIsDropped,
  ]

  @Test(arguments: mistakes)
  func mistakesAreCaughtHereToo(_ mistake: World.Mistake) {
    for seed in UInt64(1)...80 {
      var settings = World.Settings(seed: seed, core: .service)
      settings.weather = .only(
        [.jam, .plugPulled, .signatureMissing, .noticeLost], rate: 2500, seed: seed)
      settings.hasDropSensor = true
      settings.policy.unsure = .hold
      (settings.policy.laneFailureLimit, settings.policy.machineFailureLimit) = (1000, 1000)
      settings.mistake = mistake
      guard let violation = World(settings).tell().violations.first else { continue }
      #expect(
        MistakeTests.invariants(mistake).contains(violation.invariant),
        "seed \(seed): \(violation)")
      return
    }
    Issue.record("nobody objects to \(mistake)")
  }
}

/// What worlds with a service have found.
@Suite struct ServiceFindTests {
  private func run(
    _ kinds: [FaultKind], rate: UInt16, _ change: (inout World.Settings) -> Void = { _ in }
  ) -> Soak.Sum {
    var sum = Soak.Sum(.service)
    for seed in UInt64(1)...60 {
      var settings = World.Settings(seed: seed, core: .service)
      settings.weather = .only(kinds, rate: rate, seed: seed)
      settings.customers = 6
      change(&settings)
      sum.add(World(settings).tell())
    }
    return sum
  }

  /// Seeds 54 and 67: the service was killed between an order's record as held and its alarm, and
  /// nobody was ever told.
  @Test func aKillBeforeAnAlarmDoesNotKeepItFromAPerson() {
    let sum = run(
      [.serviceKilledInTurn, .commitUnknown, .plugPulled, .refundGivenUp, .jam], rate: 600
    ) {
      $0.policy.unsure = .hold
    }
    #expect(sum.isClean, "\(sum.failed)")
    #expect(sum.fired[.serviceKilledInTurn] > 100)
    #expect(sum.openCases > 5)
  }

  /// Seed 22269: a person at the console gave an order back whose permit was on a slow line.
  @Test func nobodyAtTheConsoleRefundsWhatMayBeFalling() {
    let sum = run([.personDecides, .lineAnswerLate, .slowSync], rate: 4000)
    #expect(sum.isClean, "\(sum.failed)")
    #expect(sum.fired[.personDecides] > 10)
  }

  /// Seed 96928: the board's journal was damaged while its call lay at a slow service.
  ///
  /// It was the world that was wrong: what left before the damage may arrive after it.
  @Test func aCallThatLeftBeforeTheDamageIsNoFaultOfTheBoard() {
    let sum = run(
      [.bitRot, .writeMisdirected, .shortPowerCut, .databaseSlow, .lineRequestStraggles],
      rate: 3000)
    #expect(sum.isClean, "\(sum.failed)")
    #expect(sum.fired[.lineRequestStraggles] > 100)
    #expect(sum.fired[.bitRot] > 10)
  }

  /// Seed 1680: two processes at the same opening order get two codes, and the board may be told
  /// the first.
  ///
  /// No money is lost by it, and only the provider knows: the judge was wrong.
  @Test func aRivalsCodeIsNoFaultOfTheScreen() {
    let sum = run([.lineRequestDoubled, .bodyEmpty, .commitUnknown], rate: 3000)
    #expect(sum.isClean, "\(sum.failed)")
    #expect(sum.fired[.lineRequestDoubled] > 100)
    #expect(sum.fired[.overtaken] > 10)
  }
}
