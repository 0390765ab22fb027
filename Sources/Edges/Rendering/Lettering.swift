public import Pixels
private import Synchronization

/// Words on a frame in one font, black on white: how a panel with a font of its own writes.
public final class Lettering: Sendable {
  private let typeface: Mutex<Typeface>

  /// Opens the font, which stays mapped.
  public init(fontPath: String) throws(RenderingError) {
    typeface = Mutex(try Typeface(path: fontPath))
  }

  /// Writes a line into the middle of an area, in the largest size up to `size` pixels in which it
  /// fits; what does not fit the smallest is cut.
  public func write(_ text: String, size: Int, in area: Rectangle, on frame: inout Frame) {
    let inside = area.intersection(frame.bounds)
    guard !inside.isEmpty else { return }
    typeface.withLock { typeface in
      var canvas = Canvas(
        width: inside.width, height: inside.height, typeface: typeface, ground: .white)
      let style = canvas.fitting(
        text, width: inside.width, size: min(size, inside.height), least: 8, isBold: false)
      let top = max(0, (inside.height - canvas.lineHeight(style)) / 2)
      canvas.draw(text, style, .black, y: top, in: canvas.bounds, .centre)
      frame.paste(canvas.frame, x: inside.x, y: inside.y)
    }
  }
}
