/// Makes lines out of bytes that arrive in pieces, with a bound on what it keeps.
public struct LineAssembler: Sendable {
  private var rest: [UInt8] = []
  private let limit: Int

  /// The other end does not speak in lines.
  public enum Nonsense: Error, Hashable, Sendable {
    /// A line is longer than the limit.
    case tooLong
    /// A line is not printable ASCII.
    case notText
  }

  /// Begins with nothing.
  public init(limit: Int = RemoteIO.lineLimit) { self.limit = limit }

  /// Adds bytes and takes the lines that are whole now, without their LF.
  public mutating func append(_ bytes: some Sequence<UInt8>) throws(Nonsense) -> [String] {
    var lines: [String] = []
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\n"):
        lines.append(String(decoding: rest, as: UTF8.self))
        rest.removeAll(keepingCapacity: true)
      case 0x20...0x7E:
        guard rest.count < limit else { throw .tooLong }
        rest.append(byte)
      default:
        throw .notText
      }
    }
    return lines
  }
}
