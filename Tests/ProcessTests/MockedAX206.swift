import FoundationEssentials
import Glibc
import Pixels
import Platform
import Simulation
import Testing

/// The AX206 of `Tests/Panels/ax206.py`: a device on a mocked USB, for programs with the real
/// libusb.
final class MockedAX206: Sendable {
  /// What the device has seen.
  struct State: Decodable {
    var brightness: Int?
    var received: Int
    var pictures: Int
    var resets: Int
    var halts: Int
    var violations: [String]
    var commands: Int
    var plugged: Bool
  }

  /// Whether a USB can be mocked; `board/setup` installs what it takes.
  static let isHere = [
    python, "/usr/lib/python3/dist-packages/gi/__init__.py", "/usr/bin/umockdev-run",
  ].allSatisfy(Files.exists)

  /// Debian's own, to which the bindings of its package belong.
  static let python = "/usr/bin/python3"

  let width: Int
  let height: Int
  /// A folder for pictures and files of one test.
  let folder: String
  /// The root of the mocked `/sys` and `/dev`.
  let root: String
  private let model: LineProgram

  init(width: Int = 480, height: Int = 320) throws {
    (self.width, self.height) = (width, height)
    folder = "/tmp/vend-panel-\(RandomBits.text(count: 8))"
    try #require(mkdir(folder, 0o700) == 0)
    let script = "\(Files.directory(of: #filePath))/../Panels/ax206.py"
    model = try LineProgram([Self.python, script, "--size", "\(width)x\(height)"])
    root = String(try model.line().dropFirst("root ".count))
  }

  deinit {
    model.end()
    let files = [
      "memory.raw", "shown.raw", "board.toml", "picture.png", "lcd4linux.conf", "lcd4linux.pid",
    ]
    for name in files {
      unlink("\(folder)/\(name)")
    }
    rmdir(folder)
  }

  /// What makes a program meet the device.
  var environment: [String: String] {
    ["LD_PRELOAD": "libumockdev-preload.so.0", "UMOCKDEV_DIR": root]
  }

  /// Tells the device something.
  func tell(_ line: String) throws {
    let answer = try model.ask(line)
    try #require(answer == "ok", "\(line): \(answer)")
  }

  func state() throws -> State {
    try JSONDecoder().decode(State.self, from: Data(try model.ask("state").utf8))
  }

  /// What its memory shows.
  func picture() throws -> Frame {
    let file = "\(folder)/memory.raw"
    try tell("picture \(file)")
    return try RawPicture.read(file, width: width, height: height)
  }

  // MARK: The driver

  /// Starts a program that drives it as the board file says.
  func driver(_ lines: [String], wrapper: [String] = []) throws -> LineProgram {
    let file = "\(folder)/board.toml"
    try PaintedBoard.write(["driver = \"ax206\""] + lines, to: file)
    let driver = try LineProgram(wrapper + [Programs.paint, file], environment: environment)
    #expect(try driver.line() == "ready")
    return driver
  }

  /// The usual lines of a board file, for a panel that hangs that way.
  func lines(
    _ orientation: String = "landscape", port: String = "usb:1908:0102", partial: Bool = false
  ) -> [String] {
    let isWide = orientation.hasSuffix("landscape")
    let (long, short) = (max(width, height), min(width, height))
    return [
      "port = \"\(port)\"", "orientation = \"\(orientation)\"", "partial = \(partial)",
      "width = \(isWide ? long : short)", "height = \(isWide ? short : long)",
    ]
  }

  /// Lets a driver show a picture; how it went.
  func show(_ frame: Frame, by driver: LineProgram) throws -> String {
    let file = "\(folder)/shown.raw"
    try RawPicture.write(frame, to: file)
    return try driver.ask("frame \(file)")
  }
}

/// A picture as a file of two bytes a pixel, little-endian, row by row.
enum RawPicture {
  static func write(_ frame: Frame, to file: String) throws {
    let bytes = frame.pixels.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    try Files.replace(file, with: bytes, permissions: 0o644, durable: false)
  }

  static func read(_ file: String, width: Int, height: Int) throws -> Frame {
    let bytes = try Files.read(file, limit: 8 << 20)
    try #require(bytes.count == width * height * 2)
    var frame = Frame(width: width, height: height)
    for index in 0..<(width * height) {
      let pixel = UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8
      frame[index % width, index / width] = Colour(rgb565: pixel)
    }
    return frame
  }
}
