internal import Platform
internal import Timing

/// The daemon's log: one line an event on standard error, a message and `key=value` fields.
///
/// Under systemd a line begins with its level as `<5>` (sd-daemon(3)), which the journal takes off
/// again; elsewhere it begins with the time. Faults go to the journal by its native protocol, with
/// an identifier by which `journalctl -x` explains them. Keys, signatures and whole QR payloads are
/// never logged.
public struct Log: Sendable {
  /// syslog's levels that we use.
  public enum Level: Int, Sendable {
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
    case debug = 7
  }

  private let isForJournal: Bool
  private let leastLevel: Level

  /// A log on standard error; `isVerbose` adds the lines at debug level.
  public init(isVerbose: Bool = false) {
    isForJournal = Environment["JOURNAL_STREAM"] != nil
    leastLevel = isVerbose ? .debug : .info
  }

  /// Writes one line; a field without a value is left out.
  public func write(_ level: Level, _ message: String, _ fields: KeyValuePairs<String, String?>) {
    guard level.rawValue <= leastLevel.rawValue else { return }
    var line = isForJournal ? "<\(level.rawValue)>" : "\(Clock.wallTime().rfc3339) "
    line += Self.line(message, fields)
    StandardError.write(line + "\n")
  }

  /// Writes one line that the journal's catalogue explains under `identifier`.
  ///
  /// The fields of `journal` go there beside the message.
  func write(
    _ level: Level, _ message: String, identifier: String, journal: KeyValuePairs<String, String>,
    _ fields: KeyValuePairs<String, String?>
  ) {
    if isForJournal, level.rawValue <= leastLevel.rawValue {
      let head: KeyValuePairs = [
        "MESSAGE": Self.line(message, fields), "PRIORITY": "\(level.rawValue)",
        "MESSAGE_ID": identifier, "SYSLOG_IDENTIFIER": "vendd",
      ]
      if JournalSocket().send(head, journal) { return }
    }
    write(level, message, fields)
  }

  private static func line(
    _ message: String, _ fields: KeyValuePairs<String, String?>
  ) -> String {
    var line = message
    for (key, value) in fields {
      if let value { line += " \(key)=\(quoted(value))" }
    }
    return line
  }

  func notice(_ message: String, _ fields: KeyValuePairs<String, String?> = [:]) {
    write(.notice, message, fields)
  }
  func warning(_ message: String, _ fields: KeyValuePairs<String, String?> = [:]) {
    write(.warning, message, fields)
  }
  func error(_ message: String, _ fields: KeyValuePairs<String, String?> = [:]) {
    write(.error, message, fields)
  }
  func debug(_ message: String, _ fields: KeyValuePairs<String, String?> = [:]) {
    write(.debug, message, fields)
  }

  /// Quotes what would break a field: spaces, quotes, control characters (a hostile answer may hold
  /// line ends).
  private static func quoted(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy {
      $0.value > 0x20 && $0 != "\"" && $0 != "=" && $0.value != 0x7F
    }
    if isPlain, !text.isEmpty { return text }
    var result = "\""
    for scalar in text.unicodeScalars.prefix(500) {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
