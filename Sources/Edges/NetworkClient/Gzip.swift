internal import CZlib

/// Unpacks gzip files (RFC 1952), as bills come.
public enum Gzip {
  /// The two bytes that every gzip file begins with.
  public static let mark: [UInt8] = [0x1F, 0x8B]

  /// The unpacked bytes; nil when they are no whole gzip file, or more than `limit` bytes.
  ///
  /// The output is bounded while it grows: some kilobytes of gzip can hold gigabytes.
  public static func unpack(_ packed: [UInt8], limit: Int) -> [UInt8]? {
    guard packed.count < 1 << 30, limit >= 0 else { return nil }
    // zlib holds on to the address.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    defer { unsafe stream.deallocate() }
    // 15 bits of window as everybody uses; 16 more say that it is gzip, not zlib or raw.
    let begun = unsafe inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard begun == Z_OK else { return nil }
    defer { unsafe inflateEnd(stream) }
    var input = packed
    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    return unsafe input.withUnsafeMutableBufferPointer { bytes in
      unsafe stream.pointee.next_in = bytes.baseAddress
      unsafe stream.pointee.avail_in = UInt32(bytes.count)
      while true {
        let (code, count) = unsafe step(stream, &piece)
        guard code == Z_OK || code == Z_STREAM_END, output.count + count <= limit else {
          return nil
        }
        output += piece.prefix(count)
        guard code == Z_STREAM_END else {
          // No progress is a file that was cut.
          if count == 0, unsafe stream.pointee.avail_in == 0 { return nil }
          continue
        }
        if unsafe stream.pointee.avail_in == 0 { return output }
        // A gzip file may have several members, one after the other.
        guard unsafe inflateReset(stream) == Z_OK else { return nil }
      }
    }
  }

  private static func step(
    _ stream: UnsafeMutablePointer<z_stream>, _ piece: inout [UInt8]
  ) -> (code: Int32, count: Int) {
    unsafe piece.withUnsafeMutableBufferPointer { room in
      unsafe stream.pointee.next_out = room.baseAddress
      unsafe stream.pointee.avail_out = UInt32(room.count)
      let code = unsafe inflate(stream, Z_NO_FLUSH)
      return unsafe (code, room.count - Int(stream.pointee.avail_out))
    }
  }
}
