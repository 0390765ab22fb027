internal import Core
internal import FleetStorage
internal import Synchronization
internal import Timing

/// The silences of all orders that are polled at this process.
final class SilenceWatch: Sendable {
  private let silences: Mutex<Silences>

  init(pause: Duration, perSecond: Int) {
    silences = Mutex(Silences(pause: pause, perSecond: perSecond))
  }

  /// What a poll of an order has to look forward to.
  func outlook(_ stored: StoredOrder, _ clocks: Surroundings) -> PollOutlook {
    let times = OrderTurn.Times(now: clocks.now(), wallTime: clocks.wallTime())
    return silences.withLock { $0.outlook(stored, at: times) }
  }
}
