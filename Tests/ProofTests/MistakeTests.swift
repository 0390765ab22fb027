import Vending
import Ordering
import Audit
import Testing

@testable import Proof

/// Mistakes that nobody makes, made on purpose: a judge that never objects proves nothing.
@Suite struct MistakeTests {
  /// What each mistake breaks.
  static func invariants(_ mistake: World.Mistake) -> Set<Invariant> {
    switch mistake {
    case .relayPulsesTwice, .syncIsSkipped: [.onePulse]
    case .relayStaysOn: [.relayIsCapped]
    case .verdictIsDropped: [.everyOrderEnds, .journalIsPrefix, .oneEnd, .noRefundAfterDrop]
    case .unsignedIsBelieved: [.paidIsVerified, .nothingDropsUnpaid]
    case .refundIsDoubled, .alarmIsDropped: [.oneEnd]
    case .screenKeepsCode: [.codeIsPayable]
    case .dropIsForgotten: [.noRefundAfterDrop]
    case .bounceIsBelieved, .ghostIsBelieved: [.sameEverywhere]
    case .lockIsForgotten: Set(Invariant.allCases)
    }
  }

  @Test(arguments: World.Mistake.allCases)
  func everyMistakeIsCaught(_ mistake: World.Mistake) {
    for seed in UInt64(1)...80 {
      var settings = World.Settings(seed: seed, hasBytes: false)
      settings.weather = .only(
        [.jam, .plugPulled, .signatureMissing, .keyBounces, .ghostKey, .secondDaemon], rate: 2500,
        seed: seed)
      settings.hasDropSensor = true
      settings.policy.unsure = .hold
      (settings.policy.laneFailureLimit, settings.policy.machineFailureLimit) = (1000, 1000)
      settings.mistake = mistake
      guard let violation = World(settings).tell().violations.first else { continue }
      #expect(Self.invariants(mistake).contains(violation.invariant), "seed \(seed): \(violation)")
      return
    }
    Issue.record("nobody objects to \(mistake)")
  }

  @Test func aFailingWorldShrinksToTheFaultsThatItNeeds() throws {
    var settings = World.Settings(seed: 11, hasBytes: false)
    settings.hasDropSensor = true
    settings.policy.unsure = .hold
    settings.mistake = .alarmIsDropped
    let seed = try #require(
      (UInt64(1)...60).first { seed in
        settings.seed = seed
        settings.weather = Weather(seed: seed)
        let ending = World(settings).tell()
        return ending.violations.first?.invariant == .oneEnd && ending.fired.kindsFired > 12
      })
    settings.seed = seed
    settings.weather = Weather(seed: seed)
    let before = Replay.tell(settings)
    let after = Replay.shrink(settings)
    #expect(after.ending.violations.first?.invariant == .oneEnd)
    #expect(after.faults.count <= 4, "\(after.faults)")
    #expect(after.faults.count < before.faults.count)
  }
}
