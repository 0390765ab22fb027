internal import Glibc
internal import Platform

/// Names of files in a configuration: `${NAME}` and `${NAME:-default}` stand for the environment,
/// and a relative path begins at the folder of the file that holds it.
package enum PathExpansion {
  /// Why a text is no path.
  struct Failure: Error, Equatable {
    var words: String
  }

  /// The absolute path.
  ///
  /// A leading `@` is an abstract socket's name, which has no folder.
  static func path(_ text: String, besides file: String) throws(Failure) -> String {
    let expanded = try expand(text)
    if expanded.isEmpty { throw Failure(words: "must not be empty") }
    if expanded.hasPrefix("/") || expanded.hasPrefix("@") { return expanded }
    return "\(Files.directory(of: file))/\(expanded)"
  }

  /// The path from the root; a relative one begins at the working directory.
  package static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let directory = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(directory) }
    return "\(unsafe String(cString: directory))/\(path)"
  }

  /// The text with its variables replaced.
  static func expand(_ text: String) throws(Failure) -> String {
    var result = ""
    var rest = text[...]
    while let start = rest.firstRange(of: "${") {
      result += rest[..<start.lowerBound]
      rest = rest[start.upperBound...]
      guard let end = rest.firstIndex(of: "}") else {
        throw Failure(words: "a \"${\" is not closed by \"}\"")
      }
      result += try value(of: rest[..<end])
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }

  private static func value(of reference: Substring) throws(Failure) -> String {
    let separator = reference.firstRange(of: ":-")
    let name = reference[..<(separator?.lowerBound ?? reference.endIndex)]
    guard let first = name.first, !first.isNumber,
      name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }),
      reference.firstRange(of: "${") == nil
    else { throw Failure(words: "\"${\(reference)}\" does not name a variable") }
    let value = Environment[String(name)] ?? ""
    if !value.isEmpty { return value }
    guard let separator else { throw Failure(words: "the variable \(name) has no value") }
    return String(reference[separator.upperBound...])
  }
}
