internal import Audit
internal import Core
internal import Ordering
internal import Storage
internal import Timing
internal import Vending

/// A question on its way to the core's worker.
enum Question: Hashable, Sendable {
  case open(OrderRequest)
  case status(OrderNumber, UInt64?)
  case permit(OrderNumber, UInt64)
  case settle(OrderNumber, Outcome)
  case cancel(OrderNumber)
  case probe
  case duties
  case catchUp
  case decide(OrderNumber, delivered: Bool)
  /// A heartbeat that the board makes by itself.
  case beat(isRepetition: Bool)
}

/// The core's worker: one question after the other, as `CoreDesk` has it.
extension World {
  func ask(_ question: Question) {
    // Without books nothing is asked: the journal's fault stops selling.
    guard booksAreOpen else { return }
    if settings.core == .service { return askService(question) }
    questions.append(question)
  }

  /// The worker takes its next question.
  func askNext() {
    while isRunning, !isAsking, firstQuestion < questions.count, violations.isEmpty {
      if let frozenUntil, now < frozenUntil { return }
      let question = questions[firstQuestion]
      firstQuestion += 1
      if firstQuestion == questions.count {
        questions.removeAll(keepingCapacity: true)
        firstQuestion = 0
      }
      if settings.core == .service {
        sendToService(question)
        continue
      }
      guard let core else { return }
      if weather.strikes(.powerCutInCore) {
        coreFuse = weather.chance(.powerCutInCore, below: 14)
      }
      isAsking = true
      let asking = run
      let answer = carry(question, to: core)
      guard asking == run else { continue }
      isAsking = false
      coreFuse = nil
      armDuties(core.nextDuty)
      if let answer { agenda.arrange(.answered(answer), at: now) }
      // As `CoreDesk` has it: when the relay has long been switched on.
      if core.owesSync { agenda.arrange(.catchUpTimer, at: now + .milliseconds(100)) }
    }
  }

  private func carry(_ question: Question, to core: EmbeddedCore) -> Answered? {
    if story != nil { note("core is asked: \(question)") }
    switch question {
    case .open(let request): return .open(request.number, core.open(request))
    case .status(let number, let nonce):
      return .status(number, core.status(number, permit: nonce))
    case .permit(let number, let nonce):
      return .permit(number, core.permit(number, nonce: nonce))
    case .settle(let number, let outcome): return .settle(number, core.settle(number, outcome))
    case .cancel(let number): return .cancel(number, core.cancel(number))
    case .probe: return .probe(core.probe())
    case .duties:
      _ = core.carryOutDuties()
      return .duties
    case .catchUp:
      core.catchUp()
      return .duties
    case .decide(let number, let delivered):
      deciding = (number, delivered)
      _ = core.decide(number, delivered ? .delivered : .refund)
      deciding = nil
      return .duties
    case .beat: return .duties
    }
  }

  private func armDuties(_ instant: Instant?) {
    guard dutyAt != instant else { return }
    dutyAt = instant
    agenda.drop { $0 == .dutyTimer }
    if let instant { agenda.arrange(.dutyTimer, at: max(now, instant)) }
  }

  func dutyTimerFired() {
    dutyAt = nil
    ask(.duties)
  }

  /// The loop hears the worker's answer.
  func answered(_ answer: Answered) {
    let asking = run
    if case .duties = answer {
      if core?.failure != nil { journalFailed() }
      return
    }
    checkClock()
    guard asking == run, isRunning else { return }
    if core?.failure != nil { return journalFailed() }
    repeatAnOldAnswer()
    guard asking == run, isRunning else { return }
    if lastAnswers.count == 12 { lastAnswers.removeFirst() }
    lastAnswers.append(answer)
    hear(answer)
  }

  /// An answer about an older order comes again: it must change nothing in the present sale.
  private func repeatAnOldAnswer() {
    guard weather.strikes(.answerRepeated), let present = machine.sale?.request.number else {
      return
    }
    let others = lastAnswers.filter { $0.number != nil && $0.number != present }
    guard !others.isEmpty else { return }
    let old = others[weather.chance(.answerRepeated, below: others.count)]
    guard let number = old.number else { return }
    fire(.answerRepeated)
    let (state, asking) = (machine.state, run)
    hear(old)
    guard asking == run else { return }
    witness(.staleCame(order: number.text, changedPresent: machine.state != state))
  }

  private func hear(_ answer: Answered) {
    switch answer {
    case .open(let number, let answer): handle(.openAnswered(number, answer))
    case .status(let number, let answer): handle(.statusAnswered(number, answer))
    case .permit(let number, let answer): handle(.permitAnswered(number, answer))
    case .settle(let number, let answer): handle(.settleAnswered(number, answer))
    case .cancel(let number, let answer): handle(.cancelAnswered(number, answer))
    case .probe(let doubt): handle(.probed(doubt))
    case .duties: break
    }
  }
}

