internal import Storage

/// What a look at a service before its first sale has found.
public struct CheckReport: Encodable, Hashable, Sendable {
  /// How a thing is.
  public enum Verdict: String, Encodable, Hashable, Sendable {
    case ok
    case warning
    case failed
    /// It could not be looked at, since something before it failed.
    case skipped
  }

  /// One thing that was looked at.
  public struct Row: Encodable, Hashable, Sendable {
    public var name: String
    public var verdict: Verdict
    /// What was seen.
    public var words: String
    /// What to do; nil when there is nothing.
    public var fix: String?
  }

  public var rows: [Row] = []

  /// The exit code: 0 all well, 1 warnings, 2 failures.
  public var exitCode: Int32 {
    if rows.contains(where: { $0.verdict == .failed }) { return 2 }
    return rows.contains { $0.verdict == .warning } ? 1 : 0
  }

  /// A line for each thing, and below it what to do.
  public var text: String {
    rows.map { row in
      let line = row.verdict.rawValue.padded(to: 9) + row.name.padded(to: 14) + row.words + "\n"
      return line + (row.fix.map { "         -> \($0)\n" } ?? "")
    }.joined()
  }

  /// The report for programs.
  public var json: String { (try? JSONText.encode(self)) ?? "{}" }

  mutating func add(_ name: String, _ verdict: Verdict, _ words: String, fix: String? = nil) {
    rows.append(Row(name: name, verdict: verdict, words: words, fix: fix))
  }
}
