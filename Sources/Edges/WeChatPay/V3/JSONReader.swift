/// Reads JSON strictly and within bounds.
package struct JSONReader {
  /// A real answer has some hundreds of bytes, one with certificates some thousands.
  package static let byteLimit = 65_536
  static let depthLimit = 16
  static let valueLimit = 2048

  private let bytes: [UInt8]
  private var position = 0
  private var valueCount = 0

  private init(_ bytes: [UInt8]) throws(JSONRefusal) {
    guard bytes.count <= Self.byteLimit else { throw .tooLarge(bytes.count) }
    guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
    self.bytes = bytes
  }

  /// Reads a whole text.
  package static func read(_ bytes: [UInt8]) throws(JSONRefusal) -> JSONValue {
    var reader = try JSONReader(bytes)
    let value = try reader.readValue(depth: 0)
    reader.skipSpace()
    guard reader.position == bytes.count else { throw .trailing(at: reader.position) }
    return value
  }

  private mutating func readValue(depth: Int) throws(JSONRefusal) -> JSONValue {
    guard depth < Self.depthLimit else { throw .tooDeep }
    valueCount += 1
    guard valueCount <= Self.valueLimit else { throw .tooManyValues }
    skipSpace()
    switch try peek() {
    case UInt8(ascii: "{"): return .object(try readMembers(depth))
    case UInt8(ascii: "["): return .list(try readList(depth))
    case UInt8(ascii: "\""): return .text(try readText())
    case UInt8(ascii: "t"): return try readWord("true", .flag(true))
    case UInt8(ascii: "f"): return try readWord("false", .flag(false))
    case UInt8(ascii: "n"): return try readWord("null", .null)
    default: return .number(try readNumber())
    }
  }

  // MARK: Structure

  private mutating func readMembers(_ depth: Int) throws(JSONRefusal) -> [JSONMember] {
    position += 1
    var members: [JSONMember] = []
    var names = Names()
    skipSpace()
    if skip(UInt8(ascii: "}")) { return members }
    while true {
      skipSpace()
      guard try peek() == UInt8(ascii: "\"") else { throw .malformed(at: position) }
      let name = try readText()
      guard names.insert(name, into: members) else { throw .duplicate(name) }
      skipSpace()
      try expect(UInt8(ascii: ":"))
      members.append(JSONMember(name, try readValue(depth: depth + 1)))
      skipSpace()
      if skip(UInt8(ascii: "}")) { return members }
      try expect(UInt8(ascii: ","))
    }
  }

  private mutating func readList(_ depth: Int) throws(JSONRefusal) -> [JSONValue] {
    position += 1
    var list: [JSONValue] = []
    skipSpace()
    if skip(UInt8(ascii: "]")) { return list }
    while true {
      list.append(try readValue(depth: depth + 1))
      skipSpace()
      if skip(UInt8(ascii: "]")) { return list }
      try expect(UInt8(ascii: ","))
    }
  }

  private mutating func readWord(
    _ word: StaticString, _ value: JSONValue
  ) throws(JSONRefusal) -> JSONValue {
    let start = position
    for index in 0..<word.utf8CodeUnitCount {
      let expected = word.withUTF8Buffer { unsafe $0[index] }
      guard try peek() == expected else { throw .malformed(at: start) }
      position += 1
    }
    return value
  }

  // MARK: Numbers

  /// `-`, digits without a leading zero, a fraction, an exponent.
  private mutating func readNumber() throws(JSONRefusal) -> String {
    let start = position
    _ = skip(UInt8(ascii: "-"))
    if !skip(UInt8(ascii: "0")) { try readDigits() }
    if skip(UInt8(ascii: ".")) { try readDigits() }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
      try readDigits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func readDigits() throws(JSONRefusal) {
    let start = position
    while position < bytes.count, (48...57).contains(bytes[position]) { position += 1 }
    guard position > start else {
      if position == bytes.count { throw .cut }
      throw .malformed(at: position)
    }
  }

  // MARK: Texts

  private mutating func readText() throws(JSONRefusal) -> String {
    position += 1
    var text: [UInt8] = []
    while true {
      // Most texts are one run without an escape.
      let start = position
      while position < bytes.count, Self.isPlain(bytes[position]) { position += 1 }
      if text.isEmpty, position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
        position += 1
        return String(decoding: bytes[start..<(position - 1)], as: UTF8.self)
      }
      text += bytes[start..<position]
      let byte = try peek()
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try readEscape()
      default: throw .malformed(at: position - 1)
      }
    }
  }

  /// Whether a byte stands for itself within a text.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private mutating func readEscape() throws(JSONRefusal) -> [UInt8] {
    let start = position - 1
    let byte = try peek()
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): break
    default: throw .malformed(at: start)
    }
    var number = try readUnit()
    if (0xD800...0xDBFF).contains(number) {
      // The first half of a pair; half a character is none.
      guard skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) else { throw .malformed(at: start) }
      let second = try readUnit()
      guard (0xDC00...0xDFFF).contains(second) else { throw .malformed(at: start) }
      number = 0x10000 + (number - 0xD800) << 10 + (second - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(number) else { throw .malformed(at: start) }
    return Array(String(scalar).utf8)
  }

  private mutating func readUnit() throws(JSONRefusal) -> UInt32 {
    var number: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Self.hexadecimal(try peek()) else { throw .malformed(at: position) }
      number = number << 4 | digit
      position += 1
    }
    return number
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  // MARK: Bytes

  private func peek() throws(JSONRefusal) -> UInt8 {
    guard position < bytes.count else { throw .cut }
    return bytes[position]
  }

  private mutating func skip(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws(JSONRefusal) {
    guard try peek() == byte else { throw .malformed(at: position) }
    position += 1
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }
}

/// The names of one object so far: looked through while they are few, as nearly always, and kept in
/// a set when they are many, so that no text takes a time that grows with the square of its length.
private struct Names {
  private static let few = 16
  private var many: Set<[UInt8]> = []

  /// Takes a name beside those of the members; false when it was there.
  mutating func insert(_ name: String, into members: [JSONMember]) -> Bool {
    guard members.count >= Self.few else {
      return !members.contains { $0.name.utf8.elementsEqual(name.utf8) }
    }
    if many.isEmpty { many = Set(members.map { Array($0.name.utf8) }) }
    return many.insert(Array(name.utf8)).inserted
  }
}
