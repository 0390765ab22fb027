public import Timing

/// The number of one order: the key everywhere, made by the board and never used twice.
///
/// It is the provider's `out_trade_no`, the permit's key, the settlement's key and the root of the
/// refund's number. The alphabet `[0-9A-Za-z]` and 8 to 32 characters suit every provider that we
/// know (facts: WeChat Pay, E).
///
/// Its characters lie in the value itself, since it is copied, compared and looked up at every step
/// of every sale: no count of references is kept for it.
public struct OrderNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Eight characters each, the first in the highest byte; zeros follow the last.
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  /// Takes a number as it is; nil when it is not 8 to 32 characters of `[0-9A-Za-z]`.
  public init?(_ text: some StringProtocol) {
    let bytes = text.utf8
    guard (8...32).contains(bytes.count), bytes.allSatisfy(Self.isAllowed) else { return nil }
    take(bytes)
  }

  /// Makes the number of a new order from the machine's name, the wall clock and random bits.
  ///
  /// Uniqueness hangs on the 60 random bits; the rest is for people. The caller journals the number
  /// before it leaves the board.
  public init(machine: String, at time: WallTime, random: UInt64) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(27)
    for byte in machine.utf8 where bytes.count < 8 && Self.isAllowed(byte) {
      bytes.append(byte >= UInt8(ascii: "a") ? byte - 32 : byte)
    }
    Self.append(UInt64(bitPattern: time.seconds) & 0xFFFF_FFFF, digits: 7, to: &bytes)
    Self.append(random, digits: 12, to: &bytes)
    take(bytes)
  }

  private mutating func take(_ bytes: some Collection<UInt8>) {
    var place = 0
    for byte in bytes {
      let shifted = UInt64(byte) << UInt64(56 - place % 8 * 8)
      switch place / 8 {
      case 0: words.0 |= shifted
      case 1: words.1 |= shifted
      case 2: words.2 |= shifted
      default: words.3 |= shifted
      }
      place += 1
    }
  }

  /// The number as it is written everywhere.
  public var text: String {
    String(unsafeUninitializedCapacity: 32) { buffer in
      var count = 0
      func put(_ word: UInt64) {
        var rest = word
        while rest != 0 {
          buffer[count] = UInt8(rest >> 56)
          count += 1
          rest <<= 8
        }
      }
      put(words.0)
      put(words.1)
      put(words.2)
      put(words.3)
      return count
    }
  }

  /// The last four characters: what the screen shows and a customer reads out on the phone.
  public var tail: String {
    let (before, last) =
      if words.3 != 0 {
        (words.2, words.3)
      } else if words.2 != 0 {
        (words.1, words.2)
      } else {
        (words.0, words.1)
      }
    // At eight characters the second word is empty, and the shift is by the whole of it.
    let all = UInt128(before) << 64 | UInt128(last)
    let letters = UInt32(truncatingIfNeeded: all >> UInt128(all.trailingZeroBitCount / 8 * 8))
    return String(unsafeUninitializedCapacity: 4) { buffer in
      for place in 0..<4 { buffer[place] = UInt8(truncatingIfNeeded: letters >> (24 - 8 * place)) }
      return 4
    }
  }

  public var description: String { text }

  public static func == (left: Self, right: Self) -> Bool { left.words == right.words }

  /// As the texts are ordered, byte by byte.
  public static func < (left: Self, right: Self) -> Bool { left.words < right.words }

  /// Random bits, the moment and the machine's name, folded into one word.
  public func hash(into hasher: inout Hasher) {
    let odd: UInt64 = 0x9E37_79B9_7F4A_7C15
    hasher.combine((((words.0 &* odd ^ words.1) &* odd) ^ words.2) &* odd ^ words.3)
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }

  /// Base 32 without the letters that people misread (I, L, O, U); one case only, since providers
  /// may compare numbers without regard to case.
  private static func append(_ number: UInt64, digits: Int, to bytes: inout [UInt8]) {
    for place in (0..<digits).reversed() {
      bytes.append(alphabet[Int(number >> (UInt64(place) * 5) & 31)])
    }
  }

  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
}

extension OrderNumber: Codable {
  /// Written as its text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  /// Read from its text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let number = OrderNumber(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "order number")
    }
    self = number
  }
}
