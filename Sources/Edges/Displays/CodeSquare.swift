public import Pixels

/// The square of a panel in which the code stands with its quiet zone, and how large its modules
/// are there.
public struct CodeSquare: Equatable, Sendable {
  /// Modules narrower than this a camera does not part (facts on displays, section 11).
  public static let leastPixels = 3
  public static let leastMicrometres = 800

  /// In pixels of the panel.
  public var area: Rectangle
  /// The panel's pitch; nil when unknown, then only pixels count.
  public var pitchMicrometres: Int?

  /// Describes a square.
  public init(x: Int, y: Int, side: Int, pitchMicrometres: Int?) {
    area = Rectangle(x: x, y: y, width: side, height: side)
    self.pitchMicrometres = pitchMicrometres
  }

  /// Pixels of a module when so many of them, the quiet zone among them, share the square's side;
  /// nil when that is too small to be read.
  ///
  /// Some panels draw no module larger than `most` pixels.
  public func modulePixels(sharedBy modules: Int, most: Int = .max) -> Int? {
    let pixels = min(most, area.width / max(1, modules))
    guard pixels >= Self.leastPixels else { return nil }
    if let pitchMicrometres, pixels * pitchMicrometres < Self.leastMicrometres { return nil }
    return pixels
  }

  /// The refusal of a code of so many modules.
  public func refusal(of modules: Int) -> DisplayError {
    let pitch = pitchMicrometres.map { " of \($0) µm" } ?? ""
    return .codeTooSmall(
      "\(modules) modules with the quiet zone in \(area.width) pixels\(pitch); a module needs"
        + " \(Self.leastPixels) pixels and 0.8 mm")
  }

  /// The rectangles of the panel that are dark when the code is drawn into the middle of the
  /// square, in the largest modules of whole pixels.
  public func darkRectangles(of code: CodeSymbol) throws(DisplayError) -> [Rectangle] {
    guard let pixels = modulePixels(sharedBy: code.sideWithQuietZone) else {
      throw refusal(of: code.sideWithQuietZone)
    }
    let margin = (area.width - code.side * pixels) / 2
    return code.darkRectangles.map {
      Rectangle(
        x: area.x + margin + $0.x * pixels, y: area.y + margin + $0.y * pixels,
        width: $0.width * pixels, height: $0.height * pixels)
    }
  }

  /// Modules on a side, quiet zone included, of the largest symbol that an encoder of unknown
  /// habits may choose for so many bytes: level H, the version as small as that allows; nil beyond
  /// version 14.
  public static func mostModules(forBytes count: Int) -> Int? {
    guard let index = capacityAtH.firstIndex(where: { $0 >= count }) else { return nil }
    return 17 + 4 * (index + 1) + 2 * CodeSymbol.quietZone
  }

  /// Bytes that versions 1 to 14 hold at level H (ISO/IEC 18004, table 7).
  private static let capacityAtH = [7, 14, 24, 34, 44, 58, 64, 84, 98, 119, 137, 155, 177, 194]
}
