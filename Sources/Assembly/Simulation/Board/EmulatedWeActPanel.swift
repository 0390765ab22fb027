public import Pixels

/// A WeAct Studio Display FS V1, 3.5 inch, as its maker's own program speaks to it.
///
/// Commands have a fixed length by their first byte and end in 0x0A, which may also occur inside.
/// Rectangles are inclusive, numbers little-endian, pixels RGB565 little-endian.
public struct EmulatedWeActPanel: EmulatedPanel {
  public private(set) var paints = 0
  public private(set) var nonsense = 0
  private var memory: PanelMemory
  private let size: (width: Int, height: Int)
  private let version: String
  private var command: [UInt8] = []
  /// The piece of packed pixels that is on its way; nil when pixels come as they are.
  private var piece: [UInt8]?
  private var orientation: UInt8 = 0
  private var level: UInt8 = 255
  private var unconnectedOrientation: UInt8 = 0
  private var unconnectedLevel: UInt8 = 128

  /// Makes a panel of that size in portrait, with a firmware version of 8 characters.
  public init(width: Int = 320, height: Int = 480, version: String = "V1.0.0.0") {
    (size, self.version) = ((width, height), version)
    memory = PanelMemory(width: width, height: height)
  }

  public var picture: Frame? { level == 0 ? nil : memory.frame }
  public var brightnessPercent: Int { (Int(level) * 100 + 127) / 255 }

  public mutating func losePower() {
    self = EmulatedWeActPanel(width: size.width, height: size.height, version: version)
  }

  public mutating func take(_ bytes: [UInt8]) -> PanelReaction {
    var reaction = PanelReaction()
    var rest = bytes[...]
    while !rest.isEmpty {
      if memory.missing > 0, piece != nil {
        takePacked(rest.removeFirst(), &reaction)
        continue
      }
      if memory.missing > 0 {
        rest = rest.dropFirst(memory.take(rest))
        if memory.missing == 0 { didPaint(&reaction) }
        continue
      }
      command.append(rest.removeFirst())
      guard let length = Self.length(of: command[0]) else {
        nonsense += 1
        command = []
        continue
      }
      guard command.count == length else { continue }
      if command[length - 1] == 0x0A { run(command, &reaction) } else { nonsense += length }
      command = []
    }
    return reaction
  }

  /// A piece is two lengths, plain and packed, and a block of FastLZ.
  private mutating func takePacked(_ byte: UInt8, _ reaction: inout PanelReaction) {
    piece?.append(byte)
    guard let piece, piece.count >= 4 else { return }
    let plain = Int(piece[0]) | Int(piece[1]) << 8
    let packed = Int(piece[2]) | Int(piece[3]) << 8
    guard piece.count == 4 + packed else { return }
    var pixels = Self.unpack(piece[4...])
    if pixels.count != plain {
      nonsense += piece.count
      pixels = Array(repeating: 0, count: plain)
    }
    _ = memory.take(pixels[...])
    self.piece = memory.missing > 0 ? [] : nil
    if memory.missing == 0 { didPaint(&reaction) }
  }

  /// A block of FastLZ, level 1, as its format is described; what is broken ends it.
  private static func unpack(_ block: ArraySlice<UInt8>) -> [UInt8] {
    var (output, rest) = ([UInt8](), block)
    while let opcode = rest.popFirst() {
      let kind = Int(opcode >> 5)
      if kind == 0 {
        output += rest.prefix(Int(opcode) + 1)
        rest = rest.dropFirst(Int(opcode) + 1)
        continue
      }
      let more = kind == 7 ? Int(rest.popFirst() ?? 0) : 0
      let distance = Int(opcode & 31) * 256 + Int(rest.popFirst() ?? 0) + 1
      guard distance <= output.count else { return output }
      for _ in 0..<(kind + 2 + more) { output.append(output[output.count - distance]) }
    }
    return output
  }

  private mutating func didPaint(_ reaction: inout PanelReaction) {
    paints += 1
    reaction.didPaint = true
  }

  private static func length(of opcode: UInt8) -> Int? {
    switch opcode {
    case 0x02, 0x10, 0x11: 3
    case 0x03: 5
    case 0x04: 12
    case 0x05, 0x15: 10
    case 0x06: 4
    case 0x07, 0x40, 0x81, 0x82, 0x83, 0x90, 0x91, 0xC2, 0xC3: 2
    default: nil
    }
  }

  private mutating func run(_ command: [UInt8], _ reaction: inout PanelReaction) {
    switch command[0] {
    case 0x02: turn(command[1])
    case 0x03: level = command[1]
    case 0x04:
      memory.fill(
        Self.window(command), Colour(rgb565: UInt16(command[9]) | UInt16(command[10]) << 8))
      didPaint(&reaction)
    case 0x05: memory.open(Self.window(command))
    case 0x15:
      memory.open(Self.window(command))
      piece = []
    case 0x10: unconnectedLevel = command[1]
    case 0x11: unconnectedOrientation = command[1]
    case 0x40: reaction.restarts = true
    case 0x81: reaction.answer += [0x81] + Array("WeActStudio_Display_FS_V1".utf8) + [0x0A]
    case 0x82: reaction.answer += [0x82, orientation, 0x0A]
    case 0x83: reaction.answer += [0x83, level, 0x0A]
    case 0x90: reaction.answer += [0x90, unconnectedLevel, 0x0A]
    case 0x91: reaction.answer += [0x91, unconnectedOrientation, 0x0A]
    case 0xC2:
      let text = Array(version.utf8.prefix(8))
      let filler = [UInt8](repeating: 0, count: 17 - text.count)
      reaction.answer += [0xC2] + text + filler + [0x0A]
    case 0xC3: reaction.answer += [0xC3] + Array("AB00000001".utf8) + [0x0A]
    default: break  // 0x06 (sensor period) and 0x07 (leave PC mode) show nothing.
    }
  }

  /// 0 and 1 are portrait, 2 and 3 landscape, 4 whatever it is.
  private mutating func turn(_ orientation: UInt8) {
    self.orientation = orientation
    if orientation < 4 { memory.turn(landscape: orientation >= 2) }
  }

  private static func window(_ command: [UInt8]) -> Rectangle {
    func number(_ index: Int) -> Int { Int(command[index]) | Int(command[index + 1]) << 8 }
    let (x, y) = (number(1), number(3))
    return Rectangle(x: x, y: y, width: number(5) - x + 1, height: number(7) - y + 1)
  }
}
