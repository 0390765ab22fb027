internal import Audit
internal import Core
internal import Ordering
internal import Storage
internal import Timing
internal import Vending

/// What the daemon does with what the machine wants, effect by effect as `Daemon+Effects` does it.
extension World {
  /// Tells the machine something, and does what it says, until the fuse blows.
  func handle(_ event: Machine.Event) {
    guard isRunning, !isEnding else { return }
    let asking = run
    if story != nil { note("board: \(Self.words(event))") }
    if fuse == nil, weather.strikes(.powerCutBetweenEffects) {
      fuse = weather.chance(.powerCutBetweenEffects, below: 4)
    }
    for effect in machine.handle(event, at: moment) {
      if let left = fuse {
        fuse = left - 1
        if left <= 0 {
          fuse = nil
          fire(.powerCutBetweenEffects)
          cutPower(for: dice.milliseconds(2000..<90_000))
          return
        }
      }
      if isEnumerating, !boundary() { return }
      carryOut(effect)
      if asking != run { return }
    }
  }

  private func carryOut(_ effect: Machine.Effect) {
    if story != nil { note("    → \(Self.words(effect))") }
    switch effect {
    case .record(let entry, let ledger): record(entry, ledger)
    case .show(let screen): show(screen)
    case .open(let request): ask(.open(request))
    case .askStatus(let number, let nonce): ask(.status(number, nonce))
    case .askPermit(let number, let nonce): ask(.permit(number, nonce))
    case .settle(let number, let outcome): ask(.settle(number, outcome))
    case .cancel(let number): afterPainting(.cancel(number))
    case .probe: ask(.probe)
    case .pulse(let number, let lane): pulse(number, lane)
    case .testPulse(let lane): testPulse(lane)
    // No service code is set on this machine: its keypad opens nothing.
    case .trialEnded, .checkCode: break
    case .arm(let timer, let generation, let delay):
      timers[timer.index] = generation
      agenda.arrange(.timer(timer, generation: generation), at: now + delay)
    case .disarm(let timer): timers[timer.index] = 0
    case .stopped: processEnds()
    }
  }

  /// An event in words; a dictionary's own order must not show.
  private static func words(_ event: Machine.Event) -> String {
    guard case .pricesListed(let list) = event else { return "\(event)" }
    let lanes = list.lanes?.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    return "pricesListed(\(list.version), \(lanes ?? ["taken back"]))"
  }

  private static func words(_ effect: Machine.Effect) -> String {
    if case .record(let entry, _) = effect { return "record \(entry)" }
    return "\(effect)"
  }

  func timerFired(_ timer: Machine.Timer, _ generation: Int) {
    guard timers[timer.index] == generation else { return }
    timers[timer.index] = 0
    handle(.timerFired(timer, generation: generation))
  }

  // MARK: The journal

  private func record(_ entry: Entry, _ ledger: Ledger) {
    guard booksAreOpen else { return journalFailed() }
    var new = JournalDisk.Writing(entry: entry, ledger: ledger)
    if settings.hasBytes {
      do throws(StorageError) {
        new.text = try JSONText.encode(ledger)
      } catch {
        return journalFailed()
      }
    }
    writing = new
    agenda.arrange(.written, at: now + syncTime())
    if weather.strikes(.powerCutInSync) {
      agenda.arrange(.powerFails(.powerCutInSync), at: now)
    }
  }

  /// How long a sync takes: SD cards are known for seconds.
  func syncTime() -> Duration {
    if isEnumerating { return .milliseconds(2) }
    if weather.strikes(.slowSync) {
      fire(.slowSync)
      return .seconds(5)
    }
    return .nanoseconds(Int64(200_000 + dice.number(below: 4_000_000)))
  }

