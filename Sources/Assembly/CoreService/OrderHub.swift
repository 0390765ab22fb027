internal import FleetStorage
internal import Ordering
internal import Platform
internal import Synchronization
internal import Timing

/// Who waits for news of an order, and the one thread that listens to the store's outbox for all.
///
/// News come in the order in which they were committed, wherever in the fleet; one that was missed
/// (the store was away) costs the waiter the time until it looks again by itself.
final class OrderHub: Sendable {
  /// One waiter.
  final class Ticket: Sendable {
    fileprivate enum State {
      case idle
      case told
      case waiting(CheckedContinuation<Void, Never>)
    }

    let number: OrderNumber
    fileprivate let id: UInt64
    fileprivate let state = Mutex(State.idle)

    fileprivate init(_ number: OrderNumber, _ id: UInt64) { (self.number, self.id) = (number, id) }

    /// Forgets news that came before: who has not looked yet will see them.
    func reset() {
      state.withLock { if case .told = $0 { $0 = .idle } }
    }

    /// Wakes the waiter, now or when it begins to wait.
    fileprivate func tell() {
      let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
        defer { state = .told }
        if case .waiting(let continuation) = state { return continuation }
        return nil
      }
      continuation?.resume()
    }
  }

  private struct Waiters {
    var byNumber: [OrderNumber: [Ticket]] = [:]
    /// Those whose time ends in a tick, by the tick's number.
    var byTick: [Int64: [Ticket]] = [:]
    var sweptTick: Int64
    var count = 0
    var nextID: UInt64 = 0
  }

  /// How exactly a wait ends.
  private static let tick: Duration = .milliseconds(100)

  private let counters: ServiceCounters
  private let now: @Sendable () -> Instant
  private let waiters: Mutex<Waiters>
  private let isClosed = Atomic(false)
  private let isReleased = Atomic(false)
  private let listener = Worker(name: "outbox")
  private let sweeper = Worker(name: "waits")

  /// Begins to listen behind the newest message.
  init(
    _ store: any FleetStore, _ counters: ServiceCounters, now: @escaping @Sendable () -> Instant
  ) throws(FleetError) {
    (self.counters, self.now) = (counters, now)
    waiters = Mutex(Waiters(sweptTick: Self.tickNumber(now())))
    let feed = try store.feed(after: try store.outboxEnd())
    listener.enqueue { [self] in listen(feed) }
    sweeper.enqueue { [self] in sweep() }
  }

  func close() { isClosed.store(true, ordering: .relaxed) }

  /// Sends all who wait away, now and from now on: the process ends.
  func release() {
    isReleased.store(true, ordering: .sequentiallyConsistent)
    let tickets = waiters.withLock { $0.byNumber.values.flatMap(\.self) }
    for ticket in tickets { ticket.tell() }
  }

  /// Whether nobody may wait any more.
  var sendsAway: Bool { isReleased.load(ordering: .sequentiallyConsistent) }

  /// How many wait or are about to.
  var count: Int { waiters.withLock { $0.count } }

  /// From now on, news of the order are not missed.
  func subscribe(_ number: OrderNumber) -> Ticket {
    waiters.withLock { waiters in
      waiters.nextID += 1
      waiters.count += 1
      let ticket = Ticket(number, waiters.nextID)
      waiters.byNumber[number, default: []].append(ticket)
      return ticket
    }
  }

  func unsubscribe(_ ticket: Ticket) {
    waiters.withLock { waiters in
      waiters.count -= 1
      waiters.byNumber[ticket.number]?.removeAll { $0.id == ticket.id }
      if waiters.byNumber[ticket.number]?.isEmpty == true {
        waiters.byNumber[ticket.number] = nil
      }
    }
  }

  /// Waits for news since the last `reset`, or until `end`.
  func wait(_ ticket: Ticket, until end: Instant) async {
    waiters.withLock { waiters in
      let number = max(Self.tickNumber(end) + 1, waiters.sweptTick + 1)
      waiters.byTick[number, default: []].append(ticket)
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isTold = ticket.state.withLock { state in
          if case .told = state { return true }
          state = .waiting(continuation)
          return false
        }
        if isTold { continuation.resume() }
      }
    } onCancel: {
      ticket.tell()
    }
  }

  private static func tickNumber(_ instant: Instant) -> Int64 {
    instant.nanoseconds / tick.wholeNanoseconds
  }

  private func listen(_ feed: any OutboxFeed) {
    while !isClosed.load(ordering: .relaxed) {
      do throws(FleetError) {
        for message in try feed.next(waiting: .seconds(1), atMost: FleetBounds.pageMax) {
          for ticket in waiters.withLock({ $0.byNumber[message.number] ?? [] }) { ticket.tell() }
        }
      } catch {
        counters.add(.storeFailures)
        Bell().wait(beyond: 0, until: Clock.now() + .milliseconds(200))
      }
    }
    feed.stop()
  }

  private func sweep() {
    while !isClosed.load(ordering: .relaxed) {
      Bell().wait(beyond: 0, until: Clock.now() + Self.tick)
      let now = Self.tickNumber(now())
      let ended = waiters.withLock { waiters -> [Ticket] in
        var ended: [Ticket] = []
        while waiters.sweptTick < now {
          waiters.sweptTick += 1
          ended += waiters.byTick.removeValue(forKey: waiters.sweptTick) ?? []
        }
        return ended
      }
      for ticket in ended { ticket.tell() }
    }
  }
}
