package import Ordering
package import Timing

/// A question about an order that a service holds until something has changed.
package struct Following: Hashable, Sendable {
  package let number: OrderNumber
  package let nonce: UInt64
  /// How long the service may hold it.
  package let wait: Duration
  package let began: Instant

  /// A question that is asked at `now`.
  package init(_ number: OrderNumber, permit nonce: UInt64, wait: Duration, at now: Instant) {
    (self.number, self.nonce, self.wait, began) = (number, nonce, wait, now)
  }

  /// What is done with an answer.
  package enum Step: Equatable, Sendable {
    /// Nothing was new in a whole hold: asked again at once, so that no payment falls into a gap.
    case askAgain
    case answer
    /// The machine asks again in its own time; on top of that, in nobody else's.
    case answerAfter(Duration)
  }

  /// What is done with an answer to it at `now`; `isLatest` while no other order is followed,
  /// `isInterrupted` when the end of the hold was asked for.
  package func step(
    after answer: StatusAnswer, isLatest: Bool, isInterrupted: Bool, at now: Instant,
    _ backOff: inout BackOff, _ random: UInt64
  ) -> Step {
    switch answer {
    case .pending where isLatest && !isInterrupted && now - began > wait / 2:
      backOff.succeeded()
      return .askAgain
    case .unknown where isLatest:
      return .answerAfter(backOff.failed(random))
    case .pending, .paid, .closed, .refunding, .refunded, .held, .unknown:
      backOff.succeeded()
      return .answer
    }
  }
}
