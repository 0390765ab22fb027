public import Pixels

/// The language of one kind of serial panel, as pure functions.
public protocol RasterCodec: Sendable {
  /// What a panel of this kind can do.
  func capabilities(width: Int, height: Int) -> DisplayCapabilities
  /// What one rectangle more costs, in pixels that could be sent in its stead.
  var rectangleOverheadPixels: Int { get }
  /// Asks the panel who it is. It changes nothing on the panel.
  var identification: Write { get }
  /// Reads what arrived after `identification`.
  func answer(in received: [UInt8]) -> PanelAnswer
  /// Whether a panel of this size may leave `identification` unanswered.
  func mayBeSilent(width: Int, height: Int, orientation: PanelOrientation) -> Bool
  /// Sets the orientation; width and height are those of the orientation.
  func orientation(_ orientation: PanelOrientation, width: Int, height: Int) -> Write
  /// Sets the backlight; beyond 0 to 100 per cent it is clamped.
  func brightness(percent: Int) -> Write
  /// What is sent last before the first picture.
  var wakeUp: [Write] { get }
  /// The pixels of `area`, which must lie inside the frame and not be empty.
  func bitmap(_ area: Rectangle, of frame: Frame) -> BitmapWrites
  /// Whether the panel that gave that answer to `identification` unpacks pixels.
  func unpacks(_ received: [UInt8]) -> Bool
  /// The pixels of `area`, packed; nil when that is not shorter, or there is no such thing.
  func packedBitmap(_ area: Rectangle, of frame: Frame) -> [Write]?
  /// Paints `area` in one colour; nil when the panel cannot.
  func fill(_ area: Rectangle, _ colour: Colour) -> Write?
  /// Makes the whole panel one colour in a few bytes, in whatever orientation it is told; nil where
  /// a `fill` does that.
  func clearing(
    _ orientation: PanelOrientation, width: Int, height: Int
  ) -> (writes: [Write], colour: Colour)?
  /// Ends a pixel transfer that somebody left open, of which `byteCount` may be missing.
  ///
  /// The panel takes everything for pixels until it has them all, so it gets zeros; what is left
  /// over of them is no command.
  func resynchronisation(
    byteCount: Int, width: Int, height: Int, orientation: PanelOrientation
  ) -> FlushWrites
  /// The same for a transfer of packed pixels, which zeros may not end; nil when there is none.
  func packedResynchronisation(width: Int, height: Int) -> FlushWrites?
}

// Most panels take pixels as they are.
extension RasterCodec {
  public func unpacks(_ received: [UInt8]) -> Bool { false }
  public func packedBitmap(_ area: Rectangle, of frame: Frame) -> [Write]? { nil }
  public func packedResynchronisation(width: Int, height: Int) -> FlushWrites? { nil }
}

/// What a panel's answer tells.
public enum PanelAnswer: Equatable, Sendable {
  /// Not all of it has arrived.
  case incomplete
  /// The right kind of panel, and its size when held upright, where it tells that.
  case panel(size: PanelSize?)
  /// An answer that no such panel gives.
  case stranger
}

/// A panel's size in pixels when held upright.
public struct PanelSize: Equatable, Sendable {
  public var width: Int
  public var height: Int

  /// Makes a size.
  public init(width: Int, height: Int) { (self.width, self.height) = (width, height) }
}
