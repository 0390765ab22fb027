internal import FoundationEssentials
public import Vending

/// What the doctor found: rows, causes and one verdict.
///
/// As JSON it is schema 2, which `board/doctor.schema.json` describes.
public struct DoctorReport: Hashable, Sendable, Codable {
  /// Raised when a field changes its meaning or goes away; new fields do not raise it.
  public var schema = 2
  /// The machine's name; empty when its file could not be read.
  public var machine: String
  /// The machine's language; English when its file could not be read.
  public var language: Bilingual.Language
  /// `running`, `absent`, `silent` or `barred`.
  public var daemon: String
  /// When, in RFC 3339.
  public var at: String
  public var tookMilliseconds: Int64
  /// How many checks there are; each has one row or several.
  public var checks: Int
  public var rows: [Row]
  /// What is to be mended, what explains most first; what comes of something else is not here.
  public var causes: [Cause]
  public var exitCode: Int32

  /// One row.
  public struct Row: Hashable, Sendable, Codable {
    /// Stable: the check, and after a slash what of it, as `lines.relays/relay1`.
    public var id: String
    /// Stable: the check and which of its troubles, as `storage.space.full`; empty when all is
    /// well.
    public var code: String
    public var group: Check.Group
    public var title: Bilingual
    public var verdict: Verdict
    public var words: Bilingual
    /// The command to type or the thing to do.
    public var fix: Bilingual
    /// Whether it would have to be looked at and could not.
    public var isBlind: Bool
    /// The check at whose door it lies; nil for its own.
    public var because: String?

    /// The check's own name.
    var check: String { String(id.prefix { $0 != "/" }) }
  }

  /// A failure or a warning that nothing else explains.
  public struct Cause: Hashable, Sendable, Codable {
    /// The first of its rows.
    public var id: String
    public var code: String
    /// Rows that failed or were skipped for it.
    public var consequences: [String]
  }

  /// The exit code of rows: 2 with a failure, else 3 when something could not be looked at, else 1
  /// with a warning, else 0.
  static func exitCode(of rows: [Row]) -> Int32 {
    if rows.contains(where: { $0.verdict == .failure }) { return 2 }
    if rows.contains(where: \.isBlind) { return 3 }
    return rows.contains { $0.verdict == .warning } ? 1 : 0
  }

  /// The report as JSON with sorted keys, ending with a line feed.
  public var json: String { JSONLines.pretty(self) }
}

extension DoctorReport.Row {
  /// What a check looks at, where that is a word and no name.
  private static let subjects = [
    "held": "待处理", "owed": "待退款", "merchant": "商户", "platform": "平台", "publickey": "公钥",
    "serial": "序列号",
  ]

  init(check: Check, finding: Finding, because: String?) {
    let subject = finding.subject
    let title =
      subject.isEmpty
      ? check.title
      : Bilingual(
        "\(check.title.english) \(subject)",
        "\(check.title.chinese) \(Self.subjects[subject] ?? subject)")
    self.init(
      id: subject.isEmpty ? check.id : "\(check.id)/\(subject)",
      code: finding.code.isEmpty ? "" : "\(check.id).\(finding.code)", group: check.group,
      title: title, verdict: finding.verdict, words: finding.words, fix: finding.fix,
      isBlind: finding.isBlind, because: because)
  }
}

/// JSON for programs that read what `vendctl` prints.
public enum JSONLines {
  /// A value with sorted keys and indentation, ending with a line feed.
  public static func pretty(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { return "{}\n" }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}
