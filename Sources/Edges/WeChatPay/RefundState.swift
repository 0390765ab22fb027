internal import Money
internal import Ordering

/// The state of a refund in a verified answer to a query (facts: WeChat Pay A.9).
enum RefundState: String {
  case success = "SUCCESS"
  case processing = "PROCESSING"
  case closed = "REFUNDCLOSE"
  case change = "CHANGE"

  /// The platform allows 50 refunds of a payment; ours has one.
  private static let refundLimit = 50

  static func read(_ answer: SignedAnswer, _ request: RefundRequest) -> RefundQueryAnswer {
    if let doubt = answer.mismatch("out_trade_no", request.order.text) { return .unknown(doubt) }
    let index = (0..<refundLimit).first {
      answer.mismatch("out_refund_no_\($0)", request.number.text) == nil
    }
    guard let index else {
      return .unknown(Doubt(.mismatch, "the answer does not mention \(request.number)"))
    }
    if let doubt = answer.mismatch("refund_fee_\(index)", "\(request.refund.fen)") {
      return .unknown(doubt)
    }
    let text = answer["refund_status_\(index)"] ?? ""
    guard let state = RefundState(rawValue: text) else {
      return .unknown(
        Doubt(.notAnAnswer, "refund_status \"\(PayerText.line(text, limit: 40))\" is not known"))
    }
    switch state {
    case .success: return .arrived
    case .processing: return .processing
    case .closed: return .stuck("the platform closed the refund")
    case .change:
      return .stuck("the payer's account cannot take it: see the merchant console")
    }
  }
}
