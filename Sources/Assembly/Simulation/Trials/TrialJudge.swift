internal import Control
internal import Money
internal import PaymentPlatform
internal import Timing

/// Judges a trial by its evidence alone; it knows what the design promises, and nothing of how the
/// daemon keeps it.
struct TrialJudge {
  /// What became of an order.
  enum Ending: String, CaseIterable {
    case delivered, refunded
    /// Refunded by the policy for what nobody can know, though the product fell.
    case refundedUnsure = "refunded-unsure"
    case unpaid
    case openCase = "open-case"
    /// None of these: a violation.
    case lost
  }

  private let evidence: TrialEvidence
  private(set) var violations: [TrialViolation] = []
  private(set) var endings: [Ending] = []

  init(_ evidence: TrialEvidence) {
    self.evidence = evidence
    judge()
  }

  private mutating func judge() {
    for words in evidence.trouble { object("I10", words) }
    judgeCabinet()
    for order in evidence.orders { judge(order) }
    judgeBook()
    judgeBothBooks()
    judgeSums()
    judgeDisplay()
    violations += TrialStory(evidence).violations
    judgeBehaviour()
  }

  private mutating func object(_ invariant: String, _ words: String) {
    violations.append(TrialViolation(invariant, words))
  }

  // MARK: The cabinet

  private mutating func judgeCabinet() {
    let paid = evidence.orders.compactMap(\.payment)
    if evidence.pulses > paid.count {
      let words = "\(evidence.pulses) pulses of \(evidence.lane.channel), \(paid.count) payments"
      object(paid.isEmpty ? "I2" : "I1", words)
    }
    if evidence.fallen > paid.count {
      object("I2", "\(evidence.fallen) products fell, \(paid.count) were paid")
    }
    for event in evidence.events {
      switch event {
      case .relayOn(let channel, let at): relayWentOn(channel, at, paid)
      case .relayOff(let channel, let time, _) where time > evidence.relayCap + Self.readSlack:
        object("I7", "\(channel) was on for \(time.wholeMilliseconds) ms")
      case .productFell(let channel, _) where channel != evidence.lane.channel:
        object("I2", "a product of \(channel) fell, which nobody keyed")
      case .relayOff, .productFell, .keyDown, .keyUp, .laneTurned, .doorMoved, .displayWritten,
        .displayPainted, .displayLit, .displayUnplugged, .displayPlugged, .linesTaken,
        .linesReleased, .displayTaken, .displayReleased:
        break
      }
    }
    if !evidence.relaysOn.isEmpty { object("I7", "still on: \(evidence.relaysOn)") }
    if evidence.showsCode { object("I8", "a code is on the display of a machine at rest") }
  }

  /// A busy computer may be late to see a wire move.
  private static let readSlack = Duration.milliseconds(500)

  private mutating func relayWentOn(
    _ channel: String, _ at: Instant, _ paid: [PlatformOrder.Payment]
  ) {
    if channel != evidence.lane.channel { return object("I2", "\(channel) on, nobody keyed it") }
    let moment = evidence.platformClock.wallTime(at: at)
    // The platform's clock has milliseconds.
    if !paid.contains(where: { $0.paidAt <= moment + .milliseconds(2) }) {
      object("I2", "\(channel) went on before anything was paid")
    }
  }

  // MARK: Orders

  private mutating func judge(_ order: PlatformOrder) {
    let book = evidence.listed.first { $0.number == order.number }
    if order.total != evidence.lane.price || order.title != evidence.lane.name {
      object("I5", "\(order.number): the platform was asked for \(order.title), \(order.total)")
    }
    if let book, book.amountFen != order.total.fen || book.lane != evidence.lane.code {
      object("I5", "\(order.number): the book has \(book.lane), \(book.amountFen) fen")
    }
    if book == nil { object("I3", "\(order.number): no book knows it") }
    let ending = ending(of: order)
    endings.append(ending)
    let theirs = evidence.service.map { $0[order.number]?.state ?? "nothing" }
    let words =
      "\(order.number): \(book?.state ?? "nothing") in the book, "
      + (theirs.map { "\($0) in the service's, " } ?? "") + "\(order.state.rawValue) and "
      + "\(order.refunds.map { "\($0.status.rawValue) \($0.amount)" }) at the platform, "
      + "\(evidence.fallen) fell"
    if ending == .lost { object("I3", words) }
    if order.refunds.count > 1 || order.refunded > order.total { object("I3", words) }
  }

  private func ending(of order: PlatformOrder) -> Ending {
    let isOpen = evidence.openOrders.contains { $0.number == order.number }
    let isBack = order.payment != nil && order.refunded == order.total
    switch (order.payment, evidence.state(of: order.number)) {
    case (nil, "closed") where order.state == .closed: return .unpaid
    case (nil, "notOpened"): return .unpaid
    // A sensor saw it, or there is none and the pulse was whole.
    case (.some, "delivered") where order.refunds.isEmpty && evidence.fallen > 0: return .delivered
    case (.some, "refunded") where isBack:
      if evidence.fallen == 0 { return .refunded }
      return isUnsure(order.number) ? .refundedUnsure : .lost
    case (.some, _) where isOpen: return .openCase
    default: return .lost
    }
  }

  /// Whether the journal's verdict was that nobody can know; after a verdict of a drop no money
  /// goes back (I4).
  private func isUnsure(_ number: String) -> Bool {
    let verdicts = evidence.histories[number, default: []].filter { $0.kind == "verdict" }
    return verdicts.count == 1 && verdicts.allSatisfy { $0.body.contains("unsure") }
  }

