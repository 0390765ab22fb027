internal import Audit
internal import Vending

/// What an audit finds, in both languages; its English is the audit's own.
enum AuditWords {
  /// A difference: in Chinese what kind it is, since the line above has its sums.
  static func of(_ difference: Difference) -> Bilingual {
    Bilingual(difference.words, kind(difference.kind))
  }

  private static func kind(_ kind: Difference.Kind) -> String {
    switch kind {
    case .notInJournal: "账单中有该订单，交易日志中没有"
    case .notOnBill: "本机记为已付款，账单中没有付款"
    case .notInBook: "交易日志记为已付款，订单簿中没有"
    case .amountsDiffer: "账单金额与本机记录不一致"
    case .currency: "账单中的币种不是人民币"
    case .paidTwice: "账单中有多笔付款"
    case .deliveredAndRefunded: "已出货又已退款，且无人工决定"
    case .refundedTwice: "重复退款"
    case .refundMissing: "应退款，账单中没有退款"
    case .refundOfUnknown: "账单中有退款，交易日志中没有该订单"
    case .refundFailed: "退款未能到达付款人，且无人处理"
    case .refundUnexplained: "已退款，但本机没有应退记录"
    case .noEnd: "已付款，但既未出货也未退款，也没有待处理记录"
    case .twoEnds: "交易日志中该订单有两个开始或两个结果"
    case .booksDisagree: "交易日志与订单簿的结果不一致"
    }
  }

  /// Why an order is open.
  static func open(_ reason: String) -> Bilingual {
    let person = "a person must decide: "
    if reason.hasPrefix(person) {
      let note = NoteWords.of(String(reason.dropFirst(person.count)))
      return Bilingual("a person must decide: \(note.english)", "需人工处理：\(note.chinese)")
    }
    guard let words = reasons[reason] else { return NoteWords.of(reason) }
    return Bilingual(reason, words)
  }

  private static let reasons = [
    "its refund is owed": "应退款，尚未退", "its refund is on its way": "退款处理中",
    "it is not settled yet": "尚未结算", "it can still be paid": "仍可付款",
    "a person must decide": "需人工处理", "its sale is under way": "交易进行中",
    "the core does not know its verdict yet": "支付核心尚未得知结果",
    "its refund may be on the next day's bill": "退款可能在次日账单中",
    "it is being ended": "正在结束",
  ]
}
