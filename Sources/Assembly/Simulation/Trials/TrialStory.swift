internal import Audit
internal import Control
internal import Money
internal import PaymentPlatform
internal import Timing

/// A trial's evidence as facts in their order, told to the auditor.
struct TrialStory {
  private var facts: [(at: Instant, fact: Auditor.Fact)] = []
  private let evidence: TrialEvidence
  private(set) var violations: [TrialViolation] = []

  init(_ evidence: TrialEvidence) {
    self.evidence = evidence
    for order in evidence.listed { tell(evidence.histories[order.number, default: []], of: order) }
    for event in evidence.platformEvents { tell(event) }
    for event in evidence.events { tell(event) }
    for life in evidence.lives {
      facts.append((life.at, life.turn == .gone ? .powerFailed : .restarted(sequence: nil)))
    }
    judge()
  }

  // MARK: Facts

  /// The board's journal; its times are of before the sync, by the milliseconds of a wall clock.
  private mutating func tell(_ history: [HistoryLine], of order: OrderSummary) {
    let number = order.number
    for line in history where line.book == "board" {
      let at = evidence.wallClock.instant(of: WallTime(milliseconds: line.atMilliseconds))
      let fact: Auditor.Fact? =
        switch line.kind {
        case "sale-began":
          .selected(order: number, lane: order.lane, price: Self.amount("amount", in: line.body))
        case "cancelling": .cancelling(order: number)
        case "intent":
          .intended(order: number, amount: Self.amount("total", in: line.body))
        case "verdict": Self.verdict(in: line.body).map { .judged(order: number, $0) }
        case "ended-unpaid": .endedUnpaid(order: number)
        case "settled": .settled(order: number)
        case "late-drop": .lateDropNoted(order: number)
        default: .noted
        }
      if let fact { facts.append((at, fact)) }
    }
  }

  /// A number of fen from a record's JSON; nothing is owed to a record that has none.
  static func amount(_ key: String, in body: String) -> Amount {
    guard let range = body.firstRange(of: "\"\(key)\":") else { return .zero }
    return Amount(fen: Int64(body[range.upperBound...].prefix { $0.isNumber }) ?? 0)
  }

  /// The verdict from a record's JSON, such as `{"delivered":{"_0":"dropSensed"}}`.
  static func verdict(in body: String) -> Verdict? {
    func has(_ word: String) -> Bool { body.contains("\"\(word)\"") }
    if has("delivered") {
      return Verdict.Evidence.allCases.first { has($0.rawValue) }.map { .delivered($0) }
    }
    if has("failed") {
      return Verdict.Failure.allCases.first { has($0.rawValue) }.map { .failed($0) }
    }
    guard has("unsure") else { return nil }
    return has("refund") ? .unsureRefund : has("hold") ? .unsureHold : .assumedDelivered
  }

  private mutating func tell(_ event: PlatformEvent) {
    guard let order = evidence.orders.first(where: { $0.number == event.order }) else { return }
    let at = evidence.platformClock.instant(of: event.at)
    switch event.kind {
    case .created:
      let end = order.expiresAt.map { evidence.platformClock.instant(of: $0) }
      facts.append(
        (at, .asked(order: order.number, amount: order.total, payableUntil: end ?? .distantFuture)))
    case .closed: facts.append((at, .closed(order: order.number)))
    case .paid:
      facts.append((at, .paid(order: order.number, amount: order.total, currency: "CNY")))
    case .refundAccepted:
      guard let refund = order.refunds.first else { return }
      facts.append(
        (at, .refunded(order: order.number, refund: refund.number, amount: refund.amount)))
    case .recreated, .queried, .refundQueried, .refundFinished, .scanned, .scanRefused,
      .paymentRefused, .callRefused, .fault, .noticeTaken, .noticeFailed:
      break
    }
  }

  private mutating func tell(_ event: BoardEvent) {
    // One customer, one payment: whatever moves is for that order, or for nobody.
    let order = evidence.orders.last { $0.payment != nil }?.number
    switch event {
    case .relayOn(let channel, let at):
      let lane = channel == evidence.lane.channel ? evidence.lane.code : channel
      facts.append((at, .relayOn(lane: lane, order: order)))
    case .relayOff(let channel, _, let at):
      facts.append(
        (at, .relayOff(lane: channel == evidence.lane.channel ? evidence.lane.code : channel)))
    case .productFell(_, let at):
      facts.append((at, .fell(lane: evidence.lane.code, order: order)))
      if isAlive(at), !wasBlind(at, order) { facts.append((at, .sensed(order: order))) }
    case .linesReleased(_, let at):
      // By a daemon that lives on: its wires are gone, and with them what it knew of the pulse.
      guard let order, isAlive(at + Self.deathNotice) else { return }
      facts.append((at, .pulseDoubted(order: order)))
    case .keyDown, .keyUp, .laneTurned, .doorMoved, .displayWritten, .displayPainted, .displayLit,
      .displayUnplugged, .displayPlugged, .linesTaken, .displayTaken, .displayReleased:
      break
    }
  }

  /// Whether a daemon was there to hear of it.
  private func isAlive(_ at: Instant) -> Bool {
    evidence.lives.last { $0.at <= at }?.turn != .gone
  }

  /// A dead process's wires are seen to go before it is.
  private static let deathNotice = Duration.milliseconds(200)
  /// Wires that are gone are let go by a daemon that has not read them for so long at most.
  private static let blindTime = Duration.seconds(1)

  /// Whether the wires were gone when the product fell, so that nobody could hear of it; a journal
  /// that knows of the drop has heard.
  private func wasBlind(_ at: Instant, _ order: String?) -> Bool {
    let knows = order.map { evidence.histories[$0, default: []] }?.contains {
      $0.kind == "verdict" && Self.verdict(in: $0.body) == .delivered(.dropSensed)
    }
    guard knows != true else { return false }
    return evidence.events.contains { event in
      guard case .linesReleased(_, let gone) = event else { return false }
      return at < gone + Self.blindTime && gone < at + Self.blindTime
        && isAlive(gone + Self.deathNotice)
    }
  }

  // MARK: Judgement

  private mutating func judge() {
    var settings = Auditor.Settings()
    settings.relayCap = evidence.relayCap + .milliseconds(500)
    var auditor = Auditor(settings)
    var found: [Violation] = []
    // Facts of one moment stay in the order of their books: the journal's come first.
    let ordered = facts.enumerated().sorted {
      ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
    }
    for (_, fact) in ordered { found += auditor.witness(fact.fact, at: fact.at) }
    let end = max(evidence.finishedAt, facts.map(\.at).max() ?? .zero)
    let numbers = Set(evidence.listed.map(\.number))
    for order in evidence.openOrders where numbers.contains(order.number) {
      found += auditor.witness(.caseOpened(order: order.number, words: order.note), at: end)
    }
    found += auditor.witness(.faultsStopped, at: end)
    var books = Auditor.Books()
    books.receivedByProvider = evidence.orders.filter { $0.payment != nil }
      .reduce(.zero) { $0 + $1.total }
    books.returnedByProvider = evidence.orders.reduce(.zero) { $0 + $1.refunded }
    found += auditor.finish(at: end, books: books)
    violations = found.map { TrialViolation("\($0.invariant)", "auditor: \($0.words)") }
  }
}
