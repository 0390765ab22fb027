internal import Money
public import Vending

/// What `vendctl dispute` prints for people, in one language.
public struct DisputeText {
  private let clock: LocalClock
  private let language: Bilingual.Language

  /// Text with moments of a zone.
  public init(_ language: Bilingual.Language, clock: LocalClock = .here) {
    (self.language, self.clock) = (language, clock)
  }

  /// The order, its story and how it ended.
  public func text(_ dispute: Dispute) -> String {
    let amount = DisputeWords.yuan(Amount(fen: dispute.amountFen))
    var lines = [
      (Bilingual("order", "订单"), dispute.order),
      (Bilingual("lane", "货道"), "\(dispute.lane)  \(dispute.title)"),
      (Bilingual("amount", "金额"), amount[language]),
      (
        Bilingual("state", "状态"),
        StateWords.order(dispute.state)[language]
          + (dispute.isOpen ? Bilingual(" (not finished)", "（未完成）")[language] : "")
      ),
      (Bilingual("transaction", "微信支付单号"), dispute.transaction ?? "-"),
      (Bilingual("refund", "退款单号"), dispute.refund ?? "-"),
    ]
    if let paid = dispute.paidAtMilliseconds {
      lines.append(
        (Bilingual("paid", "付款时间"), clock.text(milliseconds: paid)))
    }
    let width = lines.map { Cells.width($0.0[language]) }.max() ?? 0
    let head = lines.map {
      "\(Cells.fitted($0.0[language], width + 2))\(Cells.printable($0.1))\n"
    }.joined()
    return head + "\n" + steps(dispute.steps) + "\n"
      + Cells.printable(dispute.conclusion[language]) + "\n"
  }

  private func steps(_ steps: [Dispute.Step]) -> String {
    var table = TextTable([
      (Bilingual("at", "时间")[language], .left), (Bilingual("by", "来源")[language], .left),
      (Bilingual("what", "事项")[language], .left),
    ])
    for step in steps {
      table.add(
        moment(step.atMilliseconds), StateWords.source(step.source)[language],
        step.words[language])
    }
    return table.text
  }

  /// With milliseconds: whether the drop came before the relay went off is told by them.
  private func moment(_ milliseconds: Int64) -> String {
    let text = clock.text(milliseconds: milliseconds)
    let rest = String(milliseconds % 1000 + 1000).dropFirst()
    return "\(text.prefix(19)).\(rest)\(text.dropFirst(19))"
  }
}
