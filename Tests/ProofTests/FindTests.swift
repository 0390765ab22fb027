import Audit
import Ordering
import Testing
import Vending

@testable import Proof

/// What worlds have found, each with the seed and the commit's own mix of faults made narrow, since
/// a new kind of fault draws every seed's weather anew.
@Suite struct FindTests {
  /// Seeds 1007574 and 5010170 of the soak: a duty, or a person's decision, found the book
  /// unwritable, and the machine sold on upon it; refunds waited for the next customer.
  @Test func aBookThatFailsInADutyOrADecisionEndsTheRun() {
    var sum = Soak.Sum()
    for seed in UInt64(1)...60 {
      var settings = World.Settings(seed: seed, hasBytes: false)
      settings.weather = .only(
        [.bookErrorOnce, .writeErrorForever, .jam, .personDecides, .refundShortOfMoney],
        rate: 1500, seed: seed)
      settings.hasDropSensor = true
      settings.customers = 6
      sum.add(World(settings).tell())
    }
    #expect(sum.isClean, "\(sum.failed)")
    #expect(sum.fired[.bookErrorOnce] > 10)
    #expect(sum.fired[.personDecides] > 0)
  }

  /// Seed 1514 of the soak: the lines were gone while a product was awaited.
  ///
  /// The machine rightly counted the order as unsure; it was the judge who held the silent sensor
  /// for a witness.
  @Test func linesThatAreGoneProveNothingOfADrop() {
    var sum = Soak.Sum()
    for choice in Outcome.UnsureChoice.allCases {
      for seed in UInt64(1)...25 {
        var settings = World.Settings(seed: seed, hasBytes: false)
        settings.weather = .only([.lateDrop, .jam, .lineBusy], rate: 4000, seed: seed)
        settings.hasDropSensor = true
        settings.policy.unsure = choice
        settings.customers = 8
        sum.add(World(settings).tell())
      }
    }
    #expect(sum.isClean, "\(sum.failed)")
    #expect(sum.fired[.lineBusy] > 100)
  }

  /// Seed 7000596 of the soak: a technician's refund while the intent was on its way to a slow
  /// disk; the money went back, and then the product fell.
  @Test func nobodyRefundsASaleUnderWay() {
    var sum = Soak.Sum()
    for seed in UInt64(1)...80 {
      var settings = World.Settings(seed: seed, hasBytes: false)
      settings.weather = .only([.personDecides, .slowSync], rate: 4000, seed: seed)
      settings.customers = 8
      sum.add(World(settings).tell())
    }
    #expect(sum.isClean, "\(sum.failed)")
    #expect(sum.fired[.slowSync] > 100)
    #expect(sum.fired[.personDecides] > 10)
  }

  /// Seed 381416 of the soak: an older disk took a damaged one's place, and at the end the damaged
  /// one's copy took the place of what the machine had written meanwhile.
  ///
  /// It was the world that was wrong: a disk takes its damage with it.
  @Test func anOlderDiskIsNotMendedFromTheOneBeforeIt() {
    var sum = Soak.Sum()
    sum.add(World(World.Settings(seed: 381_416)).tell())
    for seed in UInt64(1)...40 {
      var settings = World.Settings(seed: seed, hasBytes: true)
      settings.weather = .only(
        [.bitRot, .diskRolledBack, .shortPowerCut, .bootLoop], rate: 5000, seed: seed)
      settings.customers = 5
      sum.add(World(settings).tell())
    }
    #expect(sum.isClean, "\(sum.failed)")
    #expect(sum.fired[.bitRot] > 10)
    #expect(sum.fired[.diskRolledBack] > 5)
  }
}
