internal import Money
internal import Timing

/// The bill of one day over the movements of a merchant's basic account, type `BASIC`, as the
/// platform writes it: payments in, fees and refunds out (facts: WeChat Pay A.10, B.8).
struct PlatformFundBill {
  /// The text.
  let bytes: [UInt8]

  private struct Move {
    var at: WallTime
    /// More than zero comes in.
    var fen: Int64
    var transaction: String
    var name: String
    var kind: String
    var voucher: String
  }

  /// Writes the bill; nil when nothing moved.
  init?(of orders: [PlatformOrder], _ merchant: PlatformMerchant, from start: WallTime) {
    let own = orders.filter { $0.merchant == merchant.id }
    let moves = own.flatMap(Self.moves(of:)).sorted { $0.at < $1.at }
    let day = start..<(start + .seconds(86_400))
    let todays = moves.filter { day.contains($0.at) }
    if todays.isEmpty { return nil }
    // What is there today, less what has moved since the day began; the books keep no fees.
    let fees = moves.reduce(0) { $1.kind == "扣除交易手续费" ? $0 + $1.fen : $0 }
    let since = moves.reduce(0) { $1.at >= start ? $0 + $1.fen : $0 }
    var balance = merchant.balance.fen + fees - since
    let lines = todays.map { move -> String in
      balance += move.fen
      return Self.line(move, balance)
    }
    let text = ([Self.head] + lines + Self.summary(todays)).joined(separator: "\r\n")
    bytes = [0xEF, 0xBB, 0xBF] + Array("\(text)\r\n".utf8)
  }

  private static func moves(of order: PlatformOrder) -> [Move] {
    guard let payment = order.payment else { return [] }
    let fee = PlatformBill.fee(of: order.total)
    var moves = [
      Move(
        at: payment.paidAt, fen: order.total.fen, transaction: payment.transaction, name: "交易",
        kind: "交易", voucher: order.number)
    ]
    if fee > 0 {
      moves.append(
        Move(
          at: payment.paidAt, fen: -fee, transaction: payment.transaction, name: "扣除交易手续费",
          kind: "扣除交易手续费", voucher: order.number))
    }
    for refund in order.refunds where refund.status != .closed && !refund.isFromRecharge {
      moves.append(
        Move(
          at: refund.acceptedAt, fen: -refund.amount.fen, transaction: payment.transaction,
          name: "退款", kind: "退款", voucher: refund.number))
    }
    return moves
  }

  private static func line(_ move: Move, _ balance: Int64) -> String {
    let fields = move.at.fields(offsetSeconds: WallTime.beijingOffsetSeconds)
    return [
      "\(fields.date(separator: "-")) \(fields.time(separator: ":"))", move.transaction,
      "\(move.transaction)\(move.fen < 0 ? "1" : "0")", move.name, move.kind,
      move.fen < 0 ? "支出" : "收入", Amount(fen: abs(move.fen)).yuan, Amount(fen: balance).yuan,
      "system", "", move.voucher,
    ].map { "`\($0)" }.joined(separator: ",")
  }

  private static func summary(_ moves: [Move]) -> [String] {
    let (income, outlay) = (moves.filter { $0.fen > 0 }, moves.filter { $0.fen < 0 })
    func sum(_ moves: [Move]) -> String {
      Amount(fen: moves.reduce(0) { $0 + abs($1.fen) }).yuan
    }
    let values = [
      "\(moves.count)", "\(income.count)", sum(income), "\(outlay.count)", sum(outlay),
    ]
    return [
      "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额", values.map { "`\($0)" }.joined(separator: ","),
    ]
  }

  private static let head = [
    "记账时间", "微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "收支类型", "收支金额(元)", "账户结余(元)",
    "资金变更提交申请人", "备注", "业务凭证号",
  ].joined(separator: ",")
}
