internal import Synchronization
internal import Timing

/// Measures how long the display takes to answer a key, at the wires.
///
/// From the contact to the first byte; the debounce time is in it.
final class Stopwatch: Sendable {
  private let pressed = Mutex<Instant?>(nil)

  /// The measurement in words, when this event ends one.
  func words(_ event: BoardEvent) -> String? {
    switch event {
    case .keyDown(_, let at):
      pressed.withLock { $0 = at }
      return nil
    case .displayWritten(let at):
      let began = pressed.withLock { pressed in
        defer { pressed = nil }
        return pressed
      }
      return began.map { "first display byte after \((at - $0).wholeNanoseconds / 1000) us" }
    case .keyUp, .relayOn, .relayOff, .laneTurned, .productFell, .doorMoved, .displayPainted,
      .displayLit,
      .displayUnplugged, .displayPlugged, .linesTaken, .linesReleased, .displayTaken,
      .displayReleased:
      return nil
    }
  }
}
