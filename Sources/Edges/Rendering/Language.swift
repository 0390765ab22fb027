/// The language of the customer's screen.
public enum Language: String, Hashable, Sendable, CaseIterable {
  case chinese = "zh-Hans"
  case english = "en"
}
