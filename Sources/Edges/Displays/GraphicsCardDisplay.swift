public import Pixels
internal import Platform
private import Synchronization
public import Timing

/// A panel behind a graphics card of the kernel's, such as `/dev/dri/card0`: HDMI, or one of the
/// small USB and SPI screens that have a DRM driver.
///
/// A picture of the screen's size is turned as the panel hangs; a smaller one is shown as it is in
/// the top left corner.
public final class GraphicsCardDisplay: Display {
  public let capabilities: DisplayCapabilities
  private let path: String
  private let orientation: PanelOrientation
  private let state = Mutex<State?>(nil)

  private struct State {
    let card: GraphicsCard
    let turns: QuarterTurns
    /// What the screen shows; nil when nobody can say.
    var shown: Frame?
  }

  /// Names the card; width and height are those of the panel as it is mounted.
  public init(path: String, width: Int, height: Int, orientation: PanelOrientation) {
    (self.path, self.orientation) = (path, orientation)
    capabilities = DisplayCapabilities(
      width: width, height: height, takesParts: true, acknowledgement: .each, brightnessSteps: 0,
      bytesPerSecond: 100_000_000)
  }

  public func open(deadline: Instant) throws(DisplayError) {
    try state.withLock { state throws(DisplayError) in
      // Only one holder at a time: the old one gives the screen back first.
      state = nil
      let card = try GraphicsCard(
        path: path, width: capabilities.width, height: capabilities.height)
      let turns = orientation.turns(
        showing: capabilities, onMemoryOf: card.layout.width, by: card.layout.height)
      guard let turns else {
        throw .wrongDevice("\(path) is only \(card.layout.width)x\(card.layout.height)")
      }
      state = State(card: card, turns: turns, shown: nil)
    }
  }

  public func present(_ picture: Picture, deadline: Instant) throws(DisplayError) -> Shown {
    let frame = try picture.frame(for: capabilities)
    return try state.withLock { state throws(DisplayError) in
      guard let present = state else { throw .notThere("not open") }
      let memory = frame.rotated(by: present.turns)
      let areas = present.shown.map { memory.changes(from: $0, overhead: 0) } ?? [memory.bounds]
      do throws(SystemError) {
        for area in areas { try present.card.show(area, of: memory) }
      } catch {
        state = nil
        throw .notThere("\(path): \(error)")
      }
      state?.shown = memory
      return .confirmed
    }
  }

  public func checkHealth(deadline: Instant) throws(DisplayError) {
    try state.withLock { state throws(DisplayError) in
      guard let present = state else { throw .notThere("not open") }
      guard present.card.isConnected else {
        state = nil
        throw .notThere("\(path): the screen was taken away")
      }
    }
  }

  /// The backlight of a screen behind a card is another device's business.
  public func setBrightness(percent: Int, deadline: Instant) throws(DisplayError) {}

  public func close() { state.withLock { $0 = nil } }
}
