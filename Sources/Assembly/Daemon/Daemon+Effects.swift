internal import Control
internal import Core
internal import Ordering
internal import Platform
internal import Storage
internal import Timing
internal import Vending

// From effects to edges, and back as events.
extension Daemon {
  func carryOut(_ effect: Machine.Effect) {
    switch effect {
    case .record(let entry, let ledger): record(entry, ledger)
    case .show(let screen): show(screen)
    case .open(let request):
      askCore({ $0.open(request) }) { [self] in handle(.openAnswered(request.number, $0)) }
    case .askStatus(let number, let nonce):
      core?.askStatus(number, permit: nonce) { [self] answer in
        coreAnswered { handle(.statusAnswered(number, answer)) }
      }
    case .askPermit(let number, let nonce):
      askCore({ $0.permit(number, nonce: nonce) }) { [self] in
        handle(.permitAnswered(number, $0))
      }
    case .settle(let number, let outcome):
      askCore({ $0.settle(number, outcome) }) { [self] in handle(.settleAnswered(number, $0)) }
    case .cancel(let number): cancel(number)
    case .probe:
      core?.probe { [self] doubt in coreAnswered { handle(.probed(doubt)) } }
    case .pulse(let number, let lane): pulse(number, lane)
    case .testPulse(let lane): testPulse(lane)
    case .trialEnded(let lane, let end): trialEnded(lane, end)
    case .checkCode(let code, let attempt): checkCode(code, attempt)
    case .arm(let timer, let generation, let delay): arm(timer, generation, delay)
    case .disarm(let timer): disarm(timer)
    case .stopped: stop()
    }
  }

  /// Ends the process; what changed in the history of faults goes to the disk before, if that is
  /// quick.
  private func stop() {
    loop.arm(after: .seconds(2)) { [weak self] in self?.end(code: 0) }
    faultLog.runs.end()
    saveFaults { [weak self] in self?.end(code: 0) }
  }

  /// Ends an order at the core, once its code is off the panel.
  private func cancel(_ number: OrderNumber) {
    let askCore: @Sendable (Bool) -> Void = loop.channel { [weak self] _ in
      guard let self else { return }
      self.askCore({ $0.cancel(number) }) { [weak self] in
        self?.handle(.cancelAnswered(number, $0))
      }
    }
    guard let station else { return askCore(true) }
    station.afterPainting { askCore(true) }
  }

  private func arm(_ timer: Machine.Timer, _ generation: Int, _ delay: Duration) {
    disarm(timer)
    timers[timer] = loop.arm(after: delay) { [weak self] in
      self?.timers[timer] = nil
      self?.handle(.timerFired(timer, generation: generation))
    }
  }

  private func disarm(_ timer: Machine.Timer) {
    if let token = timers.removeValue(forKey: timer) { loop.cancel(token) }
  }

  private func show(_ screen: Screen) {
    // A technician's test picture stands for its time, and the wish behind it is not lost; but it
    // gives way to a customer.
    lastScreen = screen
    witness.note(screen, at: Clock.wallTime())
    guard testPicture != nil else {
      station?.show(screen)
      return
    }
    if screen.isForACustomer { endTestPicture("a customer came: the card was taken off") }
  }

  // MARK: Journal

  private func record(_ entry: Entry, _ ledger: Ledger) {
    log.notice("journal \(entry.kind)", ["order": entry.order?.text, "what": Self.words(entry)])
    guard let journal else { return journalFailed(.notThere("the journal is not open")) }
    let time = Clock.wallTime()
    let trace = witness.trace(of: entry, showing: lastScreen, at: time)
    loop.perform(on: journalWorker) { () -> StorageError? in
      do throws(StorageError) {
        try journal.write(entry, ledger, trace, at: time)
        return nil
      } catch {
        return error
      }
    } then: { [weak self] failure in
      guard let self else { return }
      if let failure { journalFailed(failure) } else { handle(.recorded) }
    }
  }

  private static func words(_ entry: Entry) -> String? {
    switch entry {
    case .saleBegan(let request, let lane):
      "lane \(lane.code), \(request.title), \(request.amount)"
    case .verdict(_, let outcome): "\(outcome)"
    case .intent(_, let payment): "\(payment.total), transaction \(payment.transaction)"
    case .testVend(let lane): "lane \(lane)"
    case .refilled(let lane, let pieces): "lane \(lane), \(pieces) pieces"
    case .deed(let deed, let author): "\(words(deed)) (\(author))"
    case .serviceLocked(let locked): "\(locked)"
    case .cancelling, .endedUnpaid, .settled, .lateDrop, .faultsCleared: nil
    }
  }

  /// What is on the disk is not known any more: a failed sync is never tried again (fsyncgate).
  ///
  /// The process ends, and the next one reads what the disk really has.
  func journalFailed(_ error: StorageError) {
    log.error("the journal cannot be written", ["reason": "\(error)"])
    handle(.faultRaised(Fault(.journalUnwritable, "", "\(error)")))
    notifier.status("not selling: J1 \(error)")
    loop.arm(after: .seconds(3)) { [weak self] in self?.end(code: 74) }
  }

  // MARK: Relays

  private func pulse(_ number: OrderNumber, _ lane: Plan.Lane) {
    let permit = DispensePermit(syncedIntentFor: number, lane: lane.code)
    guard let cabinet else { return handle(.pulseRefused(number, "the lines are gone")) }
    let (onAt, began) = (Clock.wallTime(), Clock.now())
    defer {
      witness.notePulse(of: lane, at: onAt, began)
      logPulse(number, lane)
    }
    cabinet.pulse(permit, lane) { [weak self] end in
      guard let self else { return }
      log.notice("relay off", ["order": number.text, "end": "\(end)"])
      witness.note(end)
      switch end {
      case .done: handle(.pulseEnded(number))
      case .refused(let words): handle(.pulseRefused(number, words))
      case .doubtful(let words): handle(.pulseDoubtful(number, words))
      case .stuckOn(let words):
        handle(.faultRaised(Fault(.relayStuckOn, lane.code, words)))
        handle(.pulseEnded(number))
      }
    }
  }

  /// Once the line is switched: logging first would keep the customer waiting.
  private func logPulse(_ number: OrderNumber, _ lane: Plan.Lane) {
    let wait = core?.answeredAt.map { Clock.now() - $0 }
    log.notice(
      "relay on",
      [
        "order": number.text, "lane": lane.code, "channel": lane.channel,
        "after_answer": wait.map { "\($0.wholeNanoseconds / 1000)us" },
      ])
  }

  // MARK: Core

  private func askCore<Answer: Sendable>(
    _ question: @escaping @Sendable (any PaymentCore) -> Answer, then: @escaping (Answer) -> Void
  ) {
    // Without books nothing is asked: the journal's fault stops selling, and the retry asks anew.
    core?.ask(question) { [weak self] answer in self?.coreAnswered { then(answer) } }
  }

  private func coreAnswered(_ then: () -> Void) {
    checkClock()
    // An answer of a book that failed is none; the desk has told us.
    if core?.failure == nil { then() }
  }
}
