internal import CLinux
internal import Devices
internal import Glibc
internal import Platform

/// One client of an emulated board: first its purpose, then requests for lines or a display's
/// bytes.
///
/// Whatever comes is bounded: lines by the protocol, answers by a queue that a client has to read.
final class BoardConnection {
  /// Who decides what a connection may do.
  protocol Host: AnyObject {
    func welcome(_ client: BoardConnection, _ purpose: RemoteIO.Purpose) -> RemoteIO.Answer
    func answer(_ client: BoardConnection, _ request: RemoteIO.Request) -> RemoteIO.Answer
    func displayBytesWait(_ client: BoardConnection)
    func ended(_ client: BoardConnection)
  }

  /// The name that others are told when they want our lines.
  private(set) var consumer = ""
  private(set) var purpose: RemoteIO.Purpose?
  let descriptor: Descriptor
  private static let outboxLimit = 65_536
  /// A client that talks without a pause leaves turns for the others.
  private static let readsPerTurn = 16
  private let loop: EventLoop
  private weak var host: (any Host)?
  private var assembler = LineAssembler()
  private var outbox: [UInt8] = []
  private var isOpen = true
  private var isPaused = false
  private var isWatchedForWriting = false

  init(loop: EventLoop, descriptor: Descriptor, host: any Host) throws(SystemError) {
    (self.loop, self.descriptor, self.host) = (loop, descriptor, host)
    try watch()
  }

  /// Ends the connection and tells the host, once.
  func close() {
    guard isOpen else { return }
    isOpen = false
    loop.unwatch(descriptor.number)
    _ = shutdown(descriptor.number, Int32(SHUT_RDWR))
    host?.ended(self)
  }

  /// Ends the connection when the client has gone, even while bytes of it wait to be read.
  func closeIfHungUp() {
    var entry = pollfd(fd: descriptor.number, events: 0, revents: 0)
    if isOpen, poll(&entry, 1, 0) > 0, entry.revents & Int16(POLLHUP | POLLERR) != 0 { close() }
  }

  /// Sends an answer or an edge.
  func send(_ answer: RemoteIO.Answer) { send(Array("\(answer.text)\n".utf8)) }

  /// Sends bytes; a client that does not read them is dropped.
  func send(_ bytes: [UInt8]) {
    guard isOpen else { return }
    outbox += bytes
    guard outbox.count <= Self.outboxLimit else { return close() }
    flush()
  }

  /// Reads a display's bytes: nil when none wait, and closes at the end.
  func takeBytes(upTo count: Int) -> [UInt8]? {
    guard isOpen else { return nil }
    guard let bytes = try? descriptor.read(upTo: count) else { return nil }
    guard !bytes.isEmpty else {
      close()
      return nil
    }
    return bytes
  }

  /// Stops or goes on listening to the client; a display takes no more than its cable carries.
  func pause(_ isPaused: Bool) {
    guard isOpen, isPaused != self.isPaused else { return }
    self.isPaused = isPaused
    if isPaused { loop.unwatch(descriptor.number) } else { rewatch() }
  }

  private func watch() throws(SystemError) {
    isWatchedForWriting = !outbox.isEmpty
    let interest: EventLoop.Readiness = outbox.isEmpty ? .readable : [.readable, .writable]
    try loop.watch(descriptor.number, for: interest) { [weak self] ready in
      self?.ready(ready)
    }
  }

  private func rewatch() {
    do throws(SystemError) { try watch() } catch { close() }
  }

  private func ready(_ readiness: EventLoop.Readiness) {
    if readiness.contains(.writable) { flush() }
    guard isOpen else { return }
    if !readiness.isDisjoint(with: [.readable, .hungUp]) { receive() }
  }

  private func flush() {
    while !outbox.isEmpty {
      let sent = outbox.withUnsafeBytes { vend_send(descriptor.number, $0.baseAddress, $0.count) }
      if sent == -Int(EAGAIN) || sent == -Int(EINTR) { break }
      guard sent > 0 else { return close() }
      outbox.removeFirst(sent)
    }
    if !isPaused, isWatchedForWriting == outbox.isEmpty { rewatch() }
  }

  /// Whether the bytes behind the first line are a display's.
  private var isOfDisplay: Bool {
    switch purpose {
    case .serial, .frame: true
    case .gpio, nil: false
    }
  }

  private func receive() {
    if isOfDisplay {
      host?.displayBytesWait(self)
      return
    }
    do {
      for _ in 0..<Self.readsPerTurn {
        guard isOpen, let bytes = try descriptor.read(upTo: 4096) else { return }
        guard !bytes.isEmpty else { return close() }
        for line in try assembler.append(bytes) where isOpen { handle(line) }
        // From here on the bytes are the display's, and wait for it.
        if isOfDisplay { return }
      }
    } catch {
      // A failed read, or bytes that are no lines: either way there is nobody to talk to.
      if isOpen, error is LineAssembler.Nonsense { send(.refused(.syntax)) }
      close()
    }
  }

  private func handle(_ line: String) {
    if purpose != nil {
      // Who did not wait for the `ok` is not understood; lines are for gpio connections alone.
      guard !isOfDisplay, let request = RemoteIO.Request(line) else {
        send(.refused(.syntax))
        if isOfDisplay { close() }
        return
      }
      if let answer = host?.answer(self, request) { send(answer) }
      return
    }
    guard let purpose = RemoteIO.Purpose(line) else {
      send(.refused(.syntax))
      return close()
    }
    if case .gpio(let name) = purpose { consumer = name }
    self.purpose = purpose
    guard let host else { return close() }
    let answer = host.welcome(self, purpose)
    send(answer)
    if answer != .done {
      self.purpose = nil
      close()
    }
  }
}
