public import Pixels

/// The language of WeAct Studio's Display FS V1, 3.5" 320x480.
///
/// Source: facts on displays, section 3, after the vendor's own program. A frame is an opcode, its
/// arguments and 0x0A; its length hangs on the opcode alone, since 0x0A may occur inside.
public struct WeActFSV1Codec: RasterCodec {
  private let answerLimit: Duration

  /// Makes a codec; `answerLimit` is the time after which a panel counts as silent.
  public init(answerLimit: Duration = .seconds(1)) { self.answerLimit = answerLimit }

  /// It answers a question once it has taken all pixels before it.
  ///
  /// Nobody reports its speed; that of the other full-speed panel is taken.
  public func capabilities(width: Int, height: Int) -> DisplayCapabilities {
    DisplayCapabilities(
      width: width, height: height, takesParts: true, acknowledgement: .onQuestion,
      brightnessSteps: 255, bytesPerSecond: 164_000)
  }

  /// Ten bytes of header, and the gap of a USB frame or two that a further transfer costs.
  public var rectangleOverheadPixels: Int { 64 }

  /// Asks for the firmware's version, as the vendor's program does first.
  public var identification: Write {
    Write([Opcode.version | Opcode.read, Opcode.end], expects: .init(within: answerLimit))
  }

  /// Asks who it is; answered in words of the vendor's choice.
  public var whoAmI: Write {
    Write([Opcode.whoAmI | Opcode.read, Opcode.end], expects: .init(within: answerLimit))
  }

  /// Looks for the answer to either question among sensor reports, which come unasked and of which
  /// the first may have lost its head.
  public func answer(in received: [UInt8]) -> PanelAnswer {
    var rest = received[...]
    var strangeBytes = 0
    while let opcode = rest.first {
      switch opcode {
      case Opcode.version | Opcode.read where Self.isVersion(rest.prefix(Self.versionLength)):
        return .panel(size: nil)
      case Opcode.whoAmI | Opcode.read where Self.isName(rest.prefix(Self.nameLimit)):
        return .panel(size: nil)
      case Opcode.sensorReport | Opcode.read where Self.isReport(rest.prefix(Self.reportLength)):
        rest = rest.dropFirst(Self.reportLength)
      default:
        // It may also be an answer's beginning; then these few bytes are forgiven until it is
        // whole.
        strangeBytes += 1
        rest = rest.dropFirst()
      }
    }
    return strangeBytes > Self.nameLimit ? .stranger : .incomplete
  }

  /// Every panel of this kind answers.
  public func mayBeSilent(width: Int, height: Int, orientation: PanelOrientation) -> Bool {
    false
  }

  /// One byte; the panel knows its size.
  public func orientation(_ orientation: PanelOrientation, width: Int, height: Int) -> Write {
    Write([Opcode.orientation, orientation.rawValue, Opcode.end])
  }

  /// 0 to 255, faded over a second as the vendor's program does.
  public func brightness(percent: Int) -> Write {
    let level = UInt8(clamping: max(0, min(100, percent)) * 255 / 100)
    return Write([Opcode.brightness, level] + littleEndian(Self.fadeMilliseconds) + [Opcode.end])
  }

  /// Nothing: the brightness is all.
  public var wakeUp: [Write] { [] }

  /// The inclusive corners, then two panel rows of pixels at a time.
  public func bitmap(_ area: Rectangle, of frame: Frame) -> BitmapWrites {
    BitmapWrites(
      header: [Opcode.bitmap] + corners(area) + [Opcode.end], frame: frame, area: area,
      chunkBytes: frame.width * 4, gapAfter: .zero)
  }

  /// A firmware newer than V1.0.0.0 does.
  public func unpacks(_ received: [UInt8]) -> Bool {
    guard let version = version(in: received) else { return false }
    return [1, 0, 0, 0].lexicographicallyPrecedes(version)
  }

  /// As `bitmap`, each piece as a block of FastLZ behind its lengths, plain and packed.
  public func packedBitmap(_ area: Rectangle, of frame: Frame) -> [Write]? {
    let plain = bitmap(area, of: frame)
    var writes = [Write([Opcode.packedBitmap] + corners(area) + [Opcode.end])]
    var left = area.area * 2
    for piece in plain.dropFirst() {
      let block = FastLZ.compress(piece.bytes)
      let head = littleEndian(piece.bytes.count) + littleEndian(block.count)
      left -= head.count + block.count
      guard left > 0 else { return nil }
      writes.append(Write(head + block))
    }
    return writes
  }

