internal import Ordering
internal import Vending

/// Which payment core a world's board is driven by.
public enum PaymentCoreKind: String, Sendable, CaseIterable {
  /// The library inside the daemon, with its book on the board's own disk.
  case embedded
  /// A service of several processes over one database, behind a line.
  case service
}

extension World {
  /// What a world is, drawn by its seed.
  struct Settings: Sendable {
    var seed: UInt64
    var hasBytes: Bool
    var core: PaymentCoreKind
    /// Whether what board and service say to one another passes through its text.
    var codesCalls = false
    var customers: Int
    var hasDropSensor: Bool
    var policy: Plan.Policy
    var weather: Weather
    var isTelling = false
    var script: Script?
    var mistake: Mistake?

    /// One world in 256 runs every byte through the shipped codecs.
    static let bytesShare: UInt64 = 256

    /// One world in 16 with a service codes all calls.
    static let codesShare: UInt64 = 16

    init(seed: UInt64, hasBytes: Bool? = nil, core: PaymentCoreKind = .embedded) {
      var dice = Dice(seed: seed, stream: 2)
      self.seed = seed
      self.core = core
      switch core {
      case .embedded:
        self.hasBytes = hasBytes ?? (dice.bits() >> 20 & (Self.bytesShare - 1) == 0)
      case .service:
        self.hasBytes = false
        codesCalls = hasBytes ?? (dice.bits() >> 20 & (Self.codesShare - 1) == 0)
      }
      customers = 24 + dice.number(below: 24)
      hasDropSensor = dice.happens(7500)
      policy = Plan.Policy()
      policy.unsure = dice.choice(Outcome.UnsureChoice.allCases)
      policy.unsureRefundsPerDay = dice.choice([0, 3, 1000])
      policy.laneFailureLimit = dice.choice([2, 1000, 1000])
      policy.dropTimeout = .seconds(Int64(dice.choice([3, 5])))
      if dice.happens(3000) { policy.confirmKey = "" }
      policy.machineFailureLimit = dice.choice([5, 1000, 1000])
      weather = Weather(seed: seed, core: core)
    }
  }

  /// A mistake that no shipped part makes, for tests that the auditor bites.
  enum Mistake: Sendable, CaseIterable {
    /// The relay's driver pulses again.
    case relayPulsesTwice
    /// The relay's own deadline is not armed.
    case relayStaysOn
    /// The journal says `recorded` before it has synced an intent.
    case syncIsSkipped
    /// A verdict never reaches the disk, whatever is said.
    case verdictIsDropped
    /// The client takes an unsigned answer for a payment.
    case unsignedIsBelieved
    /// The provider's idempotence is lost: a refund goes out twice.
    case refundIsDoubled
    /// The panel's thread does not take a code off the glass.
    case screenKeepsCode
    /// The sensor's driver loses a drop.
    case dropIsForgotten
    /// Nobody is told of what a person must know.
    case alarmIsDropped
    /// The keypad takes each closing of a contact for a key.
    case bounceIsBelieved
    /// The keypad takes a contact that three others close for a key.
    case ghostIsBelieved
    /// The daemon starts without the lock of its state.
    case lockIsForgotten
  }
}
