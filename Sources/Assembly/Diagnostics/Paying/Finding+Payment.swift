internal import Vending

// The payment check is a dialogue with whoever holds the merchant's console, and in English.
extension Finding {
  static func ok(_ words: String, of subject: String = "") -> Finding {
    Finding(.ok, .both(words), of: subject)
  }
  static func warning(_ words: String, fix: String, of subject: String = "") -> Finding {
    Finding(.warning, .both(words), fix: .both(fix), of: subject)
  }
  static func failure(_ words: String, fix: String, of subject: String = "") -> Finding {
    Finding(.failure, .both(words), fix: .both(fix), of: subject)
  }
  static func failure(_ words: String, fix: Bilingual) -> Finding {
    Finding(.failure, .both(words), fix: fix)
  }
  static func skipped(_ words: String, of subject: String = "") -> Finding {
    Finding(.skipped, .both(words), of: subject)
  }
  static func blind(_ words: String, fix: String) -> Finding {
    Finding(.skipped, .both("cannot tell: \(words)"), fix: .both(fix), isBlind: true)
  }
}
