internal import Platform
internal import Timing

/// One client of the control socket.
///
/// ```
///  reading ──line──► answering ──reply──► reading ──end──► ended
///     └── idle, too long, not JSON, gone ──────────────────► ended
/// ```
/// While an answer is due nothing is read, so a client cannot queue up work.
final class ControlConnection {
  private let socket: Descriptor
  private unowned let server: ControlServer
  private let loop: EventLoop
  private let limits: ControlServer.Limits
  private var received: [UInt8] = []
  private var waiting: [UInt8] = []
  private var isAnswering = false
  private var isEnding = false
  private(set) var isOpen = true
  /// Who asks.
  let user: UInt32?
  private var interest: EventLoop.Readiness = []
  private var idleTimer: EventLoop.TimerToken?

  init(socket: Descriptor, server: ControlServer) {
    (self.socket, self.server) = (socket, server)
    (loop, limits) = (server.loop, server.limits)
    user = UnixSocket.user(of: socket)
  }

  /// Begins to listen to the client; false when the loop cannot take it.
  func begin() -> Bool {
    armIdle()
    return settle(force: true)
  }

  /// Drops the client.
  func end() {
    guard isOpen else { return }
    isOpen = false
    if let idleTimer { loop.cancel(idleTimer) }
    loop.unwatch(socket.number)
  }

  /// Sends one line of an answer that goes on.
  func send(_ reply: ControlReply) {
    guard isOpen, let line = ControlCodec.line(reply) else { return }
    waiting += line
    guard waiting.count <= limits.answerBytes else { return drop() }
    flush()
  }

  /// Sends the last line of an answer, and reads the next request.
  func finish(_ reply: ControlReply) {
    guard isOpen, isAnswering else { return }
    isAnswering = false
    send(bounded(reply))
    // Not at once: a client with many lines ready must not keep the loop from the keypad.
    loop.arm(at: Clock.now()) { [weak self] in self?.takeLine() }
  }

  private func bounded(_ reply: ControlReply) -> ControlReply {
    guard let line = ControlCodec.line(reply) else {
      return .refused("the answer could not be written down")
    }
    return line.count <= limits.answerBytes
      ? reply : .refused("the answer is too long; ask for less")
  }

  private func drop() {
    guard isOpen else { return }
    end()
    server.forget(socket.number)
  }

  private func ready(_ readiness: EventLoop.Readiness) {
    if readiness.contains(.writable) { flush() }
    guard isOpen, !readiness.isDisjoint(with: [.readable, .hungUp]) else { return }
    do throws(SystemError) {
      guard let bytes = try socket.read(upTo: 16 << 10) else { return }
      if bytes.isEmpty { return theEnd(hungUp: !readiness.isDisjoint(with: .hungUp)) }
      received += bytes
    } catch {
      return drop()
    }
    armIdle()
    takeLine()
  }

  /// The client sends no more: what it asked is still answered, unless it is gone altogether.
  private func theEnd(hungUp: Bool) {
    isEnding = true
    if hungUp || (!isAnswering && waiting.isEmpty) { return drop() }
    settle()
  }

  private func takeLine() {
    guard isOpen, !isAnswering else { return }
    guard let feed = received.firstIndex(of: UInt8(ascii: "\n")) else {
      if received.count >= limits.requestBytes { return refuse("a request is too long") }
      if isEnding, waiting.isEmpty { return drop() }
      settle()
      return
    }
    let line = Array(received[..<feed])
    received.removeFirst(feed + 1)
    guard line.count < limits.requestBytes else { return refuse("a request is too long") }
    guard let request = ControlCodec.request(line) else { return refuse("not a request") }
    isAnswering = true
    settle()
    server.handler(request, ControlResponder(self))
  }

  /// Says why, and lets the client go: after a bad line nothing that follows can be trusted.
  private func refuse(_ words: String) {
    isEnding = true
    received = []
    send(.refused(words))
    if isOpen, waiting.isEmpty { drop() }
  }

  private func flush() {
    guard isOpen else { return }
    while !waiting.isEmpty {
      guard let count = ControlCodec.send(waiting[...], to: socket) else { return drop() }
      if count == 0 { break }
      waiting.removeFirst(count)
      armIdle()
    }
    if waiting.isEmpty, isEnding, !isAnswering, received.isEmpty { return drop() }
    settle()
  }

  /// Watches for exactly what is needed now; a client that hangs up is always noticed.
  @discardableResult
  private func settle(force: Bool = false) -> Bool {
    guard isOpen else { return false }
    var wanted: EventLoop.Readiness = waiting.isEmpty ? [] : .writable
    if !isAnswering, !isEnding { wanted.insert(.readable) }
    guard force || wanted != interest else { return true }
    interest = wanted
    do throws(SystemError) {
      try loop.watch(socket.number, for: wanted) { [weak self] in self?.ready($0) }
      return true
    } catch {
      drop()
      return false
    }
  }

  private func armIdle() {
    if let idleTimer { loop.cancel(idleTimer) }
    idleTimer = loop.arm(after: limits.idle) { [weak self] in self?.wasIdle() }
  }

  private func wasIdle() {
    // A client that waits for us is not idle; one that does not take its answer is.
    isAnswering && waiting.isEmpty ? armIdle() : drop()
  }
}
