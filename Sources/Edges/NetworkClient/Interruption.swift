internal import CCurl
private import Synchronization

/// Ends an exchange that another thread waits for: one for one exchange, which fails as `broken`.
///
/// Asked before the exchange begins, it never begins. What was sent may have arrived.
@safe
public final class Interruption: Sendable {
  private let state = Mutex(State())

  @safe
  private struct State: @unchecked Sendable {
    var isAsked = false
    /// libcurl's handle while it waits; it is not freed before `end`.
    var connections: UnsafeMutableRawPointer?
  }

  /// One that was not asked for yet.
  public init() {}

  /// Ends the exchange; it may be called at any time, from any thread.
  public func ask() {
    state.withLock { state in
      state.isAsked = true
      if let connections = unsafe state.connections { _ = unsafe curl_multi_wakeup(connections) }
    }
  }

  /// Whether it was asked for.
  public var isAsked: Bool { state.withLock(\.isAsked) }

  /// The exchange waits at this handle.
  func begin(_ connections: UnsafeMutableRawPointer?) {
    state.withLock { unsafe $0.connections = connections }
  }

  /// The exchange waits no more.
  func end() { state.withLock { unsafe $0.connections = nil } }
}
