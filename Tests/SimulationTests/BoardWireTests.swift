import MachineFiles
import Devices
import Glibc
import Ordering
import Platform
import Simulation
import Testing
import Timing

@Suite("Remote I/O, with clients that are not nice")
struct BoardWireTests {
  /// A client that says what it likes.
  final class RawClient {
    let socket: Descriptor
    var text = ""

    init(_ bench: BoardBench, _ first: String? = "gpio 1 raw\n") throws {
      socket = try UnixSocket.connect(to: bench.socket)
      socket.setNonBlocking()
      if let first {
        try say(first)
        #expect(try answer() == "ok")
      }
    }

    func hangUp() { _ = shutdown(socket.number, Int32(SHUT_RDWR)) }

    func say(_ text: String) throws { try say(Array(text.utf8)) }

    func say(_ bytes: [UInt8]) throws {
      var rest = bytes[...]
      while !rest.isEmpty {
        let sent = rest.withUnsafeBytes {
          send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if sent < 0, errno != EAGAIN { return }
        rest = rest.dropFirst(max(0, sent))
      }
    }

    /// The next line; nil at the end of the connection.
    func answer(limit: Duration = .seconds(5)) throws -> String? {
      let deadline = Clock.now() + limit
      while true {
        if let end = text.firstIndex(of: "\n") {
          defer { text = String(text[text.index(after: end)...]) }
          return String(text[..<end])
        }
        var entry = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, 20)
        let bytes: [UInt8]?
        do { bytes = try socket.read(upTo: 4096) } catch { return nil }
        if let bytes, bytes.isEmpty { return nil }
        text += String(decoding: bytes ?? [], as: UTF8.self)
        if Clock.now() > deadline { return "silence" }
      }
    }

    func ask(_ line: String) throws -> String? {
      try say("\(line)\n")
      return try answer()
    }
  }

  @Test(arguments: [
    ("out K1 0 active-low", "ok"), ("out NOPE 0", "error noline"), ("out K1", "error syntax"),
    ("out K1 2", "error syntax"), ("out K1 0 sideways", "error syntax"),
    ("out IR 0", "error notours"), ("in K1", "error notours"), ("in IR", "ok"),
    ("in IR pull-up active-low", "ok"), ("in expander/K2", "error notours"),
    ("out expander/K2 0", "ok"), ("out K2 0", "error noline"), ("set K1 1", "error notours"),
    ("get K1", "error notours"), ("free K1", "error notours"), ("get", "error syntax"),
    ("", "error syntax"), (" ", "error syntax"), ("out  K1 0", "error syntax"),
    ("OUT K1 0", "error syntax"), ("edge K1 1 5", "error syntax"), ("gpio 1", "error syntax"),
    ("get K1 K1", "error syntax"), (String(repeating: "x", count: 4096), "error syntax"),
  ])
  func requestHasItsAnswer(_ request: String, _ answer: String) throws {
    let bench = try BoardBench()
    #expect(try RawClient(bench).ask(request) == answer)
    #expect(bench.run { bench.board.snapshot.clients == 0 })
  }

  @Test(arguments: ["hello", "gpio 2", "gpio", "serial", "serial a b", "gpio 1 a b", "ok"])
  func firstLineThatIsNoPurposeEndsTheConnection(_ line: String) throws {
    let bench = try BoardBench()
    let client = try RawClient(bench, nil)
    #expect(try client.ask(line) == "error syntax")
    #expect(try client.answer() == nil)
    #expect(bench.board.snapshot.clients == 0)
  }

  @Test func bytesThatAreNoTextOrTooLongEndTheConnectionAndNothingElse() throws {
    let bench = try BoardBench()
    let good = try RawClient(bench)
    #expect(try good.ask("out K1 0 active-low") == "ok")
    let attacks: [[UInt8]] = [
      [0], [0xFF, 0xFE], Array("out K1 0\r\n".utf8), Array("get \u{7F}\n".utf8),
      Array(repeating: UInt8(ascii: "a"), count: 4097),
      Array(repeating: UInt8(ascii: "a"), count: 1 << 20), Array("日\n".utf8),
    ]
    for attack in attacks {
      for first in ["gpio 1 raw\n", nil] {
        let client = try RawClient(bench, first)
        try client.say(attack)
        #expect(try client.answer() == "error syntax")
        #expect(try client.answer() == nil)
      }
    }
    #expect(try good.ask("get K1") == "ok 0")
  }

