import Foundation

/// One file of the project, by its path from the root.
struct SourceFile: Sendable {
  /// Relative to the root, with `/`.
  let path: String
  let text: String
  let lines: [String]
  /// The Swift reading of the text; empty for other kinds of files.
  let swift: SwiftText

  init(path: String, text: String) {
    (self.path, self.text) = (path, text)
    // By bytes: to Swift a carriage return and a newline are one character.
    var lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false).map { String($0) }
      .map { $0 ?? "" }
    if lines.last?.isEmpty == true { lines.removeLast() }
    self.lines = lines
    swift = path.hasSuffix(".swift") ? SwiftText(text) : SwiftText("")
  }

  /// The folders and the file, from the root.
  var parts: [String] { path.split(separator: "/").map(String.init) }

  /// The file's name without folders and without its ending.
  var stem: String {
    let name = parts.last ?? ""
    return name.split(separator: ".").first.map(String.init) ?? name
  }

  /// The layer below `Sources`, such as `Edges`; nil elsewhere.
  var layer: String? { parts.first == "Sources" && parts.count > 2 ? parts[1] : nil }

  /// The module that the file belongs to; nil outside `Sources` and `Tests`.
  var module: String? {
    if layer != nil { return parts[2] }
    return parts.first == "Tests" && parts.count > 2 ? parts[1] : nil
  }

  func offence(line: Int, _ words: String) -> Offence {
    Offence(path: path, line: line, words: words)
  }
}

/// Where a rule is broken, and how.
struct Offence: Hashable, CustomStringConvertible {
  var path: String
  var line: Int
  var words: String

  var description: String { line > 0 ? "\(path):\(line): \(words)" : "\(path): \(words)" }
}

extension [Offence] {
  /// One offence a line, for the message of a failed expectation.
  var report: String { "\n" + map(\.description).sorted().joined(separator: "\n") }
}
