/// What can go wrong in a world; each has a name that stays, and a count of how often it had effect.
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

  /// The kind that had effect least often.
  public var least: (kind: FaultKind, count: Int) {
    var least = FaultKind.powerCut
    for kind in FaultKind.allCases where self[kind] < self[least] { least = kind }
    return (least, self[least])
  }
}
