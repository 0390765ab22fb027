import Glibc
import Ordering
import Testing
import Timing
import Vending

/// Every sequence of events up to a length, from every state of a sale.
///
/// The core in here may lie and contradict itself; what must hold all the same is what the machine
/// alone answers for: one pulse, after the intent is on the disk, after a permit; and no code on a
/// screen of a machine that does not wait for money.
@Suite struct ExhaustiveTests {
  /// How long sequences are: what a test run can bear, or `VEND_SEQUENCE_LENGTH`.
  static var length: Int {
    getenv("VEND_SEQUENCE_LENGTH").flatMap { Int(String(cString: $0)) } ?? 5
  }

  struct Node: Hashable {
    var machine: Machine
    var journal: [Entry]
    var unsynced: Int
    var hasPermit: Bool
    var pulses: Int
    var screen: Screen
  }

  /// A conversation and what its relay did, power cuts included.
  struct Walk {
    var talk: Conversation
    var hasPermit = false
    var pulses = 0

    var node: Node {
      Node(
        machine: talk.machine, journal: talk.journal, unsynced: talk.unsynced,
        hasPermit: hasPermit, pulses: pulses, screen: talk.screen)
    }
  }

  enum Letter: String, CaseIterable {
    case cancelKey, digit, confirm, disk, opened, openUnknown, openRefused, paidPermitted, paid
    case pending, statusUnknown, statusClosed, granted, permitUnknown, permitElsewhere
    case closed, paidBeforeClose, closeUnknown, permittedBefore
    case pulseEnded, pulseRefused, drop, accepted, settleUnknown
    case timers, power, stop, doorOpen, doorClosed, lock, unlock
  }

  static func say(_ letter: Letter, to walk: inout Walk) {
    let number = walk.talk.number
    let payment = walk.talk.payment
    func hear(_ event: Machine.Event) { walk.talk.hear(event) }
    switch letter {
    case .cancelKey: hear(.keyPressed("*"))
    case .digit: hear(.keyPressed("1"))
    case .confirm:
      // One order number is followed; a second sale would be another story.
      if walk.talk.journal.isEmpty { hear(.keyPressed("#")) }
    case .disk: walk.talk.sync()
    case .opened: hear(.openAnswered(number, .opened(codeURL: "x")))
    case .openUnknown: hear(.openAnswered(number, .unknown(.silence)))
    case .openRefused:
      hear(.openAnswered(number, .refused(Refusal(code: "", words: "", reaction: .newNumber))))
    case .paidPermitted:
      walk.hasPermit = true
      hear(.statusAnswered(number, .paid(payment, isPermitted: true)))
    case .paid: hear(.statusAnswered(number, .paid(payment, isPermitted: false)))
    case .pending: hear(.statusAnswered(number, .pending))
    case .statusUnknown: hear(.statusAnswered(number, .unknown(.silence)))
    case .statusClosed: hear(.statusAnswered(number, .closed))
    case .granted:
      walk.hasPermit = true
      hear(.permitAnswered(number, .granted(payment)))
    case .permitUnknown: hear(.permitAnswered(number, .unknown(.silence)))
    case .permitElsewhere: hear(.permitAnswered(number, .tooLate(.permitted)))
    case .closed: hear(.cancelAnswered(number, .closed))
    case .paidBeforeClose: hear(.cancelAnswered(number, .alreadyPaid(payment)))
    case .closeUnknown: hear(.cancelAnswered(number, .unknown(.silence)))
    case .permittedBefore: hear(.cancelAnswered(number, .tooLate(.permitted)))
    case .pulseEnded: hear(.pulseEnded(number))
    case .pulseRefused: hear(.pulseRefused(number, ""))
    case .drop: hear(.dropSensed)
    case .accepted: hear(.settleAnswered(number, .accepted))
    case .settleUnknown: hear(.settleAnswered(number, .unknown(.silence)))
    case .timers:
      for timer in walk.talk.armed where walk.talk.isArmed(timer) {
        walk.talk.fire(timer, after: .zero)
      }
    case .power:
      walk.talk.restart(away: .zero)
      walk.talk.holdsDisk = true
    case .stop: hear(.stopAsked)
    case .doorOpen: hear(.faultRaised(Fault(.doorOpen)))
    case .doorClosed: hear(.faultCleared(.doorOpen, subject: ""))
    case .lock: hear(.serviceAsked(locked: true))
    case .unlock: hear(.serviceAsked(locked: false))
    }
  }

