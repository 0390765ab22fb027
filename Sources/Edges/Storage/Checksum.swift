internal import Timing

/// CRC-32 as in zlib and Python's `zlib.crc32` (polynomial 0xEDB88320), over fields of known size.
///
/// It finds worn flash and stray writes. It is no proof against a forger, who can compute it too.
package struct Checksum {
  private var state: UInt32 = .max

  /// The sum over all that was added.
  package var value: UInt32 { ~state }

  /// Begins with a word that keeps sums of different tables apart.
  package init(_ domain: String) { add(domain) }

  /// Adds a number as eight bytes, the least significant first.
  mutating func add(_ number: Int64) {
    for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  /// Adds a text's length and its UTF-8 bytes, so that no two lists of texts look alike.
  package mutating func add(_ text: String) {
    let bytes = text.utf8.span
    add(Int64(bytes.count))
    let table = Self.table
    var state = state
    for index in bytes.indices {
      state = table[Int(UInt8(truncatingIfNeeded: state) ^ bytes[index])] ^ (state >> 8)
    }
    self.state = state
  }

  private mutating func add(_ byte: UInt8) {
    state = Self.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ (state >> 8)
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
    }
  }
}

extension Record {
  /// The sum that chains the record to the one before it.
  func check(after previous: UInt32) -> UInt32 {
    var sum = Checksum("record")
    sum.add(Int64(previous))
    sum.add(sequence)
    sum.add(at.milliseconds)
    sum.add(subject)
    sum.add(kind)
    sum.add(body)
    return sum.value
  }
}

extension Item {
  /// The sum over all fields.
  var check: UInt32 {
    var sum = Checksum("item")
    sum.add(key)
    sum.add(isOpen ? 1 : 0)
    sum.add(updatedAt.milliseconds)
    sum.add(state)
    sum.add(body)
    return sum.value
  }
}
