public import Audit
internal import Core
internal import Money
internal import Ordering
internal import PaymentPlatform
internal import Timing
internal import Vending

/// What a world came to.
public struct Ending: Sendable {
  /// The seed that tells it again.
  public var seed: UInt64
  public var hasBytes: Bool
  /// Whether what board and service said passed through its text.
  public var codesCalls: Bool
  /// Sales that began.
  public var vends: Int
  /// Starts of the board after the first.
  public var crashes: Int
  public var fired: FaultCounts
  public var violations: [Violation]
  /// Orders of which a person was told and that nobody decided.
  public var openCases: Int
  /// All that happened, in one number.
  public var trace: UInt64
  /// The story, when it was asked for.
  public var story: [String]
}

extension World {
  /// Tells the whole story: people, faults, then rest; and lets the auditor demand an end of all.
  func tell() -> Ending {
    start()
    agenda.arrange(.customerComes, at: now + .seconds(2))
    agenda.arrange(.troubleBrews, at: now + dice.milliseconds(1000..<20_000))
    // A world that nobody buys in any more, since every lane is closed, still ends.
    let close = now + .seconds(Int64(settings.customers) * 400)
    while people.left > 0 || people.customer != nil, now < close, violations.isEmpty {
      go(until: now + .seconds(30))
    }
    settle()
    return ending()
  }

  /// Everything that a world came to.
  func ending() -> Ending {
    defer { letGo() }
    return Ending(
      seed: settings.seed, hasBytes: settings.hasBytes,
      codesCalls: settings.codesCalls, vends: people.begun.count, crashes: max(0, starts - 1),
      fired: fired, violations: violations,
      openCases: auditor.openCases, trace: trace, story: story ?? [])
  }

  /// Ends the circle of world, core and wire.
  func letGo() {
    core = nil
    wire = nil
  }

  /// Faults stop, what is broken is mended, and everything comes to rest.
  func settle() {
    guard violations.isEmpty else { return }
    note("FAULTS STOP")
    mendEverything()
    witness(.faultsStopped)
    let bound = now + .seconds(4 * 3600)
    while violations.isEmpty, now < bound, !isAtRest { go(until: now + .seconds(20)) }
    guard violations.isEmpty else { return }
    if !isAtRest { note("NOT AT REST: \(unrest)") }
    let found = auditor.finish(at: now, books: books)
    violations += found
    if !found.isEmpty { note("VIOLATION \(found)") }
  }

  func mendEverything() {
    isSettling = true
    weather.isStormy = false
    outage = nil
    if settings.core == .service { mendService() }
    fuse = nil
    coreFuse = nil
    people.left = 0
    agenda.drop {
      switch $0 {
      case .service(.processEnds), .troubleBrews, .powerFails, .killed, .scans, .repaired,
        .technicianComes, .customerComes:
        true
      default: false
      }
    }
    clockErrorMilliseconds = 0
    clockSlew = 0
    setShortOfMoney(false)
    setCloseNotBefore(.zero)
    cabinet.isDoorOpen = false
    for kind in FaultKind.allCases where cabinet.broken.contains(kind) { mendPart(kind) }
    if let lane = cabinet.stuckLane { relayFreed(lane) }
    handle(.faultCleared(.doorOpen, subject: ""))
    if diskTrouble != nil {
      let wasDamaged = diskTrouble == .damaged
      diskTrouble = nil
      if wasDamaged {
        witness(.journalMended)
        if isRunning {
          releaseLines()
          leaveBoard(keepsUnsynced: true)
        }
        agenda.drop { $0 == .powerReturns }
        agenda.arrange(.powerReturns, at: now + .seconds(5))
      }
    }
    if people.isTechnicianThere { technicianLeaves() }
  }

  /// Why the world does not come to rest, for a person.
  private var unrest: String {
    let duty = core?.nextDuty.map { "\($0 - now)" } ?? "none"
    return "running \(isRunning), books \(booksAreOpen), asking \(isAsking), "
      + "\(machine.stateName), \(machine.ledger.obligations.count) obligations, duty in \(duty), "
      + "stopper \(machine.stopper?.code.rawValue ?? "none")"
  }

  /// Whether nothing is left to do.
  var isAtRest: Bool {
    guard isRunning, booksAreOpen, !isAsking, writing == nil, firstQuestion == questions.count,
      machine.sale == nil, machine.ledger.obligations.isEmpty,
      !machine.faults.stands(.journalUnwritable)
    else { return false }
    if settings.core == .service {
      return service.turns.isEmpty && service.noticesUnderWay == 0
        && service.store.nextDue == nil && service.line.held == nil
    }
    guard let core, core.nextDuty == nil else { return false }
    return core.failure == nil
  }

  /// What each book says of the money.
  var books: Auditor.Books {
    var books = Auditor.Books()
    books.soldByMachine = machine.ledger.counters.value
    var delivered = Amount.zero
    for order in book.orders.values where order.state == .delivered {
      delivered += order.request.amount
    }
    delivered += service.store.delivered
    books.deliveredByCore = delivered
    var received = Amount.zero
    var returned = Amount.zero
    for number in till.numbers {
      received += till.account(number)?.received ?? .zero
      returned += till.account(number)?.returned ?? .zero
    }
    for order in bytes?.platform.orders ?? [] {
      if order.payment != nil { received += order.total }
      for refund in order.refunds { returned += refund.amount }
    }
    books.receivedByProvider = received
    books.returnedByProvider = returned
    return books
  }
}
