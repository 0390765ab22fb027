internal import Core
internal import Ordering
internal import Synchronization
internal import Timing
internal import WeChatPay

/// When the provider is asked about an order of which nobody has said anything for a while.
///
/// Notices come, as a rule, within a second; who loses them all (a wrong address, a closed port)
/// still sells, a little later. The provider counts all queries of a merchant (facts: WeChat Pay
/// A.13), so there is a bound for all orders together.
final class SilenceWatch: Sendable {
  private struct State {
    var askedAt: [OrderNumber: Instant] = [:]
    var sweptAt: Instant = .zero
    var budget: RequestBudget
  }

  private let pause: Duration
  private let state: Mutex<State>

  init(pause: Duration, perSecond: Int) {
    self.pause = pause
    state = Mutex(
      State(budget: RequestBudget(burst: perSecond, pause: .seconds(1) / max(1, perSecond))))
  }

  /// When an order may next be asked about.
  func nextQuery(
    _ number: OrderNumber, updated: WallTime, _ clocks: Surroundings
  ) -> Instant {
    let pause = pause(of: number)
    if let asked = state.withLock({ $0.askedAt[number] }) { return asked + pause }
    return clocks.now() + pause - min(max(clocks.wallTime() - updated, .zero), pause)
  }

  /// Up to half as long again, another for each order: boards that came together, after the service
  /// was away, do not all look again in one moment.
  private func pause(of number: OrderNumber) -> Duration {
    let spread = UInt64(max(1, pause.wholeMilliseconds / 2))
    let share = UInt64(truncatingIfNeeded: number.hashValue) % spread
    return pause + .milliseconds(Int64(share))
  }

  /// Takes one question out of the bound; false when there is none left, and the order's turn is
  /// over.
  func take(_ number: OrderNumber, at now: Instant) -> Bool {
    state.withLock { state in
      // Whoever is refused waits for its next turn like one who was answered: ten thousand polls
      // that look again and again would cost more than the questions that they may not ask.
      state.askedAt[number] = now
      guard state.budget.take(at: now) else { return false }
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
