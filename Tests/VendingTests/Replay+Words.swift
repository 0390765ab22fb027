import EmulatedCore
import Money
import Ordering
import Vending

/// What is seen of the rules, in the model's words.
extension Replay {
  /// Everything that the model says something of.
  var facts: [String: String] {
    var facts: [String: String] = [
      "board": boardName,
      "journal": ledger.sale.map { $0.payment == nil ? "saleBegan" : "intent" } ?? "none",
      "writing": writing == nil ? "0" : "1",
      "calls": "\(calls.count)",
      "answers": "\(answers.count)",
      "core": asking.map(Self.name) ?? "none",
    ]
    for index in 0..<2 {
      let number = numbers.indices.contains(index) ? numbers[index] : nil
      for (name, value) in orderFacts(number) { facts["\(index).\(name)"] = value }
    }
    return facts
  }

  /// Holds all that is seen against what the model says.
  func compare(_ step: ModelTranscript.Step) throws(Disagreement) {
    let facts = facts
    for (name, expected) in step.facts.sorted(by: { $0.key < $1.key }) {
      try Self.expect(facts[name] ?? "not known", is: expected, name)
    }
  }

  /// Nothing is under way or left to do, on the board, on the way, or in the book.
  var isAtRest: Bool {
    boardName == "idle" && ledger.obligations.isEmpty && writing == nil && calls.isEmpty
      && answers.isEmpty && stragglers.isEmpty && asking == nil && alarming.isEmpty
      && book.orders.values.allSatisfy { $0.state == .held && told.contains($0.number) }
  }

  private func orderFacts(_ number: OrderNumber?) -> [String: String] {
    let order = number.flatMap { book.orders[$0] ?? disk[$0] }
    let account = number.flatMap { provider.accounts[$0] }
    return [
      "owed": owed(number),
      "said": number.flatMap(said) ?? "none",
      "book": order?.state.rawValue ?? "none",
      "permit": permit(order),
      "late": "\(order?.lateChecksLeft ?? 0)",
      "told": number.map { told.contains($0) } == true ? "1" : "0",
      "exists": account == nil ? "0" : "1",
      "closed": account?.isClosed == true ? "1" : "0",
      "paid": account?.payment.map { $0.total == account?.request.amount ? "right" : "wrong" }
        ?? "none",
      "back": account?.stage.map { "\($0)" } ?? "none",
      "refunds": "\(account?.refundCount ?? 0)",
      "pulses": "\(number.flatMap { pulses[$0] } ?? 0)",
    ]
  }

  private var boardName: String {
    guard let machine else { return "off" }
    switch machine.state {
    case .idle, .selecting, .message: return "idle"
    default: return Self.name(machine.state)
    }
  }

  private func owed(_ number: OrderNumber?) -> String {
    guard let obligation = ledger.obligations.first(where: { $0.number == number }) else {
      return "none"
    }
    return obligation.outcome.map(Self.name) ?? "cancelling"
  }

  /// What the journal says became of the order.
  private func said(_ number: OrderNumber) -> String? {
    for entry in journal.reversed() {
      switch entry {
      case .verdict(number, let outcome): return Self.name(outcome)
      case .endedUnpaid(number): return "unpaid"
      default: continue
      }
    }
    return nil
  }

  private func permit(_ order: Order?) -> String {
    guard let order, order.state == .permitted else { return "none" }
    return machine != nil && order.permitNonce == life ? "thisRun" : "earlierRun"
  }

  // MARK: Entries and calls

  func index(_ number: OrderNumber) -> Int { numbers.firstIndex(of: number) ?? -1 }

  func name(_ entry: Entry) -> String {
    let order = entry.order.map { numbers.contains($0) ? index($0) : numbers.count } ?? -1
    let outcome: String
    if case .verdict(_, let word) = entry { outcome = Self.name(word) } else { outcome = "none" }
    let kind: String
    switch entry {
    case .saleBegan: kind = "saleBegan"
    case .cancelling: kind = "cancelling"
    case .endedUnpaid: kind = "endedUnpaid"
    case .intent: kind = "intent"
    case .verdict: kind = "verdict"
    case .settled: kind = "settled"
    case .lateDrop: kind = "lateDrop"
    default: kind = entry.kind
    }
    return "\(kind) \(order) \(outcome)"
  }

  func name(_ call: Machine.Effect) -> String {
    func life(_ nonce: UInt64?) -> String {
      nonce.map { machine != nil && $0 == self.life ? "thisRun" : "earlierRun" } ?? "none"
    }
    switch call {
    case .open(let request): return "open \(index(request.number)) none none"
    case .askStatus(let number, let nonce): return "status \(index(number)) \(life(nonce)) none"
    case .askPermit(let number, let nonce): return "permit \(index(number)) \(life(nonce)) none"
    case .settle(let number, let outcome):
      return "settle \(index(number)) none \(Self.name(outcome))"
    case .cancel(let number): return "cancel \(index(number)) none none"
    default: return "\(call)"
    }
  }

