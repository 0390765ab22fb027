internal import Ordering
internal import Vending

// What the payment check finds has no code of its own: its rows are told by their ids.
extension Finding {
  static func warning(_ english: String, _ chinese: String, fix: Bilingual) -> Finding {
    Finding(.warning, Bilingual(english, chinese), fix: fix)
  }
  static func failure(
    _ english: String, _ chinese: String, fix: Bilingual, of subject: String = ""
  ) -> Finding {
    Finding(.failure, Bilingual(english, chinese), fix: fix, of: subject)
  }
  static func failure(_ words: Bilingual, fix: Bilingual) -> Finding {
    Finding(.failure, words, fix: fix)
  }
  /// The platform's own refusal, and what is done about its code.
  static func refused(_ refusal: Refusal, then again: String? = nil) -> Finding {
    var fix = Teller.fix(refusal.code)
    if let again {
      fix = Bilingual("\(fix.english); then: \(again)", "\(fix.chinese)；然后：\(again)")
    }
    return failure(.both("\(refusal.code) \(refusal.words)"), fix: fix)
  }
  /// Nothing is known after a call.
  static func doubtful(_ doubt: Doubt, fix: Bilingual) -> Finding {
    failure(doubt.words, fix: fix)
  }
}
