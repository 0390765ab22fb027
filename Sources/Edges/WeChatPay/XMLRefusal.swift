/// Why bytes are not a v2 message.
///
/// Much of this is well-formed XML. It is refused because the API does not use it and attackers do:
/// the platform's own sample of 2018 gave its API key away through an external entity (facts:
/// WeChat Pay A.12).
public enum XMLRefusal: Error, Equatable, Sendable, CustomStringConvertible {
  /// More than `FlatXMLReader.byteLimit` bytes.
  case tooLarge(Int)
  /// More than `FlatXMLReader.fieldLimit` elements.
  case tooManyFields
  case notUTF8
  /// A declaration of another version or encoding.
  case declaration
  /// `<!` other than CDATA: DOCTYPE, ENTITY, a comment.
  case markup(at: Int)
  /// `<?` other than the declaration.
  case instruction(at: Int)
  /// A reference to anything but the five predefined entities and characters by number.
  case entity(at: Int)
  /// An element within an element.
  case nested(in: String)
  /// An element that is there twice.
  case duplicate(String)
  case attribute(of: String)
  /// A character that XML does not allow, in itself or by number.
  case character(in: String)
  /// Another root than expected.
  case root(String)
  /// Something after the root's end.
  case trailing(at: Int)
  /// The end came too early.
  case cut
  /// Anything else that does not fit, with the offset of the byte.
  case malformed(at: Int)

  public var description: String {
    switch self {
    case .tooLarge(let count): "\(count) bytes are too many"
    case .tooManyFields: "too many elements"
    case .notUTF8: "not UTF-8"
    case .declaration: "a declaration of another version or encoding"
    case .markup(let offset): "DOCTYPE, entity or comment at byte \(offset)"
    case .instruction(let offset): "a processing instruction at byte \(offset)"
    case .entity(let offset): "a foreign entity at byte \(offset)"
    case .nested(let name): "an element within <\(name)>"
    case .duplicate(let name): "<\(name)> twice"
    case .attribute(let name): "an attribute of <\(name)>"
    case .character(let name): "an illegal character in <\(name)>"
    case .root(let name): "the root is <\(name)>"
    case .trailing(let offset): "something follows the root at byte \(offset)"
    case .cut: "cut short"
    case .malformed(let offset): "no XML at byte \(offset)"
    }
  }
}
