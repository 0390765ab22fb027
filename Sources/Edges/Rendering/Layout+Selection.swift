internal import Pixels
internal import Vending

// The page while the customer types.
extension Layout {
  func selection(_ canvas: inout Canvas, _ typed: String, _ product: Screen.Product?) {
    let base = canvas.base
    var area = canvas.bounds.inset(by: canvas.margin)
    let hint = product == nil ? words.typingHint : words.confirmHint
    let style = canvas.fitting(
      hint, width: area.width, size: base, least: max(11, base * 3 / 4), isBold: false)
    let hintHeight = canvas.lineHeight(style)
    canvas.draw(hint, style, Palette.quiet, y: area.bottom - hintHeight, in: area, .centre)
    area.height -= hintHeight + base / 2
    let (code, card) = halves(area, base: base)
    typedCode(&canvas, typed, in: code)
    canvas.roundedRectangle(card, radius: base * 3 / 4, Palette.card)
    let pieces: [Stack.Piece]
    if let product {
      pieces = [
        .text(.init(words: product.name, size: base * 3 / 2, isBold: true, lineLimit: 3)),
        .gap(base / 2), .price(product.price, size: base * 3),
      ]
    } else {
      pieces = [
        .text(
          .init(words: words.goOnTyping, size: base * 11 / 10, colour: Palette.quiet, lineLimit: 3))
      ]
    }
    Stack(pieces: pieces).draw(on: &canvas, in: card.inset(by: base / 2))
  }

  private func halves(_ area: Rectangle, base: Int) -> (Rectangle, Rectangle) {
    var (first, second) = (area, area)
    if isWide {
      first.width = area.width * 2 / 5
      (second.x, second.width) = (first.right + base / 2, area.width - first.width - base / 2)
    } else {
      first.height = area.height * 9 / 20
      (second.y, second.height) = (first.bottom + base / 2, area.height - first.height - base / 2)
    }
    return (first, second)
  }

  /// The word "lane", and the keys pressed so far over an accent line.
  private func typedCode(_ canvas: inout Canvas, _ typed: String, in area: Rectangle) {
    let base = canvas.base
    let label = Typeface.Style(size: base * 11 / 10, isBold: false)
    let code = canvas.fitting(
      typed, width: area.width, size: min(base * 5, area.height / 2), least: base, isBold: true)
    let (labelHeight, codeHeight) = (canvas.lineHeight(label), canvas.lineHeight(code))
    let top = area.y + max(0, (area.height - labelHeight - codeHeight - base / 2) / 2)
    canvas.draw(words.lane, label, Palette.quiet, y: top, in: area, .centre)
    canvas.draw(typed, code, Palette.ink, y: top + labelHeight, in: area, .centre)
    let line = min(area.width, max(base * 7, canvas.width(of: typed, code)))
    canvas.roundedRectangle(
      Rectangle(
        x: area.x + (area.width - line) / 2, y: top + labelHeight + codeHeight, width: line,
        height: max(3, base / 5)),
      radius: base / 10, Palette.accent)
  }
}
