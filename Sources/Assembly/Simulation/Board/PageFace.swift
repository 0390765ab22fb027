internal import Glibc
public import MachineFiles
internal import Pixels
internal import Rendering

/// What a panel that draws by itself has to draw with: its pixels, its font, its places.
public struct PageFace: Sendable {
  let bounds: Rectangle
  /// Where its project puts the code, quiet zone and all.
  let square: Rectangle
  /// Whether its fonts count in GBK; else in UTF-8.
  private let isGBK: Bool
  private let lettering: Lettering?

  /// Takes what the board file says of the panel.
  public init(_ display: BoardConfiguration.Panel, _ behaviour: BoardBehaviour) {
    bounds = Rectangle(x: 0, y: 0, width: display.width, height: display.height)
    let code = display.project.code ?? .init(x: 0, y: 0, side: 0)
    square = Rectangle(x: code.x, y: code.y, width: code.side, height: code.side)
    isGBK = display.project.encoding == .gbk || display.driver == .t5uic1
    // A panel without a font still draws its code.
    lettering = try? Lettering(fontPath: behaviour.displayProject.font)
  }

  /// An empty panel.
  func frame(_ colour: Colour) -> Frame {
    Frame(width: bounds.width, height: bounds.height, filledWith: colour)
  }

  /// The places of so many fields below one another; beside the code's square where there is one.
  func rows(_ count: Int, besideCode: Bool) -> [Rectangle] {
    let area = (besideCode ? widestBesideCode : bounds).inset(by: 2)
    return (0..<count).map { index in
      let top = area.height * index / count
      return Rectangle(
        x: area.x, y: area.y + top, width: area.width,
        height: area.height * (index + 1) / count - top)
    }
  }

  private var widestBesideCode: Rectangle {
    let (width, height) = (bounds.width, bounds.height)
    let free = [
      Rectangle(x: 0, y: 0, width: width, height: square.y),
      Rectangle(x: 0, y: square.bottom, width: width, height: height - square.bottom),
      Rectangle(x: 0, y: 0, width: square.x, height: height),
      Rectangle(x: square.right, y: 0, width: width - square.right, height: height),
    ]
    return free.max { $0.area < $1.area } ?? bounds
  }

  /// Writes the bytes of a text into a place, over what was there.
  func write(_ text: [UInt8], in area: Rectangle, on frame: inout Frame) {
    frame.fill(area, .white)
    lettering?.write(
      words(text), size: min(area.height * 3 / 4, 40), in: area, on: &frame)
  }

  /// Draws a code into the middle of its square, in the largest modules of whole pixels up to a
  /// limit; white where none fits.
  func draw(_ code: QRCode?, mostPixels: Int, on frame: inout Frame) {
    frame.fill(square, .white)
    guard let code else { return }
    let pixels = min(mostPixels, square.width / code.sideWithQuietZone)
    let margin = (square.width - code.side * pixels) / 2
    for row in 0..<code.side {
      for column in 0..<code.side where code[column, row] {
        frame.fill(
          Rectangle(
            x: square.x + margin + column * pixels, y: square.y + margin + row * pixels,
            width: pixels, height: pixels), .black)
      }
    }
  }

  /// The words that these bytes are in the panel's encoding.
  func words(_ bytes: [UInt8]) -> String {
    guard isGBK, bytes.contains(where: { $0 >= 0x80 }) else {
      return String(decoding: bytes, as: UTF8.self)
    }
    guard let handle = iconv_open("UTF-8", "GBK"), Int(bitPattern: handle) != -1 else { return "" }
    defer { iconv_close(handle) }
    var input = bytes.map { CChar(bitPattern: $0) }
    var output = [CChar](repeating: 0, count: bytes.count * 3)
    var (left, room) = (input.count, output.count)
    let capacity = room
    input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        var (from, to) = (source.baseAddress, target.baseAddress)
        // What cannot be read ends the text, as the panel shows something else from there on too.
        _ = iconv(handle, &from, &left, &to, &room)
      }
    }
    return String(
      decoding: output.prefix(capacity - room).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
