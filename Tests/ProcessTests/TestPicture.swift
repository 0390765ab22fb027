import Pixels

/// What panels are shown that are looked at pixel by pixel, and how they hang.
enum TestPicture {
  /// The board file's words for an orientation, and the turn on a panel whose memory is landscape.
  static let orientations: [(String, QuarterTurns)] = [
    ("landscape", .none), ("reverse-portrait", .clockwise), ("reverse-landscape", .half),
    ("portrait", .counterClockwise),
  ]

  /// Another picture for every number, of the formula of the captures.
  static func full(_ width: Int, _ height: Int, _ number: Int = 0) -> Frame {
    var frame = Frame(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        frame[x, y] = Colour(
          red: UInt8((5 * x + y + number) & 255), green: UInt8((x + 3 * y) & 255),
          blue: UInt8((x ^ y) & 255))
      }
    }
    return frame
  }
}
