/// Remote I/O: lines and serial ports of a board that is reached over a UNIX stream socket.
///
/// The board may be a simulation or a process that owns the real pins. Both ends run on one
/// computer, so both read the same monotonic clock.
///
/// ```
/// The first line says what the connection is for; the board answers `ok` or `error WHY`.
///   gpio 1 CONSUMER          lines, protocol version 1; CONSUMER names us to others
///   serial NAME              from the `ok` on, raw bytes both ways
///
/// On a gpio connection one answer comes for each request, in order:
///   out LINE 0|1 [active-low] [open-drain|open-source]    take an output     ok
///   in LINE [active-low] [pull-up|pull-down|disabled]     take an input      ok
///   set LINE 0|1             drive an output of ours                         ok
///   get LINE                 read a line of ours                             ok 0|1
///   free LINE                give a line back                                ok
/// or  error busy HOLDER | noline | notours | syntax | full
/// and at any time, for an input of ours, with CLOCK_MONOTONIC:
///   edge LINE 0|1 NANOSECONDS
///
/// LINE is NAME, or CHIP/NAME when the board file names a chip; 0 and 1 are logical levels.
/// Lines end in LF and have at most 4096 bytes of printable ASCII. A longer one ends the
/// connection. Closing the connection gives all its lines back, and outputs fall to off.
/// ```
public enum RemoteIO {
  /// The version of the gpio protocol.
  public static let version = 1
  /// The longest line, without its LF.
  public static let lineLimit = 4096
  /// The longest name of a line, a port or a consumer.
  public static let nameLimit = 128

  /// What a connection is for.
  public enum Purpose: Hashable, Sendable {
    /// Lines, for a consumer of that name.
    case gpio(consumer: String)
    /// A serial port.
    case serial(name: String)

    /// Reads the first line; nil when it is none of these, or another version.
    public init?(_ line: String) {
      let words = RemoteIO.words(line)
      switch (words.first, words.count) {
      case ("gpio", 2...3) where words[1] == String(RemoteIO.version):
        self = .gpio(consumer: words.count == 3 ? words[2] : "remote")
      case ("serial", 2):
        self = .serial(name: words[1])
      default:
        return nil
      }
    }

    /// The first line, without its end.
    public var text: String {
      switch self {
      case .gpio(let consumer): "gpio \(RemoteIO.version) \(consumer)"
      case .serial(let name): "serial \(name)"
      }
    }
  }

  /// Whether a text can stand on a line as one word.
  public static func isName(_ text: String) -> Bool {
    (1...nameLimit).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  /// A line of the board file as it is written on the wire.
  public static func address(chip: String, name: String) -> String {
    chip.isEmpty ? name : "\(chip)/\(name)"
  }

  /// The words of a line, or none when one of them is not a name.
  static func words(_ line: String) -> [String] {
    let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    return words.allSatisfy(isName) ? words : []
  }

  /// A level as it is written; nil for anything but 0 and 1.
  static func level(_ word: String) -> Bool? {
    switch word {
    case "0": false
    case "1": true
    default: nil
    }
  }
}
