/// Files, lines and functions stay short enough to be read.
enum SizeRule {
  static func longFiles(_ file: SourceFile) -> [Offence] {
    guard file.lines.count >= House.longestFile else { return [] }
    let words = "\(file.lines.count) lines; fewer than \(House.longestFile) are allowed"
    return [file.offence(line: 0, words)]
  }

  /// Characters as a person counts them: a Chinese one is one.
  static func longLines(_ file: SourceFile) -> [Offence] {
    file.lines.enumerated().compactMap { index, line in
      line.utf8.count > House.longestLine && line.count > House.longestLine
        ? file.offence(line: index + 1, "\(line.count) columns; \(House.longestLine) are allowed")
        : nil
    }
  }

  static func longFunctions(
    _ file: SourceFile, excused: [String: Set<String>] = House.longFunctions
  ) -> [Offence] {
    file.swift.functions.compactMap { function in
      if function.length <= House.longestFunction { return nil }
      if excused[file.path]?.contains(function.name) == true { return nil }
      return file.offence(
        line: function.line,
        "\(function.name) has \(function.length) lines; \(House.longestFunction) are allowed")
    }
  }

  /// Excuses that nothing needs any more.
  static func idleExcuses(
    _ files: [SourceFile], excused: [String: Set<String>] = House.longFunctions
  ) -> [Offence] {
    excused.flatMap { path, names in
      names.compactMap { name in
        let functions = files.first { $0.path == path }?.swift.functions ?? []
        let isNeeded = functions.contains {
          $0.name == name && $0.length > House.longestFunction
        }
        return isNeeded ? nil : Offence(path: path, line: 0, words: "\(name) needs no excuse")
      }
    }
  }
}
