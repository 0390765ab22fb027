public import Pixels

/// A Turing Smart Screen of revision A or a UsbPCMonitor.
///
/// Six bytes a command, the opcode last; nothing is acknowledged but HELLO, and not by every unit.
/// A bitmap swallows exactly as many bytes as its rectangle has pixels times two, whatever they
/// are: a host that sends fewer has its next commands shown as pixels.
public struct EmulatedTuringAPanel: EmulatedPanel {
  public private(set) var paints = 0
  public private(set) var nonsense = 0
  private var memory: PanelMemory
  private let size: (width: Int, height: Int)
  private let answersHello: Bool
  private var command: [UInt8] = []
  private var darkness = 0
  private var isOn = true

  /// Makes a panel of that size in portrait; the 3.5 inch one sold as Turing never says hello.
  public init(width: Int = 320, height: Int = 480, answersHello: Bool = true) {
    (size, self.answersHello) = ((width, height), answersHello)
    memory = PanelMemory(width: width, height: height)
  }

  public var picture: Frame? { isOn ? memory.frame : nil }
  public var brightnessPercent: Int { ((255 - darkness) * 100 + 127) / 255 }

  public mutating func losePower() {
    self = EmulatedTuringAPanel(
      width: size.width, height: size.height, answersHello: answersHello)
  }

  public mutating func take(_ bytes: [UInt8]) -> PanelReaction {
    var reaction = PanelReaction()
    var rest = bytes[...]
    while !rest.isEmpty {
      if memory.missing > 0 {
        rest = rest.dropFirst(memory.take(rest))
        if memory.missing == 0 { didPaint(&reaction) }
        continue
      }
      command.append(rest.removeFirst())
      let isOrientation = command.count >= 6 && command[5] == 0x79
      guard command.count == (isOrientation ? 16 : 6) else { continue }
      run(command, &reaction)
      command = []
    }
    return reaction
  }

  private mutating func didPaint(_ reaction: inout PanelReaction) {
    paints += 1
    reaction.didPaint = true
  }

  private mutating func run(_ command: [UInt8], _ reaction: inout PanelReaction) {
    let c = command.map(Int.init)
    let x = c[0] << 2 | c[1] >> 6
    switch command[5] {
    case 0x45: reaction.answer += answersHello ? Array(repeating: sizeCode, count: 6) : []
    case 0x65: reaction.restarts = true
    case 0x66, 0x67:
      memory.fill(memory.frame.bounds, command[5] == 0x66 ? .white : .black)
      didPaint(&reaction)
    case 0x6C: isOn = false
    case 0x6D: isOn = true
    case 0x6E: darkness = min(x, 255)
    case 0x79: memory.turn(landscape: command[6] >= 102)
    case 0xC5:
      let y = (c[1] & 63) << 4 | c[2] >> 4
      let endX = (c[2] & 15) << 6 | c[3] >> 2
      let endY = (c[3] & 3) << 8 | c[4]
      memory.open(Rectangle(x: x, y: y, width: endX - x + 1, height: endY - y + 1))
    default: nonsense += 6
    }
  }

  private var sizeCode: UInt8 {
    switch (size.width, size.height) {
    case (480, 800): 2
    case (600, 1024): 3
    default: 1
    }
  }
}
