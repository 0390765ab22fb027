/// What can go wrong in a world.
///
/// Each kind has a name that stays, and a count of how often it had effect. The rows of the facts
/// on WeChat Pay, part D, stand for these kinds:
///
/// * 5 to 8: `payRacesClose`, `paidAfterCancel`, `cancelledAtLast`, `closeTooEarly`
/// * 9, 10, 12: `requestLost` and `requestStraggles` before a cancel, `requestDoubled`
/// * 13 to 15: `codeExpires`, `paidAfterExpiry`, `closedByPlatform`
/// * 16 to 18: `systemErrorBefore`, `systemErrorAfter`, `answerLost`, `requestLost`
/// * 19 to 22: `queryLags`, `bankFails`, `payerFails`, `secondPayer`
/// * 24, 25: `refundSlow`, `refundNeverArrives`, `refundGivenUp`, `refundShortOfMoney`
/// * 27, 28: `rateLimited`, `unsignedFailure`
/// * 30 to 32: `keyChanged` (v2 has one key: refused until it is known), the clock's, `spareHost`
/// * 34 to 36: `fieldsExtra`, `coupon`, `merchantWrong`, `appWrong`, `orderWrong`, `amountWrong`
/// * 38: `halfOpen`
/// * 1 to 4: `noticeLost`, `noticeLate`, `noticeDoubled`, `noticeAnswerLost`, to a service; a
///   machine with its own core lives by queries alone, which is 4
///
/// Not here: 33 and 37 (notices that are not what they say are refused before the core), 11 and 26
/// (parameters are frozen: never sent), 23 (a part refunded: `refundInConsole` gives all back), 29
/// (the v3 interface's probes).
public enum FaultKind: Int, Hashable, Sendable, CaseIterable {
  // Power
  case powerCut, powerCutBetweenEffects, powerCutInCore, powerCutInSync, bootLoop, brownOut
  case shortPowerCut
  // Storage
  case writeLost, writeTorn, writeReordered, writeMisdirected, bitRot, diskFull, writeErrorOnce
  case writeErrorForever, bookErrorOnce, slowSync, diskRolledBack
  // The way to the provider
  case requestLost, answerLost, answerDelayed, requestDoubled, requestStraggles, halfOpen
  case partitionOut, partitionBack, nameLie, untrusted, captivePortal, bodyCut, badGateway
  case answerRepeated
  // The provider
  case systemErrorBefore, systemErrorAfter, unsignedFailure, rateLimited, signatureMissing
  case signatureWrong, amountWrong, merchantWrong, appWrong, orderWrong, fieldsExtra, bodyEmpty
  case bodyOversized, bodyHostile, queryLags, closeTooEarly, codeExpires, payRacesClose
  case paidAfterClose, paidAfterExpiry, closedByPlatform, refundShortOfMoney, refundNotReady
  case refundSlow, refundNeverArrives, refundGivenUp, refundInConsole, coupon, spareHost
  case payerFails, bankFails, secondPayer, keyChanged
  // The clock
  case clockLost, clockStepsForward, clockStepsBack, clockSlews
  // The cabinet
  case relayStuckOn, relayStuckOff, lineBusy, jam, lateDrop, doubleDrop, sensorDead, sensorBlocked
  case sensorChatters, keyBounces, keyStuck, ghostKey, displayGone, displayWrong, displayRenumbered
  // The process
  case killed, stopped, secondDaemon, upgraded, downgraded, configurationEdited
  // People
  case cancelledAtLast, paidAfterCancel, paidFromTwoPhones, oldScreenshot, walkedAway, doorOpened
  case testVend, priceChanged, plugPulled, personDecides, keysInAHurry
  // The line between board and service
  case lineRequestLost, lineAnswerLost, lineAnswerLate, lineRequestDoubled, lineRequestStraggles
  case lineBadGateway, lineDown
  // The service's processes and its database
  case serviceKilled, serviceKilledInTurn, serviceStopped, serviceRolled, overtaken, fenced
  case databaseDown, databaseKilled, databaseSlow, readFails, commitFails, commitUnknown
  // What comes to the service by itself
  case noticeLost, noticeLate, noticeDoubled, noticeAnswerLost, newsMissed, pricesListed
  case pricesDiffer, boardCloned

  /// Whether values cannot suffer from it, and only worlds with bytes have it.
  public var isOfBytes: Bool {
    self == .coupon || self == .fieldsExtra || self == .downgraded
  }

  /// Whether only worlds with a service know it.
  public var isOfService: Bool { rawValue >= FaultKind.lineRequestLost.rawValue }

  /// Whether it can strike a world with that core: a service's board has no book and no bytes of
  /// the provider's.
  public func strikes(_ core: PaymentCoreKind) -> Bool {
    switch (core, self) {
    case (.embedded, _): !isOfService
    case (.service, .powerCutInCore), (.service, .writeLost), (.service, .writeReordered),
      (.service, .bookErrorOnce), (.service, .coupon), (.service, .fieldsExtra),
      (.service, .downgraded):
      false
    case (.service, _): true
    }
  }

  /// The kinds that can strike a world with that core.
  public static func kinds(_ core: PaymentCoreKind) -> [FaultKind] {
    allCases.filter { $0.strikes(core) }
  }

  /// The name that stays: in summaries, in JSON and in named tests.
  public var name: String { "\(self)" }
}

/// How often each kind of fault had effect.
public struct FaultCounts: Hashable, Sendable {
  private var counts = [Int](repeating: 0, count: FaultKind.allCases.count)

  /// Nothing has gone wrong yet.
  public init() {}

  /// How often a kind had effect.
  public subscript(kind: FaultKind) -> Int {
    get { counts[kind.rawValue] }
    set { counts[kind.rawValue] = newValue }
  }

  /// Adds what went wrong elsewhere.
  public static func += (left: inout Self, right: Self) {
    for index in left.counts.indices { left.counts[index] += right.counts[index] }
  }

  /// Kinds that had effect at all.
  public var kindsFired: Int { counts.count { $0 > 0 } }

  /// The kind that had effect least often, of those that can strike worlds with that core.
  public func least(_ core: PaymentCoreKind) -> (kind: FaultKind, count: Int) {
    var least = FaultKind.powerCut
    for kind in FaultKind.kinds(core) where self[kind] < self[least] { least = kind }
    return (least, self[least])
  }
}
