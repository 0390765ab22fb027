import Glibc
import Platform
import Synchronization
import Timing

@testable import Control

/// A server on a loop of its own thread, at a path of its own.
final class Desk: Sendable {
  let path: String
  private let tell: @Sendable (Message) -> Void

  private enum Message: Sendable {
    case stop
    case visit(@Sendable (ControlServer) -> Void)
  }

  var client: ControlClient { ControlClient(path: path) }

  static func freePath() -> String { "/tmp/vend-control-\(RandomBits.text(count: 12))" }

  convenience init(
    path: String = freePath(), limits: ControlServer.Limits = ControlServer.Limits(),
    handler: @escaping @Sendable (ControlRequest, ControlResponder) -> Void
  ) throws {
    let worker = Worker(name: "control")
    let box = Began()
    worker.enqueue {
      do throws(SystemError) {
        let loop = try EventLoop()
        let server = try ControlServer(
          path: path, loop: loop, limits: limits, handler: handler)
        let tell = loop.channel { (message: Message) in
          switch message {
          case .stop: loop.stop()
          case .visit(let visit): visit(server)
          }
        }
        box.value.withLock { $0 = .success(tell) }
        loop.run()
        server.close()
      } catch {
        box.value.withLock { $0 = .failure(error) }
      }
    }
    while box.value.withLock({ $0 == nil }) { usleep(200) }
    let tell = try box.value.withLock { $0 }?.get()
    self.init(path: path, tell: tell ?? { _ in })
  }

  private final class Began: Sendable {
    let value = Mutex<Result<@Sendable (Message) -> Void, SystemError>?>(nil)
  }

  private init(path: String, tell: @escaping @Sendable (Message) -> Void) {
    (self.path, self.tell) = (path, tell)
  }

  deinit { tell(.stop) }

  /// Does something on the server's thread and waits for its end.
  func onLoop(_ visit: @escaping @Sendable (ControlServer) -> Void) {
    let done = Flag()
    tell(
      .visit { server in
        visit(server)
        done.set()
      })
    while !done.isSet { usleep(200) }
  }

  /// Waits until the condition holds on the server's thread; gives up after five seconds.
  func until(_ condition: @escaping @Sendable (ControlServer) -> Bool) {
    let end = Clock.now() + .seconds(5)
    let holds = Flag()
    while !holds.isSet, Clock.now() < end {
      onLoop { if condition($0) { holds.set() } }
      usleep(500)
    }
    precondition(holds.isSet, "the condition did not come true")
  }
}

/// Something that came true.
final class Flag: Sendable {
  private let value = Mutex(false)
  var isSet: Bool { value.withLock { $0 } }
  func set() { value.withLock { $0 = true } }
}

/// Responders that are answered later; used on the server's thread only.
final class Kept: @unchecked Sendable {
  private var responders: [ControlResponder] = []
  var count: Int { responders.count }
  var isOpen: Bool { responders.contains(where: \.isOpen) }
  func keep(_ responder: ControlResponder) { responders.append(responder) }
  func progress(_ words: String) { for responder in responders { responder.progress(words) } }
  func release(on desk: Desk) { desk.onLoop { _ in self.responders = [] } }
}

/// A client that sends what it likes.
final class RawClient {
  private var socket: Descriptor?
  private var received: [UInt8] = []

  init(_ path: String) throws { socket = try UnixSocket.connect(to: path) }

  func send(_ bytes: [UInt8]) {
    guard let socket else { return }
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let count = ControlCodec.send(rest, to: socket) else { return }
      rest = rest.dropFirst(count)
      if count == 0 { usleep(500) }
    }
  }

  func stopSending() { if let socket { shutdown(socket.number, Int32(SHUT_WR)) } }

  func close() { socket = nil }

  func readLine() -> String {
    while true {
      if let feed = received.firstIndex(of: 0x0A) {
        defer { received.removeFirst(feed + 1) }
        return String(decoding: received[..<feed], as: UTF8.self)
      }
      guard let bytes = try? socket?.read(upTo: 65_536), !bytes.isEmpty else { return "" }
      received += bytes
    }
  }

  func readToEnd() -> String {
    while let bytes = try? socket?.read(upTo: 65_536), !bytes.isEmpty { received += bytes }
    return String(decoding: received, as: UTF8.self)
  }
}
