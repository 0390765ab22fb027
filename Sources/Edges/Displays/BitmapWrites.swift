internal import Pixels

/// The messages of one rectangle of pixels, made one at a time while they are sent: all pixels of a
/// large panel as bytes would be most of a megabyte.
public struct BitmapWrites: Sequence, IteratorProtocol, Sendable {
  private let frame: Frame
  private let area: Rectangle
  private let chunkPixels: Int
  private let gapAfter: Duration
  private let order: ByteOrder
  private var header: [UInt8]?
  private var sent = 0

  /// Which byte of a pixel goes first.
  enum ByteOrder: Hashable, Sendable {
    case littleEndian
    case bigEndian
  }

  /// Sends `header`, then the area's pixels in pieces of `chunkBytes`.
  init(
    header: [UInt8], frame: Frame, area: Rectangle, chunkBytes: Int, gapAfter: Duration = .zero,
    order: ByteOrder = .littleEndian
  ) {
    precondition(
      !area.isEmpty && area.intersection(frame.bounds) == area, "an area inside the frame")
    (self.header, self.frame, self.area) = (header, frame, area)
    (self.chunkPixels, self.gapAfter) = (Swift.max(1, chunkBytes / 2), gapAfter)
    self.order = order
  }

  /// The next message; nil after the last pixel.
  public mutating func next() -> Write? {
    if let header {
      self.header = nil
      return Write(header)
    }
    guard sent < area.area else { return nil }
    let count = Swift.min(chunkPixels, area.area - sent)
    let bytes = pixelBytes(sent..<(sent + count))
    sent += count
    return Write(bytes, gapAfter: sent == area.area ? gapAfter : .zero)
  }

  private func pixelBytes(_ range: Range<Int>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count * 2)
    let pixels = frame.pixels.span
    var (row, column) = range.lowerBound.quotientAndRemainder(dividingBy: area.width)
    for _ in range {
      let stored = pixels[(area.y + row) * frame.width + area.x + column]
      let pixel = order == .littleEndian ? stored : stored.byteSwapped
      bytes.append(UInt8(truncatingIfNeeded: pixel))
      bytes.append(UInt8(truncatingIfNeeded: pixel >> 8))
      column += 1
      if column == area.width { (row, column) = (row + 1, 0) }
    }
    return bytes
  }
}

/// A picture's worth of one byte in pieces, mostly zeros, and what brings the panel into step then.
public struct FlushWrites: Sequence, IteratorProtocol, Sendable {
  private var bytesLeft: Int
  private let chunk: [UInt8]
  private let gapAfter: Duration
  private var after: [Write]

  init(
    byteCount: Int, byte: UInt8 = 0, chunkBytes: Int, gapAfter: Duration, after: [Write]
  ) {
    bytesLeft = byteCount
    chunk = Array(repeating: byte, count: Swift.max(1, chunkBytes))
    (self.gapAfter, self.after) = (gapAfter, after)
  }

  /// The next message; nil after the last one.
  public mutating func next() -> Write? {
    guard bytesLeft > 0 else { return after.isEmpty ? nil : after.removeFirst() }
    let count = Swift.min(bytesLeft, chunk.count)
    bytesLeft -= count
    return Write(Array(chunk.prefix(count)), gapAfter: bytesLeft == 0 ? gapAfter : .zero)
  }
}
