internal import Money
internal import Ordering

/// A refund as a verified answer of v3 states it (facts: WeChat Pay B.7).
enum RefundStatement {
  case state(State)
  case doubt(Doubt)

  enum State: String {
    case success = "SUCCESS"
    case processing = "PROCESSING"
    case closed = "CLOSED"
    case abnormal = "ABNORMAL"
  }

  /// Reads the statement, which must be about this refund.
  static func read(_ object: JSONValue, _ request: RefundRequest) -> Self {
    let amount = object["amount"] ?? .null
    let doubt =
      object.mismatch("out_trade_no", request.order.text)
      ?? object.mismatch("out_refund_no", request.number.text)
      ?? amount.mismatch("refund", request.refund) ?? amount.mismatch("total", request.total)
      ?? amount.currencyMismatch
    if let doubt { return .doubt(doubt) }
    let text = object["status"]?.text ?? ""
    guard let state = State(rawValue: text) else {
      return .doubt(
        Doubt(.notAnAnswer, "status \"\(PayerText.line(text, limit: 40))\" is not known"))
    }
    return .state(state)
  }

  var refundAnswer: RefundAnswer {
    switch self {
    // How it ends, the query tells.
    case .state: .accepted
    case .doubt(let doubt): .unknown(doubt)
    }
  }

  var queryAnswer: RefundQueryAnswer {
    switch self {
    case .state(.success): .arrived
    case .state(.processing): .processing
    case .state(.closed): .stuck("the platform closed the refund")
    case .state(.abnormal):
      .stuck("the payer's account cannot take it: see the merchant console")
    case .doubt(let doubt): .unknown(doubt)
    }
  }
}
