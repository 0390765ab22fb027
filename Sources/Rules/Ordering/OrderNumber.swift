public import Timing

/// The number of one order: the key everywhere, made by the board and never used twice.
///
/// It is the provider's `out_trade_no`, the permit's key, the settlement's key and the root of the
/// refund's number. The alphabet `[0-9A-Za-z]` and 8 to 32 characters suit every provider that we
/// know (facts: WeChat Pay, E).
public struct OrderNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The number as it is written everywhere.
  public let text: String

  /// Takes a number as it is; nil when it is not 8 to 32 characters of `[0-9A-Za-z]`.
  public init?(_ text: String) {
    guard (8...32).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else {
      return nil
    }
    self.text = text
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
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// The last four characters: what the screen shows and a customer reads out on the phone.
  public var tail: String { String(text.suffix(4)) }

  public var description: String { text }

  public static func < (left: Self, right: Self) -> Bool { left.text < right.text }

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