  func written() {
    guard let done = writing else { return }
    writing = nil
    if let trouble = troubleOfWrite() {
      note("the journal cannot be written: \(trouble)")
      // What is on the disk is not known now.
      if weather.chance(trouble, below: 2) == 0 { keep(done) }
      return journalFailed()
    }
    if settings.mistake == .syncIsSkipped, case .intent = done.entry {
      handle(.recorded)
      keep(done)
      return
    }
    if keep(done) { handle(.recorded) } else { journalFailed() }
  }

  /// The entry is on the platters; false when the store could not write it.
  @discardableResult
  func keep(_ done: JournalDisk.Writing) -> Bool {
    if settings.mistake == .verdictIsDropped, case .verdict = done.entry { return true }
    if let journalFile, (try? journalFile.commit(done, at: wall)) != true { return false }
    journal.keep(done)
    witness(Self.fact(of: done.entry))
    switch done.entry {
    case .saleBegan(let request, _):
      people.begun.append(request.number)
      cabinet.present = request.number
    case .verdict(let number, _), .endedUnpaid(let number), .cancelling(let number):
      if cabinet.present == number { cabinet.present = nil }
    case .intent, .settled, .lateDrop, .testVend, .refilled, .deed, .faultsCleared, .serviceLocked:
      break
    }
    return true
  }

  /// As `Daemon.journalFailed`: the fault, and three seconds later the process ends.
  func journalFailed() {
    handle(.faultRaised(Fault(.journalUnwritable)))
    guard isRunning else { return }
    agenda.arrange(.journalGivenUp, at: now + .seconds(3))
  }

  static func fact(of entry: Entry) -> Auditor.Fact {
    switch entry {
    case .saleBegan(let request, let lane):
      .selected(order: request.number.text, lane: lane.code, price: request.amount)
    case .cancelling(let number): .cancelling(order: number.text)
    case .endedUnpaid(let number): .endedUnpaid(order: number.text)
    case .intent(let number, let payment): .intended(order: number.text, amount: payment.total)
    case .verdict(let number, let outcome): .judged(order: number.text, Verdict(outcome))
    case .settled(let number): .settled(order: number.text)
    case .lateDrop(let number): .lateDropNoted(order: number.text)
    case .testVend(let lane): .testVendNoted(lane: lane)
    case .deed(.serviceVend(let lane), _): .testVendNoted(lane: lane)
    case .refilled, .deed, .faultsCleared, .serviceLocked: .noted
    }
  }

  // MARK: The clock

  /// As `Daemon.checkClock`.
  func checkClock() {
    if ClockJudgement(at: wall, skew: skewSeen) == .good {
      if machine.faults.stands(.clockWrong) { handle(.faultCleared(.clockWrong, subject: "")) }
      return
    }
    handle(.faultRaised(Fault(.clockWrong)))
    guard isRunning, !clockRetryIsArmed else { return }
    clockRetryIsArmed = true
    agenda.arrange(.clockRetry, at: now + .seconds(30))
  }

  func clockRetry() {
    clockRetryIsArmed = false
    if ClockJudgement(at: wall, skew: skewSeen) == .lost { checkClock() } else { ask(.probe) }
  }

  // MARK: Start and end

  /// As `Daemon.run`: cabinet, display, books, clock.
  func start() {
    run += 1
    starts += 1
    (isRunning, isEnding, booksAreOpen) = (true, false, false)
    if settings.mistake != .lockIsForgotten { lockFile?.take() }
    (skewSeen, clockRetryIsArmed, frozenUntil) = (nil, false, nil)
    let begun = run
    note("START \(run)")
    machine = Machine(plan: plan, ledger: Ledger(), nonce: dice.bits())
    for index in timers.indices { timers[index] = 0 }
    openCabinet()
    glassStarts()
    openDisplay()
    openBooks()
    guard begun == run else { return }
    checkClock()
    if cabinet.stuckLane != nil { agenda.arrange(.heartbeat, at: now + .seconds(3)) }
    if weather.strikes(.bootLoop) {
      agenda.arrange(
        .powerFails(.bootLoop), at: now + weather.milliseconds(.bootLoop, 0..<400))
    }
  }

