/// A value for a `$1` of a statement, in the text form that PostgreSQL reads.
struct PostgresValue {
  /// Nil for NULL.
  let text: String?

  static let null = PostgresValue(text: nil)

  static func integer(_ number: Int64) -> Self { Self(text: String(number)) }

  static func text(_ text: String) -> Self { Self(text: text) }

  static func optional(_ text: String?) -> Self { Self(text: text) }

  static func optional(_ number: Int64?) -> Self { Self(text: number.map { String($0) }) }

  /// An array of numbers or NULLs.
  static func integers(_ numbers: some Sequence<Int64?>) -> Self {
    Self(text: "{" + numbers.map { $0.map { String($0) } ?? "NULL" }.joined(separator: ",") + "}")
  }

  /// An array of texts or NULLs: all are quoted, so that none means anything else
  /// (postgresql.org/docs/15/arrays.html, 8.15.6).
  static func texts(_ texts: some Sequence<String?>) -> Self {
    var bytes: [UInt8] = [UInt8(ascii: "{")]
    for (index, text) in texts.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      guard let text else {
        bytes += "NULL".utf8
        continue
      }
      bytes.append(UInt8(ascii: "\""))
      for byte in text.utf8 {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
          bytes.append(UInt8(ascii: "\\"))
        }
        bytes.append(byte)
      }
      bytes.append(UInt8(ascii: "\""))
    }
    bytes.append(UInt8(ascii: "}"))
    return Self(text: String(decoding: bytes, as: UTF8.self))
  }
}

/// A statement with its values.
struct PostgresQuery {
  let sql: String
  let values: [PostgresValue]
  /// Whether the server shall prepare it and keep it for the next time.
  let isKept: Bool

  init(_ sql: String, _ values: [PostgresValue] = []) {
    (self.sql, self.values, isKept) = (sql, values, true)
  }

  /// A statement that does not come again in the same words.
  init(once sql: String, _ values: [PostgresValue] = []) {
    (self.sql, self.values, isKept) = (sql, values, false)
  }
}
