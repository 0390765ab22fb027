/// One value of JSON, as the v3 API uses it (RFC 8259).
///
/// A number stays as it was written: money never goes through a binary fraction.
package indirect enum JSONValue: Equatable, Sendable {
  case null
  case flag(Bool)
  case number(String)
  case text(String)
  case list([JSONValue])
  /// In the order of the text; every name once.
  case object([JSONMember])

  /// The member of that name; nil when there is none, or when this is no object.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    // Swift calls canonically equivalent texts equal; a name is a row of bytes.
    return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  package var text: String? { if case .text(let text) = self { text } else { nil } }

  var list: [JSONValue]? { if case .list(let list) = self { list } else { nil } }

  /// A whole number of fen, not negative; nil for anything else, as `350.0` or `"350"`.
  package var fen: Int64? {
    if case .number(let text) = self { SignedAnswer.fen(text) } else { nil }
  }

  /// The value as it is sent: no spaces, and nothing escaped that need not be.
  package var bytes: [UInt8] { Array(written.utf8) }

  private var written: String {
    switch self {
    case .null: "null"
    case .flag(let flag): flag ? "true" : "false"
    case .number(let text): text
    case .text(let text): Self.quoted(text)
    case .list(let list): "[\(list.map(\.written).joined(separator: ","))]"
    case .object(let members):
      "{"
        + members.map { "\(Self.quoted($0.name)):\($0.value.written)" }.joined(separator: ",")
        + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// One member of an object.
package struct JSONMember: Equatable, Sendable {
  package var name: String
  package var value: JSONValue

  package init(_ name: String, _ value: JSONValue) { (self.name, self.value) = (name, value) }

  package init(_ name: String, _ text: String) { self.init(name, .text(text)) }
}
