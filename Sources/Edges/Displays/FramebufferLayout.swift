internal import CFramebuffer
internal import Pixels

/// How a framebuffer's memory is laid out: RGB565 or 32 bits a pixel, rows possibly padded.
struct FramebufferLayout: Equatable, Sendable {
  var width: Int
  var height: Int
  /// Bytes from one row to the next.
  var bytesPerRow: Int
  /// Where the visible part begins.
  var firstByte: Int
  var format: Format

  /// The bits of one pixel.
  enum Format: Equatable, Sendable {
    case rgb565
    /// Eight bits a channel in a little-endian word of 32 bits, at these bits.
    case channels(red: UInt32, green: UInt32, blue: UInt32)

    var bytesPerPixel: Int { self == .rgb565 ? 2 : 4 }
  }

  /// A plain file of RGB565 rows without padding.
  init(plainWidth width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    (bytesPerRow, firstByte, format) = (width * 2, 0, .rgb565)
  }

  /// A graphics card's buffer of 32 bits a pixel, xRGB in a little-endian word (`XR24`).
  init(cardWidth width: Int, height: Int, bytesPerRow: Int) {
    (self.width, self.height, self.bytesPerRow) = (width, height, bytesPerRow)
    (firstByte, format) = (0, .channels(red: 16, green: 8, blue: 0))
  }

  /// What the device says; nil when it is neither RGB565 nor 8 bits a channel in 32.
  init?(_ said: vend_framebuffer) {
    let channels = (said.red_length, said.green_length, said.blue_length)
    let offsets = (said.red_offset, said.green_offset, said.blue_offset)
    switch said.bits_per_pixel {
    case 16 where channels == (5, 6, 5) && offsets == (11, 5, 0):
      format = .rgb565
    case 32 where channels == (8, 8, 8) && max(offsets.0, offsets.1, offsets.2) <= 24:
      format = .channels(red: offsets.0, green: offsets.1, blue: offsets.2)
    default:
      return nil
    }
    (width, height) = (Int(said.width), Int(said.height))
    bytesPerRow = Int(said.bytes_per_row)
    firstByte = Int(said.y_offset) * bytesPerRow + Int(said.x_offset) * format.bytesPerPixel
    guard bytesPerRow >= width * format.bytesPerPixel else { return nil }
  }

  /// Where a pixel's bytes begin.
  func offset(x: Int, y: Int) -> Int { firstByte + y * bytesPerRow + x * format.bytesPerPixel }

  /// The bytes of a part of one row.
  func bytes(of frame: Frame, row: Int, columns: Range<Int>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(columns.count * format.bytesPerPixel)
    for column in columns {
      let colour = frame[column, row]
      switch format {
      case .rgb565:
        bytes.append(UInt8(truncatingIfNeeded: colour.rgb565))
        bytes.append(UInt8(truncatingIfNeeded: colour.rgb565 >> 8))
      case .channels(let red, let green, let blue):
        let (r, g, b) = colour.rgb888
        let word = UInt32(r) << red | UInt32(g) << green | UInt32(b) << blue
        for shift: UInt32 in [0, 8, 16, 24] {
          bytes.append(UInt8(truncatingIfNeeded: word >> shift))
        }
      }
    }
    return bytes
  }
}
