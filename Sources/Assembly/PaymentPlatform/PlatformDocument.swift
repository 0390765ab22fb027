/// A message of the v2 API: `<xml>` with one flat level of elements.
///
/// Written apart from the client's reader and writer, so that one side's mistake does not hide the
/// other's. Both CDATA and escaped text are read; CDATA is written, as the platform does, with a
/// line feed after each element (facts: WeChat Pay A.3).
public struct PlatformDocument: Hashable, Sendable {
  /// An element's name and its decoded text.
  public struct Field: Hashable, Sendable {
    public var name: String
    public var text: String

    /// Makes a field.
    public init(_ name: String, _ text: String) { (self.name, self.text) = (name, text) }
  }

  /// Why bytes are not a message.
  public enum Failure: Error, Hashable, Sendable {
    /// Nothing was sent.
    case empty
    /// More than 64 KiB.
    case tooLarge
    /// Not UTF-8, or characters that XML 1.0 forbids.
    case notText
    /// Not one flat level of elements below `<xml>`; the offset in bytes of the first offence.
    case malformed(at: Int)
    /// An element that occurs twice.
    case duplicate(String)
  }

  /// The elements in their order.
  public var fields: [Field]

  /// Makes a message.
  public init(_ fields: [Field] = []) { self.fields = fields }

  /// The text of an element; nil when it is missing.
  public subscript(name: String) -> String? { fields.first { $0.name == name }?.text }

  /// The text of an element that says something; nil when it is missing or empty.
  public func value(_ name: String) -> String? {
    self[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Sets an element's text, in its place or at the end.
  public mutating func set(_ name: String, _ text: String) {
    if let index = fields.firstIndex(where: { $0.name == name }) {
      fields[index].text = text
    } else {
      fields.append(Field(name, text))
    }
  }

  /// Takes an element out.
  public mutating func remove(_ name: String) { fields.removeAll { $0.name == name } }

  /// The message as the platform writes it.
  public var bytes: [UInt8] { written(root: "xml") }

  /// The message below another root, such as the `<root>` of a refund notice's secret.
  public func written(root: String) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1024)
    func put(_ texts: String...) { for text in texts { bytes += text.utf8 } }
    put("<", root, ">")
    for field in fields {
      put("<", field.name, "><![CDATA[")
      putSection(field.text, to: &bytes)
      put("]]></", field.name, ">\n")
    }
    put("</", root, ">")
    return bytes
  }

  /// The end mark of a CDATA section cannot stand inside one: it is split over two sections.
  private func putSection(_ text: String, to bytes: inout [UInt8]) {
    for byte in text.utf8 {
      if byte == UInt8(ascii: ">"), bytes.suffix(2) == [UInt8(ascii: "]"), UInt8(ascii: "]")] {
        bytes += "]]><![CDATA[".utf8
      }
      bytes.append(byte)
    }
  }
}

extension PlatformDocument {
  /// Reads a message of at most 64 KiB.
  public init(reading bytes: [UInt8]) throws(Failure) {
    guard !bytes.isEmpty else { throw .empty }
    guard bytes.count <= 65_536 else { throw .tooLarge }
    guard String(validating: bytes, as: UTF8.self) != nil,
      bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D })
    else { throw .notText }
    var scanner = Scanner(bytes: bytes)
    fields = try scanner.message()
  }

  /// A reader of bytes from left to right.
  private struct Scanner {
    let bytes: [UInt8]
    var place = 0

    mutating func message() throws(Failure) -> [Field] {
      skipSpace()
      if starts(with: "<?xml") {
        try skip(through: "?>")
        skipSpace()
      }
      try take("<xml>")
      var fields: [Field] = []
      while true {
        skipSpace()
        if starts(with: "</xml>") { break }
        let field = try element()
        guard !fields.contains(where: { $0.name == field.name }) else {
          throw .duplicate(field.name)
        }
        guard fields.count < 200 else { throw .malformed(at: place) }
        fields.append(field)
      }
      try take("</xml>")
      skipSpace()
      guard place == bytes.count else { throw .malformed(at: place) }
      return fields
    }

    private mutating func element() throws(Failure) -> Field {
      try take("<")
      let start = place
      while place < bytes.count, Self.isNameByte(bytes[place]) { place += 1 }
      guard place > start, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[start]) else {
        throw .malformed(at: place)
      }
      let name = String(decoding: bytes[start..<place], as: UTF8.self)
      if starts(with: "/>") {
        place += 2
        return Field(name, "")
      }
      try take(">")
      var text: [UInt8] = []
      while !starts(with: "</") { try appendText(to: &text) }
      try take("</\(name)>")
      return Field(name, String(decoding: text, as: UTF8.self))
    }

    private mutating func appendText(to text: inout [UInt8]) throws(Failure) {
      guard place < bytes.count else { throw .malformed(at: place) }
      if starts(with: "<![CDATA[") {
        place += 9
        let start = place
        try skip(through: "]]>")
        text += bytes[start..<(place - 3)]
      } else if bytes[place] == UInt8(ascii: "&") {
        try appendReference(to: &text)
      } else if bytes[place] == UInt8(ascii: "<") {
        throw .malformed(at: place)  // a nested element, a comment or a DOCTYPE
      } else {
        text.append(bytes[place])
        place += 1
      }
    }

    private mutating func appendReference(to text: inout [UInt8]) throws(Failure) {
      let known: [(String, UInt8)] = [
        ("&amp;", 0x26), ("&lt;", 0x3C), ("&gt;", 0x3E), ("&quot;", 0x22), ("&apos;", 0x27),
      ]
      guard let (name, byte) = known.first(where: { starts(with: $0.0) }) else {
        throw .malformed(at: place)
      }
      text.append(byte)
      place += name.utf8.count
    }

    private func starts(with text: String) -> Bool {
      var place = place
      for byte in text.utf8 {
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
      }
      return true
    }

    private mutating func take(_ text: String) throws(Failure) {
      guard starts(with: text) else { throw .malformed(at: place) }
      place += text.utf8.count
    }

    private mutating func skip(through text: String) throws(Failure) {
      while place < bytes.count {
        if starts(with: text) {
          place += text.utf8.count
          return
        }
        place += 1
      }
      throw .malformed(at: place)
    }

    private mutating func skipSpace() {
      while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }
}