  /// Every order of the book is one of the platform's, or never reached it.
  private mutating func judgeBook() {
    for book in evidence.listed where !evidence.orders.contains(where: { $0.number == book.number })
    {
      if book.state == "notOpened" || book.state == "closed" {
        endings.append(.unpaid)
      } else if !evidence.openOrders.contains(where: { $0.number == book.number }) {
        object("I3", "\(book.number) is \(book.state) in the book, and unknown to the platform")
      }
    }
    for open in evidence.openOrders where open.state != "held" {
      object("I10", "\(open.number) is still \(open.state) at rest")
    }
  }

  /// What the board's journal and the service's book say of one order must fit together.
  private mutating func judgeBothBooks() {
    guard let service = evidence.service else { return }
    for order in evidence.orders where service[order.number] == nil {
      object("I3", "\(order.number): the service does not know it")
    }
    for board in evidence.listed {
      guard let theirs = service[board.number] else {
        // It never got there; then nothing may have come of it.
        if board.state != "closed" {
          object("I3", "\(board.number) is \(board.state) at the board, unknown at the service")
        }
        continue
      }
      if theirs.amountFen != board.amountFen || theirs.lane != board.lane {
        object("I5", "\(board.number): the service has \(theirs.lane), \(theirs.amountFen) fen")
      }
      if !Self.fit(board.state, theirs.state) {
        object("I3", "\(board.number): \(board.state) at the board, \(theirs.state) there")
      }
    }
  }

  /// Whether the two words for an order at rest fit together.
  private static func fit(_ board: String, _ service: String) -> Bool {
    switch board {
    case "delivered": service == "delivered"
    case "refundAtService": ["refunded", "held"].contains(service)
    case "heldAtService": service == "held"
    // Ended before anything was dispensed; what was paid all the same went back.
    case "closed": ["notOpened", "closed", "refunded", "held"].contains(service)
    default: false
    }
  }

  private mutating func judgeSums() {
    guard let sums = evidence.sums else { return }
    if sums.paid != sums.refunded + sums.delivered + sums.heldOpen {
      object(
        "I11",
        "paid \(sums.paid), refunded \(sums.refunded), delivered \(sums.delivered), "
          + "open \(sums.heldOpen)")
    }
  }

  // MARK: The display

  /// Within so long a panel that came back shows the present screen.
  private static let darkLimit = Duration.seconds(3)

  private mutating func judgeDisplay() {
    guard let pull = evidence.pull, pull.pulledAt != nil else { return }
    guard let dark = pull.darkTime else {
      return object("behaviour", "the display came back, and nothing was shown on it")
    }
    if dark > Self.darkLimit {
      object("behaviour", "the display was dark for \(dark.wholeMilliseconds) ms")
    }
    // Without a display no order can be paid: whatever code comes back is a dead one.
    if let code = evidence.firstCode, !isLive(code, at: pull.lightAt) {
      object("I8", "the display came back with a code that nobody should pay: \(code)")
    }
  }

  /// Whether a code's order could be paid at a moment.
  private func isLive(_ code: String, at moment: Instant?) -> Bool {
    guard let moment,
      let order = evidence.orders.first(where: { $0.codes.contains { $0.url == code } })
    else { return false }
    let now = evidence.platformClock.wallTime(at: moment)
    let end = evidence.platformEvents.first { $0.order == order.number && $0.kind == .closed }?.at
    return end.map { now < $0 } ?? true
  }

  // MARK: Behaviour

  /// What is safe may still be wrong: an interrupted call is no failure, and a network that fails
  /// no reason to end.
  private mutating func judgeBehaviour() {
    for exit in evidence.exits {
      switch exit {
      case .signal(let signal) where signal == 9 && mayBeKilled: break
      case .status(let code) where mayEnd && [74, 75].contains(code): break
      case .signal, .status: object("behaviour", "the \(victim) ended: \(exit)")
      }
    }
    for exit in evidence.strayExits {
      object("behaviour", "a process ended that was not struck: \(exit)")
    }
    if evidence.exits.count > (mayBeKilled ? 1 : 3) {
      object("behaviour", "\(evidence.exits.count) times the \(victim) ended")
    }
    guard mustNotBeFelt else { return }
    let wanted: Set<Ending> =
      switch evidence.trial.sale {
      case .sale: [.delivered]
      case .jam: [.refunded]
      case .cancel: [.unpaid]
      case .late: [.unpaid, .delivered, .refunded]
      }
    if endings.count != 1 || !wanted.contains(endings[0]) {
      object("behaviour", "the customer felt it: \(endings.map(\.rawValue))")
    }
  }

  private var victim: String { evidence.trial.victim == .board ? "daemon" : "service" }

  private var mayBeKilled: Bool {
    if case .call(let strike) = evidence.trial.fault { strike.blow == .kill } else { false }
  }

  /// A disk that fails ends the daemon: what is on it is not known any more.
  private var mayEnd: Bool {
    guard case .call(let strike) = evidence.trial.fault else { return false }
    switch strike.blow {
    case .EIO, .ENOSPC: return true
    // There is no way to sync a transaction's file again without the transaction.
    case .EINTR: return ["fsync", "fdatasync"].contains(evidence.struckName)
    case .kill, .ECONNRESET, .ENODEV: return false
    }
  }

  /// Whether the customer must not have noticed: nothing was struck, or only interrupted.
  private var mustNotBeFelt: Bool {
    guard evidence.trial.phase == .sale else { return false }
    guard case .call(let strike) = evidence.trial.fault else { return !evidence.isStruck }
    return !evidence.isStruck || (strike.blow == .EINTR && !mayEnd)
  }
}
