internal import CLinux
internal import Glibc
internal import Platform
internal import Timing

/// The other end of the control socket: asks, waits, and never longer than it was told to.
public struct ControlClient: Sendable {
  /// The socket's path, as the machine file gives it.
  public var path: String
  /// The longest line of an answer.
  public var answerBytes = 4 << 20

  /// A client of the daemon at `path`; nothing is connected yet.
  public init(path: String) { self.path = path }

  /// Asks once and blocks until the answer or the deadline.
  ///
  /// `progress` gets the lines of a test as they come. A refusal is thrown as `.refused`.
  public func ask(
    _ request: ControlRequest, within limit: Duration = .seconds(5),
    progress: (String) -> Void = { _ in }
  ) throws(ControlError) -> ControlReply {
    let deadline = Clock.now() + limit
    let socket = try connect(until: deadline)
    guard let line = ControlCodec.line(request) else { throw .badAnswer("the request") }
    try send(line, to: socket, until: deadline)
    var received: [UInt8] = []
    while true {
      let reply = try nextReply(from: socket, &received, until: deadline)
      switch reply {
      case .progress(let words): progress(words)
      case .refused(let words): throw .refused(words)
      case .status, .faults, .orders, .order, .done, .parts: return reply
      }
    }
  }

  private func connect(until deadline: Instant) throws(ControlError) -> Descriptor {
    while true {
      let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
      let number = unsafe vend_unix_connect(path, type)
      if number >= 0 { return Descriptor(adopting: number) }
      let error = SystemError("connect", path, code: -number)
      switch error.code {
      case ENOENT, ECONNREFUSED, ENOTDIR: throw .notRunning("\(error)")
      case EACCES, EPERM: throw .notPermitted("\(error)")
      // The daemon's backlog is full: it hangs, or it is very busy.
      case EAGAIN where Clock.now() < deadline: _ = poll(nil, 0, 20)
      case EAGAIN: throw .timeout("\(error)")
      default: throw .notRunning("\(error)")
      }
    }
  }

  private func send(
    _ line: [UInt8], to socket: Descriptor, until deadline: Instant
  ) throws(ControlError) {
    var rest = line[...]
    while !rest.isEmpty {
      guard let count = ControlCodec.send(rest, to: socket) else {
        // A daemon that refuses clients says why before it closes: read that.
        return
      }
      rest = rest.dropFirst(count)
      if count == 0 { try wait(for: Int16(POLLOUT), socket, until: deadline) }
    }
  }

  private func nextReply(
    from socket: Descriptor, _ received: inout [UInt8], until deadline: Instant
  ) throws(ControlError) -> ControlReply {
    while true {
      if let feed = received.firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(received[..<feed])
        received.removeFirst(feed + 1)
        guard let reply = ControlCodec.reply(line) else {
          throw .badAnswer("a line of \(line.count) bytes")
        }
        return reply
      }
      guard received.count <= answerBytes else { throw .badAnswer("a line without an end") }
      try wait(for: Int16(POLLIN), socket, until: deadline)
      do throws(SystemError) {
        guard let bytes = try socket.read(upTo: 64 << 10) else { continue }
        if bytes.isEmpty { throw SystemError("read", path, code: ECONNRESET) }
        received += bytes
      } catch {
        throw .badAnswer("it hung up before the answer (\(error.words))")
      }
    }
  }

  private func wait(
    for events: Int16, _ socket: Descriptor, until deadline: Instant
  ) throws(ControlError) {
    var entry = pollfd(fd: socket.number, events: events, revents: 0)
    while true {
      let left = (deadline - Clock.now()).wholeMilliseconds
      guard left > 0 else { throw .timeout(path) }
      if unsafe poll(&entry, 1, Int32(clamping: left)) > 0 { return }
    }
  }
}
