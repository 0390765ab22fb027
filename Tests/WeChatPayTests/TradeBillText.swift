/// A bill as the platform writes it, for tests to spoil.
struct TradeBillText {
  static let header =
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    + "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    + "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
  static let summaryHeader =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"

  /// 4.35 yuan, one of them by a coupon of the merchant's.
  static let payment = [
    "2026-11-23 18:05:09", "wx8888888888888888", "1900000109", "0", "VM01",
    "4200000263202611237700134212", "VM01AAAA0001", "oHkLxtx0vUqe-18p_AXTZ1innxkCY", "NATIVE",
    "SUCCESS", "OTHERS", "CNY", "3.35", "1.00", "0", "0", "0.00", "0.00", "", "", "可乐 330ml", "",
    "0.02010", "0.60%", "4.35", "0.00", "",
  ]
  static let otherPayment = [
    "2026-11-23 23:59:59", "wx8888888888888888", "1900000109", "0", "",
    "4200000263202611237700134213", "VM01AAAA0002", "oHkLxtw2sS2bROvqfnZJcgCIFfPSE", "NATIVE",
    "SUCCESS", "CMB_DEBIT", "CNY", "2.00", "0.00", "", "", "0", "0.0", "", "", "a,b`c", "x",
    "0.01200", "0.60%", "2", "0.00", "note",
  ]
  static let refund = [
    "2026-11-23 18:06:00", "wx8888888888888888", "1900000109", "0", "VM01",
    "4200000263202611237700134212", "VM01AAAA0001", "oHkLxtx0vUqe-18p_AXTZ1innxkCY", "NATIVE",
    "REFUND", "OTHERS", "CNY", "0.00", "0.00", "50300007", "VM01AAAA0001R1", "3.35", "1.00",
    "ORIGINAL", "SUCCESS", "可乐 330ml", "", "-0.02010", "0.60%", "0.00", "4.35", "",
  ]

  var mark = "\u{FEFF}"
  var header = TradeBillText.header
  var rows = [payment, otherPayment, refund]
  var summaryHeader = TradeBillText.summaryHeader
  var summary = ["3.0", "5.35", "3.35", "1.0", "0.01", "6.35", "4.35"]
  var lineEnd = "\n"
  var tail = ""

  var text: String {
    let data = rows.map(Self.line)
    let lines = [header] + data + [summaryHeader, Self.line(summary), tail]
    return mark + lines.joined(separator: lineEnd)
  }

  var bytes: [UInt8] { Array(text.utf8) }

  static func line(_ fields: [String]) -> String {
    fields.map { "`\($0)" }.joined(separator: ",")
  }
}
