/// A colour in RGB565: five bits of red, six of green, five of blue, as small panels take it.
public struct Colour: Hashable, Sendable {
  /// `RRRRRGGGGGGBBBBB`.
  public var rgb565: UInt16

  /// Makes a colour from its packed form.
  public init(rgb565: UInt16) { self.rgb565 = rgb565 }

  /// Makes a colour from eight bits a channel, cutting the low bits off as the panels' senders do.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    rgb565 = UInt16(red >> 3) << 11 | UInt16(green >> 2) << 5 | UInt16(blue >> 3)
  }

  public static let black = Colour(rgb565: 0x0000)
  public static let white = Colour(rgb565: 0xFFFF)

  /// The colour with eight bits a channel, full scale kept (0x1F becomes 0xFF).
  public var rgb888: (red: UInt8, green: UInt8, blue: UInt8) {
    let red = UInt8(rgb565 >> 11)
    let green = UInt8(rgb565 >> 5 & 0x3F)
    let blue = UInt8(rgb565 & 0x1F)
    return (red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2)
  }
}

/// A rectangle of whole pixels, from its top left corner.
public struct Rectangle: Hashable, Sendable {
  public var x: Int
  public var y: Int
  public var width: Int
  public var height: Int

  /// Makes a rectangle; a width or height of zero or less is empty.
  public init(x: Int, y: Int, width: Int, height: Int) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  /// The first column to the right of the rectangle.
  public var right: Int { x + width }
  /// The first row below the rectangle.
  public var bottom: Int { y + height }
  /// Whether the rectangle has no pixel.
  public var isEmpty: Bool { width <= 0 || height <= 0 }
  /// Pixels in the rectangle.
  public var area: Int { isEmpty ? 0 : width * height }

  /// The part that both rectangles share; possibly empty.
  public func intersection(_ other: Rectangle) -> Rectangle {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return Rectangle(
      x: left, y: top, width: max(0, min(right, other.right) - left),
      height: max(0, min(bottom, other.bottom) - top))
  }

  /// The smallest rectangle that holds both.
  public func union(_ other: Rectangle) -> Rectangle {
    if isEmpty { return other }
    if other.isEmpty { return self }
    let left = min(x, other.x)
    let top = min(y, other.y)
    return Rectangle(
      x: left, y: top, width: max(right, other.right) - left,
      height: max(bottom, other.bottom) - top)
  }
}

/// A picture in memory, row by row from the top left, RGB565.
public struct Frame: Hashable, Sendable {
  public let width: Int
  public let height: Int
  /// `width * height` pixels, row by row.
  public private(set) var pixels: [UInt16]

  /// Makes a picture of one colour.
  public init(width: Int, height: Int, filledWith colour: Colour = .black) {
    precondition(width > 0 && height > 0, "a frame has at least one pixel")
    (self.width, self.height) = (width, height)
    pixels = Array(repeating: colour.rgb565, count: width * height)
  }

  /// The whole picture as a rectangle.
  public var bounds: Rectangle { Rectangle(x: 0, y: 0, width: width, height: height) }

  /// The pixel in a column and row, which must lie inside.
  public subscript(x: Int, y: Int) -> Colour {
    get { Colour(rgb565: pixels[y * width + x]) }
    set { pixels[y * width + x] = newValue.rgb565 }
  }

  /// Fills the part of `rectangle` that lies inside.
  public mutating func fill(_ rectangle: Rectangle, _ colour: Colour) {
    let area = rectangle.intersection(bounds)
    guard !area.isEmpty else { return }
    for row in area.y..<area.bottom {
      let start = row * width + area.x
      for index in start..<(start + area.width) { pixels[index] = colour.rgb565 }
    }
  }

  /// The pixels of the part of `rectangle` that lies inside, row by row.
  public func pixels(in rectangle: Rectangle) -> [UInt16] {
    let area = rectangle.intersection(bounds)
    guard !area.isEmpty else { return [] }
    var result: [UInt16] = []
    result.reserveCapacity(area.area)
    for row in area.y..<area.bottom {
      let start = row * width + area.x
      result.append(contentsOf: pixels[start..<(start + area.width)])
    }
    return result
  }

  /// The smallest rectangle outside which both pictures are equal; nil when they are equal.
  ///
  /// The pictures must have the same size.
  public func difference(from other: Frame) -> Rectangle? {
    precondition(width == other.width && height == other.height, "frames of one size")
    var box: Rectangle?
    for y in 0..<height {
      let row = y * width
      guard let first = (0..<width).first(where: { pixels[row + $0] != other.pixels[row + $0] })
      else { continue }
      let last = (0..<width).last { pixels[row + $0] != other.pixels[row + $0] } ?? first
      let changed = Rectangle(x: first, y: y, width: last - first + 1, height: 1)
      box = box?.union(changed) ?? changed
    }
    return box
  }
}
