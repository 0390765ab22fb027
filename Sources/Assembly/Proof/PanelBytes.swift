internal import Displays
internal import Pixels

/// The panel of a world with bytes: what is on its glass is what it makes of the bytes that a
/// shipped codec has written for the changes between two pictures.
///
/// The pictures are no real ones, which would take a font and most of the time: a screen's words
/// stand in their pixels, one byte in each.
struct PanelBytes {
  private static let width = 48
  private static let height = 32
  private let codec: any RasterCodec
  private let isWeAct: Bool
  /// What the driver knows to be on the panel; nil after it was dark.
  private var shown: Frame?
  /// The panel's own memory.
  private var memory = Frame(width: Self.width, height: Self.height)

  init(isWeAct: Bool) {
    self.isWeAct = isWeAct
    codec = isWeAct ? WeActFSV1Codec() : TuringACodec()
  }

  /// Nobody knows any more what is on it.
  mutating func goDark() {
    shown = nil
    memory = Frame(width: Self.width, height: Self.height)
  }

  /// Sends what has changed, and reads off the glass what it says now; nil when it is no picture of
  /// ours.
  mutating func show(_ words: String) -> String? {
    let frame = Self.picture(words)
    let areas =
      shown.map { frame.changes(from: $0, overhead: codec.rectangleOverheadPixels) }
      ?? [frame.bounds]
    for area in areas {
      var bytes: [UInt8] = []
      for write in codec.bitmap(area, of: frame) { bytes += write.bytes }
      guard take(bytes) else { return nil }
    }
    shown = frame
    return Self.words(of: memory)
  }

  private static func picture(_ words: String) -> Frame {
    var frame = Frame(width: width, height: height)
    let bytes: [UInt8] = [UInt8(words.utf8.count)] + Array(words.utf8)
    for (place, byte) in bytes.enumerated() {
      // Every other row, so that there is something between the changes.
      let (row, column) = (place / width * 2, place % width)
      frame[column, row] = Colour(rgb565: UInt16(byte) << 8 | UInt16(~byte))
    }
    return frame
  }

  private static func words(of frame: Frame) -> String? {
    func byte(_ place: Int) -> UInt8? {
      let pixel = frame[place % width, place / width * 2].rgb565
      let byte = UInt8(pixel >> 8)
      return UInt8(truncatingIfNeeded: pixel) == ~byte ? byte : nil
    }
    guard let count = byte(0) else { return nil }
    let bytes = (1..<(1 + Int(count))).compactMap(byte)
    return bytes.count == Int(count) ? String(validating: bytes, as: UTF8.self) : nil
  }

  // MARK: The panel's side, from the facts on displays alone

  /// Takes one message with its pixels; false when the panel would not understand it.
  private mutating func take(_ bytes: [UInt8]) -> Bool {
    guard let (area, pixels) = isWeAct ? Self.weAct(bytes) : Self.turingA(bytes),
      area.intersection(memory.bounds) == area, !area.isEmpty, pixels.count == area.area * 2
    else { return false }
    var place = pixels.startIndex
    for y in area.y..<area.bottom {
      for x in area.x..<area.right {
        memory[x, y] = Colour(rgb565: UInt16(pixels[place]) | UInt16(pixels[place + 1]) << 8)
        place += 2
      }
    }
    return true
  }

  /// 0x05, four corners of sixteen bits, the least byte first, 0x0A.
  private static func weAct(_ bytes: [UInt8]) -> (Rectangle, ArraySlice<UInt8>)? {
    guard bytes.count > 10, bytes[0] == 0x05, bytes[9] == 0x0A else { return nil }
    func number(_ place: Int) -> Int { Int(bytes[place]) | Int(bytes[place + 1]) << 8 }
    return (area(number(1), number(3), number(5), number(7)), bytes[10...])
  }

  /// Four corners of ten bits, the highest bit first, 0xC5.
  private static func turingA(_ bytes: [UInt8]) -> (Rectangle, ArraySlice<UInt8>)? {
    guard bytes.count > 6, bytes[5] == 0xC5 else { return nil }
    let packed = bytes[..<5].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    func number(_ shift: UInt64) -> Int { Int(packed >> shift & 0x3FF) }
    return (area(number(30), number(20), number(10), number(0)), bytes[6...])
  }

  private static func area(_ x: Int, _ y: Int, _ lastX: Int, _ lastY: Int) -> Rectangle {
    Rectangle(x: x, y: y, width: lastX - x + 1, height: lastY - y + 1)
  }
}
