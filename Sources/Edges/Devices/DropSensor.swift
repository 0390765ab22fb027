public import Platform
public import Timing

/// The sensor under the lanes; active means that something is in its beam.
///
/// Drops are kept with their times until the next sale asks, so evidence is not lost to a handler
/// that was not ready for it.
public final class DropSensor {
  /// What the sensor saw.
  public enum Event: Equatable, Sendable {
    /// Something came into the beam at that moment and stayed for the debounce time.
    case dropped(at: Instant)
    /// The beam has been broken for longer than a falling product takes.
    case blocked
    /// The beam is free again.
    case cleared
    /// The line is lost; the sensor tells nothing any more.
    case failed(GPIOError)
  }

  /// When the latest drops began, oldest first; at most 16.
  public private(set) var drops: [Instant] = []
  /// Whether the beam has been broken for too long.
  public private(set) var isBlocked = false

  private static let dropsKept = 16
  private let loop: EventLoop
  private let blockedAfter: Duration
  private let handler: (Event) -> Void
  private var timer: EventLoop.TimerToken?
  private var input: WatchedInput?

  /// Takes the line and calls `handler` on the loop from now on.
  ///
  /// A beam that is broken already is no drop; it becomes `.blocked` like any other.
  public init(
    loop: EventLoop, bank: any GPIOBank, line: LineSettings, debounce: Duration,
    blockedAfter: Duration = .seconds(2), handler: @escaping (Event) -> Void
  ) throws(GPIOError) {
    (self.loop, self.blockedAfter, self.handler) = (loop, blockedAfter, handler)
    let input = try WatchedInput(
      loop: loop, bank: bank, line: line, debounce: debounce,
      onChange: { [weak self] in self?.changed($0) },
      onFailure: { [weak self] in self?.failed($0) })
    self.input = input
    if input.isActive { armBlocked(since: Clock.now()) }
  }

  deinit {
    if let timer { loop.cancel(timer) }
  }

  /// Whether something is in the beam now, bounce taken out.
  public var isActive: Bool { input?.isActive ?? false }

  /// Whether something fell at or after that moment.
  public func hasDropped(since moment: Instant) -> Bool { drops.contains { $0 >= moment } }

  private func changed(_ change: SteadyInput.Change) {
    guard change.isActive else { return clear() }
    drops = (drops + [change.at]).suffix(Self.dropsKept)
    armBlocked(since: change.at)
    handler(.dropped(at: change.at))
  }

  private func clear() {
    if let timer { loop.cancel(timer) }
    timer = nil
    guard isBlocked else { return }
    isBlocked = false
    handler(.cleared)
  }

  private func armBlocked(since moment: Instant) {
    if let timer { loop.cancel(timer) }
    timer = loop.arm(at: moment + blockedAfter) { [weak self] in
      self?.isBlocked = true
      self?.handler(.blocked)
    }
  }

  private func failed(_ error: GPIOError) {
    if let timer { loop.cancel(timer) }
    timer = nil
    handler(.failed(error))
  }
}
