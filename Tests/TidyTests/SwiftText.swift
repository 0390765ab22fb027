/// Swift source taken apart: its code without comments and string contents, and its comments alone.
///
/// Both are as long as the source, byte for byte, with blanks for what was left out, so that an
/// offset or a line number means the same in all three.
struct SwiftText: Sendable {
  let code: [UInt8]
  let comments: [UInt8]
  /// The code line by line.
  let codeLines: [String]
  /// The comments line by line.
  let commentLines: [String]
  /// Where each word of the code stands.
  private let words: [String: [Int]]
  /// Where each line begins.
  private let lineStarts: [Int]

  init(_ text: String) {
    var scanner = Scanner(bytes: Array(text.utf8))
    scanner.scanAll()
    (code, comments) = (scanner.code, scanner.comments)
    (codeLines, commentLines) = (Self.lines(code), Self.lines(comments))
    (words, lineStarts) = Self.index(code)
  }

  /// The line, counted from 1, of an offset.
  func line(at offset: Int) -> Int {
    var (low, high) = (0, lineStarts.count)
    while low < high {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Where `text` stands in the code, not as a part of a longer word and not behind a dot.
  func occurrences(of text: String) -> [Int] {
    let bytes = Array(text.utf8)
    let lead = bytes.prefix { !Self.isWord($0) }.count
    let word = String(decoding: bytes[lead...].prefix { Self.isWord($0) }, as: UTF8.self)
    return (words[word] ?? []).map { $0 - lead }.filter { start in
      guard start >= 0, code[start...].starts(with: bytes) else { return false }
      let end = start + bytes.count
      let isWhole =
        end == code.count || !Self.isWord(bytes[bytes.count - 1])
        || !Self.isWord(code[end])
      let isMember = lead == 0 && start > 0 && code[start - 1] == UInt8(ascii: ".")
      return isWhole && !isMember
    }
  }

  private static func index(_ code: [UInt8]) -> (words: [String: [Int]], lineStarts: [Int]) {
    var words: [String: [Int]] = [:]
    var lineStarts = [0]
    var start: Int?
    for (offset, byte) in code.enumerated() {
      if isWord(byte) {
        if start == nil { start = offset }
        continue
      }
      if let first = start {
        words[String(decoding: code[first..<offset], as: UTF8.self), default: []].append(first)
      }
      start = nil
      if byte == UInt8(ascii: "\n") { lineStarts.append(offset + 1) }
    }
    if let start {
      words[String(decoding: code[start...], as: UTF8.self), default: []].append(start)
    }
    return (words, lineStarts)
  }

  private static func lines(_ bytes: [UInt8]) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether a byte may stand in an identifier.
  static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }
}

/// Walks over Swift source and sorts every byte into code, comment or string.
private struct Scanner {
  let bytes: [UInt8]
  var code: [UInt8]
  var comments: [UInt8]
  var position = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
    let blank = bytes.map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
    (code, comments) = (blank, blank)
  }

  mutating func scanAll() {
    while position < bytes.count { scanCode(until: nil) }
  }

  private func at(_ offset: Int) -> UInt8 {
    position + offset < bytes.count ? bytes[position + offset] : 0
  }

  private func starts(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { word in
      (0..<word.count).allSatisfy { at($0) == word[$0] }
    }
  }

  /// Code up to the end, or up to the parenthesis that closes a string's interpolation.
  private mutating func scanCode(until closing: UInt8?) {
    var depth = 0
    while position < bytes.count {
      if starts("//") {
        scanLineComment()
      } else if starts("/*") {
        scanBlockComment()
      } else if let hashes = openingHashes() {
        scanString(hashes: hashes)
      } else if let length = patternLength() {
        position += length
      } else {
        let byte = at(0)
        if closing != nil {
          if byte == UInt8(ascii: "(") { depth += 1 }
          if byte == UInt8(ascii: ")") {
            if depth == 0 { return }
            depth -= 1
          }
        }
        code[position] = byte
        position += 1
      }
    }
  }

  private mutating func scanLineComment() {
    while position < bytes.count, at(0) != UInt8(ascii: "\n") {
      comments[position] = at(0)
      position += 1
    }
  }

  private mutating func scanBlockComment() {
    var depth = 0
    repeat {
      let step = starts("/*") || starts("*/") ? 2 : 1
      if starts("/*") { depth += 1 } else if starts("*/") { depth -= 1 }
      for _ in 0..<step where position < bytes.count {
        comments[position] = at(0)
        position += 1
      }
    } while depth > 0 && position < bytes.count
  }

  /// The number of `#` before the quote of a string that opens here; nil when none does.
  private func openingHashes() -> Int? {
    var count = 0
    while at(count) == UInt8(ascii: "#") { count += 1 }
    return at(count) == UInt8(ascii: "\"") ? count : nil
  }

  /// The length of the regular expression `/…/` that opens here; nil when none does.
  ///
  /// It stands where a value is wanted, and ends on its line: a division does neither.
  private func patternLength() -> Int? {
    guard at(0) == UInt8(ascii: "/"), ![UInt8(ascii: " "), UInt8(ascii: ")")].contains(at(1)),
      let before = code[..<position].last(where: { $0 != UInt8(ascii: " ") }),
      [UInt8(ascii: "("), UInt8(ascii: ","), UInt8(ascii: "="), UInt8(ascii: ":")]
        .contains(before) || before == UInt8(ascii: "\n")
    else { return nil }
    var length = 1
    while at(length) != UInt8(ascii: "/") {
      if at(length) == UInt8(ascii: "\\") { length += 1 }
      guard position + length < bytes.count, at(length) != UInt8(ascii: "\n") else { return nil }
      length += 1
    }
    return length + 1
  }

  private mutating func scanString(hashes: Int) {
    for offset in 0...hashes { code[position + offset] = at(offset) }
    position += hashes
    let isLong = starts("\"\"\"")
    let quotes = isLong ? 3 : 1
    position += quotes
    while position < bytes.count {
      if closes(quotes: quotes, hashes: hashes) {
        code[position] = at(0)
        position += quotes + hashes
        return
      }
      if at(0) == UInt8(ascii: "\n"), !isLong { return }
      if at(0) == UInt8(ascii: "\\"), hasHashes(hashes, from: 1) {
        position += 1 + hashes
        if at(0) == UInt8(ascii: "(") {
          position += 1
          scanCode(until: UInt8(ascii: ")"))
        }
      }
      position += 1
    }
  }

  private func closes(quotes: Int, hashes: Int) -> Bool {
    (0..<quotes).allSatisfy { at($0) == UInt8(ascii: "\"") } && hasHashes(hashes, from: quotes)
  }

  private func hasHashes(_ count: Int, from offset: Int) -> Bool {
    (0..<count).allSatisfy { at(offset + $0) == UInt8(ascii: "#") }
  }
}
