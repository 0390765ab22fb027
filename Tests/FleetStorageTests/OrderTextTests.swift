@testable import FleetStorage
import Money
@testable import Ordering
import Storage
import Testing
import Timing

/// An order's text by its own writer and reader, against the general coders.
@Suite struct OrderTextTests {
  private static let texts = [
    "Water", "", "可乐 330 ml", "a/b", "emoji 🥤", "quote \" inside", "back \\ slash", "line\nbreak",
    "nul \u{0}", "delete \u{7F}", "\u{2028}", "é", "e\u{301}",
  ]

  private static func order(_ chance: inout SystemRandomNumberGenerator) -> Order {
    func text() -> String { texts[Int.random(in: 0..<texts.count, using: &chance)] }
    func fen() -> Int64 {
      [0, 1, 350, -5, .max, .min + 1][Int.random(in: 0..<6, using: &chance)]
    }
    let request = OrderRequest(
      number: OrderRequest.sample(Int.random(in: 0..<1000, using: &chance)).number,
      machine: text(), lane: text(), title: text(), amount: Amount(fen: fen()),
      madeAt: WallTime(milliseconds: fen()), expiresAt: WallTime(milliseconds: fen()))
    var order = Order(request)
    order.state = OrderState.allCases.randomElement(using: &chance) ?? .open
    order.note = text()
    order.attempts = Int.random(in: 0...40, using: &chance)
    order.lateChecksLeft = Int.random(in: 0...5, using: &chance)
    if Bool.random(using: &chance) { order.codeURL = "weixin://wxpay/bizpayurl?pr=\(text())" }
    if Bool.random(using: &chance) {
      order.permitNonce = [0, 1, UInt64.max, 1 << 60].randomElement(using: &chance)
    }
    if Bool.random(using: &chance) {
      order.payment = Payment(
        order: request.number, total: Amount(fen: fen()), currency: text(), transaction: text(),
        paidAt: Bool.random(using: &chance) ? WallTime(milliseconds: fen()) : nil)
    }
    return order
  }

  @Test func isTheVeryTextOfTheGeneralCoderAndIsReadBack() throws {
    var chance = SystemRandomNumberGenerator()
    var plain = 0
    for _ in 0..<3000 {
      let order = Self.order(&chance)
      let general = try JSONText.encode(order)
      if let text = order.plainText {
        plain += 1
        #expect(text == general)
        #expect(Order(plainText: text) == order)
      }
      // What the short road does not read, the long one does; never something else.
      if let read = Order(plainText: general) { #expect(read == order) }
    }
    #expect(plain > 100)
  }

  @Test func isReadInItsOwnFormOnly() throws {
    let order = Sale.steps(.sample())[3]
    let text = try #require(order.plainText)
    #expect(Order(plainText: text) == order)
    for place in text.utf8.indices {
      #expect(Order(plainText: String(decoding: text.utf8[..<place], as: UTF8.self)) == nil)
    }
    for other in [
      text + " ", " " + text, text.replacing(":", with: ": "),
      text.replacing("\"attempts\":0", with: "\"attempts\":00"),
      text.replacing("\"attempts\":0", with: "\"attempts\":0.0"),
      text.replacing("\"state\":\"permitted\"", with: "\"state\":\"gone\""),
      text.replacing("Water", with: "Wa\\u0074er"), "", "{}", "null",
    ] { #expect(Order(plainText: other) == nil, "\(other)") }
  }
}
