/// The doctor's report for people: groups, rows, and a fix under each row that needs one.
public struct DoctorText {
  private let isColoured: Bool

  /// Text, with colours for a terminal when asked.
  public init(isColoured: Bool) { self.isColoured = isColoured }

  /// The report; what caused other rows to be skipped comes first.
  public func text(_ report: DoctorReport) -> String {
    causes(report) + groups(report) + summary(report)
  }

  private func causes(_ report: DoctorReport) -> String {
    let lines = report.causes.compactMap { cause -> String? in
      guard let row = report.rows.first(where: { isOf($0, cause.id) && $0.verdict == .failure })
      else { return nil }
      let count = cause.consequences.count
      return "  \(mark(.failure)) \(row.title): \(Cells.printable(row.words))\n"
        + "          fix: \(Cells.printable(row.fix))\n"
        + "          \(count == 1 ? "1 more row waits" : "\(count) more rows wait") for this\n"
    }
    return lines.isEmpty ? "" : "Begin here\n" + lines.joined() + "\n"
  }

  private func isOf(_ row: DoctorReport.Row, _ check: String) -> Bool {
    row.id == check || row.id.hasPrefix("\(check)/")
  }

  private func groups(_ report: DoctorReport) -> String {
    // Ten rows that wait for one are one piece of news, and that stands above.
    let hidden = Set(report.causes.flatMap(\.consequences))
    let shown = report.rows.filter { !hidden.contains($0.id) }
    let width = shown.map { Cells.width($0.title) }.max() ?? 0
    return Check.Group.allCases.map { group in
      let rows = shown.filter { $0.group == group }
      guard !rows.isEmpty else { return "" }
      return "\(group.rawValue)\n" + rows.map { line($0, width) }.joined()
    }.joined()
  }

  private func line(_ row: DoctorReport.Row, _ width: Int) -> String {
    let title = Cells.fitted(Cells.printable(row.title), width)
    let head = "  \(mark(row.verdict)) \(title)  \(Cells.printable(row.words))\n"
    guard !row.fix.isEmpty else { return head }
    let indent = String(repeating: " ", count: width + 12)
    return head + indent + "fix: \(Cells.printable(row.fix))\n"
  }

  private func summary(_ report: DoctorReport) -> String {
    let counts = Verdict.allCases.map { verdict in
      "\(report.rows.count { $0.verdict == verdict }) \(verdict.rawValue)"
    }
    return "\n\(counts.joined(separator: ", ")) in \(report.tookMilliseconds) ms\n"
  }

  private func mark(_ verdict: Verdict) -> String {
    let word = Cells.fitted(verdict.rawValue, 7)
    guard isColoured else { return word }
    // ECMA-48 SGR: green, yellow, red, faint.
    let code =
      switch verdict {
      case .ok: "32"
      case .warning: "33"
      case .failure: "31"
      case .skipped: "2"
      }
    return "\u{1B}[\(code)m\(word)\u{1B}[0m"
  }
}
