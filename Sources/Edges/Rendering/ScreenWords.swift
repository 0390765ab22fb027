public import Vending

/// What the screens say, for people who are not before the machine.
public enum ScreenWords {
  /// The headline and the line under it when a sale came to nothing.
  public static func sorry(
    _ reason: Screen.SorryReason, in language: Language
  ) -> (title: String, detail: String) {
    Words(language: language).sorry(reason)
  }

  /// The headline while the machine does not sell.
  public static func outOfService(in language: Language) -> String {
    Words(language: language).outOfService
  }
}