extension Answered {
  /// The order that was asked about.
  var number: OrderNumber? {
    switch self {
    case .open(let number, _), .status(let number, _), .permit(let number, _),
      .settle(let number, _), .cancel(let number, _):
      number
    case .probe, .duties: nil
    }
  }
}

/// What the core reaches the outside with, in one run of the board: after that it is dead, and
/// whatever the core still says through it is not heard.
final class Wire: OrderStore, @unchecked Sendable {
  /// Let go by the world when the run ends.
  let world: World
  let run: Int
  private var lookUps = 0

  init(_ world: World, run: Int) { (self.world, self.run) = (world, run) }

  private static let dead = StorageError.io("the process is gone")

  var isAlive: Bool { world.run == run && world.violations.isEmpty }

  var provider: any PaymentProvider {
    world.bytes?.client(of: self) ?? Counter(wire: self)
  }

  var surroundings: Surroundings {
    Surroundings(
      now: { [world] in world.now }, wallTime: { [world] in world.wall },
      chance: { [unowned self] in
        lookUps += 1
        return "\(1_000_000_000 + run % 1000)\(100_000 + lookUps % 100_000)"
      })
  }

  func alarm(_ number: OrderNumber, _ words: String) {
    guard isAlive, world.settings.mistake != .alarmIsDropped else { return }
    world.witness(.caseOpened(order: number.text, words: words))
    world.handle(.faultRaised(Fault(.refundStuck, number.tail)))
  }

  /// Power fails here when the fuse has burnt down; between any two things that the core does.
  func halfStep() -> Bool {
    guard isAlive else { return false }
    if world.isEnumerating { return world.boundary() }
    guard let left = world.coreFuse else { return true }
    world.coreFuse = left - 1
    guard left <= 0 else { return true }
    world.coreFuse = nil
    world.fire(.powerCutInCore)
    world.cutPower(for: world.dice.milliseconds(2000..<90_000))
    return false
  }

  // MARK: The book's disk

  func unfinishedOrders() throws(StorageError) -> [Order] { try world.book.unfinished() }

  func order(_ number: OrderNumber) throws(StorageError) -> Order? {
    guard isAlive else { throw Self.dead }
    return try world.book.order(number)
  }

  func write(
    _ order: Order, _ kind: OrderBook.RecordKind, at time: WallTime,
    durability: RecordStore.Durability
  ) throws(StorageError) {
    // The log has one unsynced commit at most, as the shipped store sees to.
    if durability == .deferred { try sync() }
    guard halfStep() else { throw Self.dead }
    let row = world.settings.hasBytes ? try JSONText.encode(order) : nil
    if world.story != nil { world.note("    book: \(kind.rawValue) \(order.number)") }
    if durability == .synced {
      world.bookWriting = World.BookWriting(order: order, row: row)
      // Caught on its way: the book's log has it, or not; nobody was told (`leaveBoard`).
      guard world.wait(world.syncTime(), asCoreOf: run) else { throw Self.dead }
      world.bookWriting = nil
      if let trouble = world.troubleOfBook() {
        if world.weather.chance(trouble, below: 2) == 0 { keep(order, row, isSynced: true) }
        throw .io(trouble.name)
      }
    }
    keep(order, row, isSynced: durability == .synced)
    guard halfStep() else { throw Self.dead }
  }

  func sync() throws(StorageError) {
    guard isAlive else { throw Self.dead }
    guard world.book.unsyncedCount > 0 else { return }
    guard halfStep(), world.wait(world.syncTime(), asCoreOf: run) else { throw Self.dead }
    if let trouble = world.troubleOfBook() { throw .io(trouble.name) }
    world.book.sync()
  }

  private func keep(_ order: Order, _ row: String?, isSynced: Bool) {
    world.keepInBook(order, row, isSynced: isSynced)
  }
}

extension World {
  /// A commit of the book that is on its way to the platters.
  struct BookWriting: Sendable {
    var order: Order
    var row: String?
  }

  /// A commit of the book is in its log.
  func keepInBook(_ order: Order, _ row: String?, isSynced: Bool) {
    book.keep(order, row: row, isSynced: isSynced)
    if let deciding, deciding.number == order.number {
      witness(.personDecided(order: order.number.text, delivered: deciding.delivered))
    }
    tellOfBook(order)
  }

  /// What a book's new record says of the money.
  func tellOfBook(_ order: Order) {
    guard let payment = order.payment else { return }
    switch order.state {
    case .paid, .permitted:
      guard countedPaid.insert(order.number).inserted else { return }
      witness(.countedPaid(order: order.number.text, amount: payment.total))
    case .held:
      // Of a sum that was a lie the book can only have the lie.
      guard !liedAbout.contains(order.number) else { return }
      witness(.held(order: order.number.text, amount: payment.total))
    case .opening, .notOpened, .open, .closing, .closed, .delivered, .refundOwed, .refunding,
      .refunded:
      return
    }
  }
}
