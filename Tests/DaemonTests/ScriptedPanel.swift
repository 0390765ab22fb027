import Displays
import Glibc
import Pixels
import Platform
import Synchronization
import Timing

/// A panel that notes what it is told, takes as long as it is told to, and fails when it should.
final class ScriptedPanel: Display {
  enum Act: Equatable {
    case opened
    case showed(Picture)
    case light(Int)
    case closed
  }

  struct State {
    var acts: [Act] = []
    var takes = Duration.zero
    var failure: DisplayError?
    /// While it is true a picture that was begun does not end.
    var isHeld = false
  }

  let capabilities: DisplayCapabilities
  let state = Mutex(State())

  init(drawing: DisplayCapabilities.Drawing = .pages) {
    capabilities = DisplayCapabilities(
      width: 320, height: 480, drawing: drawing, takesParts: true, acknowledgement: .each,
      brightnessSteps: 100, bytesPerSecond: 1_000_000)
  }

  var acts: [Act] { state.withLock(\.acts) }

  /// The pages that were shown, oldest first.
  var pages: [PanelPage] {
    acts.compactMap { if case .showed(.page(let page)) = $0 { page } else { nil } }
  }

  private func act(_ act: Act) throws(DisplayError) {
    let failure = state.withLock { state in
      if state.failure == nil { state.acts.append(act) }
      return state.failure
    }
    if let failure { throw failure }
  }

  func open(deadline: Instant) throws(DisplayError) { try act(.opened) }

  func present(_ picture: Picture, deadline: Instant) throws(DisplayError) -> Shown {
    let end = Clock.now() + state.withLock(\.takes)
    while state.withLock(\.isHeld) || Clock.now() < end { Self.nap() }
    try act(.showed(picture))
    return .confirmed
  }

  func checkHealth(deadline: Instant) throws(DisplayError) {
    if let failure = state.withLock(\.failure) { throw failure }
  }

  func setBrightness(percent: Int, deadline: Instant) throws(DisplayError) {
    try act(.light(percent))
  }

  func close() { state.withLock { $0.acts.append(.closed) } }

  static func nap() {
    var time = timespec(tv_sec: 0, tv_nsec: 1_000_000)
    unsafe nanosleep(&time, nil)
  }
}
