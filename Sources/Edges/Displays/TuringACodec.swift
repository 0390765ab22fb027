public import Pixels

/// The language of Turing Smart Screen rev A ("UsbMonitor" 3.5") and UsbPCMonitor 3.5", 5" and 7".
///
/// Source: facts on displays, section 1. A command is four fields of ten bits and an opcode;
/// nothing but HELLO is ever answered. The firmware takes each USB transfer for a message: one
/// `write` for a command, never a command behind pixels, and a pause after the last pixel.
public struct TuringACodec: RasterCodec {
  /// Silence after the last pixel: with less, the next command is lost (#7, #34 of the reference).
  public static let gapAfterPixels: Duration = .milliseconds(20)

  private let answerLimit: Duration

  /// Makes a codec; `answerLimit` is the time after which a panel counts as silent.
  public init(answerLimit: Duration = .seconds(1)) { self.answerLimit = answerLimit }

  /// It never says whether a picture arrived; 164 kB/s were measured on a 3.5".
  public func capabilities(width: Int, height: Int) -> DisplayCapabilities {
    DisplayCapabilities(
      width: width, height: height, takesParts: true, acknowledgement: .none,
      brightnessSteps: 255, bytesPerSecond: 164_000)
  }

  /// A pause of 20 ms at the 164 kB/s that were measured.
  public var rectangleOverheadPixels: Int { 1640 }

  /// HELLO, the only command that is answered.
  public var identification: Write {
    Write(Array(repeating: Opcode.hello.rawValue, count: 6), expects: .init(within: answerLimit))
  }

  /// Six equal bytes name the size.
  public func answer(in received: [UInt8]) -> PanelAnswer {
    guard let first = received.first else { return .incomplete }
    guard received.count <= 6, received.allSatisfy({ $0 == first }) else { return .stranger }
    let size: PanelSize
    switch first {
    case 1: size = PanelSize(width: 320, height: 480)
    case 2: size = PanelSize(width: 480, height: 800)
    case 3: size = PanelSize(width: 600, height: 1024)
    default: return .stranger
    }
    return received.count == 6 ? .panel(size: size) : .incomplete
  }

  /// The Turing 3.5" knows no HELLO; the others do.
  public func mayBeSilent(width: Int, height: Int, orientation: PanelOrientation) -> Bool {
    orientation.isLandscape ? (width, height) == (480, 320) : (width, height) == (320, 480)
  }

  /// All 16 bytes: newer units ignore the eleven that some senders send.
  public func orientation(_ orientation: PanelOrientation, width: Int, height: Int) -> Write {
    var bytes = command(.orientation)
    bytes.append(orientation.rawValue + 100)
    for value in [UInt16(clamping: width), UInt16(clamping: height)] {
      bytes += [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
    }
    return Write(bytes + Array(repeating: 0, count: 5))
  }

  /// The backlight, 0 being brightest on the wire.
  ///
  /// The panel gets hot above 50 per cent.
  public func brightness(percent: Int) -> Write {
    let percent = max(0, min(100, percent))
    return Write(command(.brightness, x: (25_500 - 255 * percent) / 100))
  }

  /// Turns the picture on.
  public var wakeUp: [Write] { [Write(command(.screenOn))] }

  /// Turns the picture off; its content stays.
  public var screenOff: Write { Write(command(.screenOff)) }

  /// How long the panel may need to paint itself; it counts bytes meanwhile, but nobody says so.
  private static let clearTime: Duration = .milliseconds(50)

  /// White, which it obeys in portrait only; then back to its orientation.
  public func clearing(
    _ orientation: PanelOrientation, width: Int, height: Int
  ) -> (writes: [Write], colour: Colour)? {
    let upright = self.orientation(
      .portrait, width: min(width, height), height: max(width, height))
    let writes = [
      upright, Write(command(.clear), gapAfter: Self.clearTime),
      self.orientation(orientation, width: width, height: height),
    ]
    return (writes, .white)
  }

  /// The inclusive corners, then four panel rows of pixels at a time.
  public func bitmap(_ area: Rectangle, of frame: Frame) -> BitmapWrites {
    let header = command(
      .bitmap, x: area.x, y: area.y, endX: area.right - 1, endY: area.bottom - 1)
    return BitmapWrites(
      header: header, frame: frame, area: area, chunkBytes: frame.width * 8,
      gapAfter: Self.gapAfterPixels)
  }

  /// The panel has no such command.
  public func fill(_ area: Rectangle, _ colour: Colour) -> Write? { nil }

  /// Zeros, then the orientation twice: a firmware that counts bytes and was left with some of the
  /// zeros swallows the first one, and is in step after the second.
  public func resynchronisation(
    byteCount: Int, width: Int, height: Int, orientation: PanelOrientation
  ) -> FlushWrites {
    let turn = self.orientation(orientation, width: width, height: height)
    return FlushWrites(
      byteCount: byteCount, chunkBytes: width * 8, gapAfter: Self.gapAfterPixels,
      after: [turn, turn])
  }

  private enum Opcode: UInt8 {
    case hello = 0x45
    case clear = 0x66
    case screenOff = 0x6C
    case screenOn = 0x6D
    case brightness = 0x6E
    case orientation = 0x79
    case bitmap = 0xC5
  }

  /// Four fields of ten bits, most significant bit first, and the opcode.
  private func command(
    _ opcode: Opcode, x: Int = 0, y: Int = 0, endX: Int = 0, endY: Int = 0
  ) -> [UInt8] {
    precondition([x, y, endX, endY].allSatisfy { (0..<1024).contains($0) }, "ten bits each")
    let packed = UInt64(x) << 30 | UInt64(y) << 20 | UInt64(endX) << 10 | UInt64(endY)
    let fields = [32, 24, 16, 8, 0].map { UInt8(truncatingIfNeeded: packed >> UInt64($0)) }
    return fields + [opcode.rawValue]
  }
}