  static func name(_ outcome: Outcome) -> String {
    switch outcome {
    case .delivered: "delivered"
    case .failed(.noDrop): "noDrop"
    case .failed: "failed"
    case .unsure(.refund): "unsureRefund"
    case .unsure(.hold): "unsureHold"
    case .unsure(.assumeDelivered): "assumed"
    }
  }

  // MARK: The core's answers

  func name(_ event: Machine.Event) -> String {
    switch event {
    case .openAnswered(let number, let answer): "open \(index(number)) \(Self.name(answer))"
    case .statusAnswered(let number, let answer): "status \(index(number)) \(Self.name(answer))"
    case .permitAnswered(let number, let answer): "permit \(index(number)) \(Self.name(answer))"
    case .cancelAnswered(let number, let answer): "cancel \(index(number)) \(Self.name(answer))"
    case .settleAnswered(let number, .accepted): "settle \(index(number)) accepted"
    case .settleAnswered(let number, .unknown): "settle \(index(number)) unknown"
    default: "\(event)"
    }
  }

  private static func name(_ answer: OpenAnswer) -> String {
    switch answer {
    case .opened: "opened"
    case .refused: "refused"
    case .unknown: "unknown"
    }
  }

  private static func name(_ answer: StatusAnswer) -> String {
    switch answer {
    case .pending: "pending"
    case .paid(_, let isPermitted): isPermitted ? "paidPermitted" : "alreadyPaid"
    case .closed: "closed"
    case .refunding, .refunded, .held: "tooLate"
    case .unknown: "unknown"
    }
  }

  private static func name(_ answer: PermitAnswer) -> String {
    switch answer {
    case .granted: "granted"
    case .tooLate(.permitted): "tooLatePermitted"
    case .tooLate: "tooLate"
    case .unknown: "unknown"
    }
  }

  private static func name(_ answer: CancelAnswer) -> String {
    switch answer {
    case .closed: "closed"
    case .alreadyPaid: "alreadyPaid"
    case .tooLate(.permitted): "tooLatePermitted"
    case .tooLate: "tooLate"
    case .unknown: "unknown"
    }
  }

  // MARK: The provider

  static func number(_ call: OrderBook.Effect) -> OrderNumber {
    switch call {
    case .create(let request): request.number
    case .query(let number), .close(let number), .alarm(let number, _): number
    case .refund(let request), .queryRefund(let request): request.order
    case .record(let order, _): order.number
    case .answer: .sample()
    }
  }

  static func name(_ call: OrderBook.Effect) -> String {
    switch call {
    case .create: "create"
    case .query: "query"
    case .close: "close"
    case .refund: "refund"
    case .queryRefund: "queryRefund"
    case .record, .answer, .alarm: "none"
    }
  }

  func name(_ event: OrderBook.Event) -> String {
    switch event {
    case .createAnswered(_, .created): "created"
    case .createAnswered(_, .alreadyPaid), .closeAnswered(_, .alreadyPaid): "alreadyPaid"
    case .createAnswered(_, .alreadyClosed): "alreadyClosed"
    case .queryAnswered(_, .pending): "pending"
    case .queryAnswered(let number, .paid(let payment)):
      payment.total == provider.accounts[number]?.request.amount ? "paidRight" : "paidWrong"
    case .queryAnswered(_, .refunded): "refundSeen"
    case .queryAnswered(_, .closed), .closeAnswered(_, .closed): "closed"
    case .queryAnswered(_, .notFound), .closeAnswered(_, .notFound),
      .refundQueryAnswered(_, .notFound):
      "notFound"
    case .refundAnswered(_, .accepted): "accepted"
    case .refundQueryAnswered(_, .processing): "processing"
    case .refundQueryAnswered(_, .arrived): "arrived"
    case .refundQueryAnswered(_, .stuck): "stuck"
    case .createAnswered(_, .refused(let refusal)), .queryAnswered(_, .refused(let refusal)),
      .closeAnswered(_, .refused(let refusal)), .refundAnswered(_, .refused(let refusal)),
      .refundQueryAnswered(_, .refused(let refusal)):
      refusal.reaction == .retrySame ? "unknown" : "refused"
    case .createAnswered(_, .unknown(let doubt)), .queryAnswered(_, .unknown(let doubt)),
      .closeAnswered(_, .unknown(let doubt)), .refundAnswered(_, .unknown(let doubt)),
      .refundQueryAnswered(_, .unknown(let doubt)):
      doubt.cause == .badSignature ? "forged" : "unknown"
    default: "\(event)"
    }
  }
}
