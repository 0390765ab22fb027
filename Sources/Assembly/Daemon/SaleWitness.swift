internal import Ordering
internal import Timing
internal import Vending

/// Sees the sale under way, for the record of its end.
struct SaleWitness {
  private var sale: (order: OrderNumber, seen: SaleTrace)?
  /// When its relay was switched on.
  private var pulseBegan: Instant?

  /// What was seen of the sale that this entry ends; a sale that this run has not begun has none.
  ///
  /// `screen` stands on the display.
  mutating func trace(of entry: Entry, showing screen: Screen, at time: WallTime) -> SaleTrace? {
    switch entry {
    case .saleBegan(let request, _):
      sale = (request.number, SaleTrace())
      sale?.seen.note(screen, at: time)
      return nil
    case .verdict(let number, _), .cancelling(let number), .endedUnpaid(let number):
      return sale.flatMap { $0.order == number ? $0.seen : nil }
    case .intent, .settled, .lateDrop, .testVend, .refilled, .deed, .faultsCleared, .serviceLocked:
      return nil
    }
  }

  /// A picture came up.
  mutating func note(_ screen: Screen, at time: WallTime) { sale?.seen.note(screen, at: time) }

  /// The sale's relay is told to switch on.
  mutating func notePulse(of lane: Plan.Lane, at time: WallTime, _ now: Instant) {
    sale?.seen.pulse = SaleTrace.Pulse(lane, at: time)
    pulseBegan = now
  }

  /// The pulse is over.
  mutating func note(_ end: Cabinet.PulseEnd) {
    switch end {
    case .done(let onFor):
      sale?.seen.pulse?.measuredMicroseconds = onFor.wholeNanoseconds / 1000
      sale?.seen.pulse?.end = "done"
    case .refused: sale?.seen.pulse?.end = "refused"
    case .doubtful: sale?.seen.pulse?.end = "doubtful"
    case .stuckOn: sale?.seen.pulse?.end = "stuck"
    }
  }

  /// The drop sensor's edge, before the machine judges it.
  mutating func noteDrop(at now: Instant) {
    guard let pulseBegan, sale?.seen.pulse?.dropMicroseconds == nil else { return }
    sale?.seen.pulse?.dropMicroseconds = (now - pulseBegan).wholeNanoseconds / 1000
  }
}
