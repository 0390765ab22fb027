/// Text that a payer reads, as the platform can take it.
package enum PayerText {
  /// The text without what breaks the platform's signature check, cut to whole characters.
  ///
  /// Control characters and everything outside Unicode's first plane (emoji: four bytes in UTF-8)
  /// cause sign or format errors (facts: WeChat Pay A.3); what joins emoji goes with them.
  static func cut(_ text: String, toBytes limit: Int) -> String {
    if isPlain(text, limit) { return text }
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where isAllowed(scalar) { clean.append(scalar) }
    var result = ""
    var count = 0
    for character in String(clean) {
      count += character.utf8.count
      guard count <= limit else { break }
      result.append(character)
    }
    // A space at the end is signed, and lost on some way: better there is none.
    while result.last == " " { result.removeLast() }
    return String(result.drop { $0 == " " })
  }

  /// Whether nothing of a text has to go: most are short, and ASCII without a space at an end.
  private static func isPlain(_ text: String, _ limit: Int) -> Bool {
    let bytes = text.utf8
    return bytes.count <= limit && bytes.first != 0x20 && bytes.last != 0x20
      && bytes.allSatisfy { (0x20...0x7E).contains($0) }
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...0x1F, 0x7F...0x9F: false
    // Zero-width joiner, variation selectors, keycap: parts of emoji.
    case 0x200D, 0xFE00...0xFE0F, 0x20E3: false
    // Line and paragraph separators, the byte order mark, and what is no character.
    case 0x2028, 0x2029, 0xFEFF, 0xFFFE...0xFFFF: false
    case 0x10000...: false
    default: true
    }
  }

  /// Text of the other side for a log: one line, at most `limit` bytes.
  package static func line(_ text: String, limit: Int = 200) -> String { cut(text, toBytes: limit) }
}
