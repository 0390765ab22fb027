import MachineFiles
import Devices
import Glibc
import Pixels
import Platform
import Rendering
import Simulation
import Storage
import Synchronization
import Testing
import Timing
import Vending
import Wiring

@testable import Diagnostics

/// The real drivers over an emulated board, without a daemon.
@Suite("The parts on the bench", .serialized)
struct PartsTests {
  private let state: StateDirectory
  private let board: EmulatedBoard
  private let bench: Bench

  init() throws { try self.init(display: .weActFSV1) }

  private init(display: BoardConfiguration.Panel.Driver) throws {
    state = try StateDirectory()
    var machine = state.bench.configuration
    machine.board.io = .remote(socket: "\(state.path)/board")
    machine.board.display.driver = display
    machine.board.display.port = "remote:display"
    for index in machine.board.keypad.columns.indices {
      machine.board.keypad.columns[index].bias = "pull-down"
    }
    board = try EmulatedBoard(machine.board)
    bench = Bench(machine)
  }

  private final class Heard: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
  }

  @Test("a relay test pulses the lane once, within the cap, and the journal counts it")
  func relay() throws {
    defer { board.stop() }
    let words = try bench.testRelay(lane: "11") { _ in }
    #expect(words.hasPrefix("lane 11: on for "))
    // It goes off at its deadline of 300 ms, never before; a busy computer sees it later.
    let measured = words.split(separator: " ").compactMap { Int($0) }
    #expect(try #require(measured.last) >= 300, "\(words)")
    #expect(board.snapshot.lane("relay1")?.pulses == 1)
    #expect(board.snapshot.lane("relay1")?.isRelayOn == false)
    #expect(board.snapshot.lane("relay2")?.pulses == 0)
    let journal = try RecordStore(path: "\(state.path)/board.db", role: .board, mode: .readOnly)
    #expect(try journal.records(newest: 9).map(\.kind) == ["test-vend"])
    let text = try #require(try journal.value("ledger"))
    #expect(try JSONText.decode(Ledger.self, from: text).counters.testVends == 1)
  }

  @Test("a line that somebody holds is named, and nothing moves or is journalled")
  func held() throws {
    defer { board.stop() }
    let other = try bench.configuration.board.openLines(consumer: "fan")
    let line = try other.output(.init(bench.configuration.board.relays[0].line), initially: false)
    #expect {
      try bench.testRelay(lane: "11") { _ in }
    } throws: { error in "\(error)".contains("held by fan") }
    #expect(bench.relaysOff().map { $0.hasSuffix("off") } == [false, true])
    #expect(board.snapshot.lane("relay1")?.pulses == 0)
    #expect(!Files.exists("\(state.path)/board.db"))
    withExtendedLifetime((other, line)) {}
  }

  @Test("relays-off leaves every relay off")
  func relaysOff() throws {
    defer { board.stop() }
    #expect(bench.relaysOff() == ["relay1: off", "relay2: off"])
    #expect(board.snapshot.lanes.allSatisfy { $0.pulses == 0 && !$0.isRelayOn })
  }

  @Test("a keypad test tells the keys, and those that were not seen")
  func keypad() throws {
    defer { board.stop() }
    let heard = Heard()
    let finger = Worker(name: "finger")
    let board = board
    finger.enqueue {
      usleep(250_000)
      board.press("1")
      usleep(350_000)
      board.press("#")
    }
    let exam = try bench.testKeypad(seconds: 1) { heard.add($0) }
    #expect(heard.all == ["key 1", "key #"])
    #expect(exam.findings.count == 2)
    #expect(exam.findings.allSatisfy { $0.isFailure })
  }

  @Test("a sensor test tells what falls")
  func sensor() throws {
    defer { board.stop() }
    let words = try bench.testSensor(seconds: 1) { _ in }
    #expect(words == "listened for 1 s")
    #expect(throws: BenchError.refused("1 to 300 seconds", "时间范围 1 至 300 秒")) {
      try bench.testSensor(seconds: 0) { _ in }
    }
  }

  @Test(
    "the display shows what it is told, and the doctor finds it well or names what is wrong",
    .enabled(if: StateDirectory.hasFont),
    arguments: [BoardConfiguration.Panel.Driver.weActFSV1, .remoteFrame])
  func display(_ driver: BoardConfiguration.Panel.Driver) throws {
    board.stop()
    try PartsTests(display: driver).lookAtDisplay()
  }

  private func lookAtDisplay() throws {
    defer { board.stop() }
    _ = try bench.showOutOfService()
    let machine = bench.configuration
    let renderer = try ScreenRenderer(
      width: 320, height: 480, language: .chinese, fontPath: machine.font,
      pitchMicrometres: machine.board.display.pitchMicrometres, isGlossy: false)
    let picture = try renderer.draw(.outOfService(faultCode: "X0"))
    // The last bytes are still on their way when the port is closed.
    let end = Clock.now() + .seconds(5)
    while board.displayFrame() != picture, Clock.now() < end { usleep(1000) }
    #expect(
      board.displayFrame() == picture, "the whole picture arrives although the port is closed")
    _ = try bench.testDisplay()
    // The board may still see the last caller's plug.
    let free = Clock.now() + .seconds(5)
    var trouble = Site.here.displayTrouble(bench.configuration)
    while trouble != nil, Clock.now() < free {
      usleep(1000)
      trouble = Site.here.displayTrouble(bench.configuration)
    }
    #expect(trouble == nil)
    #expect(Site.here.remoteTrouble("\(state.path)/board") == nil)
    board.unplugDisplay()
    #expect(Site.here.displayTrouble(bench.configuration) != nil)
    #expect(throws: BenchError.self) { try bench.testDisplay() }
  }
}