  /// What is wrong after a step; nil when nothing is.
  static func judge(_ walk: inout Walk) -> String? {
    let talk = walk.talk
    var settled: [Entry] = []
    for effect in talk.effects {
      switch effect {
      case .pulse(let number, _):
        walk.pulses += 1
        if !walk.hasPermit { return "a pulse without a permit" }
        let hasIntent = talk.journal.contains {
          if case .intent(number, _) = $0 { true } else { false }
        }
        if !hasIntent { return "a pulse before its intent is on the disk" }
      case .settle(let number, let outcome): settled.append(.verdict(number, outcome))
      case .record, .show, .open, .askStatus, .askPermit, .cancel, .probe, .testPulse, .arm,
        .disarm, .stopped, .trialEnded, .checkCode:
        break
      }
    }
    walk.talk.forget()
    if walk.pulses > 1 { return "a second pulse" }
    if let early = settled.first(where: { !talk.journal.contains($0) }) {
      return "\(early) is told before it is on the disk"
    }
    if talk.unsynced > 1 { return "two entries on their way" }
    let strays = Set(talk.armed).subtracting(timers(of: talk.machine.state))
    if !strays.isEmpty { return "\(strays) armed in \(talk.machine.state)" }
    if case .payment = talk.screen {
      guard case .awaitingPayment = talk.machine.state else { return "a code on the screen" }
      if talk.machine.stopper != nil { return "a code on the screen of a machine with a fault" }
    }
    return nil
  }

  /// The timers that a state may have armed: whatever else fires would find nothing to do.
  static func timers(of state: Machine.State) -> Set<Machine.Timer> {
    let own: Set<Machine.Timer> =
      switch state {
      case .idle, .beginning, .intending, .pulsing, .judging, .ending: []
      case .selecting: [.selection]
      case .opening: [.open, .poll]
      case .awaitingPayment(_, let qr): qr.isAsking ? [.countdown] : [.countdown, .poll]
      case .closing: [.cancel]
      case .permitting: [.permit]
      case .watching: [.drop]
      case .message: [.message, .poll]
      }
    return own.union([.obligation, .probe, .stop])
  }

  static let beginnings: [(String, [Letter])] = [
    ("idle", []),
    ("beginning", [.digit, .confirm]),
    ("opening", [.digit, .confirm, .disk]),
    ("paying", [.digit, .confirm, .disk, .opened]),
    ("closing", [.digit, .confirm, .disk, .opened, .cancelKey]),
    ("permitting", [.digit, .confirm, .disk, .opened, .paid]),
    ("intending", [.digit, .confirm, .disk, .opened, .paidPermitted]),
    ("pulsing", [.digit, .confirm, .disk, .opened, .paidPermitted, .disk]),
    ("watching", [.digit, .confirm, .disk, .opened, .paidPermitted, .disk, .pulseEnded]),
    ("judging", [.digit, .confirm, .disk, .opened, .paidPermitted, .disk, .pulseEnded, .timers]),
  ]

  @Test func noSequenceOfEventsPulsesTwiceOrUnpermittedOrUnwritten() {
    var steps = 0
    for (name, letters) in Self.beginnings {
      var talk = Conversation()
      talk.holdsDisk = true
      var start = Walk(talk: talk)
      for letter in letters { Self.say(letter, to: &start) }
      if let problem = Self.judge(&start) { Issue.record("\(name): \(problem)") }
      var frontier: [(Walk, [Letter])] = [(start, [])]
      var seen: Set<Node> = [start.node]
      for depth in 0..<Self.length {
        var next: [(Walk, [Letter])] = []
        for (walk, path) in frontier {
          for letter in Letter.allCases {
            steps += 1
            var after = walk
            Self.say(letter, to: &after)
            let isDeaf =
              after.talk.effects.isEmpty && after.talk.machine == walk.talk.machine
              && after.hasPermit == walk.hasPermit
            if isDeaf { continue }
            if let problem = Self.judge(&after) {
              Issue.record("\(name), then \(path + [letter]): \(problem)")
              return
            }
            guard seen.insert(after.node).inserted, depth + 1 < Self.length else { continue }
            next.append((after, path + [letter]))
          }
        }
        frontier = next
      }
    }
    #expect(steps > 100_000)
    print("machine: \(steps) steps, every sequence of \(Self.length) events from each state")
  }
}
