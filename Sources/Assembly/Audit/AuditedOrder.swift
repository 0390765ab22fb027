internal import Money
internal import Timing

/// All that the auditor remembers of one order: small, since there are millions.
struct AuditedOrder: Hashable, Sendable {
  let number: String
  var lane: String
  var price: Amount
  var received: Amount = .zero
  var returned: Amount = .zero
  var payableUntil: Instant = .distantFuture
  /// Since when its code has no business on the screen; nil while it may be there.
  var codeDeadSince: Instant?
  /// When the last step towards its end was made.
  var endedAt: Instant = .zero
  var marks: Marks = []
  var pulses: UInt8 = 0
  var verdict: Verdict?
  var excused: InvariantSet = []

  struct Marks: OptionSet, Hashable, Sendable {
    let rawValue: UInt32

    /// The journal knows it.
    static let selected = Marks(rawValue: 1 << 0)
    static let cancelling = Marks(rawValue: 1 << 1)
    static let intended = Marks(rawValue: 1 << 2)
    static let endedUnpaid = Marks(rawValue: 1 << 3)
    static let settled = Marks(rawValue: 1 << 4)
    /// Nobody can know whether it fell: power failed between intent and verdict.
    static let unsure = Marks(rawValue: 1 << 5)
    /// The sensor spoke between intent and verdict.
    static let evidence = Marks(rawValue: 1 << 6)
    /// The sensor spoke between pulse and verdict.
    static let confirmed = Marks(rawValue: 1 << 7)
    static let doubted = Marks(rawValue: 1 << 8)
    static let fell = Marks(rawValue: 1 << 9)
    /// Its pulse is over, and all was well.
    static let pulsed = Marks(rawValue: 1 << 10)
    static let asked = Marks(rawValue: 1 << 11)
    static let closed = Marks(rawValue: 1 << 12)
    static let stated = Marks(rawValue: 1 << 13)
    static let shown = Marks(rawValue: 1 << 14)
    static let caseOpened = Marks(rawValue: 1 << 15)
    static let personDelivered = Marks(rawValue: 1 << 16)
    static let personRefunded = Marks(rawValue: 1 << 17)
    /// The money is not what was asked for.
    static let disputed = Marks(rawValue: 1 << 18)
  }

  init(_ number: String, lane: String, price: Amount) {
    (self.number, self.lane, self.price) = (number, lane, price)
  }

  /// Whether the journal has an end for it.
  var isEnded: Bool { verdict != nil || marks.contains(.endedUnpaid) }

  /// What has come in and not gone out again.
  var kept: Amount { received - returned }

  /// Whether the machine keeps the money as earned: by its verdict, or by a person's.
  var isDelivered: Bool {
    if marks.contains(.personRefunded) { return false }
    return marks.contains(.personDelivered) || verdict?.isDelivery == true
  }

  /// Whether the machine knows that it fell.
  ///
  /// Power that fails takes that knowledge with it.
  var isConfirmed: Bool { marks.contains(.confirmed) && !marks.contains(.unsure) }

  /// Whether a person was told of money that nobody has decided about since.
  var isOpenCase: Bool { marks.contains(.caseOpened) && kept > .zero && !isDelivered }

  /// Whether somebody who saw its code can pay it.
  func canBePaid(at now: Instant) -> Bool {
    marks.contains(.shown) && !marks.contains(.closed) && received == .zero && now < payableUntil
  }

  /// Whether nothing is left to come: it has its end, and its money is where it belongs.
  var isOver: Bool {
    guard isEnded, verdict == nil || marks.contains(.settled) else { return false }
    return isDelivered
      || (kept == .zero && (received > .zero || marks.contains(.closed) || !marks.contains(.shown)))
  }
}

/// A set of invariants in two bytes.
struct InvariantSet: OptionSet, Hashable, Sendable {
  let rawValue: UInt16

  init(rawValue: UInt16) { self.rawValue = rawValue }
  init(_ invariants: Set<Invariant>) {
    rawValue = invariants.reduce(0) { $0 | 1 << UInt16($1.rawValue) }
  }

  func contains(_ invariant: Invariant) -> Bool { rawValue >> UInt16(invariant.rawValue) & 1 == 1 }
}
