public import Audit
internal import Money
internal import Timing

/// What `vendctl audit` prints for people.
public struct AuditText {
  private let clock: LocalClock

  /// Text with moments of a zone.
  public init(clock: LocalClock = .here) { self.clock = clock }

  /// The orders, the sums, and what does not fit.
  public func text(_ result: Reconciliation) -> String {
    let days = result.days.map(\.description).joined(separator: ", ")
    return "bill of \(days)\n\n" + orders(result.lines) + "\n" + sums(result) + "\n"
      + open(result.lines) + verdict(result)
  }

  private func orders(_ lines: [Reconciliation.OrderLine]) -> String {
    guard !lines.isEmpty else { return "no order with money\n" }
    var table = TextTable([
      ("made", .left), ("order", .left), ("paid", .right), ("delivered", .right),
      ("refunded", .right), ("open", .right), ("unexplained", .right), ("", .left),
    ])
    for line in lines {
      // A refund of an earlier day's payment has nothing beside it to be weighed against.
      let earlier = line.refundedOfEarlier
      table.add(
        line.madeAt.map { clock.text($0) } ?? "-", line.number, line.paid.yuan,
        line.delivered.yuan, (line.refunded + earlier).yuan, line.open.yuan, line.unexplained.yuan,
        line.differences.isEmpty ? (earlier > .zero ? "paid earlier" : "") : "!")
    }
    return table.text
  }

  private func sums(_ result: Reconciliation) -> String {
    let sums = result.sums
    var lines = [
      ("paid", sums.paid.yuan), ("delivered", sums.delivered.yuan),
      ("refunded", sums.refunded.yuan), ("open cases", sums.open.yuan),
      ("unexplained", sums.unexplained.yuan), ("fees", sums.fee.yuan),
    ]
    if sums.refundedOfEarlier > .zero {
      lines.append(("refunded of earlier days", sums.refundedOfEarlier.yuan))
    }
    if result.others.lineCount > 0 {
      lines.append(("other machines paid", result.others.paid.yuan))
      lines.append(("other machines refunded", result.others.refunded.yuan))
    }
    var table = TextTable([("", .left), ("CNY", .right)])
    for (name, amount) in lines { table.add(name, amount) }
    return table.text
  }

  private func open(_ lines: [Reconciliation.OrderLine]) -> String {
    lines.map { line in
      line.openReason.map { "open  \(line.number)  \(Cells.printable($0))\n" } ?? ""
    }.joined()
  }

  private func verdict(_ result: Reconciliation) -> String {
    guard !result.addsUp else {
      return result.openCount == 0
        ? "everything adds up\n" : "everything adds up; \(result.openCount) not finished\n"
    }
    let sentences = result.lines.flatMap { line in
      line.differences.map { "!  \(Cells.printable(line.number))  \(Cells.printable($0.words))\n" }
    }
    let count = result.differenceCount
    return sentences.joined() + (count == 1 ? "1 difference\n" : "\(count) differences\n")
  }
}
