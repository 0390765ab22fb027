/// What must always hold, whatever happens to the machine; the numbers are the design's.
///
/// Each is judged from facts that are true outside the machine, and from its journal; where a power
/// cut makes the truth unknowable to any machine, more than one end is right.
public enum Invariant: Int, Hashable, Sendable, Comparable, CaseIterable {
  /// I1: at most one pulse per order, and none before its intent is on the disk.
  ///
  /// A pulse without a synced intent is the first half of a second one: after a crash nobody would
  /// know of it.
  case onePulse = 1
  /// I2: nothing drops that is not paid: no pulse, and no fall by a pulse, before the money is in.
  ///
  /// A pulse for no order needs a technician's note before it, since the last start.
  case nothingDropsUnpaid
  /// I3: a paid order ends dispensed, or refunded, or as an open case that a person is told of.
  ///
  /// No fourth end, and never two: the journal has one verdict, or one unpaid end, for each order.
  /// A verdict "no drop" may be corrected until somebody is told. A delivery must be known: by the
  /// sensor, by a whole pulse where none is fitted, by a person, or by policy where a power cut or
  /// a doubtful relay left it open.
  case oneEnd
  /// I4: no automatic refund after a confirmed drop.
  ///
  /// Confirmed is a verdict of delivery, and a drop that the sensor told between pulse and verdict
  /// with no power cut in between. A person may refund anything.
  case noRefundAfterDrop
  /// I5: order, lane, amount and currency are equal at selection, order, payment and journal.
  ///
  /// The number is on the disk before the provider hears it, and begins one sale only. Merchant and
  /// app are judged by what is witnessed: `stated` is a statement about them and no other.
  case sameEverywhere
  /// I6: nothing counts as paid, in journal, book or cabinet, unless the provider took that sum
  /// and a statement of it, rightly signed, has arrived.
  case paidIsVerified
  /// I7: a relay is on no longer than its cap, also when the program is killed meanwhile.
  case relayIsCapped
  /// I8: a code is on the screen only while its order can be paid.
  ///
  /// It is gone soon after the close, the end and the provider's own expiry; a start blanks it. One
  /// that is paid may stay until the machine learns of it. No sale begins before a screen that the
  /// machine knows to be dark.
  case codeIsPayable
  /// I9: after any crash the journal opens to all that was synced, or nothing is sold.
  ///
  /// No record is there without the beginning of its sale.
  case journalIsPrefix
  /// I10: when faults stop, every order reaches an end in bounded time: in the journal, in the core
  /// and at the provider, with its money back where it is owed.
  case everyOrderEnds
  /// I11: to the fen, paid is delivered and refunded and open cases, in every book.
  case sumsAgree
  /// I12: a timer or an answer of an older order changes nothing in the present one.
  ///
  /// One sale is under way at a time; who was let go is not dispensed any more.
  case oldChangesNothing

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension Invariant: CustomStringConvertible {
  /// As people speak of it: `I4`.
  public var description: String { "I\(rawValue)" }
}
