public import Timing

/// What a document is about.
public enum DocumentKind: String, Hashable, Sendable, CaseIterable {
  /// A machine's configuration, or a group's; signed by whoever writes it.
  case configuration
  /// A price list.
  case prices
  /// A person who may use the console: role and password hash.
  case `operator`
  /// A day of a merchant's, with its bill and what the reconciliation found.
  case day
  /// A setting of the service itself.
  case setting
}

/// A text of which every version is kept.
public struct Document: Hashable, Sendable {
  public var kind: DocumentKind
  public var name: String
  /// 1 for the first.
  public var version: Int64
  public var at: WallTime
  /// Who wrote it.
  public var author: String
  public var body: String

  /// Puts a document together; the store gives it its version.
  public init(
    kind: DocumentKind, name: String, version: Int64 = 0, at: WallTime, author: String,
    body: String
  ) {
    (self.kind, self.name, self.version) = (kind, name, version)
    (self.at, self.author, self.body) = (at, author, body)
  }
}

/// A person's session at the console.
public struct OperatorSession: Hashable, Sendable {
  /// SHA-256 of the session's token, in hexadecimal digits.
  public var tokenHash: String
  public var operatorName: String
  public var startedAt: WallTime
  public var until: WallTime

  /// Puts a session together.
  public init(tokenHash: String, operatorName: String, startedAt: WallTime, until: WallTime) {
    (self.tokenHash, self.operatorName) = (tokenHash, operatorName)
    (self.startedAt, self.until) = (startedAt, until)
  }

  /// Which sessions shall end.
  public enum Selection: Hashable, Sendable {
    case one(tokenHash: String)
    case all(ofOperator: String)
    /// Those that ran out at this time or earlier.
    case past(WallTime)
  }
}

/// Who did what, when.
public struct LogEntry: Hashable, Sendable {
  /// Its place in the log; the store gives it.
  public var sequence: Int64
  public var at: WallTime
  /// The operator, or the part of the service.
  public var who: String
  /// The word for what was done.
  public var what: String
  /// What it was done to: an order's number, a machine's name.
  public var subject: String
  /// Particulars as JSON.
  public var body: String

  /// Puts an entry together.
  public init(
    sequence: Int64 = 0, at: WallTime, who: String, what: String, subject: String, body: String
  ) {
    (self.sequence, self.at, self.who) = (sequence, at, who)
    (self.what, self.subject, self.body) = (what, subject, body)
  }
}
