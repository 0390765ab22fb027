internal import Platform

/// Names of files in a configuration: `${NAME}` and `${NAME:-default}` stand for the environment,
/// and a relative path begins at the folder of the file that holds it.
enum PathExpansion {
  /// The absolute path; nil when a variable has no value and no default.
  static func path(_ text: String, besides file: String) -> String? {
    guard let expanded = variables(in: text) else { return nil }
    if expanded.isEmpty || expanded.hasPrefix("/") || expanded.hasPrefix("@") { return expanded }
    return "\(Files.directory(of: file))/\(expanded)"
  }

  /// The text with its variables replaced; nil when one has no value and no default.
  static func variables(in text: String) -> String? {
    var result = ""
    var rest = text[...]
    while let start = rest.firstRange(of: "${") {
      result += rest[..<start.lowerBound]
      rest = rest[start.upperBound...]
      guard let end = rest.firstIndex(of: "}") else { return nil }
      let name = rest[..<end]
      rest = rest[rest.index(after: end)...]
      if let fallback = name.firstRange(of: ":-") {
        let value = Environment[String(name[..<fallback.lowerBound])] ?? ""
        result += value.isEmpty ? String(name[fallback.upperBound...]) : value
      } else {
        guard let value = Environment[String(name)] else { return nil }
        result += value
      }
    }
    return result + rest
  }
}
