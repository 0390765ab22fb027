/// Reads the flat XML of the v2 API, and nothing that is more than that.
struct FlatXMLReader {
  /// A real answer has some hundreds of bytes, a query with many coupons some thousands.
  static let byteLimit = 65_536
  static let fieldLimit = 512
  static let nameLimit = 64

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) throws(XMLRefusal) {
    guard bytes.count <= Self.byteLimit else { throw .tooLarge(bytes.count) }
    guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
    self.bytes = bytes
  }

  /// Reads the whole document.
  mutating func read(root: String) throws(XMLRefusal) -> [Field] {
    try skipDeclaration()
    skipSpace()
    let opening = try readOpening(allowing: nil)
    guard opening.name == root else { throw .root(opening.name) }
    let fields = opening.isEmpty ? [] : try readFields(of: root)
    skipSpace()
    guard position == bytes.count else { throw .trailing(at: position) }
    return fields
  }

  private mutating func readFields(of root: String) throws(XMLRefusal) -> [Field] {
    var fields: [Field] = []
    var names: Set<String> = []
    while true {
      skipSpace()
      if skip("</") {
        try readClosing(of: root)
        return fields
      }
      let opening = try readOpening(allowing: root)
      guard names.insert(opening.name).inserted else { throw .duplicate(opening.name) }
      guard fields.count < Self.fieldLimit else { throw .tooManyFields }
      fields.append(Field(opening.name, opening.isEmpty ? "" : try readText(of: opening.name)))
    }
  }

  // MARK: Tags

  private struct Opening {
    var name: String
    /// Closed at once, as `<attach/>`.
    var isEmpty: Bool
  }

  /// Reads `<name>` or `<name/>`; `parent` is nil for the root.
  private mutating func readOpening(allowing parent: String?) throws(XMLRefusal) -> Opening {
    let start = position
    if starts(with: "<!") { throw .markup(at: start) }
    if starts(with: "<?") { throw .instruction(at: start) }
    guard position < bytes.count else { throw .cut }
    guard skip("<") else { throw .malformed(at: position) }
    let name = try readName()
    let afterName = position
    skipSpace()
    if skip(">") { return Opening(name: name, isEmpty: false) }
    if skip("/>") { return Opening(name: name, isEmpty: true) }
    guard let next = peek() else { throw .cut }
    guard position > afterName, Self.isNameStart(next) else { throw .malformed(at: position) }
    throw .attribute(of: name)
  }

  /// Reads the rest of `</name>` after `</`.
  private mutating func readClosing(of name: String) throws(XMLRefusal) {
    let start = position
    guard try readName() == name else { throw .malformed(at: start) }
    skipSpace()
    guard position < bytes.count else { throw .cut }
    guard skip(">") else { throw .malformed(at: position) }
  }

  private mutating func readName() throws(XMLRefusal) -> String {
    let start = position
    while let byte = peek(), Self.isNameStart(byte) || position > start && Self.isNamePart(byte) {
      position += 1
      guard position - start <= Self.nameLimit else { throw .malformed(at: start) }
    }
    guard position > start else {
      if position == bytes.count { throw .cut }
      throw .malformed(at: start)
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private static func isNameStart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): true
    default: false
    }
  }

  // MARK: Text

  /// Reads text, CDATA and references up to and with the closing tag.
  private mutating func readText(of name: String) throws(XMLRefusal) -> String {
    var text: [UInt8] = []
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "<"):
        if skip("<![CDATA[") {
          text += try readCDATA()
          continue
        }
        if skip("</") {
          try readClosing(of: name)
          return try Self.checked(text, name)
        }
        if starts(with: "<!") { throw .markup(at: position) }
        if starts(with: "<?") { throw .instruction(at: position) }
        throw .nested(in: name)
      case UInt8(ascii: "&"):
        text += try readReference(in: name)
      case UInt8(ascii: "]") where starts(with: "]]>"):
        // XML 1.0 section 2.4: outside CDATA it must be escaped.
        throw .malformed(at: position)
      default:
        text.append(readLineEnd() ?? byte)
        position += 1
      }
    }
    throw .cut
  }

  private mutating func readCDATA() throws(XMLRefusal) -> [UInt8] {
    var text: [UInt8] = []
    while let byte = peek() {
      if skip("]]>") { return text }
      text.append(readLineEnd() ?? byte)
      position += 1
    }
    throw .cut
  }

  /// A carriage return, with or without a line feed, is one line feed (XML 1.0 section 2.11).
  private mutating func readLineEnd() -> UInt8? {
    guard bytes[position] == 0x0D else { return nil }
    if position + 1 < bytes.count, bytes[position + 1] == 0x0A { position += 1 }
    return 0x0A
  }

  private mutating func readReference(in name: String) throws(XMLRefusal) -> [UInt8] {
    let start = position
    // The longest that is allowed is `&#x0010FFFF;`.
    let window = bytes[start..<min(bytes.count, start + 12)]
    guard let end = window.firstIndex(of: UInt8(ascii: ";")) else { throw .entity(at: start) }
    let reference = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
    position = end + 1
    switch reference {
    case "amp": return [UInt8(ascii: "&")]
    case "lt": return [UInt8(ascii: "<")]
    case "gt": return [UInt8(ascii: ">")]
    case "quot": return [UInt8(ascii: "\"")]
    case "apos": return [UInt8(ascii: "'")]
    default: break
    }
    guard reference.hasPrefix("#") else { throw .entity(at: start) }
    let isHexadecimal = reference.hasPrefix("#x")
    let digits = reference.dropFirst(isHexadecimal ? 2 : 1)
    // `UInt32` would take a sign, too.
    guard digits.utf8.first.map({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) == true,
      let number = UInt32(digits, radix: isHexadecimal ? 16 : 10)
    else { throw .entity(at: start) }
    guard let scalar = Unicode.Scalar(number), scalar.isLegalInXML else {
      throw .character(in: name)
    }
    return Array(String(scalar).utf8)
  }

  private static func checked(_ text: [UInt8], _ name: String) throws(XMLRefusal) -> String {
    let value = String(decoding: text, as: UTF8.self)
    guard value.unicodeScalars.allSatisfy(\.isLegalInXML) else { throw .character(in: name) }
    return value
  }

  // MARK: Declaration

  /// Skips `<?xml version="1.0" encoding="UTF-8"?>`, which may only stand at the very start.
  private mutating func skipDeclaration() throws(XMLRefusal) {
    guard starts(with: "<?xml"), position + 5 < bytes.count, Self.isSpace(bytes[position + 5])
    else { return }
    position += 5
    var names: [String] = []
    while true {
      let before = position
      skipSpace()
      if skip("?>") { break }
      guard position > before else { throw .declaration }
      let (name, value) = try readPseudoAttribute()
      names.append(name)
      switch (name, value.lowercased()) {
      case ("version", "1.0"), ("version", "1.1"), ("encoding", "utf-8"), ("encoding", "utf8"),
        ("standalone", "yes"), ("standalone", "no"):
        break
      default: throw .declaration
      }
    }
    let order = ["version", "encoding", "standalone"]
    guard names.first == "version", names == order.filter(names.contains) else {
      throw .declaration
    }
  }

  private mutating func readPseudoAttribute() throws(XMLRefusal) -> (String, String) {
    let name = try readName()
    guard skip("="), let quote = peek(),
      quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
    else { throw .declaration }
    position += 1
    let start = position
    while let byte = peek(), byte != quote {
      guard position - start < Self.nameLimit, byte < 0x80 else { throw .declaration }
      position += 1
    }
    guard position < bytes.count else { throw .cut }
    position += 1
    return (name, String(decoding: bytes[start..<(position - 1)], as: UTF8.self))
  }

  // MARK: Bytes

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private func starts(with text: StaticString) -> Bool {
    text.withUTF8Buffer { unsafe bytes[position...].starts(with: $0) }
  }

  private mutating func skip(_ text: StaticString) -> Bool {
    guard starts(with: text) else { return false }
    position += text.utf8CodeUnitCount
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek(), Self.isSpace(byte) { position += 1 }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }
}
