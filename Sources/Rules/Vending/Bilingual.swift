/// The same words in both languages.
public struct Bilingual: Hashable, Sendable, Codable {
  public var english: String
  public var chinese: String

  /// Which of the two.
  public enum Language: String, Hashable, Sendable, Codable, CaseIterable {
    case english = "en"
    case chinese = "zh"
  }

  /// Puts the words side by side.
  public init(_ english: String, _ chinese: String) {
    (self.english, self.chinese) = (english, chinese)
  }

  /// The words in one language.
  public subscript(language: Language) -> String {
    switch language {
    case .english: english
    case .chinese: chinese
    }
  }
}
