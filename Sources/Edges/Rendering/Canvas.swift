internal import Pixels

/// A frame that is being drawn, and the account of what went onto it.
struct Canvas {
  private(set) var frame: Frame
  let typeface: Typeface
  /// The boxes of the drawn texts, ink only.
  private(set) var texts: [Rectangle] = []
  /// The QR code, and where it is with its quiet zone.
  private(set) var code: (plan: CodePlan, area: Rectangle)?
  /// Characters that the font does not have.
  private(set) var missingGlyphs = 0

  init(width: Int, height: Int, typeface: Typeface, ground: Colour) {
    frame = Frame(width: width, height: height, filledWith: ground)
    self.typeface = typeface
  }

  var bounds: Rectangle { frame.bounds }
  /// The size of body text: a sixteenth of the short side.
  var base: Int { max(13, min(frame.width, frame.height) / 16) }
  /// The page's margin.
  var margin: Int { max(8, min(frame.width, frame.height) / 20) }

  mutating func fill(_ area: Rectangle, _ colour: Colour) { frame.fill(area, colour) }

  mutating func place(_ plan: CodePlan, x: Int, y: Int) {
    plan.paint(on: &frame, x: x, y: y)
    code = (plan, Rectangle(x: x, y: y, width: plan.side, height: plan.side))
  }

  /// Draws one character with the pen on the baseline and moves the pen.
  mutating func put(_ glyph: Typeface.Glyph, pen: inout Int, baseline: Int, _ colour: Colour) {
    let area = Rectangle(
      x: pen + glyph.left, y: baseline - glyph.top, width: glyph.width, height: glyph.height)
    frame.stencil(colour, glyph.coverage, in: area)
    if glyph.isMissing { missingGlyphs += 1 }
    pen += glyph.advance
  }

  /// Notes the box of a text.
  mutating func note(text area: Rectangle) { if !area.isEmpty { texts.append(area) } }

  // MARK: Shapes with soft edges

  /// A point in pixels; a pixel's middle is at a half.
  struct Point {
    var x: Float
    var y: Float
  }

  /// Paints where `distance` to a shape's edge is negative, softly within half a pixel of it.
  mutating func paint(_ area: Rectangle, _ colour: Colour, distance: (Point) -> Float) {
    guard !area.isEmpty else { return }
    var coverage: [UInt8] = []
    coverage.reserveCapacity(area.area)
    for row in area.y..<area.bottom {
      for column in area.x..<area.right {
        let inside = 0.5 - distance(Point(x: Float(column) + 0.5, y: Float(row) + 0.5))
        coverage.append(UInt8(max(0, min(1, inside)) * 255))
      }
    }
    frame.stencil(colour, coverage, in: area)
  }

  mutating func disc(_ centre: Point, radius: Float, _ colour: Colour) {
    paint(Self.box(around: [centre], reach: radius), colour) {
      Self.length($0.x - centre.x, $0.y - centre.y) - radius
    }
  }

  mutating func ring(_ centre: Point, radius: Float, width: Float, _ colour: Colour) {
    paint(Self.box(around: [centre], reach: radius + width), colour) {
      abs(Self.length($0.x - centre.x, $0.y - centre.y) - radius) - width / 2
    }
  }

  /// A line through points, with round ends and joints.
  mutating func stroke(_ points: [Point], width: Float, _ colour: Colour) {
    guard let first = points.first else { return }
    let segments = Array(zip(points, points.dropFirst()))
    paint(Self.box(around: points, reach: width), colour) { point in
      guard !segments.isEmpty else {
        return Self.length(point.x - first.x, point.y - first.y) - width / 2
      }
      var nearest = Float.infinity
      for (start, end) in segments { nearest = min(nearest, Self.distance(point, start, end)) }
      return nearest - width / 2
    }
  }

  /// A rectangle with round corners.
  mutating func roundedRectangle(_ area: Rectangle, radius: Int, _ colour: Colour) {
    let radius = max(0, min(radius, min(area.width, area.height) / 2))
    guard radius > 0 else { return fill(area, colour) }
    fill(
      Rectangle(
        x: area.x, y: area.y + radius, width: area.width, height: area.height - 2 * radius),
      colour)
    for y in [area.y, area.bottom - radius] {
      fill(
        Rectangle(x: area.x + radius, y: y, width: area.width - 2 * radius, height: radius), colour)
      for x in [area.x, area.right - radius] {
        let centre = Point(
          x: Float(x == area.x ? area.x + radius : area.right - radius),
          y: Float(y == area.y ? area.y + radius : area.bottom - radius))
        paint(Rectangle(x: x, y: y, width: radius, height: radius), colour) {
          Self.length($0.x - centre.x, $0.y - centre.y) - Float(radius)
        }
      }
    }
  }

  private static func length(_ x: Float, _ y: Float) -> Float { (x * x + y * y).squareRoot() }

  private static func distance(_ point: Point, _ start: Point, _ end: Point) -> Float {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    let (px, py) = (point.x - start.x, point.y - start.y)
    let part = max(0, min(1, (px * dx + py * dy) / max(0.0001, dx * dx + dy * dy)))
    return length(px - part * dx, py - part * dy)
  }

  private static func box(around points: [Point], reach: Float) -> Rectangle {
    let xs = points.map(\.x)
    let ys = points.map(\.y)
    let left = Int(((xs.min() ?? 0) - reach - 1).rounded(.down))
    let top = Int(((ys.min() ?? 0) - reach - 1).rounded(.down))
    let right = Int(((xs.max() ?? 0) + reach + 1).rounded(.up))
    let bottom = Int(((ys.max() ?? 0) + reach + 1).rounded(.up))
    return Rectangle(x: left, y: top, width: right - left, height: bottom - top)
  }
}
