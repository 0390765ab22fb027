// What has to be sent when one picture follows another. It runs between a key press and the first
// byte on the display's wire, so it walks the pixels once and copies nothing.
extension Frame {
  /// The smallest rectangle outside which both pictures are equal; nil when they are equal.
  ///
  /// The pictures must have the same size.
  public func difference(from other: Frame) -> Rectangle? { difference(from: other, in: bounds) }

  /// The smallest rectangle in `area` outside which both pictures are equal within `area`.
  func difference(from other: Frame, in area: Rectangle) -> Rectangle? {
    precondition(width == other.width && height == other.height, "frames of one size")
    let area = area.intersection(bounds)
    let (new, old) = (pixels.span, other.pixels.span)
    var box: Rectangle?
    for row in area.y..<area.bottom {
      let start = row * width
      // Left of what is known to differ, then right of it; the middle only when both are equal.
      var (left, right) = (box?.x ?? area.right, box?.right ?? area.x)
      let (knownLeft, knownRight) = (left, right)
      if let x = (area.x..<knownLeft).first(where: { new[start + $0] != old[start + $0] }) {
        left = x
      }
      guard box != nil || left < knownLeft else { continue }
      if let x = (knownRight..<area.right).last(where: { new[start + $0] != old[start + $0] }) {
        right = x + 1
      }
      if left == knownLeft, right == knownRight,
        !differs(from: other, row: row, left..<right)
      {
        continue
      }
      let top = box?.y ?? row
      box = Rectangle(x: left, y: top, width: right - left, height: row + 1 - top)
    }
    return box
  }

  private func differs(from other: Frame, row: Int, _ columns: Range<Int>) -> Bool {
    let (new, old) = (pixels.span, other.pixels.span)
    let start = row * width
    for x in columns where new[start + x] != old[start + x] { return true }
    return false
  }

  /// A few rectangles that do not overlap, outside which both pictures are equal.
  ///
  /// A rectangle is split where that saves more than `overhead` pixels, which is what sending one
  /// rectangle more costs. There are at most `limit` of them, top to bottom; none when the pictures
  /// are equal. The pictures must have the same size.
  public func changes(from other: Frame, overhead: Int, limit: Int = 8) -> [Rectangle] {
    precondition(width == other.width && height == other.height, "frames of one size")
    var tiles = TileMap(width: width, height: height)
    tiles.mark(new: pixels.span, old: other.pixels.span)
    return tiles.parts(overhead: overhead, limit: limit)
      .compactMap { difference(from: other, in: $0) }
      .sorted { ($0.y, $0.x) < ($1.y, $1.x) }
  }
}

/// Which tiles of a picture changed: a coarse map that is cheap to cut into rectangles.
private struct TileMap {
  static let side = 16
  let width: Int
  let columns: Int
  let rows: Int
  private let bounds: Rectangle
  private var isDirty: [Bool]

  init(width: Int, height: Int) {
    self.width = width
    columns = (width + Self.side - 1) / Self.side
    rows = (height + Self.side - 1) / Self.side
    bounds = Rectangle(x: 0, y: 0, width: width, height: height)
    isDirty = Array(repeating: false, count: columns * rows)
  }

  mutating func mark(new: Span<UInt16>, old: Span<UInt16>) {
    for y in 0..<bounds.height {
      let tileRow = y / Self.side * columns
      for column in 0..<columns where !isDirty[tileRow + column] {
        let start = y * width + column * Self.side
        let end = y * width + min(width, (column + 1) * Self.side)
        var difference: UInt16 = 0
        for index in start..<end { difference |= new[index] ^ old[index] }
        if difference != 0 { isDirty[tileRow + column] = true }
      }
    }
  }

  /// Cuts the dirty tiles into rectangles of pixels, the most profitable cut first.
  func parts(overhead: Int, limit: Int) -> [Rectangle] {
    var done: [Rectangle] = []
    var open = [tight(Rectangle(x: 0, y: 0, width: columns, height: rows))].compactMap(\.self)
    while let part = open.popLast() {
      if done.count + open.count + 1 < limit, let halves = cut(part, overhead: overhead) {
        open += [halves.0, halves.1].compactMap(tight)
      } else {
        done.append(part)
      }
    }
    return done.map {
      Rectangle(
        x: $0.x * Self.side, y: $0.y * Self.side, width: $0.width * Self.side,
        height: $0.height * Self.side
      ).intersection(bounds)
    }
  }

  private func isDirty(row: Int, in area: Rectangle) -> Bool {
    (area.x..<area.right).contains { isDirty[row * columns + $0] }
  }

  private func isDirty(column: Int, in area: Rectangle) -> Bool {
    (area.y..<area.bottom).contains { isDirty[$0 * columns + column] }
  }

  /// The smallest area of tiles around the dirty ones.
  private func tight(_ area: Rectangle) -> Rectangle? {
    let dirtyRows = (area.y..<area.bottom).filter { isDirty(row: $0, in: area) }
    let dirtyColumns = (area.x..<area.right).filter { isDirty(column: $0, in: area) }
    guard let top = dirtyRows.first, let bottom = dirtyRows.last, let left = dirtyColumns.first,
      let right = dirtyColumns.last
    else { return nil }
    return Rectangle(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
  }

  /// The two sides of the widest clean strip, when leaving it out pays.
  private func cut(_ area: Rectangle, overhead: Int) -> (Rectangle, Rectangle)? {
    let across = widestGap(area.y..<area.bottom) { isDirty(row: $0, in: area) }
    let down = widestGap(area.x..<area.right) { isDirty(column: $0, in: area) }
    let savedAcross = across.count * area.width * Self.side * Self.side
    let savedDown = down.count * area.height * Self.side * Self.side
    guard max(savedAcross, savedDown) > overhead else { return nil }
    var (first, second) = (area, area)
    if savedAcross >= savedDown {
      first.height = across.lowerBound - area.y
      (second.y, second.height) = (across.upperBound, area.bottom - across.upperBound)
    } else {
      first.width = down.lowerBound - area.x
      (second.x, second.width) = (down.upperBound, area.right - down.upperBound)
    }
    return (first, second)
  }

  private func widestGap(_ range: Range<Int>, _ isDirty: (Int) -> Bool) -> Range<Int> {
    var widest = range.lowerBound..<range.lowerBound
    var start = range.lowerBound
    for index in range {
      if isDirty(index) {
        start = index + 1
      } else if index + 1 - start > widest.count {
        widest = start..<(index + 1)
      }
    }
    return widest
  }
}
