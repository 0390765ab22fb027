internal import Audit
internal import Ordering
internal import Timing
internal import Vending

/// What breaks and is mended, whoever is before the machine.
extension World {
  /// Now and then something breaks, whoever is before the machine.
  func troubleBrews() {
    guard !isSettling else { return }
    agenda.arrange(.troubleBrews, at: now + dice.milliseconds(4000..<30_000))
    for kind in Self.brewing where weather.strikes(kind) { brew(kind) }
  }

  private static let brewing: [FaultKind] = [
    .powerCut, .shortPowerCut, .killed, .stopped, .sensorDead, .sensorBlocked, .sensorChatters,
    .keyStuck, .ghostKey, .displayGone, .displayWrong, .displayRenumbered, .lineBusy, .relayStuckOn,
    .relayStuckOff, .partitionOut, .partitionBack, .nameLie, .untrusted, .captivePortal,
    .keyChanged, .clockStepsForward, .clockStepsBack, .clockSlews, .doorOpened, .testVend,
    .refundShortOfMoney, .personDecides, .closedByPlatform, .refundInConsole, .closeTooEarly,
    .upgraded, .downgraded, .secondDaemon, .keysInAHurry, .spareHost, .serviceKilled,
    .serviceStopped, .serviceRolled, .databaseKilled, .databaseDown, .lineDown, .pricesListed,
  ]

  private func brew(_ kind: FaultKind) {
    func mend(after range: Range<Int>) {
      agenda.arrange(.repaired(kind), at: now + weather.milliseconds(kind, range))
    }
    switch kind {
    case .powerCut, .shortPowerCut: powerFails(kind)
    case .killed: kill(kind)
    case .stopped: stop()
    case .secondDaemon: secondDaemonStarts()
    case .upgraded, .downgraded:
      // This version is told to end; another one runs upon its files, and this one again.
      guard isRunning, booksAreOpen, settings.hasBytes || kind == .upgraded else { return }
      if kind == .upgraded { fire(.upgraded) }
      otherVersion = kind
      handle(.stopAsked)
    case .partitionOut, .partitionBack, .nameLie, .untrusted, .captivePortal, .keyChanged,
      .spareHost:
      beginOutage(kind)
    case .clockStepsForward, .clockStepsBack, .clockSlews: changeClock(kind)
    case .serviceKilled, .serviceStopped, .serviceRolled, .databaseKilled, .databaseDown,
      .lineDown, .pricesListed:
      brewAtService(kind)
    case .refundShortOfMoney:
      setShortOfMoney(true)
      mend(after: 30_000..<3_000_000)
    case .closeTooEarly:
      setCloseNotBefore(.seconds(300))
      mend(after: 60_000..<900_000)
    case .personDecides: somebodyDecides()
    case .closedByPlatform, .refundInConsole: consoleActs(kind)
    case .doorOpened, .testVend:
      if kind == .testVend { agenda.arrange(.technicianComes, at: now) } else { openDoor() }
    case .keysInAHurry:
      fire(kind)
      for key in ["1", "#", "2", "#", "*"] { keyGoesDown(key) }
    default: if breakPart(kind) { mend(after: 1000..<60_000) }
    }
  }

  /// The way to the provider is gone: mostly for short, now and then for longer than late money is
  /// watched for.
  func beginOutage(_ kind: FaultKind) {
    guard outage == nil else { return }
    let isLong = weather.chance(kind, below: 4) == 0
    outage = (kind, now + weather.milliseconds(kind, 2000..<(isLong ? 900_000 : 90_000)))
  }

  private func changeClock(_ kind: FaultKind) {
    fire(kind)
    switch kind {
    case .clockStepsForward:
      clockErrorMilliseconds += weather.milliseconds(kind, 1000..<400_000).wholeMilliseconds
    case .clockStepsBack:
      clockErrorMilliseconds -= weather.milliseconds(kind, 1000..<400_000).wholeMilliseconds
    default: clockSlew = Int64(weather.chance(kind, below: 40)) - 20
    }
    agenda.arrange(.repaired(kind), at: now + weather.milliseconds(kind, 10_000..<200_000))
  }

  /// SIGSTOP: the process sleeps, its relay stays as it is; the watchdog kills it after 10 s of
  /// silence, unless it goes on before.
  private func stop() {
    guard isRunning else { return }
    fire(.stopped)
    let sleep = weather.milliseconds(.stopped, 500..<60_000)
    // Nothing moves a relay or a picture meanwhile.
    for number in [cabinet.onLane?.order, glassOrder].compactMap(\.self) {
      witness(.excused(order: number.text, [.relayIsCapped, .codeIsPayable]))
    }
    if sleep > .seconds(10) {
      frozenUntil = now + .seconds(10)
      agenda.arrange(.killed, at: now + .seconds(10))
    } else {
      frozenUntil = now + sleep
    }
  }

  func repaired(_ kind: FaultKind) {
    note("mended: \(kind.name)")
    switch kind {
    case .diskFull, .writeErrorForever, .bitRot, .writeMisdirected: mendDisk(kind)
    case .clockLost, .clockStepsForward, .clockStepsBack, .clockSlews:
      clockErrorMilliseconds = 0
      clockSlew = 0
    case .refundShortOfMoney: setShortOfMoney(false)
    case .closeTooEarly: setCloseNotBefore(.zero)
    default: mendPart(kind)
    }
  }

  private func mendDisk(_ kind: FaultKind) {
    guard diskTrouble != nil else { return }
    let wasDamaged = diskTrouble == .damaged
    diskTrouble = nil
    guard wasDamaged else { return }
    // A person has put the medium right from its copy, and starts the daemon again.
    witness(.journalMended)
    if isRunning {
      releaseLines()
      leaveBoard(keepsUnsynced: true)
    }
    agenda.arrange(.powerReturns, at: now + .seconds(5))
  }
}
