internal import Money
public import Pixels
public import Vending

// The same screens for panels that draw by themselves.
extension ScreenRenderer {
  /// The words and the code of a screen.
  ///
  /// Only a payment screen can fail, when no code holds its payload; whether a code is large enough
  /// is for the panel's driver, which knows where it is drawn.
  public func page(_ screen: Screen) throws(RenderingError) -> PanelPage {
    switch screen {
    case .blank: return .blank
    case .idle:
      return PanelPage(
        .message, title: words.welcome, detail: words.enterLane, foot: words.payBy)
    case .selection(let typed, let product):
      let hint = product == nil ? words.typingHint : words.confirmHint
      return page(.selection, title: typed, detail: hint, product)
    case .unavailable(let typed, let reason):
      let (title, detail) = words.unavailable(reason)
      return PanelPage(.message, title: title, detail: detail, foot: words.lane(typed))
    case .opening(let product):
      return page(.message, title: words.opening, detail: words.openingDetail, product)
    case .payment(let payment):
      let code = try QRCode.chosen(for: Array(payment.codeURL.utf8), isGlossy: isGlossy) { _ in
        true
      }
      var page = page(.payment, title: words.scan, detail: words.timeLeft, payment.product)
      page.timeLeft = Words.clock(payment.secondsLeft)
      page.foot =
        words.lane(payment.product.lane) + " · " + words.orderTail(payment.orderTail)
      page.code = code.symbol(of: Array(payment.codeURL.utf8))
      return page
    case .paid(let product):
      return page(.message, title: words.paid, detail: words.paidDetail, product)
    case .dispensing(let product):
      return page(.message, title: words.dispensing, detail: words.dispensingDetail, product)
    case .thanks(let product):
      return page(.message, title: words.thanks, detail: words.thanksDetail, product)
    case .sorry(let reason, let tail):
      let (title, detail) = words.sorry(reason)
      let foot = tail.isEmpty ? "" : words.orderTail(tail)
      return PanelPage(.message, title: title, detail: detail, foot: foot)
    case .outOfService(let code):
      return PanelPage(
        .message, title: words.outOfService, detail: words.outOfServiceDetail,
        foot: words.code(code))
    case .enrolment(let code):
      return PanelPage(
        .message, title: code, detail: words.enrolmentDetail, foot: words.outOfService)
    case .service(let lines):
      return PanelPage(
        .message, title: words.service, detail: lines.prefix(100).joined(separator: "\n"))
    }
  }

  /// A technician's card as a page; only the code is one.
  public func page(_ step: TestCard.Step) throws(RenderingError) -> PanelPage {
    guard step.card == .code else { throw .cardNeedsPixels(step.card) }
    let payload = Array(TestCard.payload.utf8)
    let code = try QRCode.chosen(for: payload, isGlossy: isGlossy) { _ in true }
    return PanelPage(
      .payment, title: "TEST 测试", detail: TestCard.payload, code: code.symbol(of: payload))
  }

  private func page(
    _ kind: PanelPage.Kind, title: String, detail: String, _ product: Screen.Product?
  ) -> PanelPage {
    PanelPage(
      kind, title: title, detail: detail, product: product?.name ?? "",
      price: product.map { "¥\($0.price.yuan)" } ?? "")
  }
}

extension QRCode {
  /// The same modules, for whoever draws them.
  func symbol(of payload: [UInt8]) -> CodeSymbol {
    CodeSymbol(
      payload: payload, side: side,
      isDark: (0..<side * side).map { self[$0 % side, $0 / side] })
  }
}
