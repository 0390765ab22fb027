/// Folders, manifest, README and configuration tell the same story.
enum LayoutRule {
  /// Every folder of a module is a target, and every target has its folder.
  static func modules(folders: [String], manifest: Manifest) -> [Offence] {
    let targets = Set(manifest.targets.map(\.path))
    let undeclared = folders.filter { !targets.contains($0) }.map {
      Offence(path: $0, line: 0, words: "a folder that Package.swift does not name")
    }
    let missing = targets.subtracting(folders).map {
      Offence(path: $0, line: 0, words: "named by Package.swift, but there is no such folder")
    }
    return undeclared + missing
  }

  /// Modules that the README does not name, and paths that it names but nobody has.
  static func readme(
    _ file: SourceFile, modules: [String], exists: (String) -> Bool
  ) -> [Offence] {
    let words = Set(file.text.split { !($0.isLetter || $0.isNumber) }.map(String.init))
    let silent = modules.filter { !words.contains($0) }.map {
      file.offence(line: 0, "does not name the module \($0)")
    }
    let dead = file.lines.enumerated().flatMap { index, line in
      line.matches(of: /`((?:Sources|Tests|board|systemd)\/[\w\/.+-]*)`?/).compactMap { match in
        let path = String(match.1).trimmed
        return exists(path) ? nil : file.offence(line: index + 1, "there is no \(path)")
      }
    }
    return silent + dead
  }

  /// Keys and tables of a TOML file that the configuration's own code never spells out.
  static func keys(_ file: SourceFile, knownTo readers: [SourceFile]) -> [Offence] {
    let code = readers.map(\.text).joined()
    return file.lines.enumerated().flatMap { index, line -> [Offence] in
      keys(of: line).filter { !code.contains("\"\($0)\"") }.map {
        file.offence(line: index + 1, "no reader knows the key \($0)")
      }
    }
  }

  /// The names in a line of TOML: of a table's header, or left of the first `=`.
  static func keys(of line: String) -> [String] {
    let text = line.trimmed.replacing(/"[^"]*"/, with: "\"\"")
    guard !text.hasPrefix("#") else { return [] }
    if let header = text.firstMatch(of: /^\[\[?([\w.\-]+)\]\]?/)?.1 {
      return header.split(separator: ".").map(String.init)
    }
    let path = text.firstMatch(of: /^([\w.\-]+)\s*=/)?.1.split(separator: ".") ?? []
    let inline = text.matches(of: /[{,]\s*([A-Za-z][\w\-]*)\s*=/).map(\.1)
    return (path + inline).map(String.init)
  }

  /// A rule of udev is a list of `KEY operator "value"`; lines may be joined with a backslash.
  static func udev(_ file: SourceFile) -> [Offence] {
    let joined = file.text.replacing(/\s*\\\n\s*/, with: " ")
    return joined.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { rule in
      let isRule = rule.contains(
        /^(?:[A-Z_]+(?:\{[^}]+\})?(?:==|!=|=|\+=|:=)"[^"]*"(?:, |$))+$/)
      return isRule ? nil : file.offence(line: 0, "no rule of udev: \(rule)")
    }
  }
}
