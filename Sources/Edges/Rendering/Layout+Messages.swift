internal import Money
internal import Money
internal import Pixels
internal import Vending

// Pages that tell one thing: a picture, a headline, a line under it.
extension Layout {
  struct Message {
    var icon: Icon
    var colour: Colour
    var title: String
    var detail: String
    var product: Screen.Product?
    var foot: String?
  }

  func message(_ canvas: inout Canvas, _ message: Message) {
    let base = canvas.base
    let area = canvas.bounds.inset(by: canvas.margin)
    let hasFoot = message.foot != nil || message.product != nil
    let footHeight = hasFoot ? base * 5 / 2 : 0
    let stack = Stack(pieces: [
      .icon(message.icon, side: base * 5, message.colour), .gap(base * 3 / 4),
      .text(.init(words: message.title, size: base * 2, isBold: true)), .gap(base / 4),
      .text(
        .init(
          words: message.detail, size: base * 11 / 10, colour: Palette.quiet, lineLimit: 3,
          least: base)),
    ])
    var body = area
    body.height -= footHeight
    (body.x, body.width) = (body.x + base / 2, body.width - base)
    stack.draw(on: &canvas, in: body)
    guard hasFoot else { return }
    foot(
      &canvas, of: message,
      in: Rectangle(
        x: area.x, y: area.bottom - footHeight + base / 4, width: area.width,
        height: footHeight - base / 4))
  }

  /// A strip at the bottom for what the message is about; of a long name as much as leaves the
  /// price whole.
  private func foot(_ canvas: inout Canvas, of message: Message, in strip: Rectangle) {
    let base = canvas.base
    canvas.roundedRectangle(strip, radius: base / 2, Palette.card)
    let inner = Rectangle(
      x: strip.x + base / 2, y: strip.y, width: strip.width - base, height: strip.height)
    let name = message.foot ?? message.product?.name ?? ""
    let price = message.foot == nil ? message.product.map { "  ¥\($0.price.yuan)" } ?? "" : ""
    let style = canvas.fitting(
      name + price, width: inner.width, size: base * 11 / 10, least: max(11, base * 4 / 5),
      isBold: false)
    let words = canvas.shortened(
      Canvas.drawable(name), width: inner.width - canvas.width(of: price, style), style)
    let y = strip.y + (strip.height - canvas.lineHeight(style)) / 2
    canvas.draw(words + Canvas.drawable(price), style, Palette.ink, y: y, in: inner, .centre)
  }

  /// The code as large as the panel is wide: somebody types it from there.
  func enrolment(_ canvas: inout Canvas, _ code: String) {
    let base = canvas.base
    let stack = Stack(pieces: [
      .text(.init(words: words.outOfService, size: base * 3 / 2, isBold: true, lineLimit: 1)),
      .gap(base),
      .text(
        .init(words: code, size: base * 6, isBold: true, colour: Palette.accent, lineLimit: 1)),
      .gap(base),
      .text(
        .init(
          words: words.enrolmentDetail, size: base * 5 / 4, colour: Palette.quiet, lineLimit: 3,
          least: base)),
    ])
    stack.draw(on: &canvas, in: canvas.bounds.inset(by: canvas.margin))
  }

  func idle(_ canvas: inout Canvas) {
    let base = canvas.base
    let area = canvas.bounds.inset(by: canvas.margin)
    let bar = Rectangle(
      x: 0, y: height - base * 5 / 2, width: width, height: base * 5 / 2)
    canvas.fill(bar, Palette.accent)
    let style = canvas.fitting(
      words.payBy, width: area.width, size: base * 5 / 4, least: 12, isBold: true)
    let y = bar.y + (bar.height - canvas.lineHeight(style)) / 2
    canvas.draw(words.payBy, style, .white, y: y, in: area, .centre)
    var body = Rectangle(x: area.x, y: area.y, width: area.width, height: bar.y - area.y)
    let text: [Stack.Piece] = [
      .text(.init(words: words.welcome, size: base * 5 / 2, isBold: true, lineLimit: 1)),
      .gap(base / 3),
      .text(.init(words: words.enterLane, size: base * 3 / 2, colour: Palette.quiet)),
    ]
    let side = base * (isWide ? 7 : 8)
    guard isWide else {
      let pieces = [.icon(.keypad, side: side, Palette.accent), .gap(base * 3 / 2)] + text
      return Stack(pieces: pieces).draw(on: &canvas, in: body)
    }
    let left = body.width * 2 / 5
    Stack(pieces: [.icon(.keypad, side: side, Palette.accent)]).draw(
      on: &canvas, in: Rectangle(x: body.x, y: body.y, width: left, height: body.height))
    (body.x, body.width) = (body.x + left, body.width - left)
    Stack(pieces: text, alignment: .leading).draw(on: &canvas, in: body)
  }

  func service(_ canvas: inout Canvas, _ lines: [String]) {
    let base = canvas.base
    let area = canvas.bounds.inset(by: canvas.margin)
    let title = Typeface.Style(size: base * 5 / 4, isBold: true)
    let titleHeight = canvas.lineHeight(title)
    canvas.draw(words.service, title, Palette.amber, y: area.y, in: area)
    let top = area.y + titleHeight + base / 2
    canvas.fill(
      Rectangle(x: area.x, y: top - base / 4, width: area.width, height: 1), Palette.quiet)
    // As large as all lines allow, and never smaller than can be read.
    let least = max(11, base * 3 / 5)
    var style = Typeface.Style(size: base, isBold: false)
    var shown: [[Unicode.Scalar]] = []
    while true {
      shown = lines.prefix(100).flatMap {
        canvas.lines($0, width: area.width, style, limit: 3).lines
      }
      let room = max(1, (area.bottom - top) / canvas.lineHeight(style))
      if shown.count <= room { break }
      if style.size <= least {
        shown = shown.prefix(room - 1) + [Canvas.drawable("...")]
        break
      }
      style.size -= 1
    }
    for (index, line) in shown.enumerated() {
      canvas.draw(
        line, style, Palette.moonlight, y: top + index * canvas.lineHeight(style), in: area,
        .leading)
    }
  }
}
