import FoundationEssentials
import Glibc
import Pixels
import Platform
import Testing

/// The frame buffer and the graphics card of `Tests/Panels/screens.py`.
final class MockedScreens: Sendable {
  /// What the devices have seen.
  struct State: Decodable {
    /// Whether the card shows the driver's buffer, or what it showed before.
    var shows: Bool
    var restored: Bool
    var flushes: Int
    var faults: [String]
    /// Whether the frame buffer was lit.
    var lights: Bool
  }

  let width: Int
  let height: Int
  let folder: String
  private let root: String
  private let model: LineProgram

  init(width: Int = 480, height: Int = 320, pad: Int = 0, depth: Int = 16) throws {
    (self.width, self.height) = (width, height)
    folder = "/tmp/vend-screen-\(RandomBits.text(count: 8))"
    try #require(mkdir(folder, 0o700) == 0)
    let script = "\(Files.directory(of: #filePath))/../Panels/screens.py"
    model = try LineProgram([
      MockedAX206.python, script, "--size", "\(width)x\(height)", "--pad", "\(pad)",
      "--depth", "\(depth)",
    ])
    root = String(try model.line().dropFirst("root ".count))
  }

  deinit {
    model.end()
    for name in ["screen.raw", "shown.raw", "board.toml"] { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }

  func tell(_ line: String) throws {
    let answer = try model.ask(line)
    try #require(answer == "ok", "\(line): \(answer)")
  }

  func state() throws -> State {
    try JSONDecoder().decode(State.self, from: Data(try model.ask("state").utf8))
  }

  /// What `fb` or `card` shows.
  func picture(_ which: String) throws -> Frame {
    let file = "\(folder)/screen.raw"
    try tell("picture \(which) \(file)")
    return try RawPicture.read(file, width: width, height: height)
  }

  /// Starts a program that drives one as the board file says.
  func driver(_ driver: String, _ orientation: String) throws -> LineProgram {
    let isWide = orientation.hasSuffix("landscape")
    let (long, short) = (max(width, height), min(width, height))
    let file = "\(folder)/board.toml"
    try PaintedBoard.write(
      [
        "driver = \"\(driver)\"",
        "port = \"/dev/\(driver == "drm" ? "dri/card0" : "fb0")\"",
        "orientation = \"\(orientation)\"", "width = \(isWide ? long : short)",
        "height = \(isWide ? short : long)",
      ], to: file)
    let program = try LineProgram(
      [Programs.paint, file],
      environment: ["LD_PRELOAD": "libumockdev-preload.so.0", "UMOCKDEV_DIR": root])
    #expect(try program.line() == "ready")
    return program
  }

  /// Lets a driver show a picture; how it went.
  func show(_ frame: Frame, by driver: LineProgram) throws -> String {
    let file = "\(folder)/shown.raw"
    try RawPicture.write(frame, to: file)
    return try driver.ask("frame \(file)")
  }
}

/// The simulated board's file with another display.
enum PaintedBoard {
  static func write(_ lines: [String], to file: String) throws {
    let template = try Files.readText(Programs.boardFile)
    let old = try #require(template.firstMatch(of: /\[display\]\n(?s:.*?)(?=\[\[relays)/))
    var text = template.replacing("${VEND_SIM_SOCKET}", with: "\(file).socket")
    text.replace(
      String(old.output), with: "[display]\n" + lines.joined(separator: "\n") + "\n\n")
    try Files.replace(file, with: Array(text.utf8), permissions: 0o644, durable: false)
  }
}
