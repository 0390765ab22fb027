internal import Platform
internal import Timing

/// An input line on the event loop, debounced.
///
/// Nothing runs while the line is still.
final class WatchedInput {
  private let loop: EventLoop
  private let line: any InputLine
  private let onChange: (SteadyInput.Change) -> Void
  private let onFailure: (GPIOError) -> Void
  private var filter: SteadyInput
  private var timer: EventLoop.TimerToken?
  private var isWatching = false
  /// libgpiod 1 keeps 16 edges a line; so many at once may be fewer than there were.
  private static let edgesThatMayBeCut = 16

  init(
    loop: EventLoop, bank: any GPIOBank, line settings: LineSettings, debounce: Duration,
    onChange: @escaping (SteadyInput.Change) -> Void,
    onFailure: @escaping (GPIOError) -> Void
  ) throws(GPIOError) {
    (self.loop, self.onChange, self.onFailure) = (loop, onChange, onFailure)
    line = try bank.input(settings)
    filter = SteadyInput(isActive: try line.get(), at: Clock.now(), debounce: debounce)
    do throws(SystemError) {
      try loop.watch(line.descriptor) { [weak self] _ in self?.edgesWait() }
      isWatching = true
    } catch {
      throw .system(line: line.name, words: error.description)
    }
  }

  deinit { stop() }

  /// The level that counts.
  var isActive: Bool { filter.isActive }

  private func stop() {
    if isWatching { loop.unwatch(line.descriptor) }
    if let timer { loop.cancel(timer) }
    (isWatching, timer) = (false, nil)
  }

  private func edgesWait() {
    do throws(GPIOError) {
      report(try takeEdges())
      armTimer()
    } catch {
      stop()
      onFailure(error)
    }
  }

  private func takeEdges() throws(GPIOError) -> [SteadyInput.Change] {
    let edges = try line.takeEdges()
    var changes = edges.compactMap { filter.take($0) }
    if edges.count >= Self.edgesThatMayBeCut, let change = try compareLevel() {
      changes.append(change)
    }
    return changes
  }

  /// Believes the line rather than its history.
  private func compareLevel() throws(GPIOError) -> SteadyInput.Change? {
    let level = try line.get()
    return level == filter.level ? nil : filter.take(Edge(isActive: level, at: Clock.now()))
  }

  private func armTimer() {
    if let timer { loop.cancel(timer) }
    timer = filter.settlesAt.map { at in
      loop.arm(at: at) { [weak self] in self?.timerFired() }
    }
  }

  private func timerFired() {
    timer = nil
    do throws(GPIOError) {
      var changes = try takeEdges()
      if let change = try compareLevel() { changes.append(change) }
      if let change = filter.settle(at: Clock.now()) { changes.append(change) }
      report(changes)
      armTimer()
    } catch {
      stop()
      onFailure(error)
    }
  }

  private func report(_ changes: [SteadyInput.Change]) {
    for change in changes { onChange(change) }
  }
}
