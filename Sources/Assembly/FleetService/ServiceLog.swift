internal import Platform
internal import Timing

/// The service's log: one line an event on standard error, a message and `key=value` fields.
///
/// Under systemd a line begins with its level as `<5>` (sd-daemon(3)), elsewhere with the time.
/// Keys, tokens, codes and whatever tells who paid are never logged.
public struct ServiceLog: Sendable {
  /// syslog's levels that are used here.
  public enum Level: Int, Sendable {
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
  }

  private let isForJournal: Bool

  /// A log on standard error.
  public init() { isForJournal = Environment["JOURNAL_STREAM"] != nil }

  /// Writes one line; a field without a value is left out.
  public func write(
    _ level: Level, _ message: String, _ fields: KeyValuePairs<String, String?> = [:]
  ) {
    let head = isForJournal ? "<\(level.rawValue)>" : "\(Clock.wallTime().rfc3339) "
    StandardError.write("\(head)\(Self.line(message, fields))\n")
  }

  static func line(_ message: String, _ fields: KeyValuePairs<String, String?>) -> String {
    var line = oneLine(message)
    for (key, value) in fields {
      if let value { line += " \(key)=\(quoted(value))" }
    }
    return line
  }

  /// Without line ends: a hostile answer may hold some.
  private static func oneLine(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.prefix(1000).map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
  }

  private static func quoted(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy {
      $0.value > 0x20 && $0 != "\"" && $0 != "=" && $0.value != 0x7F
    }
    if isPlain, !text.isEmpty { return text }
    return "\"\(oneLine(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
  }
}
