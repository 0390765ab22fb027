internal import Core
internal import Ordering
internal import Synchronization
internal import Timing

/// When the provider is asked about an order of which nobody has said anything for a while.
///
/// Notices come, as a rule, within a second; who loses them all (a wrong address, a closed port)
/// still sells, a little later. The provider counts all queries of a merchant (facts: WeChat Pay
/// A.13), so there is a bound for all orders together.
final class SilenceWatch: Sendable {
  private struct State {
    var askedAt: [OrderNumber: Instant] = [:]
    var sweptAt: Instant = .zero
    var left: Double
    var filledAt: Instant?
  }

  private let pause: Duration
  private let perSecond: Int
  private let state: Mutex<State>

  init(pause: Duration, perSecond: Int) {
    (self.pause, self.perSecond) = (pause, perSecond)
    state = Mutex(State(left: Double(perSecond)))
  }

  /// When an order may next be asked about.
  func nextQuery(
    _ number: OrderNumber, updated: WallTime, _ clocks: Surroundings
  ) -> Instant {
    if let asked = state.withLock({ $0.askedAt[number] }) { return asked + pause }
    return clocks.now() + pause - min(max(clocks.wallTime() - updated, .zero), pause)
  }

  /// Takes one question out of the bound; false when there is none left, and the order's turn is
  /// over.
  func take(_ number: OrderNumber, at now: Instant) -> Bool {
    state.withLock { state in
      let last = state.filledAt ?? now
      let gained = Double((now - last).wholeMilliseconds) * Double(perSecond) / 1000
      state.left = min(Double(perSecond), state.left + max(0, gained))
      state.filledAt = now
      // Whoever is refused waits for its next turn like one who was answered: ten thousand polls
      // that look again and again would cost more than the questions that they may not ask.
      state.askedAt[number] = now
      guard state.left >= 1 else { return false }
      state.left -= 1
      if now - state.sweptAt > .seconds(60) {
        state.sweptAt = now
        state.askedAt = state.askedAt.filter { now - $0.value < .seconds(600) }
      }
      return true
    }
  }
}

extension Instant {
  /// The moment `duration` earlier.
  static func - (instant: Instant, duration: Duration) -> Instant {
    instant + (.zero - duration)
  }
}
