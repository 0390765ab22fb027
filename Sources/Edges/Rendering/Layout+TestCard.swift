internal import Pixels

// The technician's cards. Words on them are short and in both languages: whoever stands before the
// machine may know one of them.
extension Layout {
  func card(
    _ step: TestCard.Step, typeface: Typeface
  ) throws(RenderingError) -> Canvas {
    let ground: Colour
    switch step.card {
    case .code, .bytes, .white, .brightness: ground = .white
    case .bars, .border, .greys, .black: ground = .black
    case .red: ground = Colour(red: 255, green: 0, blue: 0)
    case .green: ground = Colour(red: 0, green: 255, blue: 0)
    case .blue: ground = Colour(red: 0, green: 0, blue: 255)
    }
    var canvas = Canvas(width: width, height: height, typeface: typeface, ground: ground)
    switch step.card {
    case .code: try sampleCode(&canvas)
    case .bars: bars(&canvas)
    case .bytes: namedColours(&canvas)
    case .border: border(&canvas)
    case .greys: greys(&canvas)
    case .brightness: brightness(&canvas, step.brightnessPercent ?? 100)
    case .red, .green, .blue, .white, .black: break
    }
    return canvas
  }

  // MARK: Colours

  private static let pure: [(chinese: String, english: String, Colour)] = [
    ("白", "WHITE", .white), ("黄", "YELLOW", Colour(red: 255, green: 255, blue: 0)),
    ("青", "CYAN", Colour(red: 0, green: 255, blue: 255)),
    ("绿", "GREEN", Colour(red: 0, green: 255, blue: 0)),
    ("紫", "MAGENTA", Colour(red: 255, green: 0, blue: 255)),
    ("红", "RED", Colour(red: 255, green: 0, blue: 0)),
    ("蓝", "BLUE", Colour(red: 0, green: 0, blue: 255)), ("黑", "BLACK", .black),
  ]

  /// Eight bars, and below them a ramp of each channel and one of grey: a panel that takes the two
  /// bytes of a pixel in the wrong order tears each ramp into stripes.
  private func bars(_ canvas: inout Canvas) {
    let top = height * 3 / 5
    for (index, (_, _, colour)) in Self.pure.enumerated() {
      let left = width * index / 8
      canvas.fill(
        Rectangle(x: left, y: 0, width: width * (index + 1) / 8 - left, height: top), colour)
    }
    for row in 0..<4 {
      let y = top + (height - top) * row / 4
      let area = Rectangle(x: 0, y: y, width: 1, height: top + (height - top) * (row + 1) / 4 - y)
      for x in 0..<width {
        let level = UInt8(x * 255 / (width - 1))
        let colour = Colour(
          red: row == 0 || row == 3 ? level : 0, green: row == 1 || row == 3 ? level : 0,
          blue: row == 2 || row == 3 ? level : 0)
        canvas.fill(Rectangle(x: x, y: area.y, width: 1, height: area.height), colour)
      }
    }
  }

  /// Six fields with their names on them, and what it means when a name does not fit its field.
  private func namedColours(_ canvas: inout Canvas) {
    let base = canvas.base
    let foot = Rectangle(
      x: canvas.margin, y: height - base * 9 / 2, width: width - 2 * canvas.margin,
      height: base * 9 / 2)
    let columns = isWide ? 3 : 2
    let rows = 6 / columns
    // Every colour that is neither black nor white.
    for (index, (chinese, english, colour)) in Self.pure.dropFirst().dropLast().enumerated() {
      let (column, row) = (index % columns, index / columns)
      let (x, y) = (width * column / columns, foot.y * row / rows)
      let area = Rectangle(
        x: x, y: y, width: width * (column + 1) / columns - x,
        height: foot.y * (row + 1) / rows - y)
      canvas.fill(area, colour)
      let isDark = english == "BLUE" || english == "RED" || english == "MAGENTA"
      Stack(pieces: [
        .text(
          .init(
            words: "\(chinese) \(english)", size: base * 5 / 4, isBold: true,
            colour: isDark ? .white : .black, lineLimit: 1))
      ]).draw(on: &canvas, in: area.inset(by: base / 3))
    }
    Stack(
      pieces: [
        .text(
          .init(
            words: "RED↔BLUE: 红蓝颠倒 R and B exchanged", size: base * 9 / 10,
            colour: Palette.ink)),
        .text(
          .init(
            words: "RED→BLUE→GREEN→RED: 字节颠倒 bytes exchanged", size: base * 9 / 10,
            colour: Palette.ink)),
      ], alignment: .leading
    ).draw(on: &canvas, in: foot)
  }

  /// Sixteen greys in two rows, with their values.
  private func greys(_ canvas: inout Canvas) {
    let (columns, rows) = isWide ? (8, 2) : (4, 4)
    for index in 0..<16 {
      let (column, row) = (index % columns, index / columns)
      let (x, y) = (width * column / columns, height * row / rows)
      let area = Rectangle(
        x: x, y: y, width: width * (column + 1) / columns - x,
        height: height * (row + 1) / rows - y)
      let level = UInt8(index * 17)
      canvas.fill(area, Colour(red: level, green: level, blue: level))
      let style = Typeface.Style(size: canvas.base, isBold: false)
      canvas.draw(
        "\(level)", style, index < 8 ? .white : .black,
        y: area.y + (area.height - canvas.lineHeight(style)) / 2, in: area, .centre)
    }
  }