  /// As `Daemon.openBooks`.
  func openBooks() {
    let begun = run
    do throws(StorageError) {
      // What was damaged byte by byte the store must find by itself.
      if let trouble = diskTrouble, trouble.keepsShut, journalFile?.isDamaged != true {
        throw trouble.error
      }
      let (ledger, length) = try readJournal()
      if settings.core == .service {
        service.line.expected = ExpectedPayments(ledger?.sale?.request)
        return booksOpened(ledger, length)
      }
      let wire = Wire(self, run: run)
      self.wire = wire
      let core = try EmbeddedCore(
        store: wire, provider: wire.provider, permits: ledger?.permits ?? [],
        surroundings: wire.surroundings
      ) { [wire] number, words in wire.alarm(number, words) }
      guard begun == run else { return }
      self.core = core
      booksOpened(ledger, length)
    } catch {
      guard begun == run else { return }
      booksFailed(error)
    }
  }

  private func booksOpened(_ ledger: Ledger?, _ length: Int64) {
    let begun = run
    booksAreOpen = true
    witness(.restarted(sequence: length))
    let standing = machine.faults.standing.map(\.fault)
    machine = Machine(plan: plan, ledger: ledger ?? Ledger(), nonce: dice.bits())
    for fault in standing
    where fault.code != .journalCorrupt && fault.code != .journalUnwritable {
      _ = machine.handle(.faultRaised(fault), at: moment)
    }
    handle(.started)
    if begun == run { ask(.duties) }
  }

  /// What the journal remembers, and how many entries it has.
  private func readJournal() throws(StorageError) -> (Ledger?, Int64) {
    guard let journalFile else { return (journal.ledger, journal.length) }
    let (text, length) = try journalFile.open()
    let ledger = try text.map { text throws(StorageError) in
      try JSONText.decode(Ledger.self, from: text)
    }
    return (ledger, length)
  }

  private func booksFailed(_ error: StorageError) {
    let isDamage = if case .corrupt = error { true } else { false }
    // The store's own words name a place that no seed decides.
    note("the books cannot be opened: \(isDamage ? "damaged" : "\(error)")")
    if isDamage { witness(.restarted(sequence: nil)) }
    handle(.faultRaised(Fault(isDamage ? .journalCorrupt : .journalUnwritable)))
    guard !isDamage else { return }
    agenda.arrange(.retryBooks, at: now + .seconds(10))
  }

  /// The process ends by itself; systemd starts it again.
  func processEnds() {
    guard isRunning else { return }
    note("the process ends")
    releaseLines()
    leaveBoard(keepsUnsynced: true)
    glassGoesDark()
    agenda.arrange(.powerReturns, at: now + .seconds(1))
  }

  /// Everything of the board's run is gone.
  func leaveBoard(keepsUnsynced: Bool) {
    run += 1
    isRunning = false
    lockFile?.letGo()
    (isEnding, booksAreOpen, isAsking) = (false, false, false)
    fuse = nil
    coreFuse = nil
    agenda.dropBoard()
    questions.removeAll(keepingCapacity: true)
    firstQuestion = 0
    dutyAt = nil
    core = nil
    wire = nil
    if settings.core == .service { boardLeavesLine() }
    witness(.powerFailed)
    loseWrites(keepsUnsynced: keepsUnsynced)
    deciding = nil
  }
}

extension Verdict {
  /// The journal's words in the auditor's.
  init(_ outcome: Outcome) {
    switch outcome {
    case .delivered(let evidence):
      self = .delivered(Evidence(rawValue: evidence.rawValue) ?? .person)
    case .failed(let failure):
      self = .failed(Failure(rawValue: failure.rawValue) ?? .machineFault)
    case .unsure(.refund): self = .unsureRefund
    case .unsure(.hold): self = .unsureHold
    case .unsure(.assumeDelivered): self = .assumedDelivered
    }
  }
}
