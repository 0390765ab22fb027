/// A value of JSON, as the v3 API speaks it (RFC 8259).
///
/// Written apart from the client's reader and writer, so that one side's mistake does not hide the
/// other's. Numbers stay as they were written.
public indirect enum PlatformJSON: Hashable, Sendable {
  case null
  case flag(Bool)
  case number(String)
  case text(String)
  case list([PlatformJSON])
  case object([Member])

  /// A member of an object.
  public struct Member: Hashable, Sendable {
    public var name: String
    public var value: PlatformJSON

    /// Makes a member.
    public init(_ name: String, _ value: PlatformJSON) { (self.name, self.value) = (name, value) }

    /// Makes a member that is a text.
    public init(_ name: String, _ text: String) { self.init(name, .text(text)) }

    /// Makes a member that is a whole number.
    public init(_ name: String, _ number: Int64) { self.init(name, .number(String(number))) }
  }

  /// The member of that name; nil when there is none, or when this is no object.
  public subscript(name: String) -> PlatformJSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// What this is, when it is a text.
  public var text: String? { if case .text(let text) = self { text } else { nil } }

  /// What this is, when it is a whole number without fraction or exponent.
  public var whole: Int64? { if case .number(let text) = self { Int64(text) } else { nil } }

  /// What this is, when it is a list.
  public var list: [PlatformJSON]? { if case .list(let list) = self { list } else { nil } }

  /// Sets a member that is there already, or one inside of it; what is not there stays away.
  mutating func replace(_ path: [String], with change: (PlatformJSON) -> PlatformJSON) {
    guard let first = path.first else {
      self = change(self)
      return
    }
    guard case .object(var members) = self,
      let index = members.firstIndex(where: { $0.name == first })
    else { return }
    members[index].value.replace(Array(path.dropFirst()), with: change)
    self = .object(members)
  }

  /// Everything that is said, flat, each with the names that lead to it: `amount.total`.
  var flat: [PlatformDocument.Field] {
    var fields: [PlatformDocument.Field] = []
    collect(into: &fields, under: "")
    return fields
  }

  private func collect(into fields: inout [PlatformDocument.Field], under name: String) {
    func below(_ part: String) -> String { name.isEmpty ? part : "\(name).\(part)" }
    switch self {
    case .null: break
    case .flag(let flag): fields.append(.init(name, String(flag)))
    case .number(let text), .text(let text): fields.append(.init(name, text))
    case .list(let list):
      for (index, value) in list.enumerated() {
        value.collect(into: &fields, under: below(String(index)))
      }
    case .object(let members):
      for member in members { member.value.collect(into: &fields, under: below(member.name)) }
    }
  }

  // MARK: Writing

  /// The value in bytes, without spaces, with nothing escaped that need not be.
  public var bytes: [UInt8] {
    var text = ""
    write(to: &text)
    return Array(text.utf8)
  }

  private func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .flag(let flag): text += flag ? "true" : "false"
    case .number(let number): text += number
    case .text(let value): Self.write(value, to: &text)
    case .list(let list):
      text += "["
      for (index, value) in list.enumerated() {
        if index > 0 { text += "," }
        value.write(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += "," }
        Self.write(member.name, to: &text)
        text += ":"
        member.value.write(to: &text)
      }
      text += "}"
    }
  }

  private static func write(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\\(scalar)"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension PlatformJSON {
  /// Reads a text of at most 64 KiB, sixteen deep; nil when it is no JSON or says a name twice.
  public init?(reading bytes: [UInt8]) {
    guard bytes.count <= 65_536, let text = String(validating: bytes, as: UTF8.self) else {
      return nil
    }
    var scanner = Scanner(scalars: Array(text.unicodeScalars))
    guard let value = scanner.value(depth: 0), scanner.isAtEnd else { return nil }
    self = value
  }

  /// A reader of characters from left to right.
  private struct Scanner {
    let scalars: [Unicode.Scalar]
    var place = 0

    var isAtEnd: Bool {
      mutating get {
        skipSpace()
        return place == scalars.count
      }
    }

    private var next: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

    private mutating func skipSpace() {
      while let next, next == " " || next == "\t" || next == "\n" || next == "\r" { place += 1 }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
      guard next == scalar else { return false }
      place += 1
      return true
    }

    private mutating func take(_ word: String, _ value: PlatformJSON) -> PlatformJSON? {
      for scalar in word.unicodeScalars where !take(scalar) { return nil }
      return value
    }

    mutating func value(depth: Int) -> PlatformJSON? {
      guard depth < 16 else { return nil }
      skipSpace()
      switch next {
      case "{": return object(depth)
      case "[": return list(depth)
      case "\"": return text().map { .text($0) }
      case "t": return take("true", .flag(true))
      case "f": return take("false", .flag(false))
      case "n": return take("null", .null)
      default: return number()
      }
    }

    private mutating func object(_ depth: Int) -> PlatformJSON? {
      place += 1
      var members: [Member] = []
      skipSpace()
      if take("}") { return .object(members) }
      while true {
        skipSpace()
        guard next == "\"", let name = text(), !members.contains(where: { $0.name == name }) else {
          return nil
        }
        skipSpace()
        guard take(":"), let value = value(depth: depth + 1) else { return nil }
        members.append(Member(name, value))
        skipSpace()
        if take("}") { return .object(members) }
        guard take(",") else { return nil }
      }
    }

    private mutating func list(_ depth: Int) -> PlatformJSON? {
      place += 1
      var list: [PlatformJSON] = []
      skipSpace()
      if take("]") { return .list(list) }
      while true {
        guard let value = value(depth: depth + 1) else { return nil }
        list.append(value)
        skipSpace()
        if take("]") { return .list(list) }
        guard take(",") else { return nil }
      }
    }

    private mutating func number() -> PlatformJSON? {
      let start = place
      _ = take("-")
      guard take("0") || digits() else { return nil }
      if take("."), !digits() { return nil }
      if take("e") || take("E") {
        if !take("+") { _ = take("-") }
        guard digits() else { return nil }
      }
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars[start..<place])
      return .number(text)
    }

    private mutating func digits() -> Bool {
      let start = place
      while let next, ("0"..."9").contains(next) { place += 1 }
      return place > start
    }

    private mutating func text() -> String? {
      place += 1
      var text = String.UnicodeScalarView()
      while let scalar = next {
        place += 1
        switch scalar {
        case "\"": return String(text)
        case "\\":
          guard let escaped = escape() else { return nil }
          text.append(escaped)
        case "\u{0}"..."\u{1F}": return nil
        default: text.append(scalar)
        }
      }
      return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
      guard let scalar = next else { return nil }
      place += 1
      switch scalar {
      case "\"", "\\", "/": return scalar
      case "b": return "\u{8}"
      case "f": return "\u{C}"
      case "n": return "\n"
      case "r": return "\r"
      case "t": return "\t"
      case "u": break
      default: return nil
      }
      guard let high = unit() else { return nil }
      guard (0xD800..<0xDC00).contains(high) else { return Unicode.Scalar(high) }
      guard take("\\"), take("u"), let low = unit(), (0xDC00..<0xE000).contains(low) else {
        return nil
      }
      return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    }

    private mutating func unit() -> UInt32? {
      guard place + 4 <= scalars.count else { return nil }
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars[place..<(place + 4)])
      place += 4
      guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else {
        return nil
      }
      return UInt32(text, radix: 16)
    }
  }
}
