internal import FoundationEssentials

/// What the doctor found: rows, causes and one verdict.
///
/// As JSON it is schema 1.
public struct DoctorReport: Hashable, Sendable, Codable {
  /// Raised when a field changes its meaning or goes away; new fields do not raise it.
  public var schema = 1
  /// The machine's name; empty when its file could not be read.
  public var machine: String
  /// `running`, `absent`, `silent` or `barred`.
  public var daemon: String
  /// When, in RFC 3339.
  public var at: String
  public var tookMilliseconds: Int64
  public var rows: [Row]
  public var causes: [Cause]
  public var exitCode: Int32

  /// One row.
  public struct Row: Hashable, Sendable, Codable {
    /// Stable: the check, and after a slash what of it, as `lines.relays/relay1`.
    public var id: String
    public var group: Check.Group
    public var title: String
    public var verdict: Verdict
    public var words: String
    public var fix: String
    /// Whether it would have to be looked at and could not.
    public var isBlind: Bool
  }

  /// A failure for which other rows were skipped.
  public struct Cause: Hashable, Sendable, Codable {
    public var id: String
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
