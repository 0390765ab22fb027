import Money
import Vending

@testable import Rendering

/// Every kind of screen, with contents as they come and as they should not.
enum Gallery {
  static let font = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"
  static let codeURL = "weixin://wxpay/bizpayurl?pr=AbCd123"

  static let sizes = [
    (240, 320), (320, 240), (320, 480), (480, 320), (480, 272), (272, 480), (480, 480), (600, 400),
    (800, 480), (480, 800), (600, 1024), (1024, 600),
  ]

  static let products = [
    Screen.Product(lane: "12", name: "可口可乐 罐装 330ml", price: Amount(fen: 350)),
    Screen.Product(lane: "A1", name: "Water", price: Amount(fen: 1)),
    Screen.Product(
      lane: "7", name: "Extra long named sparkling mineral water with lemon, 500 ml bottle",
      price: Amount(fen: 12_345_678)),
    Screen.Product(
      lane: "103", name: "农夫山泉饮用天然水超大瓶家庭装特别优惠限量版五点五升装一整箱", price: Amount(fen: 2990)),
    Screen.Product(
      lane: "9", name: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamter",
      price: Amount(fen: 500)),
  ]

  static func payment(
    _ product: Screen.Product = products[0], codeURL: String = codeURL, seconds: Int = 85,
    tail: String = "4711"
  ) -> Screen {
    .payment(
      .init(product: product, codeURL: codeURL, secondsLeft: seconds, orderTail: tail))
  }

  /// All cases of `Screen` but blank and payment.
  static let messages: [Screen] =
    [
      .idle, .selection(typed: "1", product: nil), .selection(typed: "123", product: nil),
      .outOfService(faultCode: "E07"), .outOfService(faultCode: "E-DISPLAY-UNPLUGGED-ON-START"),
      .service(lines: []), .service(lines: ["门已打开", "relay1: ok", "keypad: ok"]),
      .service(
        lines: (1...40).map { "line \($0) of a report that is far too long for a small panel" }),
    ]
    + products.flatMap { product -> [Screen] in
      [.selection(typed: product.lane, product: product), .opening(product)]
    }
    + [.paid(products[0]), .dispensing(products[1]), .thanks(products[2])]
    + Screen.UnavailableReason.allCases.map { .unavailable(typed: "99", $0) }
    + Screen.SorryReason.allCases.flatMap {
      [Screen.sorry($0, orderTail: "4711"), .sorry($0, orderTail: "")]
    }

  static let payments: [Screen] =
    products.map { payment($0) } + [payment(seconds: 5999), payment(seconds: 0, tail: "")]

  static func renderer(
    _ width: Int, _ height: Int, _ language: Language = .chinese, pitch: Int? = nil,
    isGlossy: Bool = false, font: String = font
  ) throws(RenderingError) -> ScreenRenderer {
    try ScreenRenderer(
      width: width, height: height, language: language, fontPath: font, pitchMicrometres: pitch,
      isGlossy: isGlossy)
  }
}
