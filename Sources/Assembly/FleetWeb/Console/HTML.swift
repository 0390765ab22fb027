/// A piece of a page: whatever is put into it is text and cannot become markup.
///
/// A literal is markup, since only a programmer writes it; a value within it is escaped, unless it
/// is a piece itself. There is no way from a `String` to markup. Pages are at once well-formed XML,
/// so that any strict parser can judge them.
struct HTML: ExpressibleByStringInterpolation, Equatable, Sendable {
  private(set) var text: String

  /// The pieces one after the other.
  init(_ pieces: [HTML]) { text = pieces.map(\.text).joined() }

  init(stringLiteral text: String) { self.text = text }

  init(stringInterpolation interpolation: Interpolation) { text = interpolation.text }

  /// Nothing.
  static let empty: HTML = ""

  /// A literal with values in it.
  struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 32 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ value: String) { text += HTML.escaped(value) }
    mutating func appendInterpolation(_ value: Substring) { text += HTML.escaped(String(value)) }
    mutating func appendInterpolation(_ value: some BinaryInteger) { text += String(value) }
    mutating func appendInterpolation(_ piece: HTML) { text += piece.text }
    mutating func appendInterpolation(_ piece: HTML?) { text += piece?.text ?? "" }
    mutating func appendInterpolation(_ pieces: [HTML]) {
      for piece in pieces { text += piece.text }
    }
  }

  static func + (left: HTML, right: HTML) -> HTML { HTML([left, right]) }

  /// A value as text between tags or in quotes.
  ///
  /// Characters that turn the line's direction are named instead: a name must not be able to change
  /// how the amount beside it reads.
  static func escaped(_ value: String) -> String {
    var text = ""
    text.reserveCapacity(value.utf8.count)
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      case "\n", "\t": text.unicodeScalars.append(scalar)
      case "\u{200E}", "\u{200F}", "\u{061C}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}":
        text += "[U+\(String(scalar.value, radix: 16, uppercase: true))]"
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": text += "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
