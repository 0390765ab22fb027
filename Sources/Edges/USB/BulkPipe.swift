public import Timing

/// The two bulk endpoints of a USB device, used by one thread at a time.
public protocol BulkPipe: AnyObject, Sendable {
  /// Sends all bytes before the deadline, as one transfer.
  func write(_ bytes: [UInt8], deadline: Instant) throws(BulkError)
  /// Receives one transfer of at most `count` bytes; it may be empty.
  func read(upTo count: Int, deadline: Instant) throws(BulkError) -> [UInt8]
  /// Lets both endpoints go on after a stall.
  func clearHalts() throws(BulkError)
  /// Resets the device as if it had been plugged in anew; it may come back as another one, and then
  /// this pipe is gone.
  func reset() throws(BulkError)
  /// Gives the device back; later calls throw `.gone`.
  func close()
}

/// Why a bulk transfer did not happen.
public enum BulkError: Error, Equatable, CustomStringConvertible {
  /// There is no such device now; it may come back.
  case notThere(String)
  /// The device is there and we may not use it; the words name the remedy.
  case refused(String)
  /// There is a device of that number, but not of that kind.
  case wrongDevice(String)
  /// The device went away while we used it.
  case gone(String)
  /// The device refused the transfer (STALL); `clearHalts` is next.
  case stalled
  /// Not all bytes went, or none came, before the deadline.
  case timeout
  /// Anything else that libusb tells.
  case failed(String)

  public var description: String {
    switch self {
    case .notThere(let words): "not there: \(words)"
    case .refused(let words): "refused: \(words)"
    case .wrongDevice(let words): "another kind of device: \(words)"
    case .gone(let words): "gone: \(words)"
    case .stalled: "stalled"
    case .timeout: "timeout"
    case .failed(let words): words
    }
  }
}
