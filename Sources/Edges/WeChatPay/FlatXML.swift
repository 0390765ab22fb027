/// One parameter of the v2 API: an element with text.
public struct Field: Equatable, Sendable {
  public var name: String
  /// The text itself, without CDATA or escapes; never trimmed, since spaces are signed too.
  public var value: String

  /// Names a value.
  public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
}

/// A v2 message: a root with one flat level of elements (facts: WeChat Pay A.3).
///
/// This is all of XML that the API uses, and all that is read: see `XMLRefusal` for the rest.
public struct FlatXML: Equatable, Sendable {
  /// `xml`, or `root` within a refund notice.
  public var root: String
  /// In the order of the message; every name once.
  public var fields: [Field]

  /// Makes a message.
  public init(root: String = "xml", _ fields: [Field]) { (self.root, self.fields) = (root, fields) }

  /// Reads a message, which must have that root.
  public init(_ bytes: [UInt8], root: String = "xml") throws(XMLRefusal) {
    var reader = try FlatXMLReader(bytes)
    self.init(root: root, try reader.read(root: root))
  }

  /// The value of an element; nil when it is absent, empty when it is empty.
  public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  /// The message as it is sent: one element a line, texts in CDATA, empty elements left out.
  ///
  /// A text with `]]>` or a carriage return in it is escaped instead: CDATA cannot hold the one,
  /// and readers take the other for a line feed (XML 1.0 section 2.11), under another signature.
  public var bytes: [UInt8] {
    var text = Array("<\(root)>\n".utf8)
    for field in fields where !field.value.isEmpty {
      let isPlain = Self.canBePlain(field.value)
      text += "<\(field.name)>".utf8
      text += (isPlain ? "<![CDATA[\(field.value)]]>" : Self.escaped(field.value)).utf8
      text += "</\(field.name)>\n".utf8
    }
    return text + "</\(root)>".utf8
  }

  /// Whether CDATA can hold a text.
  private static func canBePlain(_ value: String) -> Bool {
    var brackets = 0
    for byte in value.utf8 {
      switch byte {
      case 0x0D: return false
      case UInt8(ascii: "]"): brackets += 1
      case UInt8(ascii: ">") where brackets >= 2: return false
      default: brackets = 0
      }
    }
    return true
  }

  private static func escaped(_ value: String) -> String {
    var text = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\r": text += "&#13;"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  /// Whether XML 1.0 section 2.2 allows the character.
  var isLegalInXML: Bool {
    switch value {
    case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }
}
