/// A turn by whole quarters.
///
/// For a panel that cannot turn a picture by itself, and for whoever reads what such a panel shows.
public enum QuarterTurns: Int, Hashable, Sendable, CaseIterable {
  case none = 0
  /// One quarter clockwise.
  case clockwise = 1
  case half = 2
  /// One quarter counter-clockwise.
  case counterClockwise = 3

  /// What undoes it.
  public var inverse: QuarterTurns { QuarterTurns(rawValue: (4 - rawValue) % 4) ?? .none }

  /// Whether width and height change places.
  public var swapsSides: Bool { self == .clockwise || self == .counterClockwise }
}

extension Frame {
  /// The picture, turned; the same picture for no turn at all.
  public func rotated(by turns: QuarterTurns) -> Frame {
    if turns == .none { return self }
    var result = turns.swapsSides ? Frame(width: height, height: width) : self
    let walk = turns.walk(width: width, height: height)
    result.replacePixels { target in
      let source = pixels.span
      var index = walk.first
      var written = 0
      for _ in 0..<(turns.swapsSides ? width : height) {
        for step in 0..<(turns.swapsSides ? height : width) {
          target[written] = source[index + step * walk.column]
          written += 1
        }
        index += walk.row
      }
    }
    return result
  }
}

extension QuarterTurns {
  /// How the pixels of a picture are walked through to write the turned one row by row: where its
  /// first pixel stands, and how far off the next in its row and the first of its next row are.
  fileprivate func walk(width: Int, height: Int) -> (first: Int, column: Int, row: Int) {
    switch self {
    case .none: (0, 1, width)
    case .clockwise: ((height - 1) * width, -width, 1)
    case .half: (width * height - 1, -1, -width)
    case .counterClockwise: (width - 1, width, -1)
    }
  }
}

extension Rectangle {
  /// Where the rectangle lies in a picture of that size once that is turned.
  public func rotated(by turns: QuarterTurns, width: Int, height: Int) -> Rectangle {
    switch turns {
    case .none: self
    case .clockwise:
      Rectangle(x: height - bottom, y: x, width: self.height, height: self.width)
    case .half:
      Rectangle(
        x: width - right, y: height - bottom, width: self.width, height: self.height)
    case .counterClockwise:
      Rectangle(x: y, y: width - right, width: self.height, height: self.width)
    }
  }
}
