/// Random bits from the kernel (`getrandom(2)`), for order numbers and nonces.
public enum RandomBits {
  /// 64 random bits.
  public static func next() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }

  /// A text of `count` characters of `[0-9A-Za-z]`.
  public static func text(count: Int) -> String {
    let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    return String((0..<count).compactMap { _ in alphabet.randomElement() })
  }
}
