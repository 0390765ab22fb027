public import Vending

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
  /// Which of the check's troubles it is, as `full`.
  ///
  /// With the check's id before it, it is the stable code by which programs know it. Empty where
  /// all is well.
  public var code: String
  /// What it is about, where a check looks at several things; empty for one.
  public var subject: String
  public var words: Bilingual
  /// The command to type or the thing to do; empty when there is nothing to do.
  public var fix: Bilingual
  /// Whether the row would have to be looked at, and could not: permission, or no answer in time.
  public var isBlind: Bool

  init(
    _ verdict: Verdict, code: String = "", _ words: Bilingual, fix: Bilingual = Bilingual("", ""),
    of subject: String = "", isBlind: Bool = false
  ) {
    (self.verdict, self.code, self.words, self.fix) = (verdict, code, words, fix)
    (self.subject, self.isBlind) = (subject, isBlind)
  }

  static func ok(_ words: Bilingual, of subject: String = "") -> Finding {
    Finding(.ok, words, of: subject)
  }
  static func ok(_ english: String, _ chinese: String, of subject: String = "") -> Finding {
    Finding(.ok, Bilingual(english, chinese), of: subject)
  }
  static func warning(
    _ code: String, _ english: String, _ chinese: String, fix: Bilingual, of subject: String = ""
  ) -> Finding {
    Finding(.warning, code: code, Bilingual(english, chinese), fix: fix, of: subject)
  }
  static func failure(
    _ code: String, _ english: String, _ chinese: String, fix: Bilingual, of subject: String = ""
  ) -> Finding {
    Finding(.failure, code: code, Bilingual(english, chinese), fix: fix, of: subject)
  }
  static func skipped(_ english: String, _ chinese: String, of subject: String = "") -> Finding {
    Finding(.skipped, Bilingual(english, chinese), of: subject)
  }
  /// Could not be looked at; the doctor then cannot tell whether all is well.
  static func blind(
    _ english: String, _ chinese: String, fix: Bilingual, of subject: String = ""
  ) -> Finding {
    Finding(
      .skipped, code: "unseen",
      Bilingual("cannot tell: \(english)", "无法判断：\(chinese)"), fix: fix, of: subject,
      isBlind: true)
  }
  /// Could not be looked at for want of permission: root can.
  static func blind(_ english: String, _ chinese: String, of subject: String = "") -> Finding {
    blind(english, chinese, fix: .both("sudo vendctl doctor"), of: subject)
  }

  /// What is worse, for a check of several rows.
  var rank: Int {
    switch verdict {
    case .failure: 3
    case .warning: 2
    case .skipped: isBlind ? 1 : 0
    case .ok: 0
    }
  }
}

extension Bilingual {
  /// What is the same in both languages: a command, a path, somebody else's words.
  public static func both(_ text: String) -> Bilingual { Bilingual(text, text) }
}
