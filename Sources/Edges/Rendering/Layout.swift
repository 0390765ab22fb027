internal import Pixels
internal import Vending

/// Where things go on a panel of one size.
struct Layout: Sendable {
  let width: Int
  let height: Int
  let words: Words
  let pitchMicrometres: Int?
  let isGlossy: Bool

  /// Whether things go beside one another rather than below.
  var isWide: Bool { width * 4 >= height * 5 }

  func canvas(
    for screen: Screen, typeface: Typeface
  ) throws(RenderingError) -> Canvas {
    var canvas = Canvas(
      width: width, height: height, typeface: typeface, ground: ground(of: screen))
    switch screen {
    case .blank: break
    case .idle: idle(&canvas)
    case .selection(let typed, let product): selection(&canvas, typed, product)
    case .unavailable(let typed, let reason):
      let (title, detail) = words.unavailable(reason)
      message(
        &canvas,
        Message(
          icon: .warning, colour: Palette.amber, title: title, detail: detail,
          foot: words.lane(typed)))
    case .opening(let product):
      message(
        &canvas,
        Message(
          icon: .dots, colour: Palette.accent, title: words.opening, detail: words.openingDetail,
          product: product))
    case .payment(let payment): try self.payment(&canvas, payment)
    case .paid(let product):
      message(
        &canvas,
        Message(
          icon: .check, colour: Palette.accent, title: words.paid, detail: words.paidDetail,
          product: product))
    case .dispensing(let product):
      message(
        &canvas,
        Message(
          icon: .tray, colour: Palette.accent, title: words.dispensing,
          detail: words.dispensingDetail, product: product))
    case .thanks(let product):
      message(
        &canvas,
        Message(
          icon: .check, colour: Palette.accent, title: words.thanks, detail: words.thanksDetail,
          product: product))
    case .sorry(let reason, let tail): sorry(&canvas, reason, tail)
    case .outOfService(let code):
      message(
        &canvas,
        Message(
          icon: .warning, colour: Palette.amber, title: words.outOfService,
          detail: words.outOfServiceDetail, foot: words.code(code)))
    case .enrolment(let code): enrolment(&canvas, code)
    case .service(let lines): service(&canvas, lines)
    }
    return canvas
  }

  private func ground(of screen: Screen) -> Colour {
    switch screen {
    case .blank: .black
    case .service: Palette.night
    case .idle, .selection, .unavailable, .opening, .payment, .paid, .dispensing, .thanks, .sorry,
      .outOfService, .enrolment:
      Palette.page
    }
  }

  private func sorry(_ canvas: inout Canvas, _ reason: Screen.SorryReason, _ tail: String) {
    let (title, detail) = words.sorry(reason)
    let (icon, colour): (Icon, Colour) =
      switch reason {
      case .paymentUnavailable: (.warning, Palette.amber)
      case .cancelled: (.cross, Palette.quiet)
      case .expired: (.clock, Palette.quiet)
      case .unclear: (.clock, Palette.amber)
      case .refundComing: (.warning, Palette.amber)
      case .refunded: (.check, Palette.accent)
      case .held: (.warning, Palette.red)
      }
    message(
      &canvas,
      Message(
        icon: icon, colour: colour, title: title, detail: detail,
        foot: tail.isEmpty ? nil : words.orderTail(tail)))
  }
}
