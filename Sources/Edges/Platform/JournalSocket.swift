internal import CLinux
internal import Glibc

/// systemd's journal by its native protocol: fields of one's own beside the message.
///
/// One datagram an entry (systemd.io/JOURNAL_NATIVE_PROTOCOL); libsystemd is not needed.
public struct JournalSocket: Sendable {
  private let path: String

  /// The most bytes of an entry: what a datagram surely takes.
  private static let entryMax = 64 << 10

  /// The journal at its usual place.
  public init(path: String = "/run/systemd/journal/socket") { self.path = path }

  /// Writes one entry; false when the journal did not take it, and another way is needed.
  public func send(_ fields: KeyValuePairs<String, String>...) -> Bool {
    let entry = fields.flatMap(Self.encode)
    guard entry.count <= Self.entryMax else { return false }
    let number = unsafe vend_unix_connect(path, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue))
    guard number >= 0 else { return false }
    let socket = Descriptor(adopting: number)
    return (try? socket.write(entry[...])) == entry.count
  }

  /// `NAME=value` a line; a value with a line end in it has its length before it instead.
  public static func encode(_ fields: KeyValuePairs<String, String>) -> [UInt8] {
    var entry: [UInt8] = []
    for (name, value) in fields {
      let bytes = Array(value.utf8)
      entry += name.utf8
      if bytes.contains(UInt8(ascii: "\n")) {
        entry.append(UInt8(ascii: "\n"))
        // 64 bits, the least significant byte first.
        entry += stride(from: 0, to: 64, by: 8).map { UInt8(truncatingIfNeeded: bytes.count >> $0) }
      } else {
        entry.append(UInt8(ascii: "="))
      }
      entry += bytes
      entry.append(UInt8(ascii: "\n"))
    }
    return entry
  }
}
