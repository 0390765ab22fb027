/// Finds the line of a key in a TOML text.
///
/// The parser tells where a text breaks its grammar, but not where a key stands. This follows
/// texts, comments and brackets just far enough to see where each table's header and each key
/// begins. A key of an inline table is found at the key that holds it.
struct SourceLines {
  /// A place that toml++ 3.4 does not survive: a header without a name, or brackets that cross.
  ///
  /// It ends the process there (assertions in `parse_key` and `parse_value`), so such a text must
  /// not reach it. Everything else that is wrong is left to the parser's own words.
  private(set) var deadly: (line: Int, words: String)?
  private var lines: [String: Int] = [:]
  private var lengths: [String: Int] = [:]
  private var table = ""
  private var rest: Substring.UTF8View
  private var line = 1

  /// Reads a text.
  init(_ text: String) {
    rest = text[...].utf8
    while !rest.isEmpty { readStatement() }
  }

  /// The line of a key's path such as `lanes[2].price`, or of the nearest thing that holds it.
  subscript(path: String) -> Int? {
    var path = path[...]
    while !path.isEmpty {
      if let line = lines[String(path)] { return line }
      guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
      path = path[..<end]
    }
    return nil
  }

  // MARK: Statements

  private mutating func readStatement() {
    skipSpace()
    switch rest.first {
    case nil: return
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"): skip()
    case UInt8(ascii: "#"): skipComment()
    case UInt8(ascii: "["): readHeader()
    default: readKeyAndValue()
    }
  }

  private mutating func readHeader() {
    let start = line
    skip()
    let isList = rest.first == UInt8(ascii: "[")
    if isList { skip() }
    skipSpace()
    guard let first = rest.first, Self.mayBeginKey(first) else {
      note(start, "a table's name must follow the bracket")
      return skipToLineEnd()
    }
    let key = readKey(until: UInt8(ascii: "]"))
    table = isList ? "\(key)[\(lengths[key, default: 0])]" : key
    if isList { lengths[key, default: 0] += 1 }
    lines[table] = start
    if lines[key] == nil { lines[key] = start }
    skipToLineEnd()
  }

  private mutating func readKeyAndValue() {
    let start = line
    let key = readKey(until: UInt8(ascii: "="))
    lines[table.isEmpty ? key : "\(table).\(key)"] = start
    var brackets: [UInt8] = []
    while let byte = rest.first {
      switch byte {
      case UInt8(ascii: "\n") where brackets.isEmpty: return
      case UInt8(ascii: "#"): skipComment()
      case UInt8(ascii: "\""), UInt8(ascii: "'"): skipText(byte)
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        brackets.append(byte)
        skip()
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        let opening = byte == UInt8(ascii: "]") ? UInt8(ascii: "[") : UInt8(ascii: "{")
        if let last = brackets.popLast(), last != opening { note(line, "brackets that cross") }
        skip()
      default: skip()
      }
    }
  }

  private mutating func note(_ line: Int, _ words: String) {
    if deadly == nil { deadly = (line, words) }
  }

  /// A key's path without its quotes and spaces, up to `end` or the end of the line.
  private mutating func readKey(until end: UInt8) -> String {
    var key: [UInt8] = []
    while let byte = rest.first, byte != end, byte != UInt8(ascii: "\n") {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        let text = rest
        skipText(byte)
        key += text.prefix(text.count - rest.count).dropFirst().dropLast()
      } else {
        if byte != UInt8(ascii: " "), byte != UInt8(ascii: "\t") { key.append(byte) }
        skip()
      }
    }
    return String(decoding: key, as: UTF8.self)
  }

  private static func mayBeginKey(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "\""), UInt8(ascii: "'"):
      true
    default: false
    }
  }

  // MARK: Skipping

  private mutating func skip() {
    if rest.first == UInt8(ascii: "\n") { line += 1 }
    rest = rest.dropFirst()
  }

  private mutating func skipSpace() {
    while rest.first == UInt8(ascii: " ") || rest.first == UInt8(ascii: "\t") { skip() }
  }

  private mutating func skipComment() {
    while let byte = rest.first, byte != UInt8(ascii: "\n") { skip() }
  }

  /// To the end of a header's line; what stands there is the parser's business.
  private mutating func skipToLineEnd() { skipComment() }

  /// A text with its quotes, on one line or, in triple quotes, over several.
  private mutating func skipText(_ quote: UInt8) {
    let isLong = rest.starts(with: [quote, quote, quote])
    for _ in 0..<(isLong ? 3 : 1) { skip() }
    while let byte = rest.first {
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        skip()
      } else if byte == UInt8(ascii: "\n"), !isLong {
        return
      } else if byte == quote, !isLong || rest.starts(with: [quote, quote, quote]) {
        // A long text may end with up to two quotes of its own before the three.
        for _ in 0..<(isLong ? 3 : 1) { skip() }
        while isLong, rest.first == quote { skip() }
        return
      }
      skip()
    }
  }
}
