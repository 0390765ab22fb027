public import Pixels
internal import Rendering

/// A DWIN DGUS II panel with the project that `board/panels.md` asks for.
///
/// After the facts on displays, section 6a: variables by address, questions that are always
/// answered, acknowledgements and checksums by its set-up, a code that is never smaller than
/// version 7, and some time of being busy after a page is turned.
public struct EmulatedDGUSIIPanel: EmulatedPanel {
  public private(set) var paints = 0
  public private(set) var nonsense = 0
  public private(set) var brightnessPercent = 100
  private let face: PageFace
  private let project: EmulatedProject
  private let hasCRC: Bool
  private var frame: Frame
  /// Bytes by twice the address of their word.
  private var memory: [Int: UInt8] = [:]
  private var page = 0
  /// Questions that are still answered with "busy".
  private var busyAnswers = 0
  private var input: [UInt8] = []

  private static let version = 0x000F
  private static let pageNumber = 0x0014
  private static let busy = 0x0015
  private static let brightness = 0x0082
  private static let turn = 0x0084
  private static let code = 0x5000
  /// Where the fields of a page are, in the order in which they stand.
  private static let fields = [0x000, 0x100, 0x180, 0x080, 0x200, 0x280]
  private static let fieldBytes = 256
  private static let codeBytes = 460

  /// Makes a panel that has just got power.
  public init(_ face: PageFace, _ project: EmulatedProject, hasCRC: Bool) {
    (self.face, self.project, self.hasCRC) = (face, project, hasCRC)
    frame = face.frame(.black)
  }

  public var picture: Frame? { brightnessPercent == 0 ? nil : frame }

  public mutating func losePower() {
    self = EmulatedDGUSIIPanel(face, project, hasCRC: hasCRC)
  }

  public mutating func take(_ bytes: [UInt8]) -> PanelReaction {
    var reaction = PanelReaction()
    input += bytes
    while let frame = nextFrame() { run(frame, &reaction) }
    return reaction
  }

  /// A finger on the panel: a frame that nobody asked for.
  public func touch(_ address: Int) -> [UInt8] { sealed([0x83] + Self.word(address) + [1, 0, 1]) }

  // MARK: Frames

  private mutating func nextFrame() -> [UInt8]? {
    while !input.isEmpty {
      guard input[0] == 0x5A, input.count < 2 || input[1] == 0xA5 else {
        nonsense += 1
        input.removeFirst()
        continue
      }
      guard input.count >= 3, input.count >= Int(input[2]) + 3 else { return nil }
      let length = Int(input[2])
      let body = Array(input[3..<(length + 3)])
      input.removeFirst(length + 3)
      guard hasCRC else { return body }
      let command = Array(body.dropLast(2))
      if Self.checksum(command) == Array(body.suffix(2)) { return command }
      // A spoilt frame is not answered.
      nonsense += length + 3
    }
    return nil
  }

  private func sealed(_ command: [UInt8]) -> [UInt8] {
    let body = command + (hasCRC ? Self.checksum(command) : [])
    return [0x5A, 0xA5, UInt8(body.count)] + body
  }

  /// CRC-16/MODBUS, low byte first, by its table's rule for half a byte at a time.
  private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
    var crc = 0xFFFF
    for byte in bytes {
      crc ^= Int(byte)
      for _ in 0..<2 { crc = crc >> 4 ^ halves[crc & 15] }
    }
    return [UInt8(crc & 255), UInt8(crc >> 8)]
  }

  private static let halves = [
    0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401, 0xA001, 0x6C00, 0x7800,
    0xB401, 0x5000, 0x9C01, 0x8801, 0x4400,
  ]

  private static func word(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }

  // MARK: Commands

  private mutating func run(_ command: [UInt8], _ reaction: inout PanelReaction) {
    guard command.count >= 4 else { return nonsense += command.count }
    let address = Int(command[1]) << 8 | Int(command[2])
    switch command[0] {
    case 0x82:
      store(Array(command.dropFirst(3)), at: address, &reaction)
      if project.acknowledges { reaction.answer += sealed([0x82, 0x4F, 0x4B]) }
    case 0x83:
      let words = Int(command[3])
      let data = (address..<(address + words)).flatMap { read($0) }
      reaction.answer += sealed(Array(command.prefix(4)) + data)
    default: nonsense += command.count
    }
  }

  private mutating func read(_ address: Int) -> [UInt8] {
    switch address {
    case Self.version: return [0x45, 0x10]
    case Self.pageNumber: return Self.word(page)
    case Self.busy:
      busyAnswers -= busyAnswers > 0 ? 1 : 0
      return [0, busyAnswers > 0 ? 1 : 0]
    default: return [memory[address * 2] ?? 0, memory[address * 2 + 1] ?? 0]
    }
  }

  private mutating func store(
    _ data: [UInt8], at address: Int, _ reaction: inout PanelReaction
  ) {
    switch address {
    case Self.turn where data.count == 4 && data.starts(with: [0x5A, 0x01]):
      page = Int(data[3])
      busyAnswers = 3
      draw()
      didPaint(&reaction)
    case Self.brightness: brightnessPercent = Int(min(100, data.first ?? 100))
    default:
      for (index, byte) in data.enumerated() {
        let place = address * 2 + index
        // Beyond what its variable holds, the code's text is lost.
        guard address < Self.code || place - Self.code * 2 < project.codeLimit else { continue }
        memory[place] = byte
      }
      let isShown = address >> 12 == page || page == 3 && address >= Self.code
      guard isShown, page > 0 else { return }
      draw()
      didPaint(&reaction)
    }
  }

  private mutating func didPaint(_ reaction: inout PanelReaction) {
    paints += 1
    reaction.didPaint = true
  }

  // MARK: Drawing

  private mutating func draw() {
    guard (1...3).contains(page) else {
      frame = face.frame(.black)
      return
    }
    frame = face.frame(.white)
    let fields = Self.fields.filter { page == 3 || $0 != 0x200 }
    for (field, row) in zip(fields, face.rows(fields.count, besideCode: page == 3)) {
      face.write(
        text(at: page << 12 | field, limit: Self.fieldBytes), in: row, on: &frame)
    }
    guard page == 3, project.hasCode else { return }
    let text = text(at: Self.code, limit: Self.codeBytes)
    let version = text.count < 155 ? 7 : 14
    let code = text.isEmpty ? nil : try? QRCode(text, level: .low, leastVersion: version)
    face.draw(code, mostPixels: 7, on: &frame)
  }

  /// A text up to its end of two bytes FF.
  private func text(at address: Int, limit: Int) -> [UInt8] {
    var text: [UInt8] = []
    for place in (address * 2)..<(address * 2 + limit) {
      guard let byte = memory[place], byte != 0xFF, byte != 0 else { break }
      text.append(byte)
    }
    return text
  }
}
