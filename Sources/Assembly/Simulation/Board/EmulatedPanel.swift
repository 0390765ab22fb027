public import Pixels

/// A panel's firmware: bytes in, answers and pixels out.
///
/// A value without time or port: `PanelPort` gives it those.
public protocol EmulatedPanel: Sendable {
  /// Takes bytes as they arrive, in pieces of any size.
  mutating func take(_ bytes: [UInt8]) -> PanelReaction
  /// What the panel's memory shows, in the orientation that it was told; nil while the panel is
  /// switched off.
  var picture: Frame? { get }
  /// The backlight, 0 to 100 per cent.
  var brightnessPercent: Int { get }
  /// Pictures or parts of pictures that were painted to the end.
  var paints: Int { get }
  /// Bytes that were no command of this panel.
  var nonsense: Int { get }
  /// Loses what a panel loses when its power goes.
  mutating func losePower()
  /// Hears that another host has opened its port, where it can.
  mutating func meetHost()
  /// Goes on after the pause that it asked for.
  mutating func wake() -> PanelReaction
  /// Begins anew after its supply failed for a moment; its port stays where it is.
  mutating func restart() -> PanelReaction
}

extension EmulatedPanel {
  /// A serial panel sees bytes and no hosts: what one left open, the next one finds so.
  public mutating func meetHost() {}

  /// Most panels never pause.
  public mutating func wake() -> PanelReaction { PanelReaction() }

  /// Most say nothing about it.
  public mutating func restart() -> PanelReaction {
    losePower()
    var reaction = PanelReaction()
    reaction.didPaint = true
    return reaction
  }
}

/// What a panel does about bytes.
public struct PanelReaction: Hashable, Sendable {
  /// Bytes for the host.
  public var answer: [UInt8] = []
  /// Whether the picture changed.
  public var didPaint = false
  /// Whether the panel was told to restart: its port goes away and comes back.
  public var restarts = false
  /// Whether it talks no more to this host.
  public var hangsUp = false
  /// How long it does nothing but take bytes; then it wants to be woken.
  public var pause: Duration?

  /// Makes a reaction that is none.
  public init() {}
}

/// A panel's pixel memory with a window that is filled row by row, as these panels do it.
struct PanelMemory: Equatable, Sendable {
  private(set) var frame: Frame
  private(set) var isLandscape = false
  private var window = Rectangle(x: 0, y: 0, width: 0, height: 0)
  private var filled = 0
  private var lowByte: UInt8?

  /// Begins with a portrait memory of that size, black.
  init(width: Int, height: Int) { frame = Frame(width: width, height: height) }

  /// Pixels of the window that have not come yet.
  var missing: Int { window.area - filled }

  /// Turns the memory; what it showed is lost, as a host must expect.
  mutating func turn(landscape: Bool) {
    guard landscape != isLandscape else { return }
    isLandscape = landscape
    frame = Frame(width: frame.height, height: frame.width)
  }

  /// Opens a window for pixels; one of no size opens none.
  mutating func open(_ window: Rectangle) {
    (self.window, filled, lowByte) = (window, 0, nil)
  }

  /// Takes bytes of pixels, low byte first, and says how many it took.
  mutating func take(_ bytes: ArraySlice<UInt8>) -> Int {
    var taken = 0
    for byte in bytes {
      guard missing > 0 else { break }
      taken += 1
      guard let low = lowByte else {
        lowByte = byte
        continue
      }
      lowByte = nil
      put(Colour(rgb565: UInt16(byte) << 8 | UInt16(low)))
    }
    return taken
  }

  mutating func fill(_ rectangle: Rectangle, _ colour: Colour) { frame.fill(rectangle, colour) }

  private mutating func put(_ colour: Colour) {
    let x = window.x + filled % window.width
    let y = window.y + filled / window.width
    filled += 1
    // Pixels outside are swallowed: the firmware counts, it does not think.
    if x < frame.width, y < frame.height { frame[x, y] = colour }
  }
}
