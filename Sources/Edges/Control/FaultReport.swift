public import Timing
public import Vending

/// A fault with all that is known about it, as the control socket and `vendctl faults --json` say.
public struct FaultReport: Codable, Equatable, Sendable {
  /// The stable code, as `N1`.
  public var code: String
  /// What it is about: a lane, a key, an order; empty where there is only one.
  public var subject: String
  /// What was seen.
  public var detail: String
  /// `stopsSelling`, `closesPart` or `warns`.
  public var severity: Fault.Severity
  public var state: FaultHistory.State
  public var words: Bilingual
  /// What the machine does by itself.
  public var reaction: Bilingual
  /// What the technician does.
  public var remedy: Bilingual
  /// How it ends: `byItself`, `byPerson`, `byVisit`.
  public var clearing: Fault.Code.Clearing
  /// The event code of EVA-DTS, where there is one.
  public var eva: String?
  /// The code of the fault that it is a consequence of; nil for a cause.
  public var cause: String?
  /// How often it has come.
  public var count: Int64
  public var firstMilliseconds: Int64
  public var lastMilliseconds: Int64
  /// When it went last; nil while it stands, or when a restart ended it.
  public var clearedMilliseconds: Int64?
  /// How long it has stood altogether.
  public var totalSeconds: Int64

  /// Describes a line of the history, `total` long in all.
  public init(_ line: FaultHistory.Line, total: Duration) {
    let explanation = line.code.explanation
    (code, subject, detail) = (line.code.rawValue, line.subject, line.detail)
    (severity, state, clearing) = (line.code.severity, line.state, line.code.clearing)
    (words, reaction, remedy) = (explanation.words, explanation.reaction, explanation.remedy)
    (eva, cause) = (line.code.evaCode, line.cause?.rawValue)
    (count, totalSeconds) = (line.count, total.wholeSeconds)
    (firstMilliseconds, lastMilliseconds) = (line.first.milliseconds, line.last.milliseconds)
    clearedMilliseconds = line.cleared?.milliseconds
  }

  /// The faults that stand, in `order`; with `all` those that have gone as well, the latest first.
  public static func list(
    _ history: FaultHistory, all: Bool, at now: Instant, order: [Fault]
  ) -> [FaultReport] {
    let standing = order.compactMap { fault in
      history.lines.first {
        $0.state == .standing && $0.code == fault.code && $0.subject == fault.subject
      }
    }
    let gone = history.lines.filter { $0.state != .standing }.sorted { $0.last > $1.last }
    return (standing + (all ? gone : [])).map {
      FaultReport($0, total: history.total(of: $0, at: now))
    }
  }
}
