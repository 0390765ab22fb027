internal import Audit
internal import Core
internal import Ordering
internal import Timing
internal import Vending

/// A story that is always the same, for the enumeration of all crashes in it.
public enum Script: String, Sendable, CaseIterable {
  /// Chosen, paid, dropped, settled.
  case vend
  /// The same without a sensor, where the policy counts an unsure order as delivered.
  case vendAssumed
  /// The same where the policy holds an unsure order for a person.
  case vendHeld
  /// Paid, but nothing falls: the money goes back.
  case refund
  /// Cancelled at the keypad.
  case cancel
  /// Nobody pays until the code's time is over.
  case expiry
  /// Paid in an open cashier after the order was closed.
  case paidAfterClose
  /// The same, as late as after two restarts.
  case paidLongAfterClose
}

/// What a power cut leaves of the writes that it meets.
struct CrashImage: Hashable, Sendable {
  /// Of a write on its way: none of it, all of it, or a torn half that is cut off.
  enum Fate: Int, Hashable, Sendable, CaseIterable { case absent, whole, torn }

  var journal = Fate.absent
  /// Which of the book's commits that no sync has followed are on the platters, a bit each.
  var unsynced = 0
  var book = Fate.absent

  /// Every image of a moment.
  static func all(of moment: InFlight) -> [CrashImage] {
    var images: [CrashImage] = []
    for journal in moment.journal ? Fate.allCases : [.absent] {
      for unsynced in 0..<(1 << moment.unsynced) {
        for book in moment.book ? Fate.allCases : [.absent] {
          images.append(CrashImage(journal: journal, unsynced: unsynced, book: book))
        }
      }
    }
    return images
  }

  /// How many of `count` commits are there: a chain ends at its first gap.
  func kept(of count: Int) -> Int {
    var kept = 0
    while kept < count, unsynced >> kept & 1 == 1 { kept += 1 }
    return kept
  }
}

/// What is on its way to the disks between two steps.
struct InFlight: Hashable, Sendable {
  var journal: Bool
  var unsynced: Int
  var book: Bool
}

/// The one power cut that an enumeration has planned.
struct PlannedCrash: Sendable {
  var step: Int
  var image: CrashImage
}

extension World {
  /// Between any two things that the machine, the core or the world do; false when power fails
  /// here.
  func boundary() -> Bool {
    guard isEnumerating, isRunning else { return true }
    let step = moments.count
    moments.append(
      InFlight(
        journal: writing != nil, unsynced: book.unsyncedCount, book: bookWriting != nil))
    guard let planned = plannedCrash, planned.step == step else { return true }
    plannedCrash = nil
    image = planned.image
    cutPower(for: .seconds(2))
    image = nil
    return false
  }

  /// A world that goes on from here; only between two runs of the board, when power is off.
  func fork() -> World {
    precondition(!isRunning && core == nil, "a run of the board cannot be copied, only its remains")
    let world = World(settings)
    (world.weather, world.dice, world.now, world.agenda) = (weather, dice, now, agenda)
    (world.fired, world.story, world.trace) = (fired, story, trace)
    (world.auditor, world.violations, world.plan) = (auditor, violations, plan)
    (world.run, world.starts, world.journal, world.book) = (run, starts, journal, book)
    (world.countedPaid, world.till, world.cabinet) = (countedPaid, till, cabinet)
    (world.glass, world.people, world.isEnumerating) = (glass, people, isEnumerating)
    return world
  }

  /// Everything that outlives a power cut, in one number: equal remains have equal futures.
  var remains: Int {
    var hasher = Hasher()
    hasher.combine(now)
    hasher.combine(journal.length)
    hasher.combine(journal.ledger)
    hasher.combine(book.orders.values)
    for number in till.numbers { hasher.combine(till.account(number)) }
    hasher.combine(auditor)
    hasher.combine(cabinet.onLane)
    hasher.combine(cabinet.dispensing)
    hasher.combine(cabinet.present)
    hasher.combine(glass.code)
    hasher.combine(glass.picture)
    hasher.combine(countedPaid)
    hasher.combine(people.digits)
    hasher.combine(people.left)
    hasher.combine(people.customer)
    agenda.hash(into: &hasher)
    return hasher.finalize()
  }

  /// What the one customer of a script does before the code.
  func follow(_ script: Script, _ code: String, _ payer: Int) {
    agenda.drop { $0 == .customerLeaves }
    agenda.arrange(.customerLeaves, at: now + .seconds(20))
    switch script {
    case .vend, .vendAssumed, .vendHeld, .refund:
      agenda.arrange(.scans(codeURL: code, payer: payer), at: now + .milliseconds(500))
    case .cancel:
      agenda.arrange(.key(plan.policy.cancelKey), at: now + .milliseconds(1500))
    case .expiry: break
    case .paidAfterClose, .paidLongAfterClose:
      agenda.arrange(.scans(codeURL: code, payer: payer), at: now + .milliseconds(300))
      agenda.arrange(.key(plan.policy.cancelKey), at: now + .milliseconds(1500))
    }
  }
}

extension World.Settings {
  /// A calm world with one customer who follows a script.
  init(script: Script) {
    self.init(seed: 1, hasBytes: false)
    (weather, customers, self.script) = (.calm, 1, script)
    policy = Plan.Policy()
    hasDropSensor = true
    switch script {
    case .vend, .refund, .cancel, .paidAfterClose, .paidLongAfterClose: break
    case .vendAssumed: (policy.unsure, hasDropSensor) = (.assumeDelivered, false)
    case .vendHeld: policy.unsure = .hold
    case .expiry: policy.paymentTimeout = .seconds(4)
    }
  }
}
