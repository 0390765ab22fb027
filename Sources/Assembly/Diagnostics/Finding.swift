/// How one row of the doctor's report turned out.
public enum Verdict: String, Hashable, Sendable, Codable, CaseIterable {
  case ok
  case warning
  case failure
  /// Not looked at: not fitted, not wanted, or pointless after another row's failure.
  case skipped
}

/// What a check found, in words; a failure and a warning carry what to do.
public struct Finding: Hashable, Sendable {
  public var verdict: Verdict
  /// What it is about, where a check looks at several things; empty for one.
  public var subject: String
  public var words: String
  /// The command to type or the thing to do; empty when there is nothing to do.
  public var fix: String
  /// Whether the row would have to be looked at, and could not: permission, or no answer in time.
  public var isBlind: Bool

  init(
    _ verdict: Verdict, _ words: String, fix: String = "", of subject: String = "",
    isBlind: Bool = false
  ) {
    (self.verdict, self.words, self.fix) = (verdict, words, fix)
    (self.subject, self.isBlind) = (subject, isBlind)
  }

  static func ok(_ words: String, of subject: String = "") -> Finding {
    Finding(.ok, words, of: subject)
  }
  static func warning(_ words: String, fix: String, of subject: String = "") -> Finding {
    Finding(.warning, words, fix: fix, of: subject)
  }
  static func failure(_ words: String, fix: String, of subject: String = "") -> Finding {
    Finding(.failure, words, fix: fix, of: subject)
  }
  static func skipped(_ words: String, of subject: String = "") -> Finding {
    Finding(.skipped, words, of: subject)
  }
  /// Could not be looked at; the doctor then cannot tell whether all is well.
  static func blind(_ words: String, fix: String, of subject: String = "") -> Finding {
    Finding(.skipped, "cannot tell: \(words)", fix: fix, of: subject, isBlind: true)
  }
}
