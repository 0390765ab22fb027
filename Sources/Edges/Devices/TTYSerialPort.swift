internal import CLinux
internal import Glibc
internal import Platform
public import Timing

/// A serial line of this computer: raw, 8 data bits, no parity, one stop bit, no flow control.
///
/// A USB CDC-ACM panel is one too; its baud rate means nothing to it.
public final class TTYSerialPort: SerialPort {
  private let pipe: DeadlinePipe

  /// How long an opening waits for a closing of before; with a device that is well it is over then.
  private static let closingPauses = 20
  private static let closingPauseMilliseconds: Int32 = 10

  /// Opens the port for us alone.
  public init(path: String, baud: Int) throws(SerialError) {
    for _ in 0..<Self.closingPauses where PortClosings.ofThisProcess.isClosing(path) {
      _ = poll(nil, 0, Self.closingPauseMilliseconds)
    }
    guard !PortClosings.ofThisProcess.isClosing(path) else {
      throw .notThere("\(path): the kernel is still closing it, since its device takes no bytes")
    }
    let number = unsafe open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    guard number >= 0 else { throw Self.failure(errno, path) }
    let descriptor = Descriptor(adopting: number)
    guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
      throw errno == EWOULDBLOCK
        ? .refused("\(path): another process has it open") : Self.failure(errno, path)
    }
    let result = vend_tty_raw(number, Int32(clamping: baud))
    switch -result {
    case 0: break
    case EINVAL: throw .refused("\(path): \(baud) baud is not possible")
    case ENOTTY: throw .refused("\(path): not a serial port")
    default: throw Self.failure(-result, path)
    }
    // Neither is essential: a pseudo-terminal has no modem lines, and some drivers know no
    // TIOCEXCL.
    _ = vend_tty_exclusive(number)
    _ = vend_tty_assert_modem_lines(number)
    tcflush(number, TCIOFLUSH)
    pipe = DeadlinePipe(adopting: descriptor, kind: .terminal, name: path)
  }

  public func write(_ bytes: [UInt8], deadline: Instant) throws(SerialError) {
    try pipe.write(bytes, deadline: deadline)
  }

  public func read(upTo count: Int, deadline: Instant) throws(SerialError) -> [UInt8] {
    try pipe.read(upTo: count, deadline: deadline)
  }

  public func discardInput() throws(SerialError) { try pipe.drain() }

  public func close() { pipe.close() }

  deinit { pipe.close() }

  private static func failure(_ code: Int32, _ path: String) -> SerialError {
    let words = "\(path): \(SystemError("open", code: code).words)"
    switch code {
    case ENOENT, ENXIO, ENODEV, EIO, ENOTDIR: return .notThere(words)
    default: return .refused(words)
    }
  }
}
