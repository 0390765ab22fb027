internal import Timing

/// How often a countdown may be drawn, so that it never keeps a panel busy when something happens.
///
/// A panel that takes whole pictures only needs most of a second for one; what a customer does next
/// would wait behind it. Ticks get a tenth of the panel's time, by what the last one has taken.
struct TickBudget: Sendable {
  private static let share = 10

  private var took = Duration.zero
  private var endedAt = Instant.zero

  /// Whether a tick may be drawn now.
  func allows(at now: Instant) -> Bool { now - endedAt >= took * (Self.share - 1) }

  /// Notes a tick that was drawn.
  mutating func drew(from start: Instant, to end: Instant) {
    (took, endedAt) = (end - start, end)
  }
}
