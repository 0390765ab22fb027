internal import CLinux
internal import Glibc
internal import Platform
internal import Timing

/// One connection to a board, for all lines of a bank.
///
/// It asks, waits for the answer, and sorts the edges that come in between. Confined to the thread
/// that made it.
final class RemoteConnection {
  private static let answerLimit = Duration.seconds(2)
  private let socket: Descriptor
  private let pipe: DeadlinePipe
  private let path: String
  private var assembler = LineAssembler()
  private var lines: [String] = []
  private var mailboxes: [String: EdgeMailbox] = [:]
  private var failure: GPIOError?

  init(socket path: String, consumer: String) throws(GPIOError) {
    self.path = path
    do throws(SystemError) {
      socket = try UnixSocket.connect(to: path)
    } catch {
      throw .disconnected(error.description)
    }
    pipe = DeadlinePipe(adopting: socket, kind: .socket, name: path)
    let consumer = RemoteIO.isName(consumer) ? consumer : "remote"
    let purpose = RemoteIO.Purpose.gpio(consumer: consumer)
    guard case .done = try exchange(purpose.text) else {
      throw fail("does not speak remote I/O \(RemoteIO.version)")
    }
  }

  /// Asks for something that is answered by `ok`.
  func tell(_ request: RemoteIO.Request) throws(GPIOError) {
    switch try exchange(request.text) {
    case .done: return
    case .refused(let refusal): throw explain(refusal, request)
    case .level, .edge: throw fail("an answer to another question")
    }
  }

  /// Asks for a level.
  func askLevel(_ address: String) throws(GPIOError) -> Bool {
    let request = RemoteIO.Request.get(address)
    switch try exchange(request.text) {
    case .level(let level): return level
    case .refused(let refusal): throw explain(refusal, request)
    case .done, .edge: throw fail("an answer to another question")
    }
  }

  /// Makes the place where a line's edges are kept; the line is asked for afterwards.
  func makeMailbox(for address: String) throws(GPIOError) -> EdgeMailbox {
    // The board would refuse; but by then the first line's edges would have a new owner.
    guard mailboxes[address] == nil else { throw .lineBusy(line: address, holder: "ourselves") }
    do throws(SystemError) {
      let mailbox = try EdgeMailbox(socket: socket)
      mailboxes[address] = mailbox
      return mailbox
    } catch {
      throw .system(line: address, words: error.description)
    }
  }

  func discardMailbox(for address: String) { mailboxes[address] = nil }

  /// Sorts what has come, without waiting.
  func receiveWhatWaits() throws(GPIOError) {
    if let failure { throw failure }
    while try receive(until: .zero) {}
    // Nothing was asked, so nothing may have been answered.
    if !lines.isEmpty { throw fail("an answer without a question") }
  }

  private func exchange(_ request: String) throws(GPIOError) -> RemoteIO.Answer {
    try receiveWhatWaits()
    let deadline = Clock.now() + Self.answerLimit
    do throws(SerialError) {
      try pipe.write(Array("\(request)\n".utf8), deadline: deadline)
    } catch {
      throw fail(error.description)
    }
    while lines.isEmpty {
      guard try receive(until: deadline) else { throw fail("no answer to \(request)") }
    }
    guard let answer = RemoteIO.Answer(lines.removeFirst()) else { throw fail("nonsense") }
    return answer
  }

  /// Receives once; false when nothing came before the deadline.
  private func receive(until deadline: Instant) throws(GPIOError) -> Bool {
    let bytes: [UInt8]
    do throws(SerialError) {
      bytes = try pipe.read(upTo: 4096, deadline: deadline)
    } catch {
      throw fail(error.description)
    }
    if bytes.isEmpty { return false }
    do throws(LineAssembler.Nonsense) {
      for line in try assembler.append(bytes) {
        if case .edge(let address, let edge) = RemoteIO.Answer(line) {
          mailboxes[address]?.put(edge)
        } else {
          lines.append(line)
        }
      }
    } catch {
      throw fail("does not speak in lines")
    }
    return true
  }

  private func explain(_ refusal: RemoteIO.Refusal, _ request: RemoteIO.Request) -> GPIOError {
    let address =
      switch request {
      case .output(let address, _, _, _), .input(let address, _, _), .set(let address, _),
        .get(let address), .free(let address):
        address
      }
    return switch refusal {
    case .busy(let holder): .lineBusy(line: address, holder: holder)
    case .noLine: .noLine(address)
    case .notOurs, .size, .syntax, .full: .system(line: address, words: refusal.text)
    }
  }

  /// After a failure nobody knows which answer belongs to which question: it is final.
  private func fail(_ words: String) -> GPIOError {
    let failure = self.failure ?? .disconnected("\(path): \(words)")
    self.failure = failure
    // The board sees the end and switches off; every input becomes readable and says why.
    _ = shutdown(socket.number, Int32(SHUT_RDWR))
    return failure
  }
}

/// A line's edges that nobody has taken yet, and a descriptor that is readable while there are any
/// or while the connection has something for anybody.
final class EdgeMailbox {
  /// Older edges make way; whoever is so late reads the level.
  private static let capacity = 256
  /// An epoll of the socket and of `bell`: epolls can be watched by epolls (epoll(7)).
  let readiness: Descriptor
  private let bell: Descriptor
  private var edges: [Edge] = []

  init(socket: Descriptor) throws(SystemError) {
    let epoll = vend_epoll_create()
    guard epoll >= 0 else { throw .last("epoll_create1") }
    readiness = Descriptor(adopting: epoll)
    let event = vend_eventfd()
    guard event >= 0 else { throw .last("eventfd") }
    bell = Descriptor(adopting: event)
    for number in [socket.number, event] {
      guard vend_epoll_add(epoll, number, EventLoop.Readiness.readable.rawValue) == 0 else {
        throw .last("epoll_ctl")
      }
    }
  }

  func put(_ edge: Edge) {
    if edges.isEmpty { _ = try? bell.write([1, 0, 0, 0, 0, 0, 0, 0]) }
    edges.append(edge)
    if edges.count > Self.capacity { edges.removeFirst() }
  }

  func take() -> [Edge] {
    guard !edges.isEmpty else { return [] }
    _ = try? bell.read(upTo: 8)
    defer { edges = [] }
    return edges
  }
}