  /// Ones, which no command begins with.
  ///
  /// Wherever the panel stands in a piece, they are taken for the rest of it, and then for pieces
  /// of 257 bytes, packed and plain. The question before them may have been taken for the length of
  /// a piece: that is one of at most 65,535 bytes more.
  public func packedResynchronisation(width: Int, height: Int) -> FlushWrites? {
    let pieces = width * height * 2 / 257 + 8
    return FlushWrites(
      byteCount: pieces * 261 + 65_536, byte: 1, chunkBytes: width * 4, gapAfter: .zero,
      after: [Write([Opcode.end])])
  }

  /// Twelve bytes in place of all the pixels.
  public func fill(_ area: Rectangle, _ colour: Colour) -> Write? {
    Write([Opcode.fill] + corners(area) + littleEndian(Int(colour.rgb565)) + [Opcode.end])
  }

  /// Nothing: twelve bytes fill it with any colour.
  public func clearing(
    _ orientation: PanelOrientation, width: Int, height: Int
  ) -> (writes: [Write], colour: Colour)? { nil }

  /// Zeros; then a byte that ends whatever frame they were taken for.
  public func resynchronisation(
    byteCount: Int, width: Int, height: Int, orientation: PanelOrientation
  ) -> FlushWrites {
    FlushWrites(
      byteCount: byteCount, chunkBytes: width * 4, gapAfter: .zero,
      after: [Write([Opcode.end])])
  }

  private enum Opcode {
    static let end: UInt8 = 0x0A
    static let read: UInt8 = 0x80
    static let whoAmI: UInt8 = 0x01
    static let orientation: UInt8 = 0x02
    static let brightness: UInt8 = 0x03
    static let fill: UInt8 = 0x04
    static let bitmap: UInt8 = 0x05
    static let packedBitmap: UInt8 = 0x15
    static let sensorReport: UInt8 = 0x06
    static let version: UInt8 = 0x42
  }

  private static let fadeMilliseconds = 1000
  private static let versionLength = 19
  private static let reportLength = 6
  private static let nameLimit = 64

  private static func isPrintable(_ byte: UInt8) -> Bool { (0x20...0x7E).contains(byte) }

  /// The opcode, eight characters such as `V1.0.0.0`, bytes of no known meaning, the end.
  private static func isVersion(_ frame: ArraySlice<UInt8>) -> Bool {
    let text = frame.dropFirst().prefix(8)
    return frame.count == versionLength && frame.last == Opcode.end
      && text.first.map(isPrintable) == true && text.allSatisfy { isPrintable($0) || $0 == 0 }
  }

  /// The numbers of a version such as `V1.0.0.0`; nil when none is in the answer.
  private func version(in received: [UInt8]) -> [Int]? {
    for start in received.indices where received[start] == Opcode.version | Opcode.read {
      let frame = received[start...].prefix(Self.versionLength)
      guard Self.isVersion(frame) else { continue }
      let text = String(decoding: frame.dropFirst().prefix(8).prefix { $0 != 0 }, as: UTF8.self)
      let numbers = text.dropFirst().split(separator: ".").compactMap { Int($0) }
      return text.hasPrefix("V") && numbers.count == 4 ? numbers : nil
    }
    return nil
  }

  /// The opcode, some characters, the end; more than the rest of a report could be taken for.
  private static func isName(_ frame: ArraySlice<UInt8>) -> Bool {
    guard let end = frame.firstIndex(of: Opcode.end) else { return false }
    let text = frame[..<end].dropFirst()
    return text.count >= reportLength - 2 && text.allSatisfy(isPrintable)
  }

  /// The opcode, temperature and humidity with two bytes each, the end.
  private static func isReport(_ frame: ArraySlice<UInt8>) -> Bool {
    frame.count == reportLength && frame.last == Opcode.end
  }

  private func corners(_ area: Rectangle) -> [UInt8] {
    [area.x, area.y, area.right - 1, area.bottom - 1].flatMap(littleEndian)
  }

  private func littleEndian(_ value: Int) -> [UInt8] {
    precondition((0...0xFFFF).contains(value), "sixteen bits")
    return [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)]
  }
}
