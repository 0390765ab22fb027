public import Audit
internal import Money
internal import Timing
public import Vending

/// What `vendctl audit` prints for people, in one language.
public struct AuditText: OneLanguage {
  let language: Bilingual.Language
  private let clock: LocalClock

  /// Text in a language, with moments of a zone.
  public init(_ language: Bilingual.Language, clock: LocalClock = .here) {
    (self.language, self.clock) = (language, clock)
  }

  /// The orders, the sums, and what does not fit.
  public func text(_ result: Reconciliation) -> String {
    let days = result.days.map(\.description).joined(separator: say(", ", "、"))
    return say("bill of \(days)", "\(days) 的账单") + "\n\n" + orders(result.lines) + "\n"
      + sums(result) + "\n" + open(result.lines) + verdict(result)
  }

  private func orders(_ lines: [Reconciliation.OrderLine]) -> String {
    guard !lines.isEmpty else { return say("no order with money\n", "没有涉及款项的订单\n") }
    var table = TextTable([
      (say("made", "下单时间"), .left), (say("order", "订单"), .left), (say("paid", "付款"), .right),
      (say("delivered", "已出货"), .right), (say("refunded", "已退款"), .right),
      (say("open", "未结"), .right), (say("unexplained", "不明"), .right), ("", .left),
    ])
    for line in lines {
      // A refund of an earlier day's payment has nothing beside it to be weighed against.
      let earlier = line.refundedOfEarlier
      table.add(
        line.madeAt.map { clock.text($0) } ?? "-", line.number, line.paid.yuan,
        line.delivered.yuan, (line.refunded + earlier).yuan, line.open.yuan, line.unexplained.yuan,
        line.differences.isEmpty
          ? (earlier > .zero ? say("paid earlier", "此前付款") : "") : "!")
    }
    return table.text
  }

  private func sums(_ result: Reconciliation) -> String {
    let sums = result.sums
    var lines = [
      (say("paid", "付款"), sums.paid.yuan), (say("delivered", "已出货"), sums.delivered.yuan),
      (say("refunded", "已退款"), sums.refunded.yuan), (say("open cases", "未结"), sums.open.yuan),
      (say("unexplained", "不明"), sums.unexplained.yuan), (say("fees", "手续费"), sums.fee.yuan),
    ]
    if sums.refundedOfEarlier > .zero {
      lines.append((say("refunded of earlier days", "退还此前付款"), sums.refundedOfEarlier.yuan))
    }
    if result.others.lineCount > 0 {
      lines.append((say("other machines paid", "其他机器付款"), result.others.paid.yuan))
      lines.append((say("other machines refunded", "其他机器退款"), result.others.refunded.yuan))
    }
    var table = TextTable([("", .left), (say("yuan", "元"), .right)])
    for (name, amount) in lines { table.add(name, amount) }
    return table.text
  }

  private func open(_ lines: [Reconciliation.OrderLine]) -> String {
    lines.map { line in
      line.openReason.map { reason in
        say("open", "未结") + "  \(line.number)  "
          + "\(Cells.printable(AuditWords.open(reason)[language]))\n"
      } ?? ""
    }.joined()
  }

  private func verdict(_ result: Reconciliation) -> String {
    let open = result.openCount
    guard !result.addsUp else {
      return open == 0
        ? say("everything adds up\n", "账目全部相符\n")
        : say(
          "everything adds up; \(open) not finished\n", "账目全部相符；未完成 \(open) 笔\n")
    }
    let sentences = result.lines.flatMap { line in
      line.differences.map {
        "!  \(Cells.printable(line.number))  "
          + "\(Cells.printable(AuditWords.of($0)[language]))\n"
      }
    }
    let count = result.differenceCount
    return sentences.joined()
      + say(count == 1 ? "1 difference\n" : "\(count) differences\n", "\(count) 处不符\n")
  }
}
