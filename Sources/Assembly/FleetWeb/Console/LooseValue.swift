/// Any JSON, for what others store and only its reader understands.
indirect enum LooseValue: Equatable, Sendable, Codable {
  case null
  case flag(Bool)
  case integer(Int64)
  case number(Double)
  case text(String)
  case list([LooseValue])
  case fields([String: LooseValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([LooseValue].self) {
      self = .list(value)
    } else {
      self = .fields(try container.decode([String: LooseValue].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .flag(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .fields(let value): try container.encode(value)
    }
  }

  /// The value in one line, for people.
  var words: String {
    switch self {
    case .null: "–"
    case .flag(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): value
    case .list(let values): values.map(\.words).joined(separator: ", ")
    case .fields(let fields):
      fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.words)" }
        .joined(separator: " · ")
    }
  }

  /// What stands under a name, if it has fields.
  subscript(name: String) -> LooseValue? {
    guard case .fields(let fields) = self else { return nil }
    return fields[name]
  }
}
