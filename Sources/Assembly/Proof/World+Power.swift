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
    let version = otherVersion
    otherVersion = nil
    if settings.hasBytes, version == .upgraded || weather.strikes(.upgraded) {
      rewriteDisks(OtherVersion.newer)
    }
    if settings.hasBytes, version == .downgraded || weather.strikes(.downgraded),
      journal.text != nil
    {
      fire(.downgraded)
      rewriteDisks(OtherVersion.older)
    }
    if let old = olderDisks, weather.strikes(.diskRolledBack) {
      fire(.diskRolledBack)
      excuseKnownOrders()
      (journal, book) = (old.journal, old.book)
      if diskTrouble == .damaged { diskTrouble = nil }
      if let image = old.file { journalFile?.rollBack(to: image) }
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

  private func rewriteDisks(_ change: (String) -> String) {
    book.rewriteRows(change)
    guard let text = journal.text.map(change) else { return }
    journal.text = text
    journalFile?.rewriteLedger(text)
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
      lanes = lanes.map { lane in
        Plan.Lane(
          code: lane.code, channel: lane.channel, name: lane.name,
          price: lane.price + Amount(fen: 5), pulse: lane.pulse, capacity: lane.capacity)
      }
    } else {
      policy.paymentTimeout = .seconds(60 + Int64(weather.chance(.configurationEdited, below: 60)))
      policy.providerExpiry = .seconds(360)
      // Somebody takes the pulse for a time in tenths: the relay's cap must keep the motor.
      let isSlip = weather.chance(.configurationEdited, below: 2) == 0
      lanes = Self.plan(settings).lanes.map { lane in
        Plan.Lane(
          code: lane.code, channel: lane.channel, name: lane.name, price: lane.price,
          pulse: isSlip ? lane.pulse * 10 : lane.pulse, capacity: lane.capacity)
      }
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
}
