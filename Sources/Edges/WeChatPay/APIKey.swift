public import Platform

/// The merchant's v2 API key: 32 characters that sign everything.
///
/// It does not appear in any description, so no log can carry it.
public struct APIKey: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
  package let bytes: [UInt8]

  /// Takes a key as it is: exactly 32 of `[0-9A-Za-z]`.
  public init(_ text: String) throws(APIKeyError) { try self.init(bytes: Array(text.utf8)) }

  /// Reads a key from a file, where one line end may follow it.
  public init(file path: String) throws(APIKeyError) {
    var bytes: [UInt8]
    do throws(SystemError) {
      bytes = try Files.read(path, limit: 4096)
    } catch {
      throw .unreadable(error)
    }
    if bytes.last == 0x0A { bytes.removeLast() }
    if bytes.last == 0x0D { bytes.removeLast() }
    try self.init(bytes: bytes)
  }

  private init(bytes: [UInt8]) throws(APIKeyError) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw .byteOrderMark }
    if let index = bytes.firstIndex(where: { !Self.isAllowed($0) }) {
      throw .character(at: index, isSpace: bytes[index] <= 0x20)
    }
    guard bytes.count == 32 else { throw .length(bytes.count) }
    self.bytes = bytes
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }

  public var description: String { "(the API key)" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Why a text is not an API key; it never quotes the text.
public enum APIKeyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file cannot be read.
  case unreadable(SystemError)
  /// So many characters instead of 32.
  case length(Int)
  /// A character that is no letter or digit, counted from 0.
  case character(at: Int, isSpace: Bool)
  /// The file begins with the mark of some editors.
  case byteOrderMark

  public var description: String {
    switch self {
    case .unreadable(let error): "\(error)"
    case .length(let count): "it has \(count) characters, not 32"
    case .character(let index, let isSpace):
      "character \(index + 1) is \(isSpace ? "white space" : "no letter or digit")"
    case .byteOrderMark: "it begins with a byte order mark: save it as plain text"
    }
  }
}
