/// How far a picture is turned, clockwise, so that it stands upright on a panel that is mounted
/// turned and cannot turn its picture itself.
public enum Rotation: Int, Hashable, Sendable, CaseIterable {
  case none = 0
  case quarter = 90
  case half = 180
  case threeQuarters = 270

  /// Whether width and height change places.
  public var swapsSides: Bool { self == .quarter || self == .threeQuarters }
}

extension Frame {
  /// The picture turned clockwise.
  ///
  /// What is top left here is top right after a quarter.
  public func rotated(_ rotation: Rotation) -> Frame {
    if rotation == .none { return self }
    var turned = Frame(
      width: rotation.swapsSides ? height : width, height: rotation.swapsSides ? width : height)
    // Where the first pixel goes, and how far the next of a row and of a column are from it.
    let (start, right, down) =
      switch rotation {
      case .none: (0, 1, width)
      case .quarter: (height - 1, height, -1)
      case .half: (width * height - 1, -1, -width)
      case .threeQuarters: ((width - 1) * height, -height, 1)
      }
    turned.scatter(pixels, rowLength: width, start: start, right: right, down: down)
    return turned
  }
}