  @Test func randomBytesNeverTakeTheBoardDown() throws {
    let bench = try BoardBench()
    var state: UInt64 = 88_172_645_463_325_252
    let words = ["out", "in", "set", "get", "free", "K1", "IR", "0", "1", "pull-up", " ", "\n"]
    for _ in 0..<60 {
      let client = try RawClient(bench)
      var text = ""
      for _ in 0..<400 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        text += words[Int(state % UInt64(words.count))] + (state >> 32 & 1 == 0 ? " " : "")
      }
      try client.say(text)
    }
    let client = try RawClient(bench)
    #expect(try client.ask("get NOPE") == "error noline")
    #expect(bench.run { bench.board.snapshot.clients == 1 })
  }

  @Test func clientThatReadsNoAnswersIsDropped() throws {
    let bench = try BoardBench()
    let client = try RawClient(bench)
    let flood = [UInt8](String(repeating: "get IR\n", count: 500).utf8)
    let deadline = Clock.now() + .seconds(10)
    while bench.board.snapshot.clients == 1, Clock.now() < deadline { try client.say(flood) }
    #expect(bench.board.snapshot.clients == 0)
  }

  @Test func sixtyFifthConnectionSeesTheEndAndTheNextOneAfterRoomIsWelcome() throws {
    let bench = try BoardBench()
    var clients: [RawClient] = []
    for _ in 0..<64 { clients.append(try RawClient(bench)) }
    let extra = try RawClient(bench, nil)
    #expect(try extra.answer() == nil)
    clients.removeFirst()
    #expect(bench.run { bench.board.snapshot.clients == 63 })
    #expect(try RawClient(bench).ask("get K1") == "error notours")
  }

  @Test func secondClientIsToldWhoHoldsTheLine() throws {
    let bench = try BoardBench()
    let first = try bench.relay(try bench.bank("vendd"))
    let other = try bench.bank("vendctl")
    #expect(throws: GPIOError.lineBusy(line: "K1", holder: "vendd")) { try bench.relay(other) }
    // Refused once, the connection still serves other lines.
    _ = try bench.relay(other, 1)
    withExtendedLifetime(first) {}
  }

  @Test func lineIsFreeAsSoonAsItsObjectIsGone() throws {
    let bench = try BoardBench()
    let bank = try bench.bank()
    for _ in 0..<3 {
      _ = try bench.relay(bank)
      _ = try bank.input(bench.sensorLine)
    }
    let input = try bank.input(bench.sensorLine)
    #expect(throws: GPIOError.lineBusy(line: "IR", holder: "ourselves")) {
      try bank.input(bench.sensorLine)
    }
    #expect(try !input.get())
  }

  @Test func clientThatDiesAmidALineReleasesItsRelay() throws {
    let bench = try BoardBench()
    for _ in 0..<50 {
      do {
        let client = try RawClient(bench)
        #expect(try client.ask("out K1 0 active-low") == "ok")
        try client.say("set K1 1\nset K1")
      }
      // The next one does not wait: it finds the line free although nobody saw the other die.
      let next = try RawClient(bench)
      #expect(try next.ask("out K1 0 active-low") == "ok")
      #expect(try next.ask("get K1") == "ok 0")
    }
    #expect(bench.run { bench.board.snapshot.clients == 0 })
    #expect(bench.board.snapshot.lane("relay1")?.isRelayOn == false)
  }

  @Test func unknownLinesAndNamesThatAreNoneAreRefused() throws {
    let bench = try BoardBench()
    let bank = try bench.bank()
    for name in ["NOPE", "", "two words", "new\nline", "日", String(repeating: "n", count: 129)] {
      #expect(throws: GPIOError.noLine(name)) { try bank.input(LineSettings(name: name)) }
    }
    #expect(try !bank.input(bench.doorLine).get())
  }

  @Test func boardThatIsNotThereIsDisconnected() throws {
    #expect(throws: GPIOError.self) { try RemoteGPIOBank(socket: "/nonexistent/board") }
    #expect(throws: SerialError.self) { try RemoteSerialPort(socket: "/nonexistent/b", name: "p") }
  }

  @Test func boardComesBackOnTheSameSocketAfterItsEnd() throws {
    let bench = try BoardBench()
    let relay = try bench.relay(try bench.bank())
    bench.board.stop()
    #expect(relay.check() != nil)
    let again = try EmulatedBoard(bench.configuration)
    #expect(try bench.relay(try bench.bank()).check() == nil)
    again.stop()
  }

  @Test func boardThatEndsLeavesNoDescriptorBehind() throws {
    // In a process of its own there would be nothing else; here other tests come and go.
    let before = try openDescriptors()
    for _ in 0..<200 {
      let bench = try BoardBench()
      let relay = try bench.relay(try bench.bank())
      #expect(relay.check() == nil)
    }
    #expect(try openDescriptors() < before + 400)
  }

  private func openDescriptors() throws -> Int {
    let listing = try #require(opendir("/proc/self/fd"))
    defer { closedir(listing) }
    var count = 0
    while readdir(listing) != nil { count += 1 }
    return count
  }

  @Test func boardFilesThatCannotBeEmulatedAreRefused() throws {
    let bench = try BoardBench()
    var file = bench.configuration
    #expect(throws: EmulatedBoardError.self) { try EmulatedBoard(file) }
    file.io = .gpio
    #expect(throws: EmulatedBoardError.notRemote) { try EmulatedBoard(file) }
    file.io = .remote(socket: "@\(bench.socket)-2")
    file.relays[1].line = file.relays[0].line
    #expect(throws: EmulatedBoardError.duplicateLine("K1")) { try EmulatedBoard(file) }
    file.relays[1].line.name = "K 1"
    #expect(throws: EmulatedBoardError.badLineName("K 1")) { try EmulatedBoard(file) }
  }

  @Test func eventsAreTheStoryOfASale() async throws {
    let bench = try BoardBench()
    let stream = bench.board.eventStream()
    bench.board.press("5", for: .milliseconds(10))
    var names: [String] = []
    for await event in stream {
      switch event {
      case .keyDown(let legend, _): names.append("down \(legend)")
      case .keyUp(let legend, _):
        names.append("up \(legend)")
        bench.board.stop()
      default: continue
      }
    }
    #expect(names == ["down 5", "up 5"])
  }
}
