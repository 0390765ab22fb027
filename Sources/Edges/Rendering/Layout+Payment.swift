internal import Pixels
internal import Vending

// The page that asks for money. The code is as large as whole pixels allow on white, and words keep
// out of its quiet zone.
extension Layout {
  /// The code for a payload, in the largest square that leaves the words their room.
  func codePlan(_ payload: String, base: Int) throws(RenderingError) -> CodePlan {
    let slot = isWide ? min(height, width - base * 16 / 3) : min(width, height - base * 5)
    return try CodePlan(
      payload: Array(payload.utf8), slotPixels: slot, pitchMicrometres: pitchMicrometres,
      isGlossy: isGlossy)
  }

  func payment(
    _ canvas: inout Canvas, _ payment: Screen.PaymentScreen
  ) throws(RenderingError) {
    let plan = try codePlan(payment.codeURL, base: canvas.base)
    if isWide {
      wide(&canvas, payment, plan)
    } else {
      tall(&canvas, payment, plan)
    }
  }

  /// The code to the left over the whole height, all words in a column to the right.
  private func wide(
    _ canvas: inout Canvas, _ payment: Screen.PaymentScreen, _ plan: CodePlan
  ) {
    let base = canvas.base
    let edge = (height - plan.side) / 2
    canvas.place(plan, x: edge, y: edge)
    let margin = canvas.margin
    let left = edge + plan.side
    let column = Rectangle(
      x: left, y: margin, width: width - left - margin, height: height - 2 * margin)
    let pillHeight = base * 9 / 4
    let clockHeight = base * 7 / 2
    let tail = Typeface.Style(size: max(11, base * 4 / 5), isBold: false)
    let tailHeight = canvas.lineHeight(tail)
    canvas.draw(
      words.shortTail(payment.orderTail), tail, Palette.quiet, y: column.bottom - tailHeight,
      in: column, .leading)
    let pill = Rectangle(
      x: column.x, y: column.bottom - tailHeight - base / 3 - pillHeight, width: column.width,
      height: pillHeight)
    scanPill(&canvas, in: pill)
    let clock = Rectangle(
      x: column.x, y: pill.y - base / 2 - clockHeight, width: column.width, height: clockHeight)
    countdown(&canvas, payment.secondsLeft, in: clock, .leading)
    Stack(
      pieces: [
        laneLine(payment, base: base), name(payment, base: base, lineLimit: 3), .gap(base / 4),
        .price(payment.product.price, size: base * 5 / 2),
      ], alignment: .leading
    ).draw(
      on: &canvas,
      in: Rectangle(
        x: column.x, y: column.y, width: column.width,
        height: clock.y - column.y - base / 4))
  }

  /// Words above and below the code.
  private func tall(
    _ canvas: inout Canvas, _ payment: Screen.PaymentScreen, _ plan: CodePlan
  ) {
    let base = canvas.base
    let margin = canvas.margin
    let free = height - plan.side
    let top = free * 11 / 20
    canvas.place(plan, x: (width - plan.side) / 2, y: top)
    let header = Rectangle(
      x: margin, y: margin / 2, width: width - 2 * margin, height: top - margin / 2)
    let clockWidth = base * 5
    var words = header
    words.width -= clockWidth + base / 2
    let isRoomy = header.height >= base * 5
    // Where even two lines would make the price small, the name is cut: it was whole on the page
    // before.
    let nameLines = isRoomy ? 3 : header.height * 2 >= base * 7 ? 2 : 1
    Stack(
      pieces: (isRoomy ? [laneLine(payment, base: base)] : []) + [
        name(payment, base: base, lineLimit: nameLines),
        .price(payment.product.price, size: isRoomy ? base * 9 / 4 : base * 7 / 4),
      ], alignment: .leading
    ).draw(on: &canvas, in: words)
    countdown(
      &canvas, payment.secondsLeft,
      in: Rectangle(
        x: header.right - clockWidth, y: header.y, width: clockWidth, height: header.height),
      .trailing)
    footer(
      &canvas, payment, namesLane: !isRoomy,
      in: Rectangle(
        x: margin, y: top + plan.side, width: width - 2 * margin,
        height: height - top - plan.side - margin / 2))
  }

  private func laneLine(_ payment: Screen.PaymentScreen, base: Int) -> Stack.Piece {
    .text(
      .init(
        words: words.lane(payment.product.lane), size: max(11, base * 4 / 5),
        colour: Palette.quiet, lineLimit: 1, least: 11, shrinks: false))
  }

