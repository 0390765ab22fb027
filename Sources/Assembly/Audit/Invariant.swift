/// What must always hold, whatever happens to the machine; the numbers are the design's.
public enum Invariant: Int, Hashable, Sendable, Comparable, CaseIterable {
  /// I1: at most one pulse per order, and none before its intent is on the disk.
  case onePulse = 1
  /// I2: nothing drops that is not paid.
  case nothingDropsUnpaid
  /// I3: a paid order ends dispensed, or refunded, or as an open case that a person is told of.
  ///
  /// No fourth end, and never two.
  case oneEnd
  /// I4: no automatic refund after a confirmed drop.
  case noRefundAfterDrop
  /// I5: order, lane, amount and currency are equal at selection, order, payment and journal.
  case sameEverywhere
  /// I6: nothing counts as paid unless the provider took the money and rightly said so.
  case paidIsVerified
  /// I7: a relay is on no longer than its cap.
  case relayIsCapped
  /// I8: a code is on the screen only while its order can be paid.
  case codeIsPayable
  /// I9: after any crash the journal opens to a prefix of history, or nothing is sold.
  case journalIsPrefix
  /// I10: when faults stop, every order reaches an end in bounded time.
  case everyOrderEnds
  /// I11: to the fen, paid is delivered and refunded and open cases, in every book.
  case sumsAgree
  /// I12: a timer or an answer of an older order changes nothing in the present one.
  case oldChangesNothing

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension Invariant: CustomStringConvertible {
  /// As people speak of it: `I4`.
  public var description: String { "I\(rawValue)" }
}
