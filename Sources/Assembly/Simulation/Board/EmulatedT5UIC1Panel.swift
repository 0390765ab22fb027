public import Pixels

/// A DWIN panel with the T5UIC1 kernel: it draws what it is told, and answers its handshake alone.
///
/// After the facts on displays, section 6b, and the public firmwares that drive it.
public struct EmulatedT5UIC1Panel: EmulatedPanel {
  public private(set) var paints = 0
  public private(set) var nonsense = 0
  public private(set) var brightnessPercent = 100
  private let face: PageFace
  private var frame: Frame
  private var input: [UInt8] = []

  private static let end: [UInt8] = [0xCC, 0x33, 0xC3, 0x3C]
  /// Width and height of a Latin character by the font's number.
  private static let fonts = [
    (6, 12), (8, 16), (10, 20), (12, 24), (14, 28), (16, 32), (20, 40), (24, 48), (28, 56),
    (32, 64),
  ]
  private static let longest = 300

  /// Makes a panel that has just got power.
  public init(_ face: PageFace) {
    self.face = face
    frame = face.frame(.black)
  }

  public var picture: Frame? { brightnessPercent == 0 ? nil : frame }

  public mutating func losePower() { self = EmulatedT5UIC1Panel(face) }

  public mutating func take(_ bytes: [UInt8]) -> PanelReaction {
    var reaction = PanelReaction()
    for byte in bytes {
      input.append(byte)
      if input.first != 0xAA || input.count > Self.longest {
        nonsense += input.count
        input = []
      } else if input.count >= 6, input.suffix(4).elementsEqual(Self.end) {
        run(Array(input.dropFirst().dropLast(4)), &reaction)
        input = []
      }
    }
    return reaction
  }

  private mutating func run(_ command: [UInt8], _ reaction: inout PanelReaction) {
    func word(_ index: Int) -> Int { Int(command[index]) << 8 | Int(command[index + 1]) }
    switch (command[0], command.count) {
    case (0x00, 1): reaction.answer += [0xAA, 0x00, 0x4F, 0x4B] + Self.end
    case (0x01, 3):
      frame.fill(frame.bounds, Colour(rgb565: UInt16(word(1))))
      didPaint(&reaction)
    case (0x05, 12):
      let area = Rectangle(
        x: word(4), y: word(6), width: word(8) - word(4) + 1, height: word(10) - word(6) + 1)
      // Frames (mode 0) and exclusive or (mode 2) nobody asks for here.
      guard command[1] == 1 else { return nonsense += command.count }
      frame.fill(area.intersection(frame.bounds), Colour(rgb565: UInt16(word(2))))
      didPaint(&reaction)
    case (0x11, 10...):
      write(
        Array(command.dropFirst(10)), font: Int(command[1] & 15), x: word(6), y: word(8))
      didPaint(&reaction)
    case (0x30, 2): brightnessPercent = (Int(command[1]) * 100 + 127) / 255
    case (0x34, 4), (0x3D, 1): break
    default: nonsense += command.count
    }
  }

  /// Character by character into cells, on the background.
  private mutating func write(_ text: [UInt8], font: Int, x: Int, y: Int) {
    let (width, height) = Self.fonts[min(font, Self.fonts.count - 1)]
    var (pen, rest) = (x, text[...])
    while let byte = rest.first {
      let count = byte >= 0x81 && rest.count > 1 ? 2 : 1
      let cell = Rectangle(x: pen, y: y, width: width * count, height: height)
      face.write(Array(rest.prefix(count)), in: cell.intersection(frame.bounds), on: &frame)
      pen += width * count
      rest = rest.dropFirst(count)
    }
  }

  private mutating func didPaint(_ reaction: inout PanelReaction) {
    paints += 1
    reaction.didPaint = true
  }
}
