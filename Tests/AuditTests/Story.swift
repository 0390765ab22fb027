import Audit
import Money
import Timing

/// Facts told to an auditor, a tenth of a second apart, and what it objected to.
struct Story {
  private(set) var auditor: Auditor
  private(set) var now = Instant(nanoseconds: 5_000_000_000)
  private(set) var violations: [Violation] = []

  static let first = "VM01AAAA0001"
  static let second = "VM01BBBB0002"
  static let price = Amount(fen: 435)

  init(_ change: (inout Auditor.Settings) -> Void = { _ in }) {
    var settings = Auditor.Settings()
    settings.hearsStatements = true
    change(&settings)
    auditor = Auditor(settings)
  }

  /// The invariants that were broken, in the order in which it was seen.
  var broken: [Invariant] { violations.map(\.invariant) }

  mutating func tell(_ facts: Auditor.Fact...) {
    for fact in facts {
      violations += auditor.witness(fact, at: now)
      now = now + .milliseconds(100)
    }
  }

  mutating func wait(_ duration: Duration) { now = now + duration }

  /// Faults stop, and the end of everything is demanded.
  mutating func end(after duration: Duration = .seconds(60), books: Auditor.Books = .init()) {
    tell(.faultsStopped)
    wait(duration)
    violations += auditor.finish(at: now, books: books)
  }

  mutating func forget() { auditor.forget(endedBefore: now) }

  // MARK: The steps of a sale

  /// A customer chooses, and the code comes up.
  mutating func open(_ order: String = first, amount: Amount = price) {
    tell(.selected(order: order, lane: "11", price: amount))
    tell(.asked(order: order, amount: amount, payableUntil: now + .seconds(360)))
    tell(.showed(order: order, amount: amount))
  }

  /// The customer pays, and both books learn of it.
  mutating func pay(_ order: String = first, amount: Amount = price) {
    tell(
      .paid(order: order, amount: amount, currency: "CNY"), .stated(order: order),
      .countedPaid(order: order, amount: amount), .showed(order: nil, amount: nil),
      .intended(order: order, amount: amount))
  }

  /// The relay is on for its time, and the product falls meanwhile, seen by the sensor.
  mutating func drop(_ order: String = first) {
    tell(
      .relayOn(lane: "11", order: order), .fell(lane: "11", order: order), .sensed(order: order),
      .relayOff(lane: "11"))
  }

  /// The relay is on for its time, and nothing comes of it.
  mutating func jam(_ order: String = first) {
    tell(.relayOn(lane: "11", order: order), .relayOff(lane: "11"))
  }

  /// The verdict is written and taken over.
  mutating func judge(_ verdict: Verdict, _ order: String = first) {
    tell(.judged(order: order, verdict), .settled(order: order))
  }

  mutating func refund(_ order: String = first, amount: Amount = price) {
    tell(.refunded(order: order, refund: "\(order)R1", amount: amount))
  }

  /// A whole sale, well done.
  mutating func sell(_ order: String = first) {
    open(order)
    pay(order)
    drop(order)
    judge(.delivered(.dropSensed), order)
  }
}
