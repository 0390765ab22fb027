internal import Audit
internal import Money
internal import Ordering
internal import Storage
internal import Timing
internal import Vending

/// A disk that does not do its duty.
enum DiskTrouble: Hashable, Sendable {
  case full, error, damaged

  /// Whether the books cannot even be opened.
  var keepsShut: Bool { self != .error }

  var error: StorageError {
    switch self {
    case .full: .full
    case .error: .io("Input/output error")
    case .damaged: .corrupt("a record's checksum")
    }
  }
}

/// Power, the process, and the disk below it.
extension World {
  // MARK: Ends of a run

  /// Power fails, and comes back after `pause`.
  func cutPower(for pause: Duration) {
    guard isRunning else { return }
    note("POWER FAILS")
    leaveBoard(keepsUnsynced: false)
    motorsStop()
    glassGoesDark()
    agenda.arrange(.powerReturns, at: now + pause)
  }

  func powerFails(_ kind: FaultKind) {
    guard isRunning else { return }
    fire(kind)
    switch kind {
    case .brownOut, .shortPowerCut: cutPower(for: dice.milliseconds(80..<900))
    case .bootLoop: cutPower(for: dice.milliseconds(300..<5000))
    case .plugPulled: cutPower(for: dice.milliseconds(2000..<20_000))
    default: cutPower(for: dice.milliseconds(1000..<300_000))
    }
  }

  /// SIGKILL: what was written stays, synced or not; lines are let go, the glass keeps its picture.
  func kill(_ kind: FaultKind) {
    guard isRunning else { return }
    fire(kind)
    note("KILLED")
    leaveBoard(keepsUnsynced: true)
    releaseLines()
    agenda.arrange(.powerReturns, at: now + dice.milliseconds(300..<2000))
  }

  /// What a power cut makes of the writes that no sync has followed, and of those on their way.
  func loseWrites(keepsUnsynced: Bool) {
    if let image { return loseWrites(image) }
    var torn: JournalDisk.Writing?
    if let done = writing {
      writing = nil
      // It was on its way: it is there, or it is not, or its torn half is cut off.
      switch weather.chance(.writeTorn, below: 3) {
      case 0: keep(done)
      case 1 where weather.strikes(.writeTorn):
        fire(.writeTorn)
        torn = done
      default: break
      }
    }
    journalFile?.crash(tearing: torn, at: wall, &dice)
    var isWhole = true
    if !keepsUnsynced {
      let count = book.unsyncedCount
      if count > 0 {
        let kept = weather.chance(.writeLost, below: count + 1)
        if kept < count {
          // A later write that came before an earlier one hangs on nothing: the log ends there.
          fire(weather.strikes(.writeReordered) ? .writeReordered : .writeLost)
        }
        isWhole = kept == count
        book.lose(keeping: kept)
      }
    }
    if let done = bookWriting {
      bookWriting = nil
      if isWhole, weather.chance(.writeTorn, below: 2) == 0 {
        keepInBook(done.order, done.row, isSynced: true)
      }
    }
  }

  private func loseWrites(_ image: CrashImage) {
    if let done = writing {
      writing = nil
      if image.journal == .whole { keep(done) }
    }
    let count = book.unsyncedCount
    let kept = image.kept(of: count)
    book.lose(keeping: kept)
    if let done = bookWriting {
      bookWriting = nil
      if kept == count, image.book == .whole {
        keepInBook(done.order, done.row, isSynced: true)
      }
    }
  }

  func powerReturns() {
    guard !isRunning else { return }
    changeDisks()
    if weather.strikes(.secondDaemon) {
      // The one before still holds the state's lock: this start is refused.
      fire(.secondDaemon)
      agenda.arrange(.powerReturns, at: now + .seconds(2))
      return
    }
    if weather.strikes(.clockLost) {
      fire(.clockLost)
      clockErrorMilliseconds = 1000 - trueWall.milliseconds
      agenda.arrange(
        .repaired(.clockLost), at: now + weather.milliseconds(.clockLost, 5000..<200_000))
    }
    if weather.strikes(.configurationEdited) || weather.strikes(.priceChanged) { editPlan() }
    start()
  }

