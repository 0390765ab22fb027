/// Takes out of a text what nobody outside may read: keys, tokens, payers, payment addresses.
///
/// It works on what is known (the contents of the key files) and on what such things look like. It
/// would rather take one word too many: a support file without a number is still of use.
public struct Redaction: Sendable {
  /// Texts that must not appear, the longest first.
  private let secrets: [String]

  /// A redaction that also knows these very texts; short ones are no secrets.
  public init(knowing secrets: [String] = []) {
    var pieces: Set<String> = []
    for secret in secrets {
      for line in secret.split(whereSeparator: \.isNewline) where line.utf8.count >= 8 {
        if !line.hasPrefix("-----") { pieces.insert(String(line)) }
      }
    }
    self.secrets = pieces.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
  }

  /// What stands in the place of what was taken out.
  public static let mark = "[redacted]"

  /// The text without them.
  public func scrub(_ text: String) -> String {
    var text = text
    for secret in secrets where text.contains(secret) {
      text = text.replacing(secret, with: Self.mark)
    }
    var isKey = false
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" }
    return lines.map { line in
      // A key in PEM, also one whose end is cut off or that stands in one line of JSON.
      if line.contains("-----BEGIN") { isKey = true }
      defer { if line.contains("-----END") { isKey = false } }
      return isKey ? Self.mark : scrub(line: line)
    }.joined(separator: "\n")
  }

  private func scrub(line: Substring) -> String {
    if let name = Self.assigned(line), Self.isSecretName(name) {
      return "\(line.prefix { $0 != "=" && $0 != ":" }.trimmed) = \(Self.mark)"
    }
    var result = ""
    var rest = line
    while let first = rest.first {
      if let address = Self.address(rest) {
        result += address.shown
        rest = rest.dropFirst(address.length)
        continue
      }
      let word = rest.prefix { Self.isOfWord($0) }
      if let (shown, value) = Self.assignment(word, in: rest) {
        result += shown + Self.mark
        rest = rest[value.endIndex...]
        continue
      }
      result += word.isEmpty ? String(first) : Self.scrub(word: word)
      rest = rest.dropFirst(max(1, word.count))
    }
    return result
  }

  // MARK: What secrets look like

  private static func isOfWord(_ character: Character) -> Bool {
    character.isASCII
      && (character.isLetter || character.isNumber || "_-+/".contains(character))
  }

  /// The name to which a line gives a value, as in TOML, in JSON and in logs.
  private static func assigned(_ line: Substring) -> String? {
    guard let sign = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return nil }
    let name = line[..<sign].filter { $0 != "\"" && $0 != " " && $0 != "\t" }
    let isName = !name.isEmpty && name.count <= 40 && name.allSatisfy { isOfWord($0) || $0 == "." }
    return isName ? name.lowercased() : nil
  }

  /// A value that is given to a name which tells that it is secret, wherever in a line.
  private static func assignment(
    _ word: Substring, in text: Substring
  ) -> (shown: Substring, value: Substring)? {
    guard !word.isEmpty, isSecretName(word.lowercased()) else { return nil }
    func isLead(_ character: Character) -> Bool { " \"'\\".contains(character) }
    let sign = text.dropFirst(word.count).drop(while: isLead)
    guard sign.first == "=" || sign.first == ":" else { return nil }
    let value = sign.dropFirst().drop(while: isLead)
    let lead = sign[sign.startIndex..<value.startIndex]
    let end: (Character) -> Bool =
      lead.contains { $0 == "\"" || $0 == "'" }
      ? { $0 == "\"" || $0 == "'" } : { $0.isWhitespace || ",;&}".contains($0) }
    return (text[..<value.startIndex], value.prefix { !end($0) })
  }

  private static func isSecretName(_ name: String) -> Bool {
    // A file's name is no secret, and without it nobody can help.
    if name.hasSuffix("_file") || name.hasSuffix("file") { return false }
    return ["token", "secret", "password", "passwd", "api_key", "apikey", "private", "openid"]
      .contains { name.contains($0) }
  }

  private static func scrub(word: Substring) -> String {
    // A path of many folders is a word too; each of its parts is looked at.
    if word.contains("/"), !isBase64(word) {
      return word.split(separator: "/", omittingEmptySubsequences: false)
        .map { scrub(word: $0) }.joined(separator: "/")
    }
    let digits = word.allSatisfy(\.isNumber)
    switch word.utf8.count {
    // The provider's number of a payment: its end is enough to find it with.
    case 28 where digits: return "[transaction ...\(word.suffix(6))]"
    // An openid: 28 characters that begin with an o.
    case 28 where word.first == "o": return mark
    // Keys of either API, digests, and anything in base64 or hexadecimal.
    case 32... where !digits && !isName(word): return mark
    default: return String(word)
    }
  }

  /// Words joined by signs, as a file's name or a check's: no run of them is long.
  private static func isName(_ word: Substring) -> Bool {
    word.split { "_-+/".contains($0) }.allSatisfy { part in
      part.utf8.count < 24 && !(part.contains(where: \.isNumber) && part.utf8.count > 12)
    }
  }

  private static func isBase64(_ word: Substring) -> Bool {
    word.utf8.count >= 40 && word.split(separator: "/").contains { $0.utf8.count >= 24 }
  }

  /// An address at the beginning of the text, without what it says in secret.
  private static func address(_ text: Substring) -> (shown: String, length: Int)? {
    for scheme in ["weixin://", "https://", "http://"] where text.hasPrefix(scheme) {
      let whole = text.prefix { !$0.isWhitespace && !"\"'<>|\\".contains($0) }
      if scheme == "weixin://" { return (mark, whole.count) }
      let place = whole.dropFirst(scheme.count)
      let host = place.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
      let shownHost =
        host.contains("@") ? "\(mark)@\(host.drop { $0 != "@" }.dropFirst())" : "\(host)"
      let path = place.dropFirst(host.count).prefix { $0 != "?" && $0 != "#" }
      let hasQuery = host.count + path.count < place.count
      return (
        scheme + shownHost
          + path.split(separator: "/", omittingEmptySubsequences: false)
          .map { scrub(word: $0) }.joined(separator: "/") + (hasQuery ? "?\(mark)" : ""),
        whole.count
      )
    }
    return nil
  }
}

extension Substring {
  /// Without the spaces around it.
  fileprivate var trimmed: Substring {
    let rest = drop(while: \.isWhitespace)
    return rest[
      ..<(rest.lastIndex { !$0.isWhitespace }.map { rest.index(after: $0) } ?? rest.startIndex)]
  }
}
