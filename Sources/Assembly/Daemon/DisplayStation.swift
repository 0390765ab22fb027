internal import Displays
internal import Pixels
internal import Platform
internal import Rendering
private import Synchronization
internal import Timing
internal import Vending

/// The display and its painter on a thread of their own: the loop says what to show, the newest
/// wish wins, and every change of the panel's health is reported back.
///
/// After each opening the panel is blanked before anything else: whatever it showed is nobody's
/// order any more (I8). While it is dark it is opened again with growing pauses, by its port's
/// path.
final class DisplayStation: Sendable {
  /// What the loop learns.
  enum Report: Hashable, Sendable {
    /// Open, and the last wish is painted.
    case well
    case dark(String)
    /// The payload does not fit the panel in modules that a phone can read.
    case codeTooSmall(String)
  }

  private let display: any Display
  private let renderer: ScreenRenderer
  private let brightness: Int
  private let worker = Worker(name: "display")
  private let report: @Sendable (Report) -> Void
  private let desk = Mutex(Desk())

  private struct Desk {
    var wish: Screen = .blank
    var isQueued = false
    var isOpen = false
    var wasReported: Report?
  }

  /// How long opening may take: a panel that was left in the middle of a picture is flushed first,
  /// which takes a five-inch one some 7 s.
  static let openLimit: Duration = .seconds(10)
  /// How long a paint may take: a full frame of the slowest panel takes about 2 s (facts: displays
  /// 1).
  static let paintLimit: Duration = .seconds(6)

  init(
    display: any Display, renderer: ScreenRenderer, brightness: Int,
    report: @escaping @Sendable (Report) -> Void
  ) {
    (self.display, self.renderer, self.brightness) = (display, renderer, brightness)
    self.report = report
  }

  /// Shows a screen as soon as the panel is free; a wish that was not begun is forgotten.
  func show(_ screen: Screen) {
    let isFirst = desk.withLock { desk in
      desk.wish = screen
      defer { desk.isQueued = true }
      return !desk.isQueued
    }
    if isFirst { worker.enqueue { [self] in paint() } }
  }

  /// Asks the panel for a sign of life; opens it when it is dark.
  func checkHealth() {
    worker.enqueue { [self] in
      guard desk.withLock({ $0.isOpen }) else { return paint() }
      do throws(DisplayError) {
        try display.checkHealth(deadline: Clock.now() + .seconds(3))
        tell(.well)
      } catch {
        lose(error)
        paint()
      }
    }
  }

  /// Work that waits or runs; for the watchdog.
  func ping(_ answer: @escaping @Sendable () -> Void) { worker.enqueue(answer) }

  /// Blanks the panel and lets it go, before the process ends.
  func close(then done: @escaping @Sendable () -> Void) {
    worker.enqueue { [self] in
      if desk.withLock({ $0.isOpen }) {
        do throws(DisplayError) {
          try display.show(blankFrame, deadline: Clock.now() + .seconds(2))
        } catch {
          // Gone already; nothing of ours is on it then.
        }
        display.close()
      }
      done()
    }
  }

  // MARK: On the worker

  private var blankFrame: Frame { Frame(width: display.width, height: display.height) }

  private func paint() {
    let (screen, isOpen) = desk.withLock { desk in
      desk.isQueued = false
      return (desk.wish, desk.isOpen)
    }
    do throws(DisplayError) {
      if !isOpen { try open() }
      let frame: Frame
      do throws(RenderingError) {
        frame = try renderer.draw(screen)
      } catch {
        try display.show(blankFrame, deadline: Clock.now() + Self.paintLimit)
        return tell(.codeTooSmall("\(error)"))
      }
      try display.show(frame, deadline: Clock.now() + Self.paintLimit)
      tell(.well)
    } catch {
      lose(error)
    }
  }

  private func open() throws(DisplayError) {
    try display.open(deadline: Clock.now() + Self.openLimit)
    try display.show(blankFrame, deadline: Clock.now() + Self.paintLimit)
    desk.withLock { $0.isOpen = true }
    try display.setBrightness(percent: brightness, deadline: Clock.now() + .seconds(1))
  }

  private func lose(_ error: DisplayError) {
    display.close()
    desk.withLock { $0.isOpen = false }
    tell(.dark("\(error)"))
  }

  /// Reports changes only.
  private func tell(_ news: Report) {
    let isNew = desk.withLock { desk in
      defer { desk.wasReported = news }
      return desk.wasReported != news
    }
    if isNew { report(news) }
  }
}
