import CLinux
import Devices
import Glibc
import Platform
import Synchronization
import Testing
import Timing

@Suite("Serial port over a pseudo-terminal")
struct TTYSerialPortTests {
  /// Both ends; the far end is let go so that only the port has it.
  final class Terminal {
    var controller: Descriptor?
    let path: String

    init() throws {
      var (controller, terminal): (Int32, Int32) = (-1, -1)
      var name = [CChar](repeating: 0, count: 128)
      let result = vend_open_pty(&controller, &terminal, &name, name.count)
      try #require(result == 0)
      path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      self.controller = Descriptor(adopting: controller)
      close(terminal)
    }

    func say(_ bytes: [UInt8]) throws { #expect(try controller?.write(bytes[...]) == bytes.count) }

    func hear(_ count: Int) throws -> [UInt8] {
      var heard: [UInt8] = []
      let deadline = Clock.now() + .seconds(5)
      while heard.count < count, Clock.now() < deadline {
        heard += try controller?.read(upTo: count - heard.count) ?? []
      }
      return heard
    }
  }

  let soon = Clock.now() + .seconds(5)
  static let everyByte = (0...255).map { UInt8($0) }

  @Test func everyByteGoesThroughBothWaysUnchanged() throws {
    let terminal = try Terminal()
    let port = try TTYSerialPort(path: terminal.path, baud: 115_200)
    try port.write(Self.everyByte, deadline: soon)
    #expect(try terminal.hear(256) == Self.everyByte)
    try terminal.say(Self.everyByte)
    var read: [UInt8] = []
    while read.count < 256 { read += try port.read(upTo: 100, deadline: soon) }
    #expect(read == Self.everyByte)
  }

  @Test func readWithoutBytesEndsAtItsDeadline() throws {
    let terminal = try Terminal()
    let port = try TTYSerialPort(path: terminal.path, baud: 9600)
    let before = Clock.now()
    #expect(try port.read(upTo: 1, deadline: before + .milliseconds(60)).isEmpty)
    #expect(Clock.now() - before >= .milliseconds(60))
    #expect(try port.read(upTo: 1, deadline: .zero).isEmpty)
  }

  @Test func writeThatNobodyTakesEndsAtItsDeadline() throws {
    let terminal = try Terminal()
    let port = try TTYSerialPort(path: terminal.path, baud: 9600)
    do {
      try port.write(
        [UInt8](repeating: 7, count: 1 << 20), deadline: Clock.now() + .milliseconds(60))
      Issue.record("a pseudo-terminal took a mebibyte")
    } catch {
      guard case .timeout = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func pulledPlugIsGoneForReadAndWrite() throws {
    let terminal = try Terminal()
    let port = try TTYSerialPort(path: terminal.path, baud: 115_200)
    terminal.controller = nil
    for _ in 0..<2 {
      do {
        _ = try port.read(upTo: 1, deadline: soon)
        Issue.record("read from nothing")
      } catch { #expect(error.isGone, "\(error)") }
      do {
        try port.write([1], deadline: soon)
        Issue.record("written to nothing")
      } catch { #expect(error.isGone, "\(error)") }
    }
    #expect(throws: SerialError.self) { try port.discardInput() }
    #expect(throws: SerialError.self) { try TTYSerialPort(path: terminal.path, baud: 115_200) }
  }

  @Test func plugPulledDuringAReadEndsIt() throws {
    let terminal = try Terminal()
    let port = try TTYSerialPort(path: terminal.path, baud: 115_200)
    let plug = Plug(terminal)
    let worker = Worker(name: "puller")
    worker.enqueue {
      usleep(50_000)
      plug.pull()
    }
    let before = Clock.now()
    do {
      _ = try port.read(upTo: 1, deadline: soon)
      Issue.record("read from nothing")
    } catch { #expect(error.isGone, "\(error)") }
    #expect(Clock.now() - before < .seconds(4))
  }

  /// The far end, to be let go from another thread.
  private final class Plug: Sendable {
    private let end: Mutex<Descriptor?>

    init(_ terminal: Terminal) {
      end = Mutex(terminal.controller)
      terminal.controller = nil
    }

    func pull() { end.withLock { $0 = nil } }
  }

  @Test func whatWasNotReadCanBeThrownAway() throws {
    let terminal = try Terminal()
    let port = try TTYSerialPort(path: terminal.path, baud: 115_200)
    try terminal.say(Self.everyByte)
    try port.discardInput()
    try terminal.say([9])
    #expect(try port.read(upTo: 10, deadline: soon) == [9])
  }

  @Test func portBelongsToOneUntilItIsClosed() throws {
    let terminal = try Terminal()
    let port = try TTYSerialPort(path: terminal.path, baud: 115_200)
    #expect(throws: SerialError.self) { try TTYSerialPort(path: terminal.path, baud: 115_200) }
    port.close()
    port.close()
    #expect(throws: SerialError.self) { try port.read(upTo: 1, deadline: soon) }
    _ = try TTYSerialPort(path: terminal.path, baud: 115_200)
  }

  @Test(arguments: [0, -1, 110, 9601, Int.max])
  func impossibleSpeedIsRefused(_ baud: Int) throws {
    let terminal = try Terminal()
    #expect(throws: SerialError.self) { try TTYSerialPort(path: terminal.path, baud: baud) }
  }
}

extension SerialError {
  fileprivate var isGone: Bool { if case .gone = self { true } else { false } }
}
