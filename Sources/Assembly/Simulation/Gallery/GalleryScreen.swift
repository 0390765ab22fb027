internal import Money
public import Vending

/// A screen of the gallery, under a name that serves as a file's.
public struct GalleryScreen: Hashable, Sendable {
  public let name: String
  public let screen: Screen

  init(_ screen: Screen, _ variant: String = "") {
    self.screen = screen
    name = Self.name(of: screen) + (variant.isEmpty ? "" : "-\(variant)")
  }

  /// One name for each kind of screen.
  ///
  /// A new kind does not compile before it has a name, and a test wants each name in `all`.
  private static func name(of screen: Screen) -> String {
    switch screen {
    case .blank: "blank"
    case .idle: "idle"
    case .selection: "selection"
    case .unavailable(_, let reason): "unavailable-\(reason.rawValue)"
    case .opening: "opening"
    case .payment: "payment"
    case .paid: "paid"
    case .dispensing: "dispensing"
    case .thanks: "thanks"
    case .sorry(let reason, _): "sorry-\(reason.rawValue)"
    case .outOfService: "out-of-service"
    case .enrolment: "enrolment"
    case .service: "service"
    }
  }

  static let product = Screen.Product(lane: "12", name: "可口可乐 罐装 330ml", price: Amount(fen: 350))
  static let dear = Screen.Product(
    lane: "103", name: "农夫山泉饮用天然水 家庭装 5.5L", price: Amount(fen: 12_990))
  static let long = Screen.Product(
    lane: "7", name: "Extra long named sparkling mineral water with lemon, 500 ml bottle",
    price: Amount(fen: 1250))

  /// A payment page for a payload; the page that the camera trials look at, too.
  static func payment(
    _ product: Screen.Product, codeURL: String, seconds: Int = 85
  ) -> Screen {
    .payment(.init(product: product, codeURL: codeURL, secondsLeft: seconds, orderTail: "4711"))
  }

  /// Payloads as the platform gives them: 35 bytes, 49 bytes, and long ones that it may give.
  static let payloads: [(name: String, codeURL: String)] = [
    ("35", "weixin://wxpay/bizpayurl?pr=AbCd123"),
    ("49", "weixin://wxpay/bizpayurl/up?pr=NwY5Mz9&groupid=00"),
    ("128", padded(to: 128)), ("512", padded(to: 512)),
  ]

  private static func padded(to count: Int) -> String {
    let tail = "Kx7Qm2Vd9Lr4Tz8Hs1Wb6Nc3Yf5Pg0Ja"
    let start = "weixin://wxpay/bizpayurl?pr="
    return String((start + String(repeating: tail, count: count / tail.count + 1)).prefix(count))
  }

  /// Every kind of screen and every reason on one, some with contents that are hard to fit.
  public static let all: [GalleryScreen] =
    [
      Self(.idle), Self(.selection(typed: "1", product: nil), "typing"),
      Self(.selection(typed: product.lane, product: product)),
      Self(.selection(typed: dear.lane, product: dear), "dear"), Self(.opening(product)),
      Self(payment(product, codeURL: payloads[0].codeURL)),
      Self(payment(dear, codeURL: payloads[1].codeURL, seconds: 9), "dear"),
      Self(payment(long, codeURL: payloads[2].codeURL), "long"), Self(.paid(product)),
      Self(.dispensing(long)), Self(.thanks(product)),
    ]
    + Screen.UnavailableReason.allCases.map { Self(.unavailable(typed: "99", $0)) }
    + Screen.SorryReason.allCases.map { Self(.sorry($0, orderTail: "4711")) }
    + [
      Self(.outOfService(faultCode: "D1")), Self(.enrolment(code: "W4MK-RQ7N")),
      Self(.service(lines: ["门已打开 door open", "lane 11: closed after 3 failures", "D1 display"])),
      Self(.blank),
    ]
}
