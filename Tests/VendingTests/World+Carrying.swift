import EmulatedCore
import Ordering
import Timing
import Vending

/// What the machine wants, done: the disk, the core, the relay and the clock.
extension World {
  mutating func carry(_ effect: Machine.Effect) {
    switch effect {
    case .record(let entry, let ledger):
      auditor.expect(writing == nil, "two entries on their way to the disk: \(entry)")
      writing = Writing(entry: entry, ledger: ledger)
    case .show(let screen):
      self.screen = screen
      if case .payment(let payment) = screen, codesSeen.last != payment.codeURL {
        codesSeen.append(payment.codeURL)
      }
    case .open, .askStatus, .askPermit, .settle, .cancel:
      auditor.asked(effect, journal)
      questions.append(effect)
    case .probe: questions.append(effect)
    case .pulse(let number, let lane):
      auditor.pulsed(number, journal, core)
      switchOn(number, lane)
    case .testPulse(let lane):
      if settings.hasDropSensor, dice.happens(500) {
        falling.append(Product(number: nil, at: now + lane.pulse))
      }
    case .arm(let timer, let generation, let delay):
      timers[timer] = Alarm(generation: generation, at: now + delay)
    case .disarm(let timer):
      if let alarm = timers.removeValue(forKey: timer) { remember(timer, alarm) }
    case .stopped:
      let isParked = stopAskedAt.map { now - $0 >= .seconds(12) } ?? false
      auditor.expect(isParked || (writing == nil && relay == nil), "stopped before it was done")
      cutPower()
    }
  }

  mutating func remember(_ timer: Machine.Timer, _ alarm: Alarm) {
    oldTimers.append(.timerFired(timer, generation: alarm.generation))
    if oldTimers.count > 8 { oldTimers.removeFirst() }
  }

  private mutating func switchOn(_ number: OrderNumber, _ lane: Plan.Lane) {
    let off = now + lane.pulse
    relay = Relay(number: number, at: off, end: .pulseEnded(number))
    guard dice.happens(settings.jams) else {
      falling.append(Product(number: number, at: now + .milliseconds(dice.number(below: 4000))))
      return
    }
    switch dice.number(below: 6) {
    case 0: break
    case 1: relay?.end = .pulseRefused(number, "no current")
    case 2: relay?.end = .pulseDoubtful(number, "a line was lost")
    case 3:
      relay?.end = .pulseDoubtful(number, "a line was lost")
      falling.append(Product(number: number, at: off))
    case 4: falling.append(Product(number: number, at: off + .seconds(8)))
    default:
      falling.append(Product(number: number, at: off))
      falling.append(Product(number: number, at: off + .milliseconds(200)))
    }
  }

  // MARK: The disk

  /// The entry under way reaches the disk.
  mutating func sync() {
    guard let done = writing else { return }
    writing = nil
    commit(done)
    tell(.recorded)
  }

  private mutating func commit(_ done: Writing) {
    note("disk: \(done.entry)")
    auditor.recorded(done.entry, after: journal)
    journal.append(done.entry)
    ledger = done.ledger
  }

  /// Power fails, and comes back.
  mutating func cutPower() {
    note("POWER")
    fuse = nil
    stopAskedAt = nil
    if let done = writing, dice.happens(500) { commit(done) }
    writing = nil
    auditor.powerFailed(journal)
    if settings.isTogether {
      core.losesUnsynced = dice.happens(500)
      core.restart(at: now)
      for payment in ledger.permits { _ = core.ask(.permitFound(payment), at: now) }
    } else {
      stragglers += questions.filter { $0 != .probe }
    }
    questions = []
    mail = []
    timers = [:]
    oldTimers = []
    relay = nil
    screen = .blank
    machine = Machine(plan: plan, ledger: ledger, nonce: dice.bits())
    tell(.started)
    for part in brokenParts { tell(.faultRaised(Fault(part))) }
  }

  // MARK: The core

  /// The core carries a call out and answers; nil when the answer does not come.
  mutating func answer(_ question: Machine.Effect) -> Machine.Event? {
    let event: OrderBook.Event
    switch question {
    case .open(let request): event = .openAsked(request)
    case .askStatus(let number, let nonce): event = .statusAsked(number, permit: nonce)
    case .askPermit(let number, let nonce): event = .permitAsked(number, nonce: nonce)
    case .settle(let number, let outcome): event = .settleAsked(number, outcome)
    case .cancel(let number): event = .cancelAsked(number)
    case .probe: return .probed(nil)
    case .record, .show, .pulse, .testPulse, .arm, .disarm, .stopped: return nil
    }
    guard let answers = core.ask(event, at: now) else { return nil }
    auditor.expect(answers.count == 1, "\(answers.count) answers to \(question)")
    auditor.expect(!core.ranInCircles, "the book runs in circles at \(question)")
    return answers.first.flatMap { Self.event(question, $0) }
  }

  private static func event(
    _ question: Machine.Effect, _ answer: OrderBook.Answer
  ) -> Machine.Event? {
    switch (question, answer) {
    case (.open(let request), .open(let answer)): .openAnswered(request.number, answer)
    case (.askStatus(let number, _), .status(let answer)): .statusAnswered(number, answer)
    case (.askPermit(let number, _), .permit(let answer)): .permitAnswered(number, answer)
    case (.settle(let number, _), .settle(let answer)): .settleAnswered(number, answer)
    case (.cancel(let number), .cancel(let answer)): .cancelAnswered(number, answer)
    default: nil
    }
  }

  /// What the board hears when nothing comes back.
  static func silence(_ question: Machine.Effect) -> Machine.Event? {
    let doubt = Doubt(.timeout, "no answer")
    switch question {
    case .open(let request): return .openAnswered(request.number, .unknown(doubt))
    case .askStatus(let number, _): return .statusAnswered(number, .unknown(doubt))
    case .askPermit(let number, _): return .permitAnswered(number, .unknown(doubt))
    case .settle(let number, _): return .settleAnswered(number, .unknown(doubt))
    case .cancel(let number): return .cancelAnswered(number, .unknown(doubt))
    case .probe: return .probed(doubt)
    case .record, .show, .pulse, .testPulse, .arm, .disarm, .stopped: return nil
    }
  }
}