  /// What a start may find: another version's files, an older disk, damage.
  private func changeDisks() {
    if settings.hasBytes, weather.strikes(.upgraded) {
      // A newer version wrote a field that this one does not know.
      journal.text = journal.text.map(Bytes.addingField)
      book.rewriteRows(Bytes.addingField)
      if let text = journal.text { journalFile?.rewriteLedger(text) }
    }
    if settings.hasBytes, weather.strikes(.downgraded), let text = journal.text {
      fire(.downgraded)
      // The other version read and wrote it: the same facts in another order and spacing.
      journal.text = text.replacing(",\"", with: ", \"")
      if let text = journal.text { journalFile?.rewriteLedger(text) }
    }
    if let old = olderDisks, weather.strikes(.diskRolledBack) {
      fire(.diskRolledBack)
      excuseKnownOrders()
      (journal, book) = (old.journal, old.book)
      if let image = old.file { journalFile?.restore(image) }
      olderDisks = nil
      cabinet.present = nil
      witness(.journalMended)
    } else if olderDisks == nil, weather.rates[FaultKind.diskRolledBack.rawValue] > 0 {
      olderDisks = (journal, book, journalFile?.image)
    }
    for kind in [FaultKind.bitRot, .writeMisdirected]
    where diskTrouble == nil && journal.length > 0 && weather.strikes(kind) {
      fire(kind)
      diskTrouble = .damaged
      _ = journalFile?.damage(inLog: kind == .writeMisdirected, &dice)
      witness(.journalDamaged)
      agenda.arrange(.repaired(kind), at: now + weather.milliseconds(kind, 60_000..<900_000))
    }
  }

  /// No machine can answer for orders that its disk has forgotten.
  private func excuseKnownOrders() {
    for number in people.begun {
      witness(.excused(order: number.text, Set(Invariant.allCases)))
    }
    witness(.excused(order: nil, [.sumsAgree, .journalIsPrefix, .oldChangesNothing]))
  }

  private func editPlan() {
    let isPrice = weather.chance(.priceChanged, below: 2) == 0
    fire(isPrice ? .priceChanged : .configurationEdited)
    var lanes = plan.lanes
    var policy = plan.policy
    if isPrice {
      for index in lanes.indices { lanes[index].price.fen += 5 }
    } else {
      policy.paymentTimeout = .seconds(60 + Int64(weather.chance(.configurationEdited, below: 60)))
      policy.providerExpiry = .seconds(360)
    }
    plan = Plan(
      machine: plan.machine, lanes: lanes, policy: policy, hasDropSensor: plan.hasDropSensor)
  }

  // MARK: The disk

  /// Whether the write that is just over failed.
  func troubleOfWrite() -> FaultKind? {
    if diskTrouble == .error { return .writeErrorForever }
    if diskTrouble == .full { return .diskFull }
    if weather.strikes(.diskFull) {
      fire(.diskFull)
      diskTrouble = .full
      agenda.arrange(
        .repaired(.diskFull), at: now + weather.milliseconds(.diskFull, 5000..<120_000))
      return .diskFull
    }
    if weather.strikes(.writeErrorOnce) {
      fire(.writeErrorOnce)
      return .writeErrorOnce
    }
    if weather.strikes(.writeErrorForever) {
      fire(.writeErrorForever)
      diskTrouble = .error
      agenda.arrange(
        .repaired(.writeErrorForever),
        at: now + weather.milliseconds(.writeErrorForever, 10_000..<300_000))
      return .writeErrorForever
    }
    return nil
  }

  func troubleOfBook() -> FaultKind? {
    if diskTrouble == .error { return .writeErrorForever }
    if diskTrouble == .full { return .diskFull }
    guard weather.strikes(.bookErrorOnce) else { return nil }
    fire(.bookErrorOnce)
    return .bookErrorOnce
  }

  // MARK: Trouble that comes by itself

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
    .upgraded, .keysInAHurry, .spareHost,
  ]

  private func brew(_ kind: FaultKind) {
    func mend(after range: Range<Int>) {
      agenda.arrange(.repaired(kind), at: now + weather.milliseconds(kind, range))
    }
    switch kind {
    case .powerCut, .shortPowerCut: powerFails(kind)
    case .killed: kill(kind)
    case .stopped: stop()
    case .upgraded:
      // The old version is told to end, and the new one starts upon its files.
      guard isRunning, booksAreOpen else { return }
      fire(.upgraded)
      handle(.stopAsked)
    case .partitionOut, .partitionBack, .nameLie, .untrusted, .captivePortal, .keyChanged,
      .spareHost:
      beginOutage(kind)
    case .clockStepsForward, .clockStepsBack, .clockSlews: changeClock(kind)
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
