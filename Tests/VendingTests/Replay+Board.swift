import Money
import Ordering
import Timing
import Vending

/// What happens to the board.
extension Replay {
  /// Longer than any customer stays and than any patience lasts.
  private static let long: Duration = .seconds(130)

  private func moment(late delay: Duration = .zero) -> Moment {
    Moment(
      instant: now + delay, wallTime: wall + delay, random: UInt64(numbers.count * 7919 + 11))
  }

  mutating func tell(_ event: Machine.Event, late delay: Duration = .zero) {
    let moment = moment(late: delay)
    guard let effects = machine?.handle(event, at: moment) else { return }
    for effect in effects {
      switch effect {
      case .record(let entry, let ledger): writing = Writing(entry: entry, ledger: ledger)
      case .open, .askStatus, .askPermit, .settle, .cancel: calls.append(effect)
      case .pulse(let number, _): pulses[number, default: 0] += 1
      case .arm(let timer, let generation, _): timers[timer] = generation
      case .disarm(let timer): timers[timer] = nil
      case .show, .probe, .testPulse, .stopped, .trialEnded, .checkCode: break
      }
    }
  }

  mutating func start() {
    life += 1
    if !settings.isApart { findPermits() }
    machine = Machine(plan: plan, ledger: ledger, nonce: life)
    tell(.started)
    if doorIsOpen { tell(.faultRaised(Fault(.doorOpen))) }
  }

  private var plan: Plan {
    var policy = Plan.Policy()
    policy.unsure = settings.unsure
    // How many lanes and refunds a machine may lose is not in the model.
    (policy.laneFailureLimit, policy.machineFailureLimit) = (1000, 1000)
    policy.unsureRefundsPerDay = 1000
    let lanes = ["1", "2"].map {
      Plan.Lane(
        code: $0, channel: "r\($0)", name: "Water", price: Amount(fen: 435),
        pulse: .milliseconds(700), capacity: nil)
    }
    return Plan(
      machine: "model", lanes: lanes, policy: policy, hasDropSensor: settings.hasDropSensor)
  }

  /// A customer keys the next lane, so that a lane whose relay refused is not asked again.
  mutating func confirm() throws(Disagreement) {
    letSell()
    for key in [String(numbers.count + 1), "#"] { tell(.keyPressed(key)) }
    guard case .beginning(let sale)? = machine?.state else { throw Disagreement("no sale began") }
    numbers.append(sale.request.number)
  }

  /// The core's health is not in the model; a probe that goes well lets the machine sell.
  private mutating func letSell() {
    if let fault = machine?.stopper, fault.code != .doorOpen { tell(.probed(nil)) }
  }

  /// The entry under way reaches the disk.
  mutating func sync(_ words: [String]) throws(Disagreement) {
    guard let done = writing else { throw Disagreement("nothing is being written") }
    try Self.expect(name(done.entry), is: words.joined(separator: " "), "the entry")
    letSell()
    writing = nil
    commit(done)
    tell(.recorded)
  }

  mutating func commit(_ done: Writing) {
    journal.append(done.entry)
    ledger = done.ledger
  }

  /// The first answer on the way arrives; a stale one when the customer may have gone.
  mutating func hear(_ words: [String]) throws(Disagreement) {
    guard !answers.isEmpty else { throw Disagreement("no answer is on the way") }
    let event = answers.removeFirst()
    try Self.expect(name(event), is: words.dropLast().joined(separator: " "), "the answer")
    let isStale = words.last == "stale=1"
    tell(event, late: isStale ? Self.long : .zero)
    if isStale, case .permitAnswered(_, .unknown) = event { try giveUpTheHope(event) }
  }

  /// The model gives up after any number of unknown answers, the machine after its own.
  private mutating func giveUpTheHope(_ event: Machine.Event) throws(Disagreement) {
    for _ in 0..<20 {
      guard case .permitting = machine?.state else { return }
      try fire("permit")
      _ = calls.popLast()
      tell(event)
    }
    throw Disagreement("the permit is hoped for without an end")
  }

  mutating func fire(_ name: String) throws(Disagreement) {
    guard let timer = Machine.Timer(rawValue: name), let generation = timers[timer] else {
      throw Disagreement("the timer is not armed")
    }
    timers[timer] = nil
    if timer == .countdown {
      now = now + .seconds(95)
      wall = wall + .seconds(95)
    }
    tell(.timerFired(timer, generation: generation))
  }

  mutating func moveDoor(isOpen: Bool) {
    doorIsOpen = isOpen
    tell(isOpen ? .faultRaised(Fault(.doorOpen)) : .faultCleared(.doorOpen, subject: ""))
  }

  mutating func endPulse(_ how: String) throws(Disagreement) {
    guard let number = machine?.sale?.number else { throw Disagreement("no sale") }
    switch how {
    case "done": tell(.pulseEnded(number))
    case "refused": tell(.pulseRefused(number, "no current"))
    default: tell(.pulseDoubtful(number, "a line was lost"))
    }
  }

  // MARK: Power

  mutating func failTogether(_ flags: Set<String>) {
    calls = []
    loseBoard(isWritten: flags.contains("written"))
    failCore(isTakenBack: flags.contains("takenBack"))
  }

  /// The board alone; a call that was on its way is lost, or comes later.
  mutating func failBoard(_ flags: Set<String>) throws(Disagreement) {
    if flags.contains("straggling") {
      guard let call = calls.first else { throw Disagreement("no call is on the way") }
      stragglers.append(call)
    }
    calls = []
    asked = nil
    loseBoard(isWritten: flags.contains("written"))
  }

  private mutating func loseBoard(isWritten: Bool) {
    if isWritten, let done = writing { commit(done) }
    writing = nil
    answers = []
    timers = [:]
    machine = nil
  }
}

extension Machine.Sale {
  fileprivate var number: OrderNumber { request.number }
}
