/// Names that tell where to look: files after types, tests after statements.
enum NameRule {
  /// A file that declares public types shares a noun with one of them, or with what it extends.
  static func files(_ file: SourceFile) -> [Offence] {
    let types = file.swift.declaredTypes
    guard types.contains(where: \.isPublic) else { return [] }
    let subject = file.stem.split(separator: "+").first.map(String.init) ?? file.stem
    let nouns = Set(types.map(\.name).flatMap(nouns))
    guard nouns.isDisjoint(with: Self.nouns(subject)) else { return [] }
    return [file.offence(line: 0, "declares public types, but none has to do with \(subject)")]
  }

  /// The words of a camelCase name, in the singular.
  private static func nouns(_ name: String) -> [String] {
    name.matches(of: /[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+/).map {
      let word = $0.0.lowercased()
      return word.hasSuffix("s") ? String(word.dropLast()) : word
    }
  }

  /// A test's name is the statement that it proves: two words at least.
  static func tests(_ file: SourceFile) -> [Offence] {
    let bytes = Array(file.text.utf8)
    let keywords = file.swift.occurrences(of: "func")
    return file.swift.occurrences(of: "@Test").compactMap { start in
      let head = String(decoding: bytes[start...].prefix(500), as: UTF8.self)
      let function = keywords.first { $0 > start }.map { keyword in
        String(decoding: bytes[(keyword + 5)...].prefix(200), as: UTF8.self)
      }
      let title =
        head.firstMatch(of: /^@Test\(\s*"((?:[^"\\]|\\.)*)"/)?.1
        ?? function?.firstMatch(of: /^(?:`[^`]*`|\w+)/)?.0 ?? ""
      guard words(String(title)) < 2 else { return nil }
      return file.offence(
        line: file.swift.line(at: start), "\"\(title)\" is no statement of what the test proves")
    }
  }

  /// Words in a sentence or in a camelCase name; a Chinese character counts as one.
  static func words(_ title: String) -> Int {
    var count = 0
    var isInside = false
    for character in title {
      let isLetter = character.isLetter || character.isNumber
      let isIdeograph = character.unicodeScalars.contains { $0.value >= 0x2E80 }
      if isLetter, !isInside || isIdeograph || (character.isUppercase && !title.contains(" ")) {
        count += 1
      }
      isInside = isLetter
    }
    return count
  }
}
