internal import Vending

/// A text for people that is written in one of the two languages.
protocol OneLanguage {
  var language: Bilingual.Language { get }
}

extension OneLanguage {
  /// The words in the text's language.
  func say(_ english: String, _ chinese: String) -> String {
    Bilingual(english, chinese)[language]
  }
}
