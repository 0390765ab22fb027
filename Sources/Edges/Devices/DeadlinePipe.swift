internal import CLinux
internal import Glibc
internal import Platform
private import Synchronization
internal import Timing

/// A descriptor that is read and written with deadlines, and that can be closed under its user.
final class DeadlinePipe: Sendable {
  /// What the descriptor is: a socket must not raise SIGPIPE.
  enum Kind { case terminal, socket }

  private let descriptor: Mutex<Descriptor?>
  private let kind: Kind
  private let name: String

  /// Takes over a descriptor; `name` is for messages.
  init(adopting descriptor: Descriptor, kind: Kind, name: String) {
    descriptor.setNonBlocking()
    self.descriptor = Mutex(descriptor)
    (self.kind, self.name) = (kind, name)
  }

  func close() { descriptor.withLock { $0 = nil } }

  func write(_ bytes: [UInt8], deadline: Instant) throws(SerialError) {
    let descriptor = try opened()
    var rest = bytes[...]
    while !rest.isEmpty {
      let wrote = try attempt(descriptor, rest)
      rest = rest.dropFirst(wrote)
      if wrote > 0 { continue }
      guard try wait(descriptor, for: POLLOUT, until: deadline) else {
        throw .timeout("\(name): \(rest.count) of \(bytes.count) bytes not taken")
      }
    }
  }

  func read(upTo count: Int, deadline: Instant) throws(SerialError) -> [UInt8] {
    let descriptor = try opened()
    while true {
      do throws(SystemError) {
        if let bytes = try descriptor.read(upTo: count) {
          guard !bytes.isEmpty else { throw SystemError("read", name, code: ENODEV) }
          return bytes
        }
      } catch {
        throw .gone("\(name): \(error.words)")
      }
      guard try wait(descriptor, for: POLLIN, until: deadline) else { return [] }
    }
  }

  /// Reads until nothing is left, at most 1 MiB: whoever talks faster than that is not our panel.
  func drain() throws(SerialError) {
    for _ in 0..<256 where try read(upTo: 4096, deadline: .zero).isEmpty { return }
  }

  private func opened() throws(SerialError) -> Descriptor {
    guard let descriptor = descriptor.withLock({ $0 }) else { throw .gone("\(name): closed") }
    return descriptor
  }

  private func attempt(
    _ descriptor: Descriptor, _ bytes: ArraySlice<UInt8>
  ) throws(SerialError) -> Int {
    switch kind {
    case .terminal:
      do { return try descriptor.write(bytes) } catch { throw .gone("\(name): \(error.words)") }
    case .socket:
      let sent = unsafe bytes.withUnsafeBytes { buffer in
        unsafe vend_send(descriptor.number, buffer.baseAddress, buffer.count)
      }
      if sent >= 0 { return sent }
      if sent == -Int(EAGAIN) || sent == -Int(EINTR) { return 0 }
      throw .gone("\(name): \(SystemError("send", code: Int32(-sent)).words)")
    }
  }

  /// Waits for the events or a hang-up; false when the deadline has passed.
  private func wait(
    _ descriptor: Descriptor, for events: Int32, until deadline: Instant
  ) throws(SerialError) -> Bool {
    while true {
      let left = deadline - Clock.now()
      guard left > .zero else { return false }
      // Rounded up, so that the last turn does not spin.
      let milliseconds = Int32(clamping: left.wholeNanoseconds / 1_000_000 + 1)
      var entry = pollfd(fd: descriptor.number, events: Int16(events), revents: 0)
      let count = unsafe poll(&entry, 1, milliseconds)
      if count < 0, errno != EINTR { throw .gone("\(name): \(SystemError.last("poll").words)") }
      guard count > 0 else { continue }
      // What is left can still be read after the other end has gone; nothing can be written.
      if entry.revents & Int16(events) == 0 { throw .gone("\(name): hung up") }
      return true
    }
  }
}
