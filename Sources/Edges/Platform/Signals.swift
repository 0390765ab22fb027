internal import CLinux
internal import Glibc

/// The signals that a daemon answers, as something to read instead of an interruption.
public struct Signals {
  /// A signal that we answer.
  public enum Signal: Int32, Sendable, CaseIterable {
    /// Finish or park the sale, then end.
    case terminate = 15
    /// The same, from a terminal.
    case interrupt = 2
    /// Write the state to the log.
    case hangUp = 1
  }

  private let descriptor: Descriptor

  /// Blocks the signals for this and all later threads.
  ///
  /// Call it before any thread starts.
  public init() throws(SystemError) {
    _ = signal(SIGPIPE, SIG_IGN)
    let numbers = Signal.allCases.map(\.rawValue)
    let number = unsafe numbers.withUnsafeBufferPointer {
      unsafe vend_signalfd($0.baseAddress, Int32($0.count))
    }
    guard number >= 0 else { throw .last("signalfd") }
    descriptor = Descriptor(adopting: number)
  }

  /// Calls `handler` on the loop for each signal.
  public func watch(on loop: EventLoop, handler: @escaping (Signal) -> Void) throws(SystemError) {
    let descriptor = descriptor
    try loop.watch(descriptor.number) { _ in
      while let signal = Signal(rawValue: vend_signalfd_read(descriptor.number)) { handler(signal) }
    }
  }
}
