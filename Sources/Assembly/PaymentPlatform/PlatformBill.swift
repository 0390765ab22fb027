internal import Money
internal import Timing

/// The bill of one merchant and one day in Beijing, type `ALL`, as the platform writes it.
///
/// It is made from the platform's own books, and apart from the code that reads bills, so that one
/// side's mistake does not hide the other's. As in the real one: UTF-8 with a byte order mark,
/// CRLF, a back-tick before every field, amounts in yuan, no signature (facts: WeChat Pay A.10).
public struct PlatformBill: Hashable, Sendable {
  /// The text.
  public let bytes: [UInt8]

  private struct Line {
    var at: WallTime
    var fields: [String]
    /// Counts towards the seven numbers of the summary.
    var settlement = Amount.zero
    var refund = Amount.zero
    var couponRefund = Amount.zero
    var feeFen: Int64 = 0
    var total = Amount.zero
    var requested = Amount.zero
  }

  /// The platform's fee, in hundredths of a percent.
  private static let feeRate: Int64 = 60

  /// Writes the bill; nil when there were no trades.
  init?(of orders: [PlatformOrder], _ merchant: PlatformMerchant, from start: WallTime) {
    let day = start..<(start + .seconds(86_400))
    var lines: [Line] = []
    for order in orders where order.merchant == merchant.id {
      guard let payment = order.payment else { continue }
      if day.contains(payment.paidAt) { lines.append(Self.line(order, payment, merchant)) }
      // What the platform gave up is with the merchant again, as if it had not been.
      for refund in order.refunds where refund.status != .closed && day.contains(refund.acceptedAt)
      {
        lines.append(Self.line(order, payment, refund, merchant))
      }
    }
    if lines.isEmpty { return nil }
    lines.sort { $0.at < $1.at }
    let text = ([Self.head] + lines.map { Self.ticked($0.fields) } + Self.summary(lines))
      .joined(separator: "\r\n")
    bytes = [0xEF, 0xBB, 0xBF] + Array("\(text)\r\n".utf8)
  }

  private static func line(
    _ order: PlatformOrder, _ payment: PlatformOrder.Payment, _ merchant: PlatformMerchant
  ) -> Line {
    let fee = fee(of: order.total)
    return Line(
      at: payment.paidAt,
      fields: head(order, payment, merchant, at: payment.paidAt, "SUCCESS")
        + [order.total.yuan, payment.coupon.yuan, "0", "0", "0.00", "0.00", "", ""]
        + [plain(order.title), plain(order.attach)]
        + [yuan5(fee), "0.60%", order.total.yuan, "0.00", ""],
      settlement: order.total, feeFen: fee, total: order.total)
  }

  private static func line(
    _ order: PlatformOrder, _ payment: PlatformOrder.Payment, _ refund: PlatformRefund,
    _ merchant: PlatformMerchant
  ) -> Line {
    let coupon = min(payment.coupon, refund.amount)
    let fee = -fee(of: refund.amount)
    return Line(
      at: refund.acceptedAt,
      fields: head(order, payment, merchant, at: refund.acceptedAt, "REFUND")
        + ["0.00", "0.00", refund.id, refund.number, refund.amount.yuan, coupon.yuan]
        + ["ORIGINAL", refund.status.rawValue, plain(order.title)]
        + [
          plain(order.attach), yuan5(fee), "0.60%", "0.00", refund.amount.yuan, "",
        ],
      refund: refund.amount, couponRefund: coupon, feeFen: fee, requested: refund.amount)
  }

  /// The first twelve columns.
  private static func head(
    _ order: PlatformOrder, _ payment: PlatformOrder.Payment, _ merchant: PlatformMerchant,
    at time: WallTime, _ state: String
  ) -> [String] {
    let fields = time.fields(offsetSeconds: WallTime.beijingOffsetSeconds)
    return [
      "\(fields.date(separator: "-")) \(fields.time(separator: ":"))", merchant.appID, merchant.id,
      "0", order.device, payment.transaction, order.number, payment.payer,
      "NATIVE", state, "OTHERS", "CNY",
    ]
  }

  private static func summary(_ lines: [Line]) -> [String] {
    func sum(_ amount: (Line) -> Amount) -> String {
      short(lines.reduce(.zero) { $0 + amount($1) })
    }
    let fees = Amount(fen: lines.reduce(0) { $0 + $1.feeFen })
    let values = [
      "\(lines.count).0", sum(\.settlement), sum(\.refund), sum(\.couponRefund), short(fees),
      sum(\.total), sum(\.requested),
    ]
    return [summaryHead, ticked(values)]
  }

  private static func ticked(_ fields: [String]) -> String {
    fields.map { "`\($0)" }.joined(separator: ",")
  }

  /// A fee is rounded to the fen, half up.
  static func fee(of amount: Amount) -> Int64 { (amount.fen * feeRate + 5000) / 10_000 }

  private static func yuan5(_ fen: Int64) -> String { "\(Amount(fen: fen).yuan)000" }

  /// The summary's numbers have lost their last zero somewhere: `0.0`, `0.14`, `4.5`.
  private static func short(_ amount: Amount) -> String {
    let text = amount.yuan
    return text.hasSuffix("0") ? String(text.dropLast()) : text
  }

  /// Commas would end a field.
  private static func plain(_ text: String) -> String { text.replacing(",", with: "，") }

  private static let head = [
    "交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识",
    "交易类型", "交易状态", "付款银行", "货币种类", "应结订单金额", "代金券金额", "微信退款单号",
    "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态", "商品名称", "商户数据包",
    "手续费", "费率", "订单金额", "申请退款金额", "费率备注",
  ].joined(separator: ",")

  private static let summaryHead = [
    "总交易单数", "应结订单总金额", "退款总金额", "充值券退款总金额", "手续费总金额", "订单总金额",
    "申请退款总金额",
  ].joined(separator: ",")
}
