public import Control
public import Vending

/// What `vendctl faults` prints for people, in one language.
public struct FaultText {
  private let clock: LocalClock
  private let language: Bilingual.Language

  /// Text with moments of a zone.
  public init(_ language: Bilingual.Language, clock: LocalClock = .here) {
    (self.language, self.clock) = (language, clock)
  }

  /// The faults that stand, causes first and what comes of them below; then those that have gone.
  ///
  /// Without a daemon, which is `isLive` false, nobody knows what stands.
  public func text(_ faults: [FaultReport], isLive: Bool = true) -> String {
    let standing = faults.filter { $0.state == .standing }
    let gone = faults.filter { $0.state != .standing }
    let none = isLive ? Self.none : gone.isEmpty ? Self.unknown : Self.absent
    let head = standing.isEmpty ? none[language] + "\n" : chains(standing)
    return gone.isEmpty ? head : head + "\n" + table(gone)
  }

  private func chains(_ faults: [FaultReport]) -> String {
    let codes = Set(faults.map(\.code))
    func isCause(_ fault: FaultReport) -> Bool { fault.cause.map { !codes.contains($0) } ?? true }
    var told: Set<String> = []
    return faults.filter(isCause).map { cause in
      // Two faults of one code have their consequences below the first.
      let isFirst = told.insert(cause.code).inserted
      let rest = faults.filter { isFirst && $0.cause == cause.code }
      return entry(cause, "") + rest.map { entry($0, "  ") }.joined()
    }.joined()
  }

  private func entry(_ fault: FaultReport, _ indent: String) -> String {
    let name = fault.subject.isEmpty ? fault.code : "\(fault.code) \(fault.subject)"
    let because =
      fault.cause.map { Bilingual(" (because of \($0))", "（由 \($0) 引起）")[language] } ?? ""
    let colon = Self.colon[language]
    var lines = ["\(name)  \(fault.words[language])\(because)"]
    if !fault.detail.isEmpty {
      lines.append("    \(Self.seen[language])\(colon)\(NoteWords.of(fault.detail)[language])")
    }
    lines.append("    " + times(fault))
    lines.append("    \(Self.machine[language])\(colon)\(fault.reaction[language])")
    lines.append("    \(Self.fix[language])\(colon)\(fault.remedy[language])")
    if let ending = ending(fault) { lines.append("    \(ending)") }
    return lines.map { "\(indent)\(Cells.printable($0))\n" }.joined()
  }

  private func times(_ fault: FaultReport) -> String {
    let since = clock.text(milliseconds: fault.lastMilliseconds)
    let total = Words.time(seconds: fault.totalSeconds)[language]
    let eva = fault.eva.map { Bilingual(", EVA-DTS \($0)", "，EVA-DTS \($0)")[language] } ?? ""
    switch language {
    case .english:
      let count = fault.count == 1 ? "once" : "\(fault.count) times"
      return "since \(since), \(count), \(total) in all\(eva)"
    case .chinese: return "自 \(since)，共 \(fault.count) 次，累计 \(total)\(eva)"
    }
  }

  private func ending(_ fault: FaultReport) -> String? {
    switch fault.clearing {
    case .byItself: nil
    case .byPerson: Self.byPerson[language]
    case .byVisit: Self.byVisit[language]
    }
  }

  private func table(_ faults: [FaultReport]) -> String {
    var table = TextTable(Self.titles.map { ($0[language], .left) })
    for fault in faults {
      let ended =
        fault.clearedMilliseconds.map { clock.text(milliseconds: $0) } ?? Self.restart[language]
      table.add(
        fault.code, fault.subject, clock.text(milliseconds: fault.lastMilliseconds), ended,
        String(fault.count), total(fault), fault.words[language])
    }
    return table.text
  }

  /// What stood when the daemon was killed is counted up to its last record only.
  private func total(_ fault: FaultReport) -> String {
    let time = Words.time(seconds: fault.totalSeconds)[language]
    return fault.state == .interrupted ? "≥ \(time)" : time
  }

  private static let none = Bilingual("no fault stands", "当前没有故障")
  private static let absent = Bilingual(
    "vendd does not run: what stands is not known; what its journal tells:",
    "vendd 未运行，无法得知当前故障；日志中的记录：")
  private static let unknown = Bilingual(
    "vendd does not run: what stands is not known; its journal tells of no fault",
    "vendd 未运行，无法得知当前故障；日志中没有故障记录")
  private static let colon = Bilingual(": ", "：")
  private static let seen = Bilingual("seen", "现象")
  private static let machine = Bilingual("the machine", "机器")
  private static let fix = Bilingual("fix", "处理")
  private static let byPerson = Bilingual(
    "ends with: vendctl faults clear", "处理后执行：vendctl faults clear")
  private static let byVisit = Bilingual(
    "ends with: vendctl faults clear, once somebody has opened the door",
    "到机器前打开机门处理后执行：vendctl faults clear")
  private static let restart = Bilingual("when vendd ended", "vendd 结束时")
  private static let titles = [
    Bilingual("gone", "已恢复"), Bilingual("of", "对象"), Bilingual("came", "发生"),
    Bilingual("went", "恢复"), Bilingual("times", "次数"), Bilingual("in all", "累计"),
    Bilingual("what", "故障"),
  ]
}
