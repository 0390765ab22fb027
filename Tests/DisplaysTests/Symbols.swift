import Pixels

/// A code for the tests: its payload, and modules that only look like one.
enum Symbols {
  static let url = "weixin://wxpay/bizpayurl?pr=AbCd123"

  /// A symbol of 29 modules; which are dark hangs on the payload.
  static func code(_ text: String = url, side: Int = 29) -> CodeSymbol {
    let payload = Array(text.utf8)
    let sum = payload.reduce(7) { ($0 * 31 + Int($1)) % 1009 }
    return CodeSymbol(
      payload: payload, side: side,
      isDark: (0..<side * side).map { index in
        (index % side * 5 + index / side * 3 + sum + index * index) % 3 == 0
      })
  }

  static func payment(
    _ text: String = url, timeLeft: String = "1:29", product: String = "可乐"
  ) -> PanelPage {
    PanelPage(
      .payment, title: "微信扫码", detail: "剩余时间", product: product, price: "¥3.50",
      timeLeft: timeLeft, foot: "…1234", code: code(text))
  }
}
