public import Timing

/// A byte stream to a device, used by one thread at a time.
///
/// Each `write` is handed to the kernel as one piece where that is possible: some panels take every
/// USB transfer for a message of its own.
public protocol SerialPort: AnyObject, Sendable {
  /// Writes all bytes before the deadline.
  func write(_ bytes: [UInt8], deadline: Instant) throws(SerialError)
  /// Reads at least one and at most `count` bytes; empty when the deadline passes first.
  func read(upTo count: Int, deadline: Instant) throws(SerialError) -> [UInt8]
  /// Throws away what has arrived and was not read.
  func discardInput() throws(SerialError)
  /// Gives the port back; later calls throw `.gone`.
  func close()
}

/// Why a port does not work.
public enum SerialError: Error, Equatable, CustomStringConvertible {
  /// There is no such port now; it may come back.
  case notThere(String)
  /// The port is there and refuses us.
  case refused(String)
  /// The device went away while we used it.
  case gone(String)
  /// Not all bytes went out, or no answer came, before the deadline.
  case timeout(String)

  public var description: String {
    switch self {
    case .notThere(let words): "not there: \(words)"
    case .refused(let words): "refused: \(words)"
    case .gone(let words): "gone: \(words)"
    case .timeout(let words): "timeout: \(words)"
    }
  }
}
