internal import Platform
internal import Synchronization
internal import Timing

/// What happens on a simulated machine and around it, in the order in which it became known.
public final class MachineLog: Sendable {
  /// Who tells.
  public enum Source: String, Hashable, Sendable, Codable, CaseIterable {
    /// Keys, relays, lanes, sensor, door, display.
    case board
    /// The payment platform.
    case platform
    /// The daemon's own log and what it tells systemd.
    case daemon
    /// The payment service's own log, where the machine is one of a fleet.
    case service
    /// The customer's phone.
    case phone
    /// The person at the front panel, or the script in his place.
    case person
  }

  /// One line.
  public struct Line: Hashable, Sendable, Codable {
    /// Counts from one.
    public var index: Int
    /// Since the machine's start.
    public var milliseconds: Int64
    public var source: Source
    public var words: String
  }

  /// Rung at every new line.
  public let bell = Bell()
  private let start = Clock.now()
  private let state = Mutex<(lines: [Line], count: Int)>(([], 0))

  /// An empty log; its clock starts now.
  public init() {}

  /// Adds a line.
  public func add(_ source: Source, _ words: String) {
    let now = milliseconds
    state.withLock { state in
      state.count += 1
      state.lines.append(
        Line(index: state.count, milliseconds: now, source: source, words: words))
      if state.lines.count > 2000 { state.lines.removeFirst(500) }
    }
    bell.ring()
  }

  /// Milliseconds since the start.
  public var milliseconds: Int64 { (Clock.now() - start).wholeMilliseconds }

  /// The lines after the one with `index`, oldest first, as far as they are kept.
  public func lines(after index: Int = 0) -> [Line] {
    state.withLock { $0.lines.filter { $0.index > index } }
  }
}
