/// The same words in both languages.
public struct Bilingual: Hashable, Sendable, Codable {
  public var english: String
  public var chinese: String

  /// Puts the words side by side.
  public init(_ english: String, _ chinese: String) {
    (self.english, self.chinese) = (english, chinese)
  }
}
