internal import Money
package import Ordering
internal import Timing

/// An order as a verified answer or notice of v3 states it (facts: WeChat Pay B.6).
package enum Transaction {
  case pending
  case closed
  case paid(Payment)
  case refunded(Payment)
  case doubt(Doubt)

  /// Reads the statement, which must be about this account and this order.
  package static func read(
    _ object: JSONValue, _ account: WeChatPayV3.Account, _ number: OrderNumber
  ) -> Self {
    let doubt =
      object.mismatch("appid", account.appID) ?? object.mismatch("mchid", account.merchantID)
      ?? object.mismatch("out_trade_no", number.text)
    if let doubt { return .doubt(doubt) }
    let text = object["trade_state"]?.text ?? ""
    guard let state = TradeState(rawValue: text) else {
      return .doubt(
        Doubt(.notAnAnswer, "trade_state \"\(PayerText.line(text, limit: 40))\" is not known"))
    }
    switch state {
    case .notPaid, .userPaying, .payError, .accept: return .pending
    // The last one belongs to payment codes, where it means the same.
    case .closed, .revoked: return .closed
    case .success: return payment(object, number) { .paid($0) }
    case .refund: return payment(object, number) { .refunded($0) }
    }
  }

  private static func payment(
    _ object: JSONValue, _ number: OrderNumber, _ make: (Payment) -> Self
  ) -> Self {
    let amount = object["amount"] ?? .null
    if let doubt = amount.currencyMismatch { return .doubt(doubt) }
    // The whole price; `payer_total` is what coupons left of it (facts: WeChat Pay D.35).
    guard let fen = amount["total"]?.fen, fen > 0 else {
      return .doubt(Doubt(.mismatch, "paid, but amount.total is no amount"))
    }
    guard let transaction = object["transaction_id"]?.text, !transaction.isEmpty else {
      return .doubt(Doubt(.mismatch, "paid, but without a transaction_id"))
    }
    return make(
      Payment(
        order: number, total: Amount(fen: fen), currency: "CNY",
        transaction: PayerText.line(transaction, limit: 64),
        paidAt: object["success_time"]?.text.flatMap(WallTime.init(rfc3339:))))
  }

  var queryAnswer: QueryAnswer {
    switch self {
    case .pending: .pending
    case .closed: .closed
    case .paid(let payment): .paid(payment)
    case .refunded(let payment): .refunded(payment)
    case .doubt(let doubt): .unknown(doubt)
    }
  }
}

extension JSONValue {
  /// Why a member is not the text that we expect; nil when it is, to the byte.
  package func mismatch(_ name: String, _ expected: String) -> Doubt? {
    let value = self[name]?.text ?? ""
    if value.utf8.elementsEqual(expected.utf8) { return nil }
    return Doubt(.mismatch, "\(name) is \(PayerText.line(value, limit: 80)), not \(expected)")
  }

  /// Why a member is not the amount that we expect; nil when it is.
  func mismatch(_ name: String, _ expected: Amount) -> Doubt? {
    let value = self[name]?.fen
    if value == expected.fen { return nil }
    return Doubt(
      .mismatch, "\(name) is \(value.map { "\($0)" } ?? "no amount"), not \(expected.fen)")
  }

  /// Why an amount is not in yuan; absent means CNY, which is all that a mainland merchant has.
  package var currencyMismatch: Doubt? {
    guard let currency = self["currency"], currency != .text("CNY") else { return nil }
    return Doubt(.mismatch, "currency is \(PayerText.line(currency.text ?? "no text", limit: 20))")
  }
}
