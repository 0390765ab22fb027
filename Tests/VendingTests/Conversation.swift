import Money
import Ordering
import Testing
import Timing
import Vending

/// A machine in a conversation: somebody presses or says something, and the screen answers.
///
/// The disk works at once unless `holdsDisk`; the core says only what a test makes it say.
struct Conversation {
  var machine: Machine
  var now = Instant.zero
  var wall = WallTime(seconds: 1_800_000_000)
  var random: UInt64 = 7
  var screen = Screen.blank
  /// All effects since the last `forget`, but for the disk's.
  var effects: [Machine.Effect] = []
  var journal: [Entry] = []
  var ledger = Ledger()
  var holdsDisk = false
  private var writing: [(Entry, Ledger)] = []
  private var timers: [Machine.Timer: Int] = [:]

  static func plan(
    hasDropSensor: Bool = true, confirmKey: String = "#",
    unsure: Outcome.UnsureChoice = .refund, capacity: Int? = nil
  ) -> Plan {
    var policy = Plan.Policy()
    policy.confirmKey = confirmKey
    policy.unsure = unsure
    func lane(_ code: String, _ name: String, _ fen: Int64) -> Plan.Lane {
      Plan.Lane(
        code: code, channel: "r\(code)", name: name, price: Amount(fen: fen),
        pulse: .milliseconds(700), capacity: capacity)
    }
    return Plan(
      machine: "test", lanes: [lane("1", "Water", 435), lane("12", "Tea", 600)], policy: policy,
      hasDropSensor: hasDropSensor)
  }

  static let water = Screen.Product(lane: "1", name: "Water", price: Amount(fen: 435))
  static let tea = Screen.Product(lane: "12", name: "Tea", price: Amount(fen: 600))

  init(_ plan: Plan = plan(), ledger: Ledger = Ledger()) {
    machine = Machine(plan: plan, ledger: ledger, nonce: 42)
    self.ledger = ledger
    hear(.started)
  }

  // MARK: Saying things

  mutating func hear(_ event: Machine.Event) {
    carry(machine.handle(event, at: Moment(instant: now, wallTime: wall, random: random)))
    if !holdsDisk { sync() }
  }

  mutating func press(_ keys: String...) { for key in keys { hear(.keyPressed(key)) } }

  /// Fires a timer that is armed, if it is.
  mutating func fire(_ timer: Machine.Timer, after delay: Duration = .seconds(1)) {
    now = now + delay
    wall = wall + delay
    guard let generation = timers.removeValue(forKey: timer) else {
      Issue.record("\(timer) is not armed")
      return
    }
    hear(.timerFired(timer, generation: generation))
  }

  mutating func sync() {
    while !writing.isEmpty {
      let (entry, ledger) = writing.removeFirst()
      journal.append(entry)
      self.ledger = ledger
      carry(
        machine.handle(.recorded, at: Moment(instant: now, wallTime: wall, random: random)))
    }
  }

  mutating func forget() { effects = [] }

  /// Timers that are armed, in a fixed order.
  var armed: [Machine.Timer] { Machine.Timer.allCases.filter { timers[$0] != nil } }

  /// Entries that are on their way to the disk.
  var unsynced: Int { writing.count }

  func isArmed(_ timer: Machine.Timer) -> Bool { timers[timer] != nil }

  /// Power fails and comes back, `away` later: another run with another nonce.
  mutating func restart(away: Duration = .seconds(5)) {
    let plan = machine.plan
    var next = Conversation(plan, ledger: ledger)
    next.machine = Machine(plan: plan, ledger: ledger, nonce: 43)
    next.journal = journal
    next.wall = wall + away
    next.effects = []
    next.hear(.started)
    self = next
  }

  private mutating func carry(_ effects: [Machine.Effect]) {
    for effect in effects {
      switch effect {
      case .record(let entry, let ledger): writing.append((entry, ledger))
      case .show(let screen): self.screen = screen
      case .arm(let timer, let generation, _): timers[timer] = generation
      case .disarm(let timer): timers[timer] = nil
      case .open, .askStatus, .askPermit, .settle, .cancel, .probe, .pulse, .testPulse, .stopped,
        .trialEnded, .checkCode:
        break
      }
      self.effects.append(effect)
    }
  }

  // MARK: The way through a sale

  var number: OrderNumber {
    OrderNumber(
      machine: "test", at: WallTime(seconds: 1_800_000_000), random: random)
  }

  var payment: Payment {
    Payment(
      order: number, total: Amount(fen: 435), currency: "CNY", transaction: "T", paidAt: nil)
  }

  var pulses: Int {
    effects.count { if case .pulse = $0 { true } else { false } }
  }

  static func opening() -> Conversation {
    var talk = Conversation()
    talk.press("1", "#")
    return talk
  }

  static func paying(_ plan: Plan = plan()) -> Conversation {
    var talk = Conversation(plan)
    talk.press("1", "#")
    talk.hear(.openAnswered(talk.number, .opened(codeURL: "weixin://a")))
    return talk
  }

  static func pulsing(_ plan: Plan = plan()) -> Conversation {
    var talk = paying(plan)
    talk.hear(.statusAnswered(talk.number, .paid(talk.payment, isPermitted: true)))
    return talk
  }

  static func watching(_ plan: Plan = plan()) -> Conversation {
    var talk = pulsing(plan)
    talk.hear(.pulseEnded(talk.number))
    return talk
  }

  static func closing() -> Conversation {
    var talk = paying()
    talk.press("*")
    return talk
  }
}

extension Doubt {
  static let silence = Doubt(.timeout, "no answer")
}
