/// Remote I/O: lines, serial ports and frame buffers of a board that is reached over a UNIX stream
/// socket.
///
/// The board may be a simulation or a process that owns the real pins. Both ends run on one
/// computer, so both read the same monotonic clock.
///
/// ```
/// The first line says what the connection is for; the board answers `ok` or `error WHY`, and
/// nothing more is sent before that.
///   gpio 1 CONSUMER          lines, protocol version 1; CONSUMER names us to others
///   serial NAME              from the `ok` on, raw bytes both ways
///   frame NAME WIDTH HEIGHT  a frame buffer of that size in pixels, for one client at a time
/// or  error noline | busy | size WIDTHxHEIGHT | syntax | full
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
/// On a frame connection, too, one answer comes for each request, in order:
///   paint X Y WIDTH HEIGHT   pixels follow the LF, WIDTH * HEIGHT of them, row by row from the top
///                            left: RGB565, two bytes each, the low byte first
///                            the rectangle is shown, all of it at once       ok
///   light PERCENT            set the backlight, 0 to 100                     ok
///   alive                    nothing: is anybody there?                      ok
/// or  error syntax | size WIDTHxHEIGHT (a rectangle that is not inside), and the end of the
/// connection, since nobody can tell any more what is text and what are pixels. The picture stays
/// when a connection ends, without a rectangle that was cut off.
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
  /// The longest name of a line, a port, a frame buffer or a consumer.
  public static let nameLimit = 128
  /// The longest side of a frame buffer, in pixels.
  public static let sideLimit = 4096

  /// What a connection is for.
  public enum Purpose: Equatable, Sendable {
    /// Lines, for a consumer of that name.
    case gpio(consumer: String)
    /// A serial port.
    case serial(name: String)
    /// A frame buffer, of that many pixels.
    case frame(name: String, width: Int, height: Int)

    /// Reads the first line; nil when it is none of these, or another version.
    public init?(_ line: String) {
      let words = RemoteIO.words(line)
      switch (words.first, words.count) {
      case ("gpio", 2...3) where words[1] == String(RemoteIO.version):
        self = .gpio(consumer: words.count == 3 ? words[2] : "remote")
      case ("serial", 2):
        self = .serial(name: words[1])
      case ("frame", 4):
        guard let width = RemoteIO.number(words[2], in: 1...RemoteIO.sideLimit),
          let height = RemoteIO.number(words[3], in: 1...RemoteIO.sideLimit)
        else { return nil }
        self = .frame(name: words[1], width: width, height: height)
      default:
        return nil
      }
    }

    /// The first line, without its end.
    public var text: String {
      switch self {
      case .gpio(let consumer): "gpio \(RemoteIO.version) \(consumer)"
      case .serial(let name): "serial \(name)"
      case .frame(let name, let width, let height): "frame \(name) \(width) \(height)"
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

  /// A whole number as it is written: digits alone, without a sign or idle zeros.
  static func number(_ word: String, in range: ClosedRange<Int>) -> Int? {
    guard let number = Int(word), range.contains(number), String(number) == word else { return nil }
    return number
  }
}
