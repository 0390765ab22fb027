public import Timing

/// One invariant that did not hold, at the moment at which the auditor saw it.
public struct Violation: Hashable, Sendable {
  public var invariant: Invariant
  /// The order that it is about; nil when about none.
  public var order: String?
  /// What was seen, in a plain sentence.
  public var words: String
  /// When, by the clock of the facts.
  public var at: Instant

  /// Makes a violation.
  public init(_ invariant: Invariant, order: String?, _ words: String, at: Instant) {
    (self.invariant, self.order, self.words, self.at) = (invariant, order, words, at)
  }
}

extension Violation: CustomStringConvertible {
  /// `I4 A1B2: it was seen to fall and is refunded (at 1234 ms)`.
  public var description: String {
    "\(invariant) \(order ?? "-"): \(words) (at \(at.nanoseconds / 1_000_000) ms)"
  }
}
