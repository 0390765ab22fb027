internal import Glibc
public import Platform
internal import Timing

/// The daemon's end of the control socket: one JSON object a line, answered in order.
///
/// It lives on the loop and trusts nobody: lines, clients, waiting bytes and idle time are bounded,
/// and a client that is slow, silent, gone or hostile costs the loop no more than one small step.
public final class ControlServer {
  /// What a request is given to; called on the loop, one request of a client at a time.
  public typealias Answering = (ControlRequest, ControlResponder) -> Void

  /// How much of anything there may be.
  public struct Limits: Equatable, Sendable {
    /// The longest request, its line feed included.
    public var requestBytes = 64 << 10
    /// The longest answer; a longer one is replaced by a refusal that says so.
    public var answerBytes = 4 << 20
    /// Clients at a time; a further one is refused in words.
    public var clients = 8
    /// How long a client may say nothing, or take nothing of its answer.
    public var idle = Duration.seconds(30)

    /// The defaults.
    public init() {}
  }

  let limits: Limits
  let loop: EventLoop
  let handler: Answering
  private let path: String
  private let listener: Descriptor
  private var connections: [Int32: ControlConnection] = [:]
  private var isListening = true

  /// Listens at `path` (mode 0660) and calls `handler` for every request from now on.
  ///
  /// A socket file that nobody serves is replaced; one that is served is an error (`EADDRINUSE`).
  public init(
    path: String, loop: EventLoop, limits: Limits = Limits(), handler: @escaping Answering
  ) throws(SystemError) {
    (self.path, self.loop, self.limits, self.handler) = (path, loop, limits, handler)
    listener = try UnixSocket.listen(at: path)
    try watchListener()
  }

  deinit { close() }

  /// How many clients are connected.
  public var clientCount: Int { connections.count }

  /// Drops all clients, listens no longer and removes the socket file.
  public func close() {
    guard isListening else { return }
    isListening = false
    loop.unwatch(listener.number)
    if !path.hasPrefix("@") { unsafe unlink(path) }
    for connection in connections.values { connection.end() }
    connections = [:]
  }

  func forget(_ number: Int32) { connections[number] = nil }

  private func watchListener() throws(SystemError) {
    try loop.watch(listener.number) { [weak self] _ in self?.acceptAll() }
  }

  private func acceptAll() {
    var accepted = 0
    while accepted < limits.clients, let socket = UnixSocket.accept(listener) {
      accepted += 1
      admit(socket)
    }
    // Readable and yet nobody to take: no descriptors are left. Waiting is better than spinning.
    if accepted == 0 { rest() }
  }

  private func rest() {
    loop.unwatch(listener.number)
    loop.arm(after: .seconds(1)) { [weak self] in
      guard let self, isListening else { return }
      try? watchListener()
    }
  }

  private func admit(_ socket: Descriptor) {
    guard connections.count < limits.clients else {
      let words = "\(limits.clients) clients are connected already; try again later"
      if let line = ControlCodec.line(ControlReply.refused(words)) {
        _ = ControlCodec.send(line[...], to: socket)
      }
      return
    }
    let connection = ControlConnection(socket: socket, server: self)
    if connection.begin() { connections[socket.number] = connection }
  }
}
