import Audit
import Testing

@testable import Proof

/// Random worlds, each judged from outside.
@Suite struct WorldTests {
  /// How many seeds a test run can bear.
  static let seeds: ClosedRange<UInt64> = 1...150

  @Test func everyOrderOfEveryWorldHasOneEndAndTheMoneyAddsUp() {
    var sum = Soak.Sum()
    for seed in Self.seeds { sum.add(World(World.Settings(seed: seed)).tell()) }
    #expect(sum.isClean, "\(sum.failed)")
    #expect(sum.vends > 1500)
    #expect(sum.crashes > 300)
    #expect(sum.openCases > 0, "some orders must be left for a person")
  }

  @Test func worldsWithEveryByteKeepTheInvariantsToo() {
    var sum = Soak.Sum()
    for seed in UInt64(1)...20 {
      sum.add(World(World.Settings(seed: seed, hasBytes: true)).tell())
    }
    #expect(sum.isClean, "\(sum.failed)")
    #expect(sum.vendsWithBytes == sum.vends)
    #expect(sum.vends > 150)
  }

  @Test func aSeedTellsTheSameStoryEachTime() {
    for (seed, hasBytes) in [(UInt64(3), false), (4, true), (1407, false)] {
      let one = Replay.tell(seed: seed, hasBytes: hasBytes).ending
      let other = Replay.tell(seed: seed, hasBytes: hasBytes).ending
      #expect(one.trace == other.trace)
      #expect(one.story == other.story)
      #expect(one.fired == other.fired)
      // Telling changes nothing.
      #expect(World(World.Settings(seed: seed, hasBytes: hasBytes)).tell().trace == one.trace)
    }
    let traces = Set((UInt64(1)...20).map { World(World.Settings(seed: $0)).tell().trace })
    #expect(traces.count == 20)
  }

  @Test(arguments: FaultKind.allCases)
  func everyKindOfFaultHasEffect(_ kind: FaultKind) {
    // What must come with it, so that there is an occasion.
    let company: [FaultKind] =
      switch kind {
      case .secondPayer: [.paidFromTwoPhones]
      case .writeLost, .writeReordered, .writeTorn: [kind, .powerCutInSync, .plugPulled]
      case .bootLoop, .clockLost, .secondDaemon, .configurationEdited, .priceChanged,
        .diskRolledBack, .bitRot, .writeMisdirected, .downgraded:
        [kind, .powerCut, .plugPulled]
      case .refundShortOfMoney, .refundNotReady, .refundSlow, .refundNeverArrives, .refundGivenUp:
        [kind, .jam]
      case .paidAfterClose: [kind, .paidAfterCancel]
      case .paidAfterExpiry: [kind, .codeExpires, .closeTooEarly]
      case .closeTooEarly: [kind, .cancelledAtLast]
      case .overtaken: [.lineRequestDoubled, .databaseSlow]
      case .fenced: [.serviceStopped, .databaseSlow, .jam]
      case .pricesDiffer: [.pricesListed]
      case .newsMissed: [kind, .noticeLate]
      default: [kind]
      }
    for seed in UInt64(1)...60 {
      var settings = World.Settings(
        seed: seed, hasBytes: kind.isOfBytes, core: kind.isOfService ? .service : .embedded)
      settings.weather = .only(company, rate: 3000, seed: seed)
      settings.customers = 6
      settings.hasDropSensor = true
      let ending = World(settings).tell()
      #expect(ending.violations.isEmpty, "seed \(seed): \(ending.violations)")
      if ending.fired[kind] > 0 { return }
    }
    Issue.record("\(kind.name) never had effect")
  }
}
