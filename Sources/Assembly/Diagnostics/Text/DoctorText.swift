public import Vending

/// The doctor's report for people: the cause first, then what else is wrong, then all rows.
public struct DoctorText {
  private let isColoured: Bool
  private let language: Bilingual.Language

  /// Text, with colours for a terminal when asked.
  public init(isColoured: Bool, language: Bilingual.Language = .english) {
    (self.isColoured, self.language) = (isColoured, language)
  }

  /// The report; what caused other rows to fail or to be skipped comes first.
  public func text(_ report: DoctorReport) -> String {
    causes(report) + groups(report) + summary(report)
  }

  /// How many causes are told above the rows.
  private static let causesShown = 5

  private func causes(_ report: DoctorReport) -> String {
    let shown = report.causes.prefix(Self.causesShown).enumerated().compactMap {
      index, cause -> String? in
      guard let row = report.rows.first(where: { $0.id == cause.id }) else { return nil }
      let indent = String(repeating: " ", count: 11)
      let consequences = waiting(cause.consequences.count)
      let title = Cells.printable(row.title[language]) + Self.colon[language]
      return "\(index + 1). \(mark(row.verdict)) \(title)"
        + "\(Cells.printable(row.words[language]))\n"
        + "\(indent)\(Self.fix[language])\(Cells.printable(row.fix[language]))\n"
        + (consequences.isEmpty ? "" : "\(indent)\(consequences)\n")
    }
    return shown.isEmpty ? "" : "\(Self.begin[language])\n" + shown.joined() + "\n"
  }

  private func waiting(_ count: Int) -> String {
    switch (language, count) {
    case (_, 0): ""
    case (.english, 1): "1 more row comes of this"
    case (.english, _): "\(count) more rows come of this"
    case (.chinese, _): "另有 \(count) 项由此引起"
    }
  }

  private func groups(_ report: DoctorReport) -> String {
    // Ten rows that come of one are one piece of news, and that stands above.
    let shown = report.rows.filter { $0.because == nil }
    let width = shown.map { Cells.width($0.title[language]) }.max() ?? 0
    return Check.Group.allCases.map { group in
      let rows = shown.filter { $0.group == group }
      guard !rows.isEmpty else { return "" }
      return "\(group.title[language])\n" + rows.map { line($0, width) }.joined()
    }.joined()
  }

  private func line(_ row: DoctorReport.Row, _ width: Int) -> String {
    let title = Cells.fitted(Cells.printable(row.title[language]), width)
    let head = "  \(mark(row.verdict)) \(title)  \(Cells.printable(row.words[language]))\n"
    let fix = row.fix[language]
    guard !fix.isEmpty else { return head }
    let indent = String(repeating: " ", count: width + 12)
    return head + indent + "\(Self.fix[language])\(Cells.printable(fix))\n"
  }

  private func summary(_ report: DoctorReport) -> String {
    let counts = Verdict.allCases.map { verdict in
      let count = report.rows.count { $0.verdict == verdict }
      return language == .english
        ? "\(count) \(plural(verdict, count))" : "\(verdict.word.chinese) \(count)"
    }
    let time = report.tookMilliseconds
    return language == .english
      ? "\n\(report.checks) checks: \(counts.joined(separator: ", ")) in \(time) ms\n"
      : "\n\(report.checks) 项检查：\(counts.joined(separator: "，"))，用时 \(time) 毫秒\n"
  }

  private func plural(_ verdict: Verdict, _ count: Int) -> String {
    switch verdict {
    case .warning, .failure: verdict.word.english + (count == 1 ? "" : "s")
    case .ok, .skipped: verdict.word.english
    }
  }

  private func mark(_ verdict: Verdict) -> String {
    let word = Cells.fitted(verdict.word[language], 7)
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

  private static let colon = Bilingual(": ", "：")
  private static let begin = Bilingual("Begin here", "先处理")
  private static let fix = Bilingual("fix: ", "处理：")
}