  private func name(
    _ payment: Screen.PaymentScreen, base: Int, lineLimit: Int
  ) -> Stack.Piece {
    .text(
      .init(
        words: payment.product.name, size: base * 5 / 4, isBold: true, lineLimit: lineLimit,
        least: max(13, base * 7 / 10)))
  }

  /// What to do, and the order's last digits, with the lane where the header has no room for it:
  /// below one another, or side by side where it is tight.
  private func footer(
    _ canvas: inout Canvas, _ payment: Screen.PaymentScreen, namesLane: Bool, in area: Rectangle
  ) {
    let base = canvas.base
    let style = Typeface.Style(size: max(11, base * 4 / 5), isBold: false)
    let line = canvas.lineHeight(style)
    let lane = namesLane ? [words.lane(payment.product.lane)] : []
    if area.height >= base * 2 + line {
      let pillWidth = min(area.width, base * 11)
      let pillHeight = min(base * 9 / 4, area.height - line)
      scanPill(
        &canvas,
        in: Rectangle(
          x: area.x + (area.width - pillWidth) / 2, y: area.y, width: pillWidth,
          height: pillHeight))
      let gap = (area.height - pillHeight - line) / 2
      canvas.draw(
        (lane + [words.orderTail(payment.orderTail)]).joined(separator: " · "), style,
        Palette.quiet, y: area.y + pillHeight + gap, in: area, .centre)
    } else {
      let tailWidth = base * 5
      let pillHeight = min(area.height, base * 2)
      let y = area.y + (area.height - pillHeight) / 2
      scanPill(
        &canvas,
        in: Rectangle(
          x: area.x, y: y, width: area.width - tailWidth - base / 2, height: pillHeight))
      let lines = lane + [words.shortTail(payment.orderTail)]
      let top = max(area.y, area.y + (area.height - lines.count * line) / 2)
      let right = Rectangle(
        x: area.right - tailWidth, y: y, width: tailWidth, height: pillHeight)
      for (index, text) in lines.enumerated() {
        canvas.draw(text, style, Palette.quiet, y: top + index * line, in: right, .trailing)
      }
    }
  }

  /// What to do, in one line or, in a narrow column, in two.
  private func scanPill(_ canvas: inout Canvas, in area: Rectangle) {
    canvas.roundedRectangle(area, radius: area.height / 2, Palette.accent)
    let inner = Rectangle(
      x: area.x + area.height / 4, y: area.y, width: area.width - area.height / 2,
      height: area.height)
    let size = min(canvas.base * 6 / 5, area.height * 3 / 5)
    Stack(pieces: [
      .text(.init(words: words.scan, size: size, isBold: true, colour: .white))
    ]).draw(on: &canvas, in: inner)
  }

  /// The time left.
  ///
  /// Each digit has a cell of its own, so that only digits that change are sent.
  private func countdown(
    _ canvas: inout Canvas, _ secondsLeft: Int, in area: Rectangle, _ alignment: Canvas.Alignment
  ) {
    let base = canvas.base
    let seconds = max(0, min(secondsLeft, 5999))
    let label = canvas.fitting(
      words.timeLeft, width: area.width, size: max(11, base * 4 / 5), least: 10, isBold: false)
    let digits = Typeface.Style(size: base * 17 / 10, isBold: true)
    let (labelHeight, digitsHeight) = (canvas.lineHeight(label), canvas.lineHeight(digits))
    let top = area.y + max(0, (area.height - labelHeight - digitsHeight) / 2)
    canvas.draw(words.timeLeft, label, Palette.quiet, y: top, in: area, alignment)
    let colour = seconds <= 20 ? Palette.amber : Palette.ink
    let text = Canvas.drawable(Words.clock(seconds))
    let cell = "0123456789".unicodeScalars.map { canvas.typeface.advance($0, digits) }.max() ?? base
    let widths = text.map { $0 == ":" ? canvas.typeface.advance($0, digits) : cell }
    var x = alignment == .trailing ? area.right - widths.reduce(0, +) : area.x
    for (scalar, width) in zip(text, widths) {
      canvas.draw(
        [scalar], digits, colour, y: top + labelHeight,
        in: Rectangle(x: x, y: top, width: width, height: digitsHeight), .centre)
      x += width
    }
  }
}
