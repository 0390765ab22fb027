public import Money
public import Timing

extension Auditor {
  /// Something that truly happened, whatever the machine makes of it.
  ///
  /// Facts come in the order in which they happened, each with its moment. Facts of the journal
  /// come when they are durable: after the sync, or, for what a power cut caught on its way, when
  /// the restart finds it on the disk (then between `powerFailed` and `restarted`).
  public enum Fact: Hashable, Sendable {
    // MARK: The board's journal

    /// A sale began; its number is used up. Kind `sale-began`.
    case selected(order: String, lane: String, price: Amount)
    /// The order is to be ended in the background; the customer was let go. Kind `cancelling`.
    case cancelling(order: String)
    /// The money counts as verified and the relay is next. Kind `intent`.
    case intended(order: String, amount: Amount)
    /// What became of it. Kind `verdict`.
    case judged(order: String, Verdict)
    /// It ended without a pulse. Kind `ended-unpaid`.
    case endedUnpaid(order: String)
    /// The core took the verdict over. Kind `settled`.
    case settled(order: String)
    /// A drop after the verdict that nothing fell. Kind `late-drop`.
    case lateDropNoted(order: String)
    /// A technician's pulse, written before it. Kind `test-vend`.
    case testVendNoted(lane: String)
    /// A record of any other kind: only its place in the journal counts.
    case noted

    // MARK: The core's book, and people

    /// The core's book counts the order as paid.
    case countedPaid(order: String, amount: Amount)
    /// The core's book has the order held for a person, as paid with so much.
    case held(order: String, amount: Amount)
    /// A person was told of the order: it is held, alarmed, listed.
    case caseOpened(order: String, words: String)
    /// A person decided, at the machine or in the provider's console.
    case personDecided(order: String, delivered: Bool)

    // MARK: The provider's own truth

    /// A create took effect; from now until `payableUntil` the provider takes the money.
    case asked(order: String, amount: Amount, payableUntil: Instant)
    /// No new payment can start, since the machine's core asked for it.
    case closed(order: String)
    /// Money moved in.
    case paid(order: String, amount: Amount, currency: String)
    /// A statement of that payment reached the machine whole: rightly signed, of this merchant and
    /// this app.
    case stated(order: String)
    /// Money moved out, or was irrevocably set on its way.
    case refunded(order: String, refund: String, amount: Amount)

    // MARK: The cabinet's own truth

    /// A finger has keyed the lane's code; only then may a sale of it begin.
    case keyed(lane: String)
    /// The machine switched the lane's relay on; nil for a pulse that belongs to no order.
    case relayOn(lane: String, order: String?)
    /// It is off, by whatever hand: the machine's, a power cut's.
    case relayOff(lane: String)
    /// The cabinet told the machine that it cannot vouch for the order's pulse.
    case pulseDoubted(order: String)
    /// A product fell, by the order's pulse; nil when by another cause.
    case fell(lane: String, order: String?)
    /// The sensor told the machine of a drop while that order was its present one.
    case sensed(order: String?)

    // MARK: The screen's own truth

    /// What is on the glass now: the newest code of an order, with the price beside it; nil, no
    /// code.
    case showed(order: String?, amount: Amount?)
    /// What is on the glass now is a code that the provider replaced before or never gave.
    case showedDeadCode(order: String)

    /// The machine was told whether its screen shows anything at all.
    case screenTold(isDark: Bool)

    // MARK: The world

    /// The machine's program is gone without a goodbye: power, a kill. Relays and screen are told
    /// apart from this.
    case powerFailed
    /// It runs again and has read its journal, whose last record has this place; nil when unknown.
    case restarted(sequence: Int64?)
    /// The journal was damaged in a place where a start must find it.
    case journalDamaged
    /// The journal was put right, or replaced on purpose.
    case journalMended
    /// An answer or a timer of an older order came; whether it changed the present sale.
    case staleCame(order: String, changedPresent: Bool)
    /// No more faults from now on: every order must reach its end.
    case faultsStopped
    /// The world did what no machine can answer for (a disk cloned or rolled back, a thief): these
    /// do not count against it any more, for the order, or for all when nil.
    case excused(order: String?, Set<Invariant>)
  }
}
