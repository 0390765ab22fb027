/// Why bytes are not a message of v3.
package enum JSONRefusal: Error, Equatable, Sendable, CustomStringConvertible {
  /// More than `JSONReader.byteLimit` bytes.
  case tooLarge(Int)
  /// More values than `JSONReader.valueLimit`.
  case tooManyValues
  /// Deeper than `JSONReader.depthLimit`.
  case tooDeep
  case notUTF8
  /// A name that is there twice: two readers would see two messages.
  case duplicate(String)
  /// Something after the value's end.
  case trailing(at: Int)
  /// The end came too early.
  case cut
  /// Anything else that does not fit, with the offset of the byte.
  case malformed(at: Int)

  package var description: String {
    switch self {
    case .tooLarge(let count): "\(count) bytes are too many"
    case .tooManyValues: "too many values"
    case .tooDeep: "too deep"
    case .notUTF8: "not UTF-8"
    case .duplicate(let name): "\"\(PayerText.line(name, limit: 40))\" twice"
    case .trailing(let offset): "something follows at byte \(offset)"
    case .cut: "cut short"
    case .malformed(let offset): "no JSON at byte \(offset)"
    }
  }
}
