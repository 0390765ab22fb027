import FoundationEssentials
import Platform
import Testing

@testable import Diagnostics

/// The report's JSON is held against `board/doctor.schema.json`, which programs go by.
@Suite("The doctor's schema")
struct SchemaTests {
  @Test("describes the report of every scene, field by field")
  func scenes() throws {
    let folder = Files.directory(of: #filePath)
    let schema = try JSONPart(try Files.readText("\(folder)/../../board/doctor.schema.json"))
    for scene in Scene.all {
      var spoilt = Healthy.Case()
      try scene.spoil(&spoilt)
      let found = schema.offences(in: try JSONPart(spoilt.report().json), root: schema, at: "")
      #expect(found.isEmpty, "\(scene.name): \(found.prefix(5))")
    }
  }

  @Test("is not content with just anything")
  func wrong() throws {
    let schema = try JSONPart(
      #"{"type":"object","required":["a"],"properties":{"a":{"enum":[1]}}}"#)
    for text in ["[]", "{}", #"{"a":2}"#, #"{"a":1,"b":1}"#] {
      #expect(!schema.offences(in: try JSONPart(text), root: schema, at: "").isEmpty, "\(text)")
    }
    #expect(schema.offences(in: try JSONPart(#"{"a":1}"#), root: schema, at: "").isEmpty)
  }
}

/// A piece of JSON, and of JSON Schema as far as ours goes.
enum JSONPart: Decodable, Equatable {
  case object([String: JSONPart])
  case array([JSONPart])
  case text(String)
  case number(Int64)
  case truth(Bool)

  init(_ text: String) throws {
    self = try JSONDecoder().decode(JSONPart.self, from: Data(text.utf8))
  }

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let truth = try? value.decode(Bool.self) {
      self = .truth(truth)
    } else if let number = try? value.decode(Int64.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([JSONPart].self) {
      self = .array(list)
    } else {
      self = .object(try value.decode([String: JSONPart].self))
    }
  }

  subscript(_ name: String) -> JSONPart? {
    if case .object(let fields) = self { fields[name] } else { nil }
  }

  private var kind: String {
    switch self {
    case .object: "object"
    case .array: "array"
    case .text: "string"
    case .number: "integer"
    case .truth: "boolean"
    }
  }

  /// What in a value is not as this schema says; a field that it does not know is one, too.
  func offences(in value: JSONPart, root: JSONPart, at place: String) -> [String] {
    if case .text(let path)? = self["$ref"] {
      let name = path.split(separator: "/").last.map(String.init) ?? ""
      return root["$defs"]?[name]?.offences(in: value, root: root, at: place) ?? ["no \(path)"]
    }
    if case .text(let type)? = self["type"], type != value.kind {
      return ["\(place) is no \(type)"]
    }
    if case .array(let allowed)? = self["enum"], !allowed.contains(value) {
      return ["\(place) is \(value)"]
    }
    switch value {
    case .object(let fields): return offences(inFields: fields, root: root, at: place)
    case .array(let values):
      return values.enumerated().flatMap { index, value in
        self["items"]?.offences(in: value, root: root, at: "\(place)[\(index)]") ?? []
      }
    case .text, .number, .truth: return []
    }
  }

  private func offences(
    inFields fields: [String: JSONPart], root: JSONPart, at place: String
  ) -> [String] {
    var found: [String] = []
    if case .array(let names)? = self["required"] {
      for case .text(let name) in names where fields[name] == nil {
        found.append("\(place).\(name) is missing")
      }
    }
    for (name, value) in fields {
      guard let schema = self["properties"]?[name] else {
        found.append("\(place).\(name) is unknown")
        continue
      }
      found += schema.offences(in: value, root: root, at: "\(place).\(name)")
    }
    return found
  }
}
