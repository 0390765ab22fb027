internal import Money
package import Ordering
internal import Timing

/// The state of an order in a verified answer to a query (facts: WeChat Pay A.6).
package enum TradeState: String {
  case notPaid = "NOTPAY"
  case success = "SUCCESS"
  case refund = "REFUND"
  case closed = "CLOSED"
  case revoked = "REVOKED"
  case userPaying = "USERPAYING"
  case payError = "PAYERROR"
  case accept = "ACCEPT"

  static func read(_ answer: SignedAnswer, _ number: OrderNumber) -> QueryAnswer {
    if let doubt = answer.mismatch("out_trade_no", number.text) { return .unknown(doubt) }
    let text = answer["trade_state"] ?? ""
    guard let state = TradeState(rawValue: text) else {
      return .unknown(
        Doubt(.notAnAnswer, "trade_state \"\(PayerText.line(text, limit: 40))\" is not known"))
    }
    switch state {
    case .notPaid, .userPaying, .payError, .accept: return .pending
    // The last one belongs to payment codes, where it means the same.
    case .closed, .revoked: return .closed
    case .success: return payment(answer.message, number).answer { .paid($0) }
    case .refund: return payment(answer.message, number).answer { .refunded($0) }
    }
  }

  /// A payment in a verified message, or why it is none of ours.
  package enum Statement {
    case payment(Payment)
    case doubt(Doubt)

    func answer(_ make: (Payment) -> QueryAnswer) -> QueryAnswer {
      switch self {
      case .payment(let payment): make(payment)
      case .doubt(let doubt): .unknown(doubt)
      }
    }
  }

  /// Takes the payment out of a verified message about this order.
  package static func payment(_ message: FlatXML, _ number: OrderNumber) -> Statement {
    // Absent means CNY (A.5); anything else is money that we did not ask for.
    let currency = message["fee_type"].flatMap { $0.isEmpty ? nil : $0 } ?? "CNY"
    guard currency.utf8.elementsEqual("CNY".utf8) else {
      return .doubt(Doubt(.mismatch, "fee_type is \(PayerText.line(currency, limit: 20))"))
    }
    guard let fen = SignedAnswer.fen(message["total_fee"]), fen > 0 else {
      return .doubt(Doubt(.mismatch, "paid, but total_fee is no amount"))
    }
    guard let transaction = message["transaction_id"], !transaction.isEmpty else {
      return .doubt(Doubt(.mismatch, "paid, but without a transaction_id"))
    }
    return .payment(
      Payment(
        order: number, total: Amount(fen: fen), currency: currency,
        transaction: PayerText.line(transaction, limit: 64),
        paidAt: message["time_end"].flatMap(WallTime.init(beijingCompact:))))
  }
}
