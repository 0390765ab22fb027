internal import Pixels

/// Many pictures on one, in rows, at their own size.
struct ContactSheet {
  private static let gap = 12
  private static let ground = Colour(red: 0x5A, green: 0x5E, blue: 0x6C)
  let pictures: [Frame]
  let columns: Int

  /// The rows from the top; each as high as its highest picture, columns as wide as the widest.
  func frame() -> Frame {
    let columns = max(1, min(columns, pictures.count))
    let rows = stride(from: 0, to: pictures.count, by: columns).map {
      pictures[$0..<min($0 + columns, pictures.count)]
    }
    let width = pictures.map(\.width).max() ?? 1
    let heights = rows.map { $0.map(\.height).max() ?? 1 }
    var sheet = Frame(
      width: columns * (width + Self.gap) + Self.gap,
      height: heights.reduce(Self.gap) { $0 + $1 + Self.gap }, filledWith: Self.ground)
    var y = Self.gap
    for (row, height) in zip(rows, heights) {
      for (column, picture) in row.enumerated() {
        sheet.paste(picture, x: Self.gap + column * (width + Self.gap), y: y)
      }
      y += height + Self.gap
    }
    return sheet
  }

  /// Two pictures beside one another, on the sheet's ground.
  static func beside(_ left: Frame, _ right: Frame) -> Frame {
    var sheet = Frame(
      width: left.width + right.width + gap, height: max(left.height, right.height),
      filledWith: ground)
    sheet.paste(left, x: gap, y: (sheet.height - left.height) / 2)
    sheet.paste(right, x: left.width + gap, y: (sheet.height - right.height) / 2)
    return sheet
  }
}
