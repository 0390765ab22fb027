/// Which faults a world has and how often: drawn by its seed, so that some worlds are calm, some
/// have one kind of trouble at a frightful rate, and some have everything at once (swarm testing).
struct Weather: Sendable {
  /// One occurrence: the nth time that the dice of a kind fell on it.
  struct Occurrence: Hashable, Sendable, Comparable, CustomStringConvertible {
    var kind: FaultKind
    var nth: Int

    static func < (left: Self, right: Self) -> Bool {
      (left.kind.rawValue, left.nth) < (right.kind.rawValue, right.nth)
    }

    var description: String { "\(kind.name)#\(nth)" }
  }

  private(set) var rates: [UInt16]
  private var dice: [Dice]
  private var nths: [Int]
  /// While false nothing goes wrong any more.
  var isStormy = true
  /// What must not happen: the shrinker takes faults out one by one.
  var spared: Set<Occurrence> = []
  var sparedKinds: Set<FaultKind> = []
  /// What the dice fell on, and was not spared.
  private(set) var drawn: [Occurrence] = []

  /// The weather of a seed, of the kinds that can strike a world with that core.
  init(seed: UInt64, core: PaymentCoreKind = .embedded) {
    var mood = Dice(seed: seed, stream: 1)
    // One world in twelve is calm: the auditor must be content with an ordinary day.
    let isCalm = mood.happens(833)
    let share = mood.choice([300, 900, 2000, 4000])
    // One in six is wild: what it has it has so often that rare things meet.
    var temper = Dice(seed: seed, stream: 6)
    let least = temper.happens(1667) ? temper.choice([800, 2500]) : 0
    rates = FaultKind.allCases.map { kind in
      guard !isCalm, mood.happens(min(9000, share * kind.favour)) else { return 0 }
      return UInt16(min(9000, max(least, mood.choice([20, 60, 200, 600]) * kind.favour)))
    }
    for kind in FaultKind.allCases where !kind.strikes(core) { rates[kind.rawValue] = 0 }
    dice = FaultKind.allCases.map { Dice(seed: seed, stream: 100 + UInt64($0.rawValue)) }
    nths = [Int](repeating: 0, count: FaultKind.allCases.count)
  }

  /// A weather in which nothing goes wrong.
  static var calm: Weather {
    var weather = Weather(seed: 0)
    weather.rates = weather.rates.map { _ in 0 }
    return weather
  }

  /// A weather with these kinds alone, each in so many of ten thousand chances.
  static func only(_ kinds: [FaultKind], rate: UInt16, seed: UInt64) -> Weather {
    var weather = Weather(seed: seed)
    weather.rates = FaultKind.allCases.map { kinds.contains($0) ? rate : 0 }
    return weather
  }

  /// Whether the kind strikes now.
  @inline(__always)
  mutating func strikes(_ kind: FaultKind) -> Bool {
    let rate = rates[kind.rawValue]
    guard rate != 0, isStormy else { return false }
    return draws(kind, rate)
  }

  private mutating func draws(_ kind: FaultKind, _ rate: UInt16) -> Bool {
    guard dice[kind.rawValue].happens(Int(rate)) else { return false }
    nths[kind.rawValue] += 1
    if sparedKinds.contains(kind) { return false }
    let occurrence = Occurrence(kind: kind, nth: nths[kind.rawValue])
    if spared.contains(occurrence) { return false }
    drawn.append(occurrence)
    return true
  }

  /// More chance for a kind of fault: its own stream, so that nothing else is shifted.
  mutating func chance(_ kind: FaultKind, below limit: Int) -> Int {
    dice[kind.rawValue].number(below: limit)
  }

  /// A time that a fault lasts.
  mutating func milliseconds(_ kind: FaultKind, _ range: Range<Int>) -> Duration {
    dice[kind.rawValue].milliseconds(range)
  }
}

extension FaultKind {
  /// How much oftener than the rest a kind is drawn, since its occasions are rare.
  fileprivate var favour: Int {
    switch self {
    case .powerCutInSync, .bootLoop, .brownOut, .writeLost, .writeTorn, .writeReordered,
      .lateDrop, .relayStuckOn, .relayStuckOff, .refundShortOfMoney, .refundNotReady, .refundSlow,
      .refundNeverArrives, .refundGivenUp, .codeExpires, .closedByPlatform, .payRacesClose,
      .closeTooEarly, .doubleDrop, .bankFails, .payerFails,
      .secondPayer, .upgraded, .downgraded, .testVend, .personDecides, .amountWrong,
      .paidAfterCancel, .oldScreenshot, .paidFromTwoPhones, .cancelledAtLast, .plugPulled,
      .sensorDead, .sensorChatters, .jam, .refundInConsole, .priceChanged,
      .configurationEdited, .clockLost, .coupon, .fieldsExtra, .serviceKilledInTurn,
      .commitUnknown, .noticeLost, .noticeLate, .noticeDoubled, .noticeAnswerLost, .newsMissed,
      .pricesListed, .boardCloned:
      4
    // Whoever could still pay mostly does: that is where money is lost.
    case .paidAfterClose, .paidAfterExpiry: 16
    default: 1
    }
  }
}
