import EmulatedCore
import Ordering
import Timing
import Vending

/// What happens, by chance.
extension World {
  /// One step of the story.
  mutating func step() {
    if dice.happens(settings.powerCuts) {
      // Now, or before one of the next effects.
      if dice.happens(300) { return cutPower() }
      fuse = dice.number(below: 4)
    }
    if dice.happens(settings.visits) { return visit() }
    switch dice.number(below: 100) {
    case 0..<25: sync()
    case 25..<50: callCore()
    case 50..<68: deliverMail()
    case 68..<80: pressKey()
    case 80..<86: pay()
    case 86..<88: repeatSomethingOld()
    default: passTime()
    }
  }

  // MARK: The core and the way to it

  private mutating func callCore() {
    if !stragglers.isEmpty, dice.happens(300) {
      let straggler = stragglers.removeFirst()
      note("straggler \(straggler)")
      _ = answer(straggler)
      core.crashAfter = nil
      return
    }
    guard !questions.isEmpty else { return }
    let index = settings.isTogether ? 0 : dice.number(below: questions.count)
    let question = questions.remove(at: index)
    guard dice.happens(settings.trouble) else {
      if let event = answer(question) { mail.append(event) }
      return
    }
    callInTrouble(question)
  }

  private mutating func callInTrouble(_ question: Machine.Effect) {
    let kind = dice.number(below: settings.isTogether ? 4 : 7)
    switch kind {
    case 0, 1, 2:
      // The provider is in trouble.
      let fates = EmulatedProvider.Fate.allCases.filter {
        ($0 != .raced && $0 != .cashier) || isSeen(question.order)
      }
      let chosen = (0..<3).map { _ in dice.choice(fates) }
      note("provider: \(chosen)")
      core.provider.fates = chosen
      mail += answer(question).map { [$0] } ?? []
      core.provider.fates = []
    case 3:
      let halfSteps = dice.number(below: 10)
      note("power of the core fails after \(halfSteps) half-steps")
      core.crashAfter = halfSteps
      let event = answer(question)
      let hasFailed = core.crashAfter == nil
      core.crashAfter = nil
      if hasFailed, settings.isTogether { return cutPower() }
      mail += (event ?? Self.silence(question)).map { [$0] } ?? []
    case 4:
      note("lost on the way there: \(question)")
      if question != .probe { stragglers.append(question) }
      mail += Self.silence(question).map { [$0] } ?? []
    case 5:
      note("lost on the way back: \(question)")
      _ = answer(question)
      mail += Self.silence(question).map { [$0] } ?? []
    default:
      let event = answer(question)
      mail += event.map { [$0, $0] } ?? []
    }
  }

  private func isSeen(_ number: OrderNumber?) -> Bool {
    guard let number else { return false }
    return codesSeen.contains { $0.contains(number.text) }
  }

  private mutating func deliverMail() {
    guard !mail.isEmpty else { return }
    let event = mail.remove(at: settings.isTogether ? 0 : dice.number(below: mail.count))
    oldMail.append(event)
    if oldMail.count > 12 { oldMail.removeFirst() }
    tell(event)
  }

  /// Answers and timers of older orders must change nothing (I12).
  private mutating func repeatSomethingOld() {
    var current = machine.sale?.request.number
    if case .message(_, let following) = machine.state { current = following }
    let old = (oldMail + oldTimers).filter { $0.order != current || $0.order == nil }
    guard !old.isEmpty else { return }
    let event = dice.choice(old)
    if case .probed = event { return }
    if case .cancelAnswered = event { return }
    if case .settleAnswered = event { return }
    let before = machine
    _ = machine.handle(event, at: moment)
    auditor.expect(before == machine, "an old answer changed the machine: \(event)")
  }

  // MARK: People

  private mutating func pressKey() {
    let key: String
    switch machine.state {
    case .idle, .message: key = dice.choice(["1", "2", "1", "2", "9", "#", "*"])
    case .selecting(let typed):
      key = dice.choice(typed.count == 1 ? ["#", "#", "#", "#", "*", "1"] : ["*", "#"])
    case .beginning, .opening, .awaitingPayment, .closing, .permitting, .intending, .pulsing,
      .watching, .judging, .ending:
      guard dice.happens(150) else { return }
      key = dice.choice(["*", "#", "1"])
    }
    tell(.keyPressed(key))
  }

