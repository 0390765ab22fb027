import Audit
import Money
import Testing
import Timing

/// What a machine must not do: each story breaks one invariant, and nothing else.
@Suite struct WrongStoryTests {
  struct Wrong: Sendable, CustomTestStringConvertible {
    let invariant: Invariant
    let words: String
    let settings: @Sendable (inout Auditor.Settings) -> Void
    let tell: @Sendable (inout Story) -> Void

    init(
      _ invariant: Invariant, _ words: String,
      _ settings: @escaping @Sendable (inout Auditor.Settings) -> Void = { _ in },
      tell: @escaping @Sendable (inout Story) -> Void
    ) {
      (self.invariant, self.words, self.settings, self.tell) = (invariant, words, settings, tell)
    }

    var testDescription: String { "\(invariant): \(words)" }
  }

  @Test(arguments: pulses + drops + ends + refunds + sums + codes + journals + liveness + old)
  func oneInvariantIsBroken(_ wrong: Wrong) {
    var story = Story(wrong.settings)
    wrong.tell(&story)
    story.end()
    #expect(story.broken == [wrong.invariant], "\(story.violations)")
  }

  @Test func everyInvariantHasAStory() {
    let all = Self.pulses + Self.drops + Self.ends + Self.refunds + Self.sums + Self.codes
    let told = all + Self.journals + Self.liveness + Self.old
    // I11 is judged from books that others keep: see `SumTests`.
    #expect(Set(told.map(\.invariant)) == Set(Invariant.allCases).subtracting([.sumsAgree]))
  }

