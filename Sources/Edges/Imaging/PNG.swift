internal import CZlib
public import Pixels

/// Portable Network Graphics (ISO/IEC 15948): the little that is needed to write a picture.
public enum PNG {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The picture as a file of true colour, eight bits a channel, without loss.
  public static func encode(_ frame: Frame) -> [UInt8] {
    let size = bigEndian(UInt32(frame.width)) + bigEndian(UInt32(frame.height))
    return signature
      + chunk("IHDR", size + [8, 2, 0, 0, 0])
      + chunk("IDAT", deflated(scanlines(of: frame)))
      + chunk("IEND", [])
  }

  /// Each row led by filter type 0, "none" (section 9).
  private static func scanlines(of frame: Frame) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(frame.height * (1 + 3 * frame.width))
    let pixels = frame.pixels.span
    for row in 0..<frame.height {
      bytes.append(0)
      for column in 0..<frame.width {
        let (red, green, blue) = Colour(rgb565: pixels[row * frame.width + column]).rgb888
        bytes.append(red)
        bytes.append(green)
        bytes.append(blue)
      }
    }
    return bytes
  }

  private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var length = compressBound(uLong(bytes.count))
    let result = unsafe [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, filled in
      let status = unsafe bytes.withUnsafeBufferPointer { source in
        unsafe compress2(
          buffer.baseAddress, &length, source.baseAddress, uLong(source.count), 3)
      }
      // Z_BUF_ERROR cannot be, given compressBound; Z_MEM_ERROR ends like any other lack of memory.
      precondition(status == Z_OK, "zlib: \(status)")
      filled = Int(length)
    }
    return result
  }

  /// Length, type, data and their check (section 5.3).
  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    let check = unsafe body.withUnsafeBufferPointer { bytes in
      unsafe crc32(0, bytes.baseAddress, uInt(bytes.count))
    }
    return bigEndian(UInt32(data.count)) + body + bigEndian(UInt32(truncatingIfNeeded: check))
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
