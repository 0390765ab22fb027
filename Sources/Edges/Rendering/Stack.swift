internal import Money
internal import Pixels

/// Pieces of a page below one another, made smaller together until they fit their area.
struct Stack {
  /// One piece.
  enum Piece {
    case text(Text)
    case price(Amount, size: Int)
    case icon(Icon, side: Int, Colour)
    case gap(Int)
  }

  /// A paragraph.
  struct Text {
    var words: String
    var size: Int
    var isBold = false
    var colour = Palette.ink
    var lineLimit = 2
    /// It is not made smaller than this for its width's sake.
    var least = 12
    /// Whether it gives way when the stack is too high.
    var shrinks = true
  }

  var pieces: [Piece]
  var alignment = Canvas.Alignment.centre

  /// Draws the pieces in the middle of an area's height.
  func draw(on canvas: inout Canvas, in area: Rectangle) {
    // In hundredths; the last size is used even when it does not fit, and is then cut by the area.
    for scale in [100, 90, 80, 70, 62, 55, 48] {
      let laid = pieces.map { Laid($0, on: canvas, width: area.width, scale: scale) }
      let height = laid.reduce(0) { $0 + $1.height }
      guard height <= area.height || scale == 48 else { continue }
      var y = area.y + max(0, (area.height - height) / 2)
      for piece in laid {
        piece.draw(on: &canvas, y: y, in: area, alignment)
        y += piece.height
      }
      return
    }
  }

  /// A piece with its size decided.
  private struct Laid {
    enum Content {
      case lines([[Unicode.Scalar]], Typeface.Style, Colour)
      case price(Amount, size: Int)
      case icon(Icon, Colour)
      case nothing
    }

    let content: Content
    let height: Int

    init(_ piece: Piece, on canvas: Canvas, width: Int, scale: Int) {
      switch piece {
      case .gap(let gap): (content, height) = (.nothing, gap * scale / 100)
      case .icon(let icon, let side, let colour):
        // Words shrink last: what an icon says, they say too.
        (content, height) = (.icon(icon, colour), min(width, side * scale * scale / 10_000))
      case .price(let amount, let size):
        let fitted = canvas.priceSize(amount, size: size * scale / 100, width: width)
        let style = Typeface.Style(size: fitted, isBold: true)
        (content, height) = (.price(amount, size: fitted), canvas.lineHeight(style))
      case .text(let text):
        let (lines, style) = Self.lines(text, on: canvas, width: width, scale: scale)
        content = .lines(lines, style, text.colour)
        height = lines.count * canvas.lineHeight(style)
      }
    }

    /// One line when a little less size makes it one; else as large as the lines allow.
    private static func lines(
      _ text: Text, on canvas: Canvas, width: Int, scale: Int
    ) -> ([[Unicode.Scalar]], Typeface.Style) {
      let scale = text.shrinks ? scale : 100
      let size = max(text.least * scale / 100, 10, text.size * scale / 100)
      let single = canvas.fitting(
        text.words, width: width, size: size, least: size * 4 / 5, isBold: text.isBold)
      if canvas.width(of: text.words, single) <= width {
        return (canvas.lines(text.words, width: width, single, limit: 1).lines, single)
      }
      var style = Typeface.Style(size: size, isBold: text.isBold)
      let least = min(size, max(10, text.least * scale / 100))
      while true {
        let (lines, isWhole) = canvas.lines(
          text.words, width: width, style, limit: text.lineLimit)
        if isWhole || style.size <= least { return (lines, style) }
        style.size -= 1
      }
    }

    func draw(
      on canvas: inout Canvas, y: Int, in area: Rectangle, _ alignment: Canvas.Alignment
    ) {
      switch content {
      case .nothing: return
      case .icon(let icon, let colour):
        let free = area.width - height
        let x = alignment == .centre ? area.x + free / 2 : area.x
        icon.paint(
          on: &canvas, in: Rectangle(x: x, y: y, width: height, height: height), colour)
      case .price(let amount, let size):
        canvas.drawPrice(amount, size: size, y: y, in: area, alignment)
      case .lines(let lines, let style, let colour):
        for (index, line) in lines.enumerated() {
          canvas.draw(
            line, style, colour, y: y + index * canvas.lineHeight(style), in: area, alignment)
        }
      }
    }
  }
}

extension Canvas {
  private static let currencySign = "¥"

  private func signStyle(_ size: Int) -> Typeface.Style {
    Typeface.Style(size: max(10, size * 3 / 5), isBold: true)
  }

  private func priceWidth(_ amount: Amount, size: Int) -> Int {
    width(of: Self.currencySign, signStyle(size)) + max(1, size / 12)
      + width(of: amount.yuan, Typeface.Style(size: size, isBold: true))
  }

  /// The largest size up to `size` in which a price fits the width.
  func priceSize(_ amount: Amount, size: Int, width: Int) -> Int {
    var size = max(12, size)
    while size > 12, priceWidth(amount, size: size) > width { size -= 1 }
    return size
  }

  /// Draws a price: a small currency sign and large digits on one baseline.
  mutating func drawPrice(
    _ amount: Amount, size: Int, y: Int, in area: Rectangle, _ alignment: Alignment
  ) {
    let free = area.width - priceWidth(amount, size: size)
    let (sign, digits) = (signStyle(size), Typeface.Style(size: size, isBold: true))
    var x = area.x
    if alignment == .centre { x += free / 2 }
    if alignment == .trailing { x += free }
    let drop = typeface.extent(size: size).ascent - typeface.extent(size: sign.size).ascent
    let whole = Rectangle(x: x, y: y, width: area.right - x, height: area.height)
    draw(Self.drawable(Self.currencySign), sign, Palette.ink, y: y + drop, in: whole, .leading)
    let offset = width(of: Self.currencySign, sign) + max(1, size / 12)
    let rest = Rectangle(
      x: x + offset, y: y, width: max(0, whole.width - offset), height: area.height)
    draw(Self.drawable(amount.yuan), digits, Palette.ink, y: y, in: rest, .leading)
  }
}
