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

/// Who is struck: the board by a power cut; of a service a process, or its database, by a kill.
enum Victim: String, Hashable, Sendable, CaseIterable { case board, process, database }

/// What a cut or a kill leaves of the writes that it meets.
struct CrashImage: Hashable, Sendable {
  /// Of a write on its way: none of it, all of it, or a torn half that is cut off.
  enum Fate: Int, Hashable, Sendable, CaseIterable { case absent, whole, torn }

  var victim = Victim.board
  var journal = Fate.absent
  /// Which of the book's commits that no sync has followed are on the platters, a bit each.
  var unsynced = 0
  /// Of a commit on its way to the book, or to the service's database.
  var book = Fate.absent

  /// Every image of a moment.
  static func all(of moment: InFlight) -> [CrashImage] {
    var images: [CrashImage] = []
    for victim in [Victim.process, .database] where moment.service {
      for commit in moment.commit ? [Fate.absent, .whole] : [.absent] {
        images.append(CrashImage(victim: victim, book: commit))
      }
    }
    guard moment.board else { return images }
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

extension CrashImage: CustomStringConvertible {
  var description: String {
    switch victim {
    case .board: "\(journal)-\(unsynced)"
    case .process, .database: "\(victim.rawValue)-\(book)"
    }
  }
}

/// What is on its way to the disks between two steps.
struct InFlight: Hashable, Sendable {
  var journal: Bool
  var unsynced: Int
  var book: Bool
  /// Whether the board can be struck here.
  var board = true
  /// Whether the service can, and whether a commit is on its way to its database.
  var service = false
  var commit = false
}

/// The one power cut that an enumeration has planned.
struct PlannedCrash: Sendable {
  var step: Int
  var image: CrashImage
}

extension World {
  /// Between any two things that the machine, the core or the world do; false when power fails
  /// here.
  ///
  /// A service is struck only between two things that happen in the world: it knows nothing of what
  /// the board does at one and the same time.
  func boundary(strikesService: Bool = false) -> Bool {
    let hasService = strikesService && service.processes.contains(where: \.isUp)
    guard isEnumerating, isRunning || hasService else { return true }
    let step = moments.count
    moments.append(
      InFlight(
        journal: writing != nil, unsynced: book.unsyncedCount, book: bookWriting != nil,
        board: isRunning, service: hasService, commit: service.isCommitting))
    guard let planned = plannedCrash, planned.step == step else { return true }
    plannedCrash = nil
    image = planned.image
    defer { image = nil }
    switch planned.image.victim {
    case .board: cutPower(for: .seconds(2))
    case .process: processFalls(0)
    case .database: databaseFalls(for: .seconds(3))
    }
    return planned.image.victim != .board
  }

  /// A world that goes on from here: only between two runs of the board, when power is off, or
  /// where its core is far away.
  func fork() -> World {
    precondition(core == nil, "a run of an embedded core cannot be copied, only its remains")
    let world = World(settings)
    (world.weather, world.dice, world.now, world.agenda) = (weather, dice, now, agenda)
    (world.fired, world.story, world.trace) = (fired, story, trace)
    (world.auditor, world.violations, world.plan) = (auditor, violations, plan)
    (world.run, world.starts, world.journal, world.book) = (run, starts, journal, book)
    (world.countedPaid, world.till, world.cabinet) = (countedPaid, till, cabinet)
    (world.glass, world.people, world.isEnumerating) = (glass, people, isEnumerating)
    world.service = service
    guard isRunning else { return world }
    (world.isRunning, world.isEnding, world.booksAreOpen) = (isRunning, isEnding, booksAreOpen)
    (world.machine, world.timers, world.writing) = (machine, timers, writing)
    (world.questions, world.firstQuestion, world.isAsking) = (questions, firstQuestion, isAsking)
    (world.lastAnswers, world.skewSeen, world.lockFile) = (lastAnswers, skewSeen, lockFile)
    world.clockRetryIsArmed = clockRetryIsArmed
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
    if settings.core == .service { hashService(into: &hasher) }
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
  init(script: Script, core: PaymentCoreKind = .embedded) {
    self.init(seed: 1, hasBytes: false, core: core)
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
