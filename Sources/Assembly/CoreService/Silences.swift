package import FleetStorage
internal import Ordering
package import Timing
internal import WeChatPay

/// What a poll of an order has to look forward to.
package enum PollOutlook: Equatable, Sendable {
  /// It is not, or no longer, unpaid.
  case moved
  /// Unpaid for so long without news that the provider is asked.
  case silent
  /// Unpaid; when to ask the provider.
  case quiet(until: Instant)
}

/// When the provider is asked about an order of which nobody has said anything for a while.
///
/// Notices come, as a rule, within a second; who loses them all (a wrong address, a closed port)
/// still sells, a little later. The provider counts all queries of a merchant (facts: WeChat Pay
/// A.13), so there is a bound for all orders together.
package struct Silences: Hashable, Sendable {
  private let pause: Duration
  private var askedAt: [OrderNumber: Instant] = [:]
  private var sweptAt: Instant = .zero
  private var budget: RequestBudget

  /// Nothing was asked yet; an order may be asked about every `pause` or a little later.
  package init(pause: Duration, perSecond: Int) {
    self.pause = pause
    budget = RequestBudget(burst: perSecond, pause: .seconds(1) / max(1, perSecond))
  }

  /// What a poll has to look forward to; `silent` takes the order's question out of the bound.
  package mutating func outlook(_ stored: StoredOrder, at times: OrderTurn.Times) -> PollOutlook {
    guard stored.state.isWithoutMoney else { return .moved }
    let queryAt = nextQuery(stored, times)
    guard times.now >= queryAt else { return .quiet(until: queryAt) }
    return take(stored.number, at: times.now) ? .silent : .quiet(until: nextQuery(stored, times))
  }

  /// When an order may next be asked about.
  private func nextQuery(_ stored: StoredOrder, _ times: OrderTurn.Times) -> Instant {
    let pause = pause(of: stored.number)
    if let asked = askedAt[stored.number] { return asked + pause }
    return times.now + pause - min(max(times.wallTime - stored.updatedAt, .zero), pause)
  }

  /// Up to half as long again, another for each order: boards that came together, after the service
  /// was away, do not all look again in one moment.
  private func pause(of number: OrderNumber) -> Duration {
    let spread = UInt64(max(1, pause.wholeMilliseconds / 2))
    // The library's own hash is another in every process.
    let share = number.text.utf8.reduce(0) { ($0 &* 31 &+ UInt64($1)) & 0xFFFF_FFFF } % spread
    return pause + .milliseconds(Int64(share))
  }

  /// Takes one question out of the bound; false when there is none left, and the order's turn is
  /// over.
  private mutating func take(_ number: OrderNumber, at now: Instant) -> Bool {
    // Whoever is refused waits for its next turn like one who was answered: ten thousand polls
    // that look again and again would cost more than the questions that they may not ask.
    askedAt[number] = now
    guard budget.take(at: now) else { return false }
    if now - sweptAt > .seconds(60) {
      sweptAt = now
      askedAt = askedAt.filter { now - $0.value < .seconds(600) }
    }
    return true
  }
}

extension Instant {
  /// The moment `duration` earlier.
  static func - (instant: Instant, duration: Duration) -> Instant {
    instant + (.zero - duration)
  }
}
