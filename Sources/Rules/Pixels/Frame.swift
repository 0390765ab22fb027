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

  /// The colour over another one, `coverage` of 255 parts of it; 255 is the colour itself.
  public func over(_ ground: Colour, coverage: UInt8) -> Colour {
    if coverage == 255 { return self }
    if coverage == 0 { return ground }
    let part = UInt32(coverage)
    func mixed(_ shift: UInt16, _ mask: UInt16) -> UInt16 {
      let top = UInt32(rgb565 >> shift & mask)
      let bottom = UInt32(ground.rgb565 >> shift & mask)
      return UInt16((top * part + bottom * (255 - part) + 127) / 255) << shift
    }
    return Colour(rgb565: mixed(11, 0x1F) | mixed(5, 0x3F) | mixed(0, 0x1F))
  }
}

/// A rectangle of whole pixels, from its top left corner.
public struct Rectangle: Equatable, Sendable {
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

  /// The rectangle with `margin` pixels less on every side; possibly empty.
  public func inset(by margin: Int) -> Rectangle {
    Rectangle(
      x: x + margin, y: y + margin, width: max(0, width - 2 * margin),
      height: max(0, height - 2 * margin))
  }
}

/// A picture in memory, row by row from the top left, RGB565.
public struct Frame: Equatable, Sendable {
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

  /// Writes all pixels anew, in whatever order.
  mutating func replacePixels(_ write: (inout MutableSpan<UInt16>) -> Void) {
    var span = pixels.mutableSpan
    write(&span)
  }

  /// Fills the part of `rectangle` that lies inside.
  public mutating func fill(_ rectangle: Rectangle, _ colour: Colour) {
    let area = rectangle.intersection(bounds)
    guard !area.isEmpty else { return }
    let width = width
    var span = pixels.mutableSpan
    for row in area.y..<area.bottom {
      let start = row * width + area.x
      for index in start..<(start + area.width) { span[index] = colour.rgb565 }
    }
  }

  /// Lays a colour through a stencil.
  ///
  /// `coverage` has one byte a pixel of `area`, row by row, 255 for all of the colour. What lies
  /// outside the picture is left out.
  public mutating func stencil(_ colour: Colour, _ coverage: [UInt8], in area: Rectangle) {
    guard !area.isEmpty else { return }
    precondition(coverage.count == area.area, "one byte of coverage a pixel")
    let visible = area.intersection(bounds)
    guard !visible.isEmpty else { return }
    let width = width
    var span = pixels.mutableSpan
    for row in visible.y..<visible.bottom {
      let source = (row - area.y) * area.width - area.x
      for column in visible.x..<visible.right {
        let part = coverage[source + column]
        guard part != 0 else { continue }
        let index = row * width + column
        span[index] = colour.over(Colour(rgb565: span[index]), coverage: part).rgb565
      }
    }
  }

  /// Lays a picture over this one, its top left corner at a column and row; what lies outside is
  /// left out.
  public mutating func paste(_ other: Frame, x: Int, y: Int) {
    let area = Rectangle(x: x, y: y, width: other.width, height: other.height)
      .intersection(bounds)
    guard !area.isEmpty else { return }
    for row in area.y..<area.bottom {
      let target = row * width + area.x
      let source = (row - y) * other.width + area.x - x
      pixels.replaceSubrange(
        target..<(target + area.width), with: other.pixels[source..<(source + area.width)])
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

  /// The one colour of all pixels of `rectangle` that lie inside; nil when there are several.
  public func uniformColour(in rectangle: Rectangle) -> Colour? {
    let area = rectangle.intersection(bounds)
    guard !area.isEmpty else { return nil }
    let first = self[area.x, area.y]
    let span = pixels.span
    for row in area.y..<area.bottom {
      let start = row * width + area.x
      for index in start..<(start + area.width) where span[index] != first.rgb565 { return nil }
    }
    return first
  }
}
