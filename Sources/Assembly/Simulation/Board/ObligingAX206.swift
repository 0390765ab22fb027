internal import Synchronization
internal import Timing
internal import USB

/// A USB frame of the AX206 class that takes everything, says that all is well, and shows nothing:
/// for counting bytes (facts on displays, section 4).
final class ObligingAX206: BulkPipe {
  private struct State {
    var count = 0
    var pixelBytesLeft = 0
    var answers: [[UInt8]] = []
  }

  private let size: (width: Int, height: Int)
  private let state = Mutex(State())

  init(width: Int, height: Int) { size = (width, height) }

  /// Bytes that were sent to it.
  var count: Int { state.withLock(\.count) }

  func write(_ bytes: [UInt8], deadline: Instant) throws(BulkError) {
    state.withLock { state in
      state.count += bytes.count
      guard state.pixelBytesLeft == 0 else {
        state.pixelBytesLeft -= bytes.count
        if state.pixelBytesLeft <= 0 { state.answers = [Self.status] }
        return
      }
      guard bytes.count == 31 else { return }
      if bytes[20] == 0x02 {
        let (width, height) = size
        let low = { (value: Int) in UInt8(truncatingIfNeeded: value) }
        state.answers = [
          [low(width), low(width >> 8), low(height), low(height >> 8), 0xFF], Self.status,
        ]
      } else if bytes[20] == 0x06, bytes[21] == 0x12 {
        state.pixelBytesLeft = bytes[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
      } else {
        state.answers = [Self.status]
      }
    }
  }

  func read(upTo count: Int, deadline: Instant) throws(BulkError) -> [UInt8] {
    state.withLock { $0.answers.isEmpty ? [] : $0.answers.removeFirst() }
  }

  func clearHalts() throws(BulkError) {}
  func reset() throws(BulkError) {}
  func close() {}

  private static let status = Array("USBS".utf8) + [0xDE, 0xAD, 0xBE, 0xEF, 0, 0, 0, 0, 0]
}
