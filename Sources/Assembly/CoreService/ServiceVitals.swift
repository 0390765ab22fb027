internal import Core
internal import FleetStorage
public import Ordering
internal import Platform
internal import Synchronization
internal import Timing

/// Whether this process could sell now: it asks the store and the provider every now and then, so
/// that ten thousand heartbeats need not.
public final class ServiceVitals: Sendable {
  private static let pause: Duration = .seconds(20)

  private struct State {
    var store: Doubt? = Doubt(.tryLater, "not looked at yet")
    var provider: Doubt? = Doubt(.tryLater, "not asked yet")
    var hasLooked = false
  }

  private let core: FleetCore
  private let state = Mutex(State())
  private let task = Mutex<Task<Void, Never>?>(nil)

  /// The vitals of a core's process.
  public init(_ core: FleetCore) { self.core = core }

  /// Begins to look; ends with `stop`.
  public func start() {
    task.withLock { task in
      task = Task {
        while !Task.isCancelled {
          await look()
          // Who is unwell looks again soon.
          await Interval.pass(doubt == nil ? Self.pause : Self.pause / 8)
        }
      }
    }
  }

  /// Ends.
  public func stop() { task.withLock { $0?.cancel() } }

  /// Looks once.
  public func look() async {
    var store: Doubt?
    do throws(FleetError) {
      _ = try await core.onStore { store throws(FleetError) in try store.schemaVersion }
    } catch {
      store = OrderTurn.doubt(error)
    }
    let found = store
    state.withLock { $0.store = found }
    guard let number = OrderNumber("PROBE\(core.clocks.chance())") else { return }
    let provider = await core.providers.probe(number)
    state.withLock { state in
      state.provider = provider
      state.hasLooked = true
    }
  }

  /// Whether store and provider have been asked at all.
  public var hasLooked: Bool { state.withLock { $0.hasLooked } }

  /// Why no order would be taken now; nil when one would.
  public var doubt: Doubt? { state.withLock { $0.store ?? $0.provider } }

  /// Why the store does not answer; nil when it does.
  public var storeDoubt: Doubt? { state.withLock { $0.store } }

  /// Why the provider does not answer; nil when it does.
  public var providerDoubt: Doubt? { state.withLock { $0.provider } }
}
