public import Money
public import Timing

/// One line of a bill: a payment, or a refund, which is a line of its own on its own day.
public struct TradeBillRow: Hashable, Sendable {
  /// What the line is about (`交易状态`).
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Money came in.
    case payment = "SUCCESS"
    /// Money goes back; whether it has arrived `refundStatus` says.
    case refund = "REFUND"
    /// A payment by the payer's own code, taken back by the merchant; never of a QR order.
    case revoked = "REVOKED"
  }

  /// The line of the file, from 1.
  public var line: Int
  /// When, by the platform's clock, to the second.
  public var at: WallTime
  public var appID: String
  public var merchantID: String
  /// `0` where there is none.
  public var subMerchantID: String
  /// `device_info`: the machine's name.
  public var device: String
  /// The platform's own number of the payment.
  public var transaction: String
  /// Our number of the order (`out_trade_no`).
  public var order: String
  public var payer: String
  /// `NATIVE` for a QR order.
  public var tradeType: String
  public var kind: Kind
  public var bank: String
  /// ISO 4217.
  public var currency: String
  /// What the merchant gets of a payment (`应结订单金额`).
  public var settlementTotal: Amount
  public var coupon: Amount
  /// The platform's own number of the refund; `0` or empty in a payment.
  public var refundID: String
  /// Our number of the refund (`out_refund_no`); `0` or empty in a payment.
  public var refundNumber: String
  /// What the refund takes of `settlementTotal` (`退款金额`).
  public var refund: Amount
  public var couponRefund: Amount
  /// `ORIGINAL`, `BALANCE`, ...; empty in a payment.
  public var refundChannel: String
  /// `SUCCESS`, `PROCESSING`, ...; empty in a payment.
  public var refundStatus: String
  /// What the payer read.
  public var title: String
  public var attach: String
  public var fee: FineAmount
  /// As the platform writes it: `0.60%`.
  public var rate: String
  /// What the order was made for (`订单金额`, `total_fee`); zero in a refund.
  public var total: Amount
  /// What the refund was asked for (`申请退款金额`, `refund_fee`); zero in a payment.
  public var requestedRefund: Amount
  public var rateNote: String
}
