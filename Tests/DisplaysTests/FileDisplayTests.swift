import CZlib
import Glibc
import Imaging
import Pixels
import Platform
import Testing
import Timing

@testable import Displays

/// A directory that goes with its owner.
final class Folder {
  let path: String

  init() throws {
    var template = Array("/tmp/displays-XXXXXX".utf8CString)
    let made = mkdtemp(&template) != nil
    try #require(made)
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    for name in ["picture.png", "picture.png.new", "fb"] { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}

@Suite("PNG")
struct PNGTests {
  /// Undoes the encoding with zlib alone: the pixels, eight bits a channel.
  func decode(_ file: [UInt8]) throws -> (width: Int, height: Int, rgb: [UInt8]) {
    func word(_ at: Int) -> Int { file[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }
    try #require(file.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    var (at, data): (Int, [UInt8]) = (8, [])
    var (width, height, sawEnd) = (0, 0, false)
    while at < file.count {
      let length = word(at)
      let body = Array(file[(at + 4)..<(at + 8 + length)])
      #expect(Int(crc32(0, body, UInt32(body.count))) == word(at + 8 + length))
      switch String(decoding: body.prefix(4), as: UTF8.self) {
      case "IHDR":
        (width, height) = (word(at + 8), word(at + 12))
        #expect(Array(body.suffix(5)) == [8, 2, 0, 0, 0])
      case "IDAT": data += body.dropFirst(4)
      case "IEND": sawEnd = true
      default: Issue.record("an unknown chunk")
      }
      at += 12 + length
    }
    #expect(sawEnd)
    var rows = [UInt8](repeating: 0, count: height * (1 + width * 3))
    var count = uLong(rows.count)
    #expect(uncompress(&rows, &count, data, uLong(data.count)) == Z_OK)
    #expect(Int(count) == rows.count)
    var rgb: [UInt8] = []
    for row in 0..<height {
      let start = row * (1 + width * 3)
      #expect(rows[start] == 0)
      rgb += rows[(start + 1)..<(start + 1 + width * 3)]
    }
    return (width, height, rgb)
  }

  @Test(arguments: [Picture.colour7x5, Frame(width: 1, height: 1), Picture.full320x480])
  func everyPixelComesBack(frame: Frame) throws {
    let (width, height, rgb) = try decode(PNG.encode(frame))
    #expect((width, height) == (frame.width, frame.height))
    let wanted = frame.pixels.flatMap { pixel in
      let (red, green, blue) = Colour(rgb565: pixel).rgb888
      return [red, green, blue]
    }
    #expect(rgb == wanted)
  }
}

@Suite("Displays that are files")
struct FileDisplayTests {
  @Test func everyFrameReplacesThePicture() throws {
    let folder = try Folder()
    let path = "\(folder.path)/picture.png"
    let display = PNGDisplay(path: path, width: 7, height: 5)
    #expect(throws: DisplayError.notThere("not open")) {
      _ = try display.present(.frame(Picture.colour7x5), deadline: soon)
    }
    try display.open(deadline: soon)
    _ = try display.present(.frame(Frame(width: 7, height: 5)), deadline: soon)
    _ = try display.present(.frame(Picture.colour7x5), deadline: soon)
    #expect(try Files.read(path) == PNG.encode(Picture.colour7x5))
    #expect(!Files.exists("\(path).new"))
    try display.checkHealth(deadline: soon)
    unlink(path)
    #expect(throws: DisplayError.notThere("\(path) was taken away")) {
      try display.checkHealth(deadline: soon)
    }
  }

  @Test func missingDirectoryIsNotThere() {
    let display = PNGDisplay(path: "/nowhere/at/all.png", width: 7, height: 5)
    #expect(throws: DisplayError.notThere("no directory /nowhere/at")) {
      try display.open(deadline: soon)
    }
    let framebuffer = FramebufferDisplay(
      path: "/nowhere/fb", width: 7, height: 5, orientation: .portrait)
    #expect(throws: DisplayError.self) { try framebuffer.open(deadline: soon) }
  }

  @Test func plainFileHoldsLittleEndianRows() throws {
    let folder = try Folder()
    let display = FramebufferDisplay(
      path: "\(folder.path)/fb", width: 320, height: 480, orientation: .portrait)
    try display.open(deadline: soon)
    var doodles = Doodles(seed: 3, width: 320, height: 480)
    for _ in 0..<6 {
      let frame = doodles.next()
      _ = try display.present(.frame(frame), deadline: soon)
      let wanted = frame.pixels.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
      #expect(try Files.read("\(folder.path)/fb") == wanted)
    }
    #expect(throws: DisplayError.wrongSize("7x5 for a panel of 320x480")) {
      _ = try display.present(.frame(Picture.colour7x5), deadline: soon)
    }
  }

  @Test func deviceThatIsNoFramebufferIsAWrongDevice() {
    let display = FramebufferDisplay(
      path: "/dev/null", width: 7, height: 5, orientation: .portrait)
    #expect(throws: DisplayError.wrongDevice("/dev/null is no framebuffer")) {
      try display.open(deadline: soon)
    }
  }
}