  private func brightness(_ canvas: inout Canvas, _ percent: Int) {
    let base = canvas.base
    canvas.fill(Rectangle(x: 0, y: height / 2, width: width, height: height), .black)
    for (part, colour) in [(0, Colour.black), (1, Colour.white)] {
      let area = Rectangle(x: 0, y: height / 2 * part, width: width, height: height / 2)
      Stack(pieces: [
        .text(
          .init(words: "亮度 BRIGHTNESS", size: base * 5 / 4, colour: colour, lineLimit: 1)),
        .text(
          .init(words: "\(percent) %", size: base * 4, isBold: true, colour: colour, lineLimit: 1)),
      ]).draw(on: &canvas, in: area.inset(by: canvas.margin))
    }
  }

  // MARK: Shape

  /// A frame of one pixel on all edges, another colour in each corner, the edges' names and a ring:
  /// a picture that is shifted, cut, turned, mirrored or stretched shows it.
  private func border(_ canvas: inout Canvas) {
    let base = canvas.base
    canvas.fill(canvas.bounds, .white)
    canvas.fill(canvas.bounds.inset(by: 1), .black)
    let side = base * 2
    let corners: [(Int, Int, Colour)] = [
      (3, 3, Colour(red: 255, green: 0, blue: 0)),
      (width - 3 - side, 3, Colour(red: 0, green: 255, blue: 0)),
      (3, height - 3 - side, Colour(red: 0, green: 0, blue: 255)),
      (width - 3 - side, height - 3 - side, .white),
    ]
    for (x, y, colour) in corners {
      canvas.fill(Rectangle(x: x, y: y, width: side, height: side), colour)
    }
    let centre = Canvas.Point(x: Float(width) / 2, y: Float(height) / 2)
    canvas.ring(centre, radius: Float(min(width, height)) * 0.2, width: 2, Palette.faint)
    let style = Typeface.Style(size: base, isBold: false)
    let line = canvas.lineHeight(style)
    let area = canvas.bounds.inset(by: base / 2)
    canvas.draw("上 TOP", style, .white, y: area.y, in: area, .centre)
    canvas.draw("下 BOTTOM", style, .white, y: area.bottom - line, in: area, .centre)
    canvas.draw("左 LEFT", style, .white, y: (height - line) / 2, in: area, .leading)
    canvas.draw("右 RIGHT", style, .white, y: (height - line) / 2, in: area, .trailing)
    let large = Typeface.Style(size: base * 5 / 4, isBold: true)
    canvas.draw(
      "\(width) x \(height)", large, Palette.accent, y: (height - canvas.lineHeight(large)) / 2,
      in: area, .centre)
  }

  // MARK: Code

  private func sampleCode(_ canvas: inout Canvas) throws(RenderingError) {
    let base = canvas.base
    let plan = try codePlan(TestCard.payload, base: base)
    let edge = (isWide ? height - plan.side : width - plan.side) / 2
    canvas.place(plan, x: edge, y: isWide ? edge : 0)
    var area = canvas.bounds.inset(by: canvas.margin)
    if isWide {
      let left = edge + plan.side
      (area.x, area.width) = (left, area.right - left)
    } else {
      (area.y, area.height) = (plan.side, area.bottom - plan.side)
    }
    let rulerHeight = base * 5 / 2
    ruler(
      &canvas,
      in: Rectangle(
        x: area.x, y: area.bottom - rulerHeight, width: area.width, height: rulerHeight))
    area.height -= rulerHeight
    let report = CodeReport(
      plan, at: Rectangle(x: 0, y: 0, width: 0, height: 0), pitchMicrometres: pitchMicrometres)
    let pieces = [TestCard.payload, report.description].map { words in
      Stack.Piece.text(
        .init(words: words, size: base * 9 / 10, colour: Palette.ink, lineLimit: isWide ? 5 : 2))
    }
    Stack(pieces: pieces, alignment: .leading).draw(on: &canvas, in: area)
  }

  /// A line of whole centimetres if the pitch is right, else of a hundred pixels.
  private func ruler(_ canvas: inout Canvas, in area: Rectangle) {
    var (length, words) = (100, "100 px = ? mm")
    if let pitch = pitchMicrometres {
      // The longest of these that fits; a small panel has room for one centimetre at least.
      for millimetres in [50, 30, 20, 10] {
        (length, words) = (millimetres * 1000 / pitch, "\(millimetres) mm?")
        if length <= area.width { break }
      }
    }
    length = min(length, area.width)
    let thick = max(2, canvas.base / 8)
    let y = area.bottom - canvas.base / 2
    canvas.fill(Rectangle(x: area.x, y: y, width: length, height: thick), .black)
    for x in [area.x, area.x + length - thick] {
      canvas.fill(
        Rectangle(x: x, y: y - canvas.base / 3, width: thick, height: canvas.base * 2 / 3), .black)
    }
    let style = Typeface.Style(size: max(11, canvas.base * 4 / 5), isBold: false)
    canvas.draw(
      words, style, Palette.ink, y: y - canvas.base / 3 - canvas.lineHeight(style), in: area)
  }
}
