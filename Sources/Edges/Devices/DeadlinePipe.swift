internal import CLinux
internal import Glibc
internal import Platform
private import Synchronization
internal import Timing

/// A descriptor that is read and written with deadlines, and that can be closed under its user.
final class DeadlinePipe: Sendable {
  /// What the descriptor is: a socket must not raise SIGPIPE.
  enum Kind { case terminal, socket }

  private let state: Mutex<State>
  private let kind: Kind
  private let name: String

  private struct State {
    var descriptor: Descriptor?
    var isClosed = false
  }

  /// Takes over a descriptor; `name` is for messages.
  init(adopting descriptor: Descriptor, kind: Kind, name: String) {
    descriptor.setNonBlocking()
    state = Mutex(State(descriptor: descriptor))
    (self.kind, self.name) = (kind, name)
  }

  /// Ends every use, and lets the descriptor go; a terminal's takes as long as the kernel likes, on
  /// another thread.
  func close() {
    let isFirst = state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    guard isFirst else { return }
    switch kind {
    case .socket: letGo()
    case .terminal: PortClosings.ofThisProcess.begin(name) { [self] in letGo() }
    }
  }

  /// Outside of the lock, since the last reference's end is the close.
  private func letGo() { _ = state.withLock { $0.descriptor.take() } }

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
    let open = state.withLock { $0.isClosed ? nil : $0.descriptor }
    guard let open else { throw .gone("\(name): closed") }
    return open
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
