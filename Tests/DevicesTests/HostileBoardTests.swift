import CLinux
import Devices
import Glibc
import Platform
import Synchronization
import Testing
import Timing

@Suite("Remote I/O against boards that lie")
struct HostileBoardTests {
  /// Serves one connection: reads a line, says the next thing, until there is no more to say.
  final class Liar: Sendable {
    let path = "@vend-liar-\(RandomBits.text(count: 12))"
    private let worker = Worker(name: "liar")

    init(_ answers: [[UInt8]], thenHangUp: Bool = true) throws {
      let listener = try UnixSocket.listen(at: path)
      worker.enqueue {
        var entry = pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, 5000)
        guard let client = UnixSocket.accept(listener) else { return }
        for answer in answers {
          var request = pollfd(fd: client.number, events: Int16(POLLIN), revents: 0)
          poll(&request, 1, 5000)
          guard let bytes = try? client.read(upTo: 4096), !bytes.isEmpty else { return }
          _ = answer.withUnsafeBytes { vend_send(client.number, $0.baseAddress, $0.count) }
        }
        guard !thenHangUp else { return }
        // Silent until the client has had enough.
        var end = pollfd(fd: client.number, events: Int16(POLLIN), revents: 0)
        while poll(&end, 1, 5000) > 0 {
          if let bytes = try? client.read(upTo: 4096), bytes.isEmpty { return }
        }
      }
    }

    convenience init(_ answers: [String], thenHangUp: Bool = true) throws {
      try self.init(answers.map { Array($0.utf8) }, thenHangUp: thenHangUp)
    }
  }

  @Test(arguments: [
    [""], ["hello\n"], ["error syntax\n"], ["ok 1\n"], [String(repeating: "o", count: 5000)],
    ["\u{0}\n"], ["ok\nok\n", ""], ["ok\n", "nonsense\n"], ["ok\n", "ok 1\n"], ["ok\n"],
    ["ok\n", "edge IR 1 5\n"], ["ok\n", "edge IR 1 x\n"], ["edge IR 1 5\n"],
  ])
  func liesEndInDisconnection(_ answers: [String]) throws {
    let liar = try Liar(answers)
    do {
      let bank = try RemoteGPIOBank(socket: liar.path)
      _ = try bank.input(LineSettings(name: "IR"))
      Issue.record("believed \(answers)")
    } catch {
      guard case GPIOError.disconnected = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func lineSaysForEverThatTheBoardIsGone() throws {
    let liar = try Liar(["ok\n", "ok\n", "ok maybe\n"])
    let line = try RemoteGPIOBank(socket: liar.path).input(LineSettings(name: "IR"))
    for _ in 0..<3 {
      #expect(throws: GPIOError.self) { try line.get() }
      #expect(throws: GPIOError.self) { try line.takeEdges() }
    }
  }

  @Test func edgesBetweenQuestionAndAnswerAreKeptAndBounded() throws {
    let edges = (1...300).map { "edge IR \($0 % 2) \($0)\n" }.joined()
    let liar = try Liar(["ok\n", "ok\n", edges + "ok 1\n", "ok\n"])
    let loop = try EventLoop()
    let line = try RemoteGPIOBank(socket: liar.path).input(LineSettings(name: "IR"))
    var taken: [Edge] = []
    try loop.watch(line.descriptor) { _ in taken += (try? line.takeEdges()) ?? [] }
    #expect(try line.get())
    // The socket is empty by now; the line's own descriptor still says that edges wait.
    loop.turn(waiting: .seconds(2))
    #expect(taken.count == 256)
    #expect(taken.last == Edge(isActive: false, at: Instant(nanoseconds: 300)))
    loop.turn(waiting: .milliseconds(20))
    #expect(taken.count == 256)
    loop.unwatch(line.descriptor)
  }

  @Test(arguments: ["", "ok 1\n", "error noline\n", "error busy\n", "\u{1}", "edge a 1 1\n"])
  func serialPortOfALiarIsNotOpened(_ answer: String) throws {
    let liar = try Liar([answer])
    #expect(throws: SerialError.self) { try RemoteSerialPort(socket: liar.path, name: "panel") }
  }

  @Test func bytesRightBehindTheOkBelongToThePort() throws {
    let liar = try Liar([Array("ok\n".utf8) + [0x00, 0xFF, 0x0A]], thenHangUp: false)
    let port = try RemoteSerialPort(socket: liar.path, name: "panel")
    let deadline = Clock.now() + .seconds(5)
    var bytes: [UInt8] = []
    while bytes.count < 3 { bytes += try port.read(upTo: 9, deadline: deadline) }
    #expect(bytes == [0x00, 0xFF, 0x0A])
    #expect(try port.read(upTo: 9, deadline: Clock.now() + .milliseconds(20)).isEmpty)
  }

  @Test(arguments: [
    "hello\n", "ok 2\n", "\n", "\u{1}", String(repeating: "o", count: 5000), "error what\n",
  ])
  func whatIsNoAnswerIsNone(_ words: String) throws {
    let liar = try Liar([words], thenHangUp: false)
    let dialogue = try RemoteDialogue(socket: liar.path, name: "panel")
    #expect(try dialogue.ask("alive", deadline: Clock.now() + .seconds(5)) == nil)
  }

  @Test func answerWithoutAQuestionIsNotTakenForTheNextOne() throws {
    let liar = try Liar(["ok\nok\n", "error syntax\n"], thenHangUp: false)
    let dialogue = try RemoteDialogue(socket: liar.path, name: "panel")
    let deadline = Clock.now() + .seconds(5)
    #expect(try dialogue.ask("alive", deadline: deadline) == .done)
    #expect {
      try dialogue.ask("alive", deadline: deadline)
    } throws: { error in
      if case SerialError.refused = error { true } else { false }
    }
  }

  @Test func silentBoardIsATimeoutAndOneThatHangsUpIsGone() throws {
    let silent = try Liar([""], thenHangUp: false)
    let dialogue = try RemoteDialogue(socket: silent.path, name: "panel")
    let began = Clock.now()
    #expect(throws: SerialError.timeout("\(silent.path) panel: no answer")) {
      try dialogue.ask("alive", deadline: began + .milliseconds(100))
    }
    #expect(Clock.now() - began < .seconds(2))
    dialogue.close()
    for _ in 0..<2 {
      #expect(throws: SerialError.gone("\(silent.path) panel: closed")) {
        try dialogue.ask("alive", deadline: Clock.now() + .seconds(5))
      }
    }
    let ended = try Liar(["ok"])
    let other = try RemoteDialogue(socket: ended.path, name: "panel")
    #expect {
      try other.ask("alive", deadline: Clock.now() + .seconds(5))
    } throws: { error in
      if case SerialError.gone = error { true } else { false }
    }
  }
}
