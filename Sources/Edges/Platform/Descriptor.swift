internal import CLinux
internal import Glibc

/// A file descriptor that is closed exactly once, when its owner lets go.
public final class Descriptor: Sendable {
  /// The number; valid as long as this object lives.
  public let number: Int32

  /// Takes over a descriptor.
  public init(adopting number: Int32) { self.number = number }

  deinit { _ = Glibc.close(number) }

  /// Makes reads and writes return at once instead of waiting.
  public func setNonBlocking(_ nonBlocking: Bool = true) {
    let flags = fcntl(number, F_GETFL)
    _ = fcntl(number, F_SETFL, nonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK)
  }

  /// Reads at most `count` bytes: nil when nothing is there yet, empty at the end.
  public func read(upTo count: Int) throws(SystemError) -> [UInt8]? {
    var failure: SystemError?
    var nothing = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      var got = -1
      repeat {
        got = unsafe Glibc.read(number, buffer.baseAddress, count)
      } while got < 0 && errno == EINTR
      filled = max(0, got)
      if got < 0 {
        if errno == EAGAIN { nothing = true } else { failure = .last("read") }
      }
    }
    if let failure { throw failure }
    return nothing ? nil : bytes
  }

  /// Writes as much as fits now and says how much that was.
  public func write(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
    var wrote = -1
    repeat {
      // A peer that has gone answers EPIPE here instead of ending the process (SIGPIPE is ignored).
      wrote = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
    } while wrote < 0 && errno == EINTR
    if wrote < 0 {
      if errno == EAGAIN { return 0 }
      throw .last("write")
    }
    return wrote
  }
}
