/// A function with a body, as `SwiftText` finds it.
struct Function: Hashable {
  var name: String
  /// The line of its keyword.
  var line: Int
  /// From the keyword to the closing brace.
  var length: Int
}

/// A type that is declared, or named by an extension.
struct DeclaredType: Hashable {
  var name: String
  var line: Int
  /// Whether it is declared at the left margin, for everyone.
  var isPublic: Bool
}

extension SwiftText {
  /// Every type that the source declares or extends.
  var declaredTypes: [DeclaredType] {
    let keywords = ["struct", "class", "enum", "actor", "protocol", "typealias", "extension"]
    return keywords.flatMap { keyword in
      occurrences(of: keyword).compactMap { start -> [DeclaredType]? in
        let line = line(at: start)
        let text = codeLines[line - 1]
        let rest = code[(start + keyword.utf8.count)...].drop { $0 == UInt8(ascii: " ") }
        let path = rest.prefix { Self.isWord($0) || $0 == UInt8(ascii: ".") }
        let isPublic =
          (text.hasPrefix("public ") || text.hasPrefix("open ")) && keyword != "extension"
          && keyword != "typealias"
        return path.split(separator: UInt8(ascii: ".")).map {
          DeclaredType(name: String(decoding: $0, as: UTF8.self), line: line, isPublic: isPublic)
        }
      }.flatMap { $0 }
    }
  }

  /// Every `func`, `init`, `deinit` and `subscript` that has a body, nested ones too.
  var functions: [Function] {
    ["func", "init", "deinit", "subscript"].flatMap { keyword in
      occurrences(of: keyword).compactMap { function(keyword, at: $0) }
    }.sorted { $0.line < $1.line }
  }

  private func function(_ keyword: String, at start: Int) -> Function? {
    var cursor = start + keyword.utf8.count
    if keyword != "deinit" {
      guard let open = code[cursor...].firstIndex(of: UInt8(ascii: "(")),
        let close = closing(of: open)
      else { return nil }
      cursor = close + 1
    }
    guard let body = bodyStart(from: cursor), let end = closing(of: body) else { return nil }
    let first = line(at: start)
    return Function(
      name: name(keyword, at: start), line: first, length: line(at: end) - first + 1)
  }

  private func name(_ keyword: String, at start: Int) -> String {
    guard keyword == "func" else { return keyword }
    let rest = code[(start + keyword.utf8.count)...].drop { $0 == UInt8(ascii: " ") }
    return String(decoding: rest.prefix { Self.isWord($0) }, as: UTF8.self)
  }

  /// The brace that opens the body of a declaration whose parameters end before `offset`; nil when
  /// the next declaration, or the end of the protocol, comes first.
  private func bodyStart(from offset: Int) -> Int? {
    var cursor = offset
    while cursor < code.count {
      switch code[cursor] {
      case UInt8(ascii: "{"): return cursor
      case UInt8(ascii: "}"), UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: ";"): return nil
      case UInt8(ascii: "("), UInt8(ascii: "["):
        guard let close = closing(of: cursor) else { return nil }
        cursor = close
      case UInt8(ascii: "\n") where endsDeclaration(after: cursor): return nil
      default: break
      }
      cursor += 1
    }
    return nil
  }

  /// Whether the line after this one begins something other than the rest of a signature.
  private func endsDeclaration(after newline: Int) -> Bool {
    let rest = code[(newline + 1)...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
    guard let first = rest.first else { return true }
    if [UInt8(ascii: "{"), UInt8(ascii: "-"), UInt8(ascii: "(")].contains(first) { return false }
    let word = String(decoding: rest.prefix { Self.isWord($0) }, as: UTF8.self)
    return !["where", "throws", "async", "rethrows"].contains(word)
  }
}
