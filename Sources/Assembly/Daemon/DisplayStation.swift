internal import Displays
internal import Pixels
internal import Platform
internal import Rendering
private import Synchronization
internal import Timing
internal import Vending
internal import Wiring

/// The display and its painter on a thread of their own: the loop says what to show, the newest
/// wish wins, and every change of the panel's health is reported back.
///
/// After each opening the panel is blanked before anything else: whatever it showed is nobody's
/// order any more (I8). While it is dark it is opened again with growing pauses, by its port's
/// path.
final class DisplayStation: Sendable {
  /// What the loop learns.
  enum Report: Equatable, Sendable {
    /// Open, and the last wish is painted.
    case well
    case dark(String)
    /// The payload does not fit the panel in modules that a phone can read.
    case codeTooSmall(String)
  }

  private let display: any Display
  private let renderer: ScreenRenderer
  private let worker = Worker(name: "display")
  private let report: @Sendable (Report) -> Void
  private let desk: Mutex<Desk>

  /// What is to be shown.
  fileprivate enum Wish {
    case screen(Screen)
    case card(TestCard.Step)
  }

  private struct Desk {
    var wish = Wish.screen(.blank)
    var brightness: Int
    var ticks = TickBudget()
    var isQueued = false
    /// Whether the wish differs from what is shown by the time left alone.
    var isTick = false
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
    (self.display, self.renderer, self.report) = (display, renderer, report)
    desk = Mutex(Desk(brightness: brightness))
  }

  /// Shows a screen as soon as the panel is free; a wish that was not begun is forgotten.
  func show(_ screen: Screen) { take(.screen(screen)) }

  /// Shows a technician's card, or says why this panel cannot; what to look for otherwise.
  func show(_ step: TestCard.Step) throws(RenderingError) -> String {
    // Drawn here as well, so that a card that cannot be drawn is refused and no fault of the panel.
    _ = try renderer.picture(of: step, for: display.capabilities)
    take(.card(step))
    return try renderer.words(for: step)
  }

  private func take(_ wish: Wish) {
    let isFirst = desk.withLock { desk in
      let isTick = wish.isTick(after: desk.wish)
      // A tick that the panel has no time for is left out; the next one tells the same.
      if isTick, !desk.isQueued, !desk.ticks.allows(at: Clock.now()) { return false }
      desk.isTick = desk.isQueued ? desk.isTick && isTick : isTick
      desk.wish = wish
      defer { desk.isQueued = true }
      return !desk.isQueued
    }
    if isFirst { worker.enqueue { [self] in paint() } }
  }

  /// Answers once the last wish is on the panel; at once when the panel is dark.
  ///
  /// An order is ended only after its code was painted over (I8). Painting has its bound, so the
  /// answer comes whatever the panel does.
  func afterPainting(_ answer: @escaping @Sendable () -> Void) {
    guard desk.withLock({ $0.isOpen }) else { return answer() }
    worker.enqueue(answer)
  }

  /// Sets the backlight, now and after each opening.
  func setBrightness(percent: Int) {
    let isNew = desk.withLock { desk in
      defer { desk.brightness = percent }
      return desk.brightness != percent
    }
    guard isNew else { return }
    worker.enqueue { [self] in
      guard desk.withLock({ $0.isOpen }) else { return }
      do throws(DisplayError) {
        try display.setBrightness(percent: percent, deadline: Clock.now() + .seconds(1))
      } catch {
        lose(error)
        paint()
      }
    }
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
          _ = try display.present(display.emptyPicture, deadline: Clock.now() + .seconds(2))
        } catch {
          // Gone already; nothing of ours is on it then.
        }
        display.close()
      }
      done()
    }
  }

  // MARK: On the worker

  private func paint() {
    do throws(DisplayError) {
      if !desk.withLock({ $0.isOpen }) { try open() }
      // Only now: while a panel was opened its code may have died.
      let (wish, isTick) = desk.withLock { desk in
        desk.isQueued = false
        return (desk.wish, desk.isTick)
      }
      let picture: Picture
      do throws(RenderingError) {
        picture =
          switch wish {
          case .screen(let screen):
            try renderer.picture(of: screen, for: display.capabilities)
          case .card(let step): try renderer.picture(of: step, for: display.capabilities)
          }
      } catch {
        throw .codeTooSmall("\(error)")
      }
      let start = Clock.now()
      _ = try display.present(picture, deadline: start + Self.paintLimit)
      if isTick { desk.withLock { $0.ticks.drew(from: start, to: Clock.now()) } }
      tell(.well)
    } catch {
      guard case .codeTooSmall(let words) = error else { return lose(error) }
      blank(becauseOf: words)
    }
  }

  private func open() throws(DisplayError) {
    try display.open(deadline: Clock.now() + Self.openLimit)
    try display.blank(deadline: Clock.now() + Self.paintLimit)
    let brightness = desk.withLock { desk in
      desk.isOpen = true
      return desk.brightness
    }
    try display.setBrightness(percent: brightness, deadline: Clock.now() + .seconds(1))
  }

  /// A code that no phone could read is not shown, and nothing in its stead.
  private func blank(becauseOf words: String) {
    do throws(DisplayError) {
      _ = try display.present(display.emptyPicture, deadline: Clock.now() + Self.paintLimit)
      tell(.codeTooSmall(words))
    } catch {
      lose(error)
    }
  }

  private func lose(_ error: DisplayError) {
    display.close()
    desk.withLock { ($0.isOpen, $0.isQueued) = (false, false) }
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

extension DisplayStation.Wish {
  /// Whether it differs from another by the time left alone.
  fileprivate func isTick(after other: Self) -> Bool {
    guard case .screen(.payment(let new)) = self, case .screen(.payment(var old)) = other else {
      return false
    }
    old.secondsLeft = new.secondsLeft
    return new == old
  }
}