  private mutating func pay() {
    if case .payment(let payment) = screen, dice.happens(900) {
      if core.provider.pay(payment.codeURL) { note("PAID \(payment.codeURL)") }
    } else if !codesSeen.isEmpty {
      // A photograph of an older code.
      let code = dice.choice(codesSeen)
      if core.provider.pay(code) { note("PAID LATE \(code)") }
    }
  }

  private mutating func visit() {
    switch dice.number(below: 8) {
    case 0, 1:
      let part = dice.choice(
        [Fault.Code.displayDark, .doorOpen, .sensorBlocked, .clockWrong, .keypadLost])
      if !brokenParts.contains(part) { brokenParts.append(part) }
      tell(.faultRaised(Fault(part)))
    case 2, 3:
      guard !brokenParts.isEmpty else { return }
      tell(.faultCleared(brokenParts.removeLast(), subject: ""))
    case 4: tell(.serviceAsked(locked: !machine.ledger.isServiceLocked))
    case 5: tell(.faultClearingAsked)
    case 6:
      tell(dice.happens(500) ? .testVendAsked(lane: "1") : .refillAsked(lane: "2", pieces: 30))
    default:
      stopAskedAt = stopAskedAt ?? now
      tell(.stopAsked)
    }
  }

  // MARK: Time

  /// The next thing that is due happens; false when nothing is.
  @discardableResult
  mutating func passTime() -> Bool {
    let timer = timers.min { ($0.value.at, $0.key.rawValue) < ($1.value.at, $1.key.rawValue) }
    let product = falling.indices.min { falling[$0].at < falling[$1].at }
    let times = [
      timer?.value.at, product.map { falling[$0].at }, relay?.at, core.book.nextDuty?.at,
    ]
    guard let next = times.compactMap(\.self).min() else { return false }
    now = max(now, next) + .milliseconds(1)
    if let off = relay, off.at == next {
      relay = nil
      tell(off.end)
    } else if let product, falling[product].at == next {
      falling.remove(at: product)
      note("A PRODUCT FALLS")
      guard settings.hasDropSensor else { return true }
      auditor.sensed()
      tell(.dropSensed)
    } else if let (name, alarm) = timer, alarm.at == next {
      timers[name] = nil
      remember(name, alarm)
      tell(.timerFired(name, generation: alarm.generation))
    } else if let duty = core.book.nextDuty {
      note("duty of \(duty.number)")
      _ = core.ask(.dutyCame(duty.number), at: now)
      if dice.happens(500) { core.provider.moveRefunds() }
    }
    return true
  }

  // MARK: The end

  /// All trouble stops: runs until nothing is left to do, and says whether that came in time (I10).
  mutating func settleDown() -> Bool {
    let start = now
    fuse = nil
    for straggler in stragglers { _ = answer(straggler) }
    stragglers = []
    while let part = brokenParts.popLast() { tell(.faultCleared(part, subject: "")) }
    if machine.ledger.isServiceLocked { tell(.serviceAsked(locked: false)) }
    for _ in 0..<4000 {
      if writing != nil {
        sync()
      } else if !questions.isEmpty {
        if let event = answer(questions.removeFirst()) { mail.append(event) }
      } else if !mail.isEmpty {
        tell(mail.removeFirst())
      } else if isQuiet || now - start > .seconds(4 * 3600) {
        return isQuiet
      } else {
        core.provider.moveRefunds()
        guard passTime() else { return isQuiet }
      }
    }
    return isQuiet
  }

  private var isQuiet: Bool {
    machine.state == .idle && machine.ledger.obligations.isEmpty && core.book.nextDuty == nil
      && relay == nil && falling.isEmpty
  }
}

extension Machine.Event {
  /// The order that an answer is about.
  var order: OrderNumber? {
    switch self {
    case .openAnswered(let number, _), .statusAnswered(let number, _),
      .permitAnswered(let number, _), .settleAnswered(let number, _),
      .cancelAnswered(let number, _), .pulseEnded(let number), .pulseRefused(let number, _),
      .pulseDoubtful(let number, _):
      number
    case .started, .keyPressed, .timerFired, .recorded, .probed, .dropSensed, .faultRaised,
      .faultCleared, .serviceAsked, .faultClearingAsked, .refillAsked, .testVendAsked, .stopAsked:
      nil
    }
  }
}

extension Machine.Effect {
  /// The order that a call is about.
  var order: OrderNumber? {
    switch self {
    case .open(let request): request.number
    case .askStatus(let number, _), .askPermit(let number, _), .settle(let number, _),
      .cancel(let number), .pulse(let number, _):
      number
    case .record, .show, .probe, .testPulse, .arm, .disarm, .stopped: nil
    }
  }
}
