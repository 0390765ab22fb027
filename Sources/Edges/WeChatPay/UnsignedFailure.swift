public import Ordering

/// A failure on the communication layer: `return_code` FAIL with nothing but words, and unsigned.
///
/// Anybody on the way could have said it, so it decides nothing; its words only help a person, and
/// tell a wrong set-up from a busy platform (facts: WeChat Pay A.2).
enum UnsignedFailure {
  /// How a doubt begins that a person must end.
  static let setUpPrefix = "set-up: "

  static func doubt(_ message: String) -> Doubt {
    let words = PayerText.line(message)
    if let hint = hints.first(where: { message.lowercased().contains($0.mark) }) {
      return Doubt(.unsigned, "\(setUpPrefix)\(words) (\(hint.words))")
    }
    if busy.contains(where: message.lowercased().contains) { return Doubt(.tryLater, words) }
    return Doubt(.unsigned, words.isEmpty ? "FAIL without words" : words)
  }

  /// Lower-case parts of the platform's words, and what to look at.
  private static let hints: [(mark: String, words: String)] = [
    ("签名", "check the API key and the sign type"),
    ("sign error", "check the API key and the sign type"),
    ("appid", "check the app ID"),
    ("mch_id", "check the merchant ID"),
    ("商户号", "check the merchant ID and its products"),
    ("权限", "enable Native payment in the merchant console"),
    ("证书", "check the client certificate"),
    ("缺少参数", "a parameter is missing"),
    ("xml格式", "our XML was not understood"),
    ("invalid", "a parameter is wrong"),
    ("time_expire", "check the clock and the payment timeout"),
  ]

  private static let busy = ["system error", "频率", "系统繁忙", "systemerror"]
}

extension Doubt {
  /// Whether the platform's unsigned words point at our key, app, merchant or certificate.
  ///
  /// Good for a fault that a person reads; never for deciding about an order.
  public var hintsAtSetUp: Bool {
    cause == .unsigned && detail.hasPrefix(UnsignedFailure.setUpPrefix)
  }
}