  static let pulses = [
    Wrong(.onePulse, "pulsed twice") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.jam()
      $0.judge(.failed(.noDrop))
      $0.refund()
    },
    Wrong(.onePulse, "pulsed again after a restart") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.tell(.powerFailed, .restarted(sequence: nil))
      $0.drop()
      $0.judge(.delivered(.dropSensed))
    },
    Wrong(.onePulse, "pulsed before the intent is on the disk") {
      $0.open()
      $0.tell(
        .paid(order: Story.first, amount: Story.price, currency: "CNY"),
        .stated(order: Story.first), .relayOn(lane: "11", order: Story.first),
        .intended(order: Story.first, amount: Story.price), .sensed(order: Story.first),
        .relayOff(lane: "11"), .showed(order: nil, amount: nil))
      $0.judge(.delivered(.dropSensed))
    },
    Wrong(.relayIsCapped, "a relay that is on for too long, and told once") {
      $0.open()
      $0.pay()
      $0.tell(.relayOn(lane: "11", order: Story.first), .sensed(order: Story.first))
      $0.wait(.seconds(11))
      $0.tell(.noted, .noted, .relayOff(lane: "11"))
      $0.judge(.delivered(.dropSensed))
    },
    Wrong(.relayIsCapped, "a relay that stays on over a kill") {
      $0.open()
      $0.pay()
      $0.tell(.relayOn(lane: "11", order: Story.first), .powerFailed)
      $0.wait(.seconds(11))
      $0.tell(.relayOff(lane: "11"), .restarted(sequence: nil))
      $0.judge(.unsureRefund)
      $0.refund()
    },
  ]

  static let drops = [
    Wrong(.nothingDropsUnpaid, "a pulse for nobody") {
      $0.tell(.relayOn(lane: "11", order: nil), .relayOff(lane: "11"))
    },
    Wrong(.nothingDropsUnpaid, "a test vend whose note the power cut made void") {
      $0.tell(.testVendNoted(lane: "11"), .powerFailed, .restarted(sequence: 1))
      $0.tell(.relayOn(lane: "11", order: nil), .relayOff(lane: "11"))
    },
    Wrong(.nothingDropsUnpaid, "a pulse of an order that nobody knows") {
      $0.tell(.relayOn(lane: "11", order: Story.second), .relayOff(lane: "11"))
    },
    Wrong(.nothingDropsUnpaid, "a drop of an unpaid order") {
      $0.open()
      $0.tell(
        .fell(lane: "11", order: Story.first), .showed(order: nil, amount: nil),
        .closed(order: Story.first), .endedUnpaid(order: Story.first))
    },
    Wrong(.paidIsVerified, "an intent for which nobody paid") {
      $0.open()
      $0.tell(.showed(order: nil, amount: nil), .closed(order: Story.first))
      $0.tell(.intended(order: Story.first, amount: Story.price))
      $0.judge(.failed(.machineFault))
    },
    Wrong(.paidIsVerified, "an answer that nobody signed") {
      $0.open()
      $0.tell(
        .paid(order: Story.first, amount: Story.price, currency: "CNY"),
        .countedPaid(order: Story.first, amount: Story.price), .stated(order: Story.first),
        .showed(order: nil, amount: nil), .intended(order: Story.first, amount: Story.price))
      $0.drop()
      $0.judge(.delivered(.dropSensed))
    },
    Wrong(.paidIsVerified, "a book that counts an unpaid order as paid") {
      $0.open()
      $0.tell(.countedPaid(order: Story.first, amount: Story.price))
      $0.tell(.showed(order: nil, amount: nil), .closed(order: Story.first))
      $0.tell(.endedUnpaid(order: Story.first))
    },
    Wrong(.paidIsVerified, "a payment of an order that no book knows") {
      $0.tell(.countedPaid(order: Story.first, amount: Story.price))
    },
    Wrong(.paidIsVerified, "money of another country") {
      $0.open()
      $0.tell(.paid(order: Story.first, amount: Story.price, currency: "USD"))
      $0.tell(.stated(order: Story.first), .showed(order: nil, amount: nil))
      $0.tell(.intended(order: Story.first, amount: Story.price))
      $0.judge(.failed(.machineFault))
      $0.refund()
    },
  ]

  static let sums = [
    Wrong(.sameEverywhere, "a number that is used twice") {
      $0.sell()
      $0.tell(.selected(order: Story.first, lane: "12", price: Story.price))
    },
    Wrong(.sameEverywhere, "asked for before it is on the disk") {
      $0.tell(.asked(order: Story.first, amount: Story.price, payableUntil: .distantFuture))
      $0.tell(.selected(order: Story.first, lane: "11", price: Story.price))
      $0.tell(.closed(order: Story.first), .endedUnpaid(order: Story.first))
    },
    Wrong(.sameEverywhere, "asked for at another price") {
      $0.tell(.selected(order: Story.first, lane: "11", price: Story.price))
      $0.tell(.asked(order: Story.first, amount: Amount(fen: 434), payableUntil: .distantFuture))
      $0.tell(.closed(order: Story.first), .endedUnpaid(order: Story.first))
    },
    Wrong(.sameEverywhere, "an intent of another sum") {
      $0.open()
      $0.tell(.paid(order: Story.first, amount: Story.price, currency: "CNY"))
      $0.tell(.stated(order: Story.first), .showed(order: nil, amount: nil))
      $0.tell(.intended(order: Story.first, amount: Amount(fen: 4350)))
      $0.drop()
      $0.judge(.delivered(.dropSensed))
    },
    Wrong(.sameEverywhere, "a book that counts another sum") {
      $0.open()
      $0.tell(.paid(order: Story.first, amount: Story.price, currency: "CNY"))
      $0.tell(.stated(order: Story.first), .showed(order: nil, amount: nil))
      $0.tell(.countedPaid(order: Story.first, amount: Amount(fen: 400)))
      $0.tell(.intended(order: Story.first, amount: Story.price))
      $0.drop()
      $0.judge(.delivered(.dropSensed))
    },
    Wrong(.sameEverywhere, "a screen with another price") {
      $0.tell(.selected(order: Story.first, lane: "11", price: Story.price))
      $0.tell(.asked(order: Story.first, amount: Story.price, payableUntil: .distantFuture))
      $0.tell(.showed(order: Story.first, amount: Amount(fen: 300)))
      $0.tell(.showed(order: nil, amount: nil), .closed(order: Story.first))
      $0.tell(.endedUnpaid(order: Story.first))
    },
    Wrong(.sameEverywhere, "the next lane") {
      $0.open()
      $0.pay()
      $0.tell(.relayOn(lane: "12", order: Story.first), .sensed(order: Story.first))
      $0.tell(.relayOff(lane: "12"))
      $0.judge(.delivered(.dropSensed))
    },
    Wrong(.sameEverywhere, "a part of the money goes back, and the rest is alarmed") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.judge(.failed(.noDrop))
      $0.refund(amount: Amount(fen: 400))
      $0.tell(.caseOpened(order: Story.first, words: "0.35 are missing"))
    },
    Wrong(.sameEverywhere, "money for an order of no journal") {
      $0.tell(.paid(order: Story.first, amount: Story.price, currency: "CNY"))
    },
  ]

  static let ends = [
    Wrong(.oneEnd, "a second verdict") {
      $0.sell()
      $0.tell(.judged(order: Story.first, .failed(.machineFault)))
    },
    Wrong(.oneEnd, "unpaid after a verdict") {
      $0.sell()
      $0.tell(.endedUnpaid(order: Story.first))
    },
    Wrong(.oneEnd, "unpaid after the intent, and the money is alarmed") {
      $0.open()
      $0.pay()
      $0.tell(.endedUnpaid(order: Story.first))
      $0.tell(.caseOpened(order: Story.first, words: "paid"))
    },
    Wrong(.oneEnd, "a correction after somebody was told") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.judge(.failed(.noDrop))
      $0.tell(.sensed(order: Story.first), .judged(order: Story.first, .delivered(.dropSensed)))
      $0.refund()
    },
    Wrong(.oneEnd, "pulsed after its end") {
      $0.open()
      $0.pay()
      $0.judge(.failed(.machineFault))
      $0.jam()
      $0.refund()
    },
    Wrong(.oneEnd, "delivered, but nothing was seen to fall") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.judge(.delivered(.dropSensed))
    },
    Wrong(.oneEnd, "delivered without a pulse", { $0.hasDropSensor = false }) {
      $0.open()
      $0.pay()
      $0.judge(.delivered(.relayPulsed))
    },
    Wrong(.oneEnd, "a pulse counts as a delivery although there is a sensor") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.judge(.delivered(.relayPulsed))
    },
    Wrong(.oneEnd, "assumed delivered where the policy forbids it") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.tell(.powerFailed, .restarted(sequence: nil))
      $0.judge(.assumedDelivered)
    },
    Wrong(.oneEnd, "assumed delivered without a doubt", { $0.mayAssumeDelivery = true }) {
      $0.open()
      $0.pay()
      $0.jam()
      $0.judge(.assumedDelivered)
    },
    Wrong(.oneEnd, "remembered as delivered over a cut, but nothing fell") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.tell(.powerFailed, .restarted(sequence: nil))
      $0.judge(.delivered(.dropSensed))
    },
    Wrong(.oneEnd, "paid and forgotten") {
      $0.open()
      $0.tell(.showed(order: nil, amount: nil), .closed(order: Story.first))
      $0.tell(.endedUnpaid(order: Story.first))
      $0.tell(.paid(order: Story.first, amount: Story.price, currency: "CNY"))
    },
    Wrong(.oneEnd, "held, and nobody is told") {
      $0.open()
      $0.tell(.paid(order: Story.first, amount: Story.price, currency: "CNY"))
      $0.tell(.showed(order: nil, amount: nil))
      $0.judge(.unsureHold)
    },
    Wrong(.oneEnd, "settled without a verdict") {
      $0.open()
      $0.tell(.showed(order: nil, amount: nil), .closed(order: Story.first))
      $0.tell(.settled(order: Story.first), .endedUnpaid(order: Story.first))
    },
    Wrong(.oneEnd, "refunded twice") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.judge(.failed(.noDrop))
      $0.refund()
      $0.tell(.refunded(order: Story.first, refund: "other", amount: Story.price))
    },
  ]

  static let refunds = [
    Wrong(.noRefundAfterDrop, "delivered and refunded") {
      $0.sell()
      $0.refund()
    },
    Wrong(.noRefundAfterDrop, "the verdict forgets the drop") {
      $0.open()
      $0.pay()
      $0.drop()
      $0.tell(.judged(order: Story.first, .failed(.noDrop)))
      $0.tell(.settled(order: Story.first))
      $0.tell(.excused(order: Story.first, [.everyOrderEnds]))
    },
    Wrong(.noRefundAfterDrop, "refunded while it is dispensed") {
      $0.open()
      $0.pay()
      $0.tell(.relayOn(lane: "11", order: Story.first))
      $0.refund()
      $0.tell(.relayOff(lane: "11"))
      $0.judge(.failed(.noDrop))
    },
    Wrong(
      .noRefundAfterDrop, "no drop, says a machine without a sensor",
      {
        $0.hasDropSensor = false
      }
    ) {
      $0.open()
      $0.pay()
      $0.jam()
      $0.judge(.failed(.noDrop))
      $0.refund()
    },
    Wrong(.noRefundAfterDrop, "interrupted, although the relay was on") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.judge(.failed(.interrupted))
      $0.refund()
    },
    Wrong(.noRefundAfterDrop, "unsure without a reason") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.judge(.unsureRefund)
      $0.refund()
    },
  ]

  static let codes = [
    Wrong(.codeIsPayable, "a code that stays after the close") {
      $0.open()
      $0.tell(.closed(order: Story.first), .endedUnpaid(order: Story.first))
      $0.wait(.seconds(3))
      $0.tell(.showed(order: nil, amount: nil))
    },
    Wrong(.codeIsPayable, "a code that stays after its time") {
      $0.open()
      $0.wait(.seconds(361))
      $0.tell(.showed(order: nil, amount: nil), .endedUnpaid(order: Story.first))
    },
    Wrong(.codeIsPayable, "a code that comes up after the end") {
      $0.open()
      $0.tell(.showed(order: nil, amount: nil), .closed(order: Story.first))
      $0.tell(.endedUnpaid(order: Story.first))
      $0.wait(.seconds(3))
      $0.tell(.showed(order: Story.first, amount: Story.price))
    },
    Wrong(.codeIsPayable, "a code that the start leaves on the glass") {
      $0.open()
      $0.tell(.powerFailed, .restarted(sequence: nil))
      $0.wait(.seconds(3))
      $0.tell(.showed(order: nil, amount: nil))
      $0.tell(.closed(order: Story.first), .endedUnpaid(order: Story.first))
    },
    Wrong(.codeIsPayable, "a code of an order that was never opened") {
      $0.tell(.selected(order: Story.first, lane: "11", price: Story.price))
      $0.tell(.showed(order: Story.first, amount: Story.price))
      $0.tell(.endedUnpaid(order: Story.first))
    },
    Wrong(.codeIsPayable, "a code that was replaced") {
      $0.open()
      $0.tell(.showedDeadCode(order: Story.first), .showed(order: nil, amount: nil))
      $0.tell(.closed(order: Story.first), .endedUnpaid(order: Story.first))
    },
  ]

  static let journals = [
    Wrong(.journalIsPrefix, "a record is gone") {
      $0.sell()
      $0.tell(.powerFailed, .restarted(sequence: 3))
    },
    Wrong(.journalIsPrefix, "a record that nobody wrote") {
      $0.sell()
      $0.tell(.powerFailed, .restarted(sequence: 5))
    },
    Wrong(.journalIsPrefix, "a verdict without a beginning") {
      $0.tell(.judged(order: Story.first, .unsureHold))
    },
    Wrong(.journalIsPrefix, "a late drop without a verdict") {
      $0.open()
      $0.tell(.lateDropNoted(order: Story.first), .showed(order: nil, amount: nil))
      $0.tell(.closed(order: Story.first), .endedUnpaid(order: Story.first))
    },
    Wrong(.journalIsPrefix, "sold upon a damaged journal") {
      $0.tell(.journalDamaged, .powerFailed, .restarted(sequence: nil))
      $0.tell(.selected(order: Story.first, lane: "11", price: Story.price))
      $0.tell(.endedUnpaid(order: Story.first))
    },
    Wrong(.journalIsPrefix, "pulsed upon a damaged journal") {
      $0.open()
      $0.tell(.paid(order: Story.first, amount: Story.price, currency: "CNY"))
      $0.tell(.stated(order: Story.first), .intended(order: Story.first, amount: Story.price))
      $0.tell(.journalDamaged, .powerFailed, .restarted(sequence: nil))
      $0.tell(.showed(order: nil, amount: nil))
      $0.drop()
      $0.judge(.delivered(.dropSensed))
    },
  ]

  static let liveness = [
    Wrong(.everyOrderEnds, "no end in the journal") {
      $0.open()
      $0.tell(.showed(order: nil, amount: nil))
    },
    Wrong(.everyOrderEnds, "a verdict that nobody takes over") {
      $0.open()
      $0.pay()
      $0.drop()
      $0.tell(.judged(order: Story.first, .delivered(.dropSensed)))
    },
    Wrong(.everyOrderEnds, "a debt that is not paid") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.judge(.failed(.noDrop))
    },
    Wrong(.everyOrderEnds, "a refund that a person decided and that does not come") {
      $0.sell()
      $0.tell(.personDecided(order: Story.first, delivered: false))
    },
    Wrong(.everyOrderEnds, "an order that can still be paid") {
      $0.open()
      $0.tell(.showed(order: nil, amount: nil))
      $0.judge(.failed(.interrupted))
    },
    Wrong(.oneEnd, "an unpaid end while the order can still be paid") {
      $0.open()
      $0.tell(.showed(order: nil, amount: nil), .endedUnpaid(order: Story.first))
      $0.wait(.seconds(400))
    },
    Wrong(.sameEverywhere, "a person is asked about another sum than was received") {
      $0.open()
      $0.pay()
      $0.judge(.unsureHold)
      $0.tell(.held(order: Story.first, amount: .zero), .caseOpened(order: Story.first, words: ""))
    },
    Wrong(.codeIsPayable, "a sale that begins before a dark screen") {
      $0.tell(.screenTold(isDark: true))
      $0.wait(.seconds(9))
      $0.open()
      $0.tell(
        .showed(order: nil, amount: nil), .closed(order: Story.first),
        .endedUnpaid(order: Story.first))
    },
    Wrong(.everyOrderEnds, "an end that comes too late", { $0.endBound = .seconds(600) }) {
      $0.open()
      $0.tell(.showed(order: nil, amount: nil), .closed(order: Story.first), .faultsStopped)
      $0.wait(.seconds(601))
      $0.tell(.endedUnpaid(order: Story.first))
    },
  ]

  static let old = [
    Wrong(.oldChangesNothing, "an old answer changes the present sale") {
      $0.tell(.staleCame(order: Story.first, changedPresent: true))
    },
    Wrong(.oldChangesNothing, "two sales at once") {
      $0.open()
      $0.tell(.showed(order: nil, amount: nil))
      $0.sell(Story.second)
      $0.tell(.closed(order: Story.first), .endedUnpaid(order: Story.first))
    },
    Wrong(.oldChangesNothing, "the intent of a customer who was let go") {
      $0.open()
      $0.tell(.showed(order: nil, amount: nil), .cancelling(order: Story.first))
      $0.tell(.paid(order: Story.first, amount: Story.price, currency: "CNY"))
      $0.tell(.intended(order: Story.first, amount: Story.price))
      $0.judge(.failed(.paidTooLate))
      $0.refund()
    },
    Wrong(.oldChangesNothing, "the pulse of a customer who was let go") {
      $0.open()
      $0.tell(.showed(order: nil, amount: nil), .cancelling(order: Story.first))
      $0.tell(.paid(order: Story.first, amount: Story.price, currency: "CNY"))
      $0.jam()
      $0.judge(.unsureHold)
      $0.tell(.caseOpened(order: Story.first, words: "pulsed too late"))
    },
  ]
}
