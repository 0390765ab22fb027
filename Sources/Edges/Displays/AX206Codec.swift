internal import Pixels

/// The language of USB frames of the AX206 class (1908:0102), as pure functions.
///
/// Source: facts on displays, section 4, after the open firmware dpf-ax and the senders that work
/// with it. Each command is a block in the framing of USB mass storage (Bulk-Only Transport 1.0,
/// section 5), then its data, then a status. Other commands of the device reach its flash memory
/// and can ruin it: there are three here, and nothing else may be sent.
struct AX206Codec: Equatable, Sendable {
  /// The largest piece of pixels that is handed to the USB at once: whole packets of 64 bytes, so
  /// that the device sees one stream.
  static let pieceBytes = 16_384

  /// Asks for width and height; answered with `parametersLength` bytes.
  static let parameters = block(dataLength: parametersLength, [0, 0, 0, 0, 2])
  static let parametersLength = 5
  /// The last brightness of eight.
  static let brightest = 7
  /// Bytes of a status.
  static let statusLength = 13

  /// Sets the backlight; beyond 0 to 7 it is clamped.
  static func brightness(level: Int) -> [UInt8] {
    let level = max(0, min(brightest, level))
    return block(dataLength: 0, [0, 0, 0, 0, 6, 0x01] + littleEndian(1) + littleEndian(level))
  }

  /// The level for a percentage: dark only at 0.
  static func level(percent: Int) -> Int {
    let percent = max(0, min(100, percent))
    return percent == 0 ? 0 : max(1, (percent * brightest + 50) / 100)
  }

  /// The block and the pixels of `area`, big-endian, which must lie inside the frame.
  static func blit(_ area: Rectangle, of frame: Frame) -> BitmapWrites {
    let corners = [area.x, area.y, area.right - 1, area.bottom - 1].flatMap(littleEndian)
    return BitmapWrites(
      header: block(dataLength: area.area * 2, [0, 0, 0, 0, 6, 0x12] + corners), frame: frame,
      area: area, chunkBytes: pieceBytes, order: .bigEndian)
  }

  /// Width and height out of the answer to `parameters`; nil when it is none.
  ///
  /// The fifth byte is 0xFF on all that are known, and means nothing.
  static func size(in answer: [UInt8]) -> PanelSize? {
    guard answer.count == parametersLength else { return nil }
    let width = Int(answer[0]) | Int(answer[1]) << 8
    let height = Int(answer[2]) | Int(answer[3]) << 8
    guard (1...4096).contains(width), (1...4096).contains(height) else { return nil }
    return PanelSize(width: width, height: height)
  }

  /// Whether that is the status of a command that was carried out.
  ///
  /// The old firmware says 1 for it and the clones say 0; four bytes before that are garbage in the
  /// old one.
  static func isStatus(_ bytes: [UInt8]) -> Bool {
    bytes.count == statusLength && bytes.starts(with: statusSignature + tag) && bytes[12] <= 1
  }

  private static let statusSignature: [UInt8] = Array("USBS".utf8)
  /// The same in every sender that is known to work.
  private static let tag: [UInt8] = [0xDE, 0xAD, 0xBE, 0xEF]

  /// The block of a command whose bytes after the first are `arguments`.
  ///
  /// The flags are zero also for what comes in, as in the senders of the first firmware, which does
  /// not look at them.
  private static func block(dataLength: Int, _ arguments: [UInt8]) -> [UInt8] {
    precondition(arguments.count <= 15, "sixteen bytes with the first")
    let filler = [UInt8](repeating: 0, count: 15 - arguments.count)
    return Array("USBC".utf8) + tag + littleEndian(dataLength & 0xFFFF)
      + littleEndian(dataLength >> 16) + [0, 0, 16, 0xCD] + arguments + filler
  }

  private static func littleEndian(_ value: Int) -> [UInt8] {
    precondition((0...0xFFFF).contains(value), "sixteen bits")
    return [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)]
  }
}
