internal import Synchronization

/// Tells any number of waiting tasks that something changed.
public final class Bell: Sendable {
  private struct State {
    var rings: UInt64 = 0
    var nextWaiter: UInt64 = 0
    var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
  }
  private let state = Mutex(State())

  /// Makes a bell that has not rung.
  public init() {}

  /// How often it rang.
  public var rings: UInt64 { state.withLock { $0.rings } }

  /// Rings.
  public func ring() {
    let waiters = state.withLock { state in
      state.rings += 1
      defer { state.waiters = [:] }
      return state.waiters.values.map(\.self)
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Returns as soon as it has rung more than `rings` times, or `limit` has passed.
  public func wait(after rings: UInt64, atMost limit: Duration) async {
    let timer = Task { [weak self] in
      await pause(limit)
      if !Task.isCancelled { self?.ring() }
    }
    defer { timer.cancel() }
    // A cancelled task waits no longer; that others wake up once for nothing costs little.
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let hasRung = state.withLock { state in
          guard state.rings <= rings, !Task.isCancelled else { return true }
          state.nextWaiter += 1
          state.waiters[state.nextWaiter] = continuation
          return false
        }
        if hasRung { continuation.resume() }
      }
    } onCancel: {
      ring()
    }
  }
}
