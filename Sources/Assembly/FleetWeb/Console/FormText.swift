/// Texts as URLs and forms carry them.
enum FormText {
  /// The most fields that are read.
  static let fieldsMax = 64

  /// Reads `application/x-www-form-urlencoded`; the first of two fields of one name counts.
  static func fields(_ text: String) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in text.split(separator: "&", maxSplits: fieldsMax) where fields.count < fieldsMax {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = parts.first.flatMap({ decoded(String($0), isForm: true) }),
        let value = decoded(parts.count == 2 ? String(parts[1]) : "", isForm: true),
        fields[name] == nil
      else { continue }
      fields[name] = value
    }
    return fields
  }

  /// Undoes percent signs; nil when that gives no text.
  static func decoded(_ text: String, isForm: Bool = false) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    bytes.reserveCapacity(rest.count)
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
        else { return nil }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where isForm: bytes.append(0x20)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Writes a text for a path or a query.
  static func encoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if isPlain(byte) {
        bytes.append(byte)
      } else {
        bytes.append(UInt8(ascii: "%"))
        bytes += hexadecimal[Int(byte >> 4)...Int(byte >> 4)]
        bytes += hexadecimal[Int(byte & 15)...Int(byte & 15)]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A query of fields, without those that are empty; with its question mark, or nothing.
  static func query(_ fields: [(String, String)]) -> String {
    let pairs = fields.filter { !$0.1.isEmpty }.map { "\(encoded($0.0))=\(encoded($0.1))" }
    return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
  }

  private static let hexadecimal = Array("0123456789ABCDEF".utf8)

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) }
  }
}
