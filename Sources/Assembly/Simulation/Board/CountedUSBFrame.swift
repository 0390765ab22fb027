internal import Synchronization
internal import Timing
internal import USB

/// A USB frame of the AX206 class that shows nothing: it answers as one does, and counts what it is
/// sent.
final class CountedUSBFrame: BulkPipe {
  private struct State {
    var bytes = 0
    /// Pixels that are still to come, in bytes.
    var missing = 0
    var answers: [[UInt8]] = []
  }

  /// Every sender's, which a status repeats.
  private static let tag: [UInt8] = [0xDE, 0xAD, 0xBE, 0xEF]

  private let state = Mutex(State())
  private let size: [UInt8]

  /// Makes one of that size.
  init(width: Int, height: Int) {
    size = [width, height].flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] } + [0xFF]
  }

  /// Bytes that came so far.
  var count: Int { state.withLock { $0.bytes } }

  func write(_ bytes: [UInt8], deadline: Instant) throws(BulkError) {
    state.withLock { state in
      state.bytes += bytes.count
      if state.missing > 0 {
        state.missing -= bytes.count
      } else if bytes.count == 31 {
        let length = Int(bytes[8]) | Int(bytes[9]) << 8 | Int(bytes[10]) << 16
        if bytes[20] == 0x02 { state.answers.append(size) }
        if bytes[21] == 0x12 { state.missing = length }
      }
      // The status comes after the data.
      if state.missing <= 0 {
        state.answers.append(Array("USBS".utf8) + Self.tag + [0, 0, 0, 0, 0])
      }
    }
  }

  func read(upTo count: Int, deadline: Instant) throws(BulkError) -> [UInt8] {
    let answer = state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() }
    guard let answer else { throw .timeout }
    return answer
  }

  func clearHalts() throws(BulkError) {}
  func reset() throws(BulkError) {}
  func close() {}
}
