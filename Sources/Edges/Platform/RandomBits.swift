/// Random bits from the kernel (`getrandom(2)`), for order numbers and nonces.
public enum RandomBits {
  /// 64 random bits.
  public static func next() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }

  /// A text of `count` characters of `[0-9A-Za-z]`.
  public static func text(count: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    var text: [UInt8] = []
    text.reserveCapacity(count)
    while text.count < count {
      // A call of the kernel gives ten groups of six bits; two of 64 groups name no character.
      var bits = generator.next()
      for _ in 0..<10 where text.count < count {
        if bits & 63 < 62 { text.append(alphabet[Int(bits & 63)]) }
        bits >>= 6
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static let alphabet = Array(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
}
