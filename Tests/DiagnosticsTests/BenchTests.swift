import MachineFiles
import Control
import Core
import Glibc
import Inspection
import Money
import Ordering
import Platform
import Storage
import Testing
import Timing
import Vending

@testable import Diagnostics

@Suite("The technician's bench")
struct BenchTests {
  @Test("asks the daemon where there is one")
  func asks() throws {
    let state = try StateDirectory()
    let daemon = try EmulatedDaemon(state.bench.configuration.controlSocket) { request in
      switch request {
      case .status: .status(Healthy.status())
      case .clearFaults: .done("cleared")
      case .order: .refused("no order ZZZZ, or several")
      default: .refused("unexpected \(request)")
      }
    }
    #expect(state.bench.sight() == .running(Healthy.status()))
    #expect(try state.bench.status() == Healthy.status())
    #expect(try state.bench.command(.clearFaults) == "cleared")
    #expect(throws: BenchError.refused("no order ZZZZ, or several", "没有订单 ZZZZ，或有多个")) {
      try state.bench.order("ZZZZ")
    }
    withExtendedLifetime(daemon) {}
  }

  @Test("tells a daemon that runs from one that hangs, and from none")
  func sights() throws {
    let state = try StateDirectory()
    #expect(state.bench.sight() == .absent)
    let lock = try StateLock(directory: state.path)
    let words = "process \(getpid()) holds \(state.path), without a socket"
    #expect(state.bench.sight() == .silent(words))
    withExtendedLifetime(lock) {}
    let daemon = try EmulatedDaemon(state.bench.configuration.controlSocket) { _ in nil }
    #expect(state.bench.sight() == .silent("the daemon dropped the request"))
    withExtendedLifetime(daemon) {}
  }

  @Test("says that only the daemon can do it when there is none")
  func commands() throws {
    let state = try StateDirectory()
    for request: ControlRequest in [.clearFaults, .service(locked: true)] {
      #expect {
        try state.bench.command(request)
      } throws: { error in
        if case BenchError.unreachable = error { true } else { false }
      }
    }
  }

  @Test("leaves no file of root's in the daemon's directory", .enabled(if: geteuid() == 0))
  func ownership() throws {
    let state = try StateDirectory()
    chown(state.path, 998, 997)
    #expect(throws: BenchError.self) { try state.bench.testRelay(lane: "11") { _ in } }
    _ = try Doctor().examine(at: "/nonexistent", site: Healthy.site)
    let facts = try FileFacts.of("\(state.path)/vendd.lock")
    #expect(facts.userID == 998 && facts.groupID == 997)
  }

  @Test("reads the orders from the books without the daemon, by their last characters too")
  func orders() throws {
    let state = try StateDirectory()
    try state.fill()
    let all = try state.bench.orders(openOnly: false, limit: 10)
    #expect(all.map(\.number) == ["M01AAAAAAAA0002", "M01AAAAAAAA0001"])
    #expect(try state.bench.orders(openOnly: true, limit: 10).map(\.state) == ["permitted"])
    let (order, history) = try state.bench.order("0002")
    #expect(order.amountFen == 435)
    #expect(history.map(\.kind) == ["opening", "opened", "permitted"])
    for text in ["000", ""] {
      #expect(throws: BenchError.refused("no order \(text), or several", "没有订单 \(text)，或有多个")) {
        try state.bench.order(text)
      }
    }
  }

  @Test("says that there is no book where vendd has never run")
  func noBook() throws {
    let state = try StateDirectory()
    #expect {
      try state.bench.orders(openOnly: false, limit: 10)
    } throws: { error in
      if case BenchError.refused(let words) = error {
        words.english.contains("not there")
      } else {
        false
      }
    }
  }

  @Test("gives money back without the daemon, once, under the lock")
  func refund() throws {
    let state = try StateDirectory()
    try state.fill()
    let provider = EmulatedPlatform()
    #expect(
      try state.bench.decide("0002", .refund) { provider }
        == "order M01AAAAAAAA0002: refunding")
    #expect(provider.refunds == 1)
    // Asked again it is the same refund, not a second one.
    _ = try state.bench.decide("0002", .refund) { provider }
    #expect(provider.refunds == 1)
  }

  @Test("does not write a book that another process has locked")
  func locked() throws {
    let state = try StateDirectory()
    try state.fill()
    let lock = try StateLock(directory: state.path)
    let provider = EmulatedPlatform()
    #expect(throws: BenchError.unreachable(.both("in use by process \(getpid())"))) {
      try state.bench.decide("0002", .refund) { provider }
    }
    #expect(throws: BenchError.self) { try state.bench.testRelay(lane: "11") { _ in } }
    #expect(
      throws: BenchError.refused("process \(getpid()) has the display", "显示屏被进程 \(getpid()) 占用")
    ) {
      try state.bench.showOutOfService()
    }
    #expect(provider.refunds == 0)
    withExtendedLifetime(lock) {}
  }

  @Test("says what a relay test would do, with the relay's cap, and knows the lanes")
  func plan() throws {
    let state = try StateDirectory()
    #expect(
      try state.bench.relayPlan(lane: "12")
        == "lane 12 (Water): relay relay2, line 18, on for 3000 ms")
    #expect(throws: BenchError.refused("no lane 13; there are 11 12", "没有货道 13；现有 11 12")) {
      try state.bench.relayPlan(lane: "13")
    }
  }

  @Test("moves nothing where the lines are not there, and journals no vend then")
  func noLines() throws {
    let state = try StateDirectory()
    #expect {
      try state.bench.testRelay(lane: "11") { _ in }
    } throws: { error in
      if case BenchError.refused = error { true } else { false }
    }
    #expect(!Files.exists("\(state.path)/board.db"))
  }

  @Test("lets relays go that nobody holds, and says which it cannot reach, without failing")
  func relaysOff() throws {
    let state = try StateDirectory()
    let lines = state.bench.relaysOff()
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.hasPrefix("relay") })
    var machine = state.bench.configuration
    machine.board.io = .remote(socket: "\(state.path)/nobody")
    #expect(Bench(machine).relaysOff().count == 1)
  }

  @Test(
    "shows on the display that the machine is out of service", .enabled(if: StateDirectory.hasFont))
  func outOfService() throws {
    let state = try StateDirectory()
    var machine = state.bench.configuration
    machine.board.display.driver = .png
    machine.board.display.port = "\(state.path)/screen.png"
    _ = try Bench(machine).showOutOfService()
    let first = try Files.read(machine.board.display.port)
    _ = try Bench(machine).testDisplay()
    let code = try Files.read(machine.board.display.port)
    #expect(code != first)
    let words = try Bench(machine).testDisplay(card: "bars")
    #expect(words.hasPrefix("bars: ") && words.hasSuffix("it stays until vendd starts"))
    #expect(try Files.read(machine.board.display.port) != code)
    #expect(throws: BenchError.self) { try Bench(machine).testDisplay(card: "nonsense") }
    #expect(throws: BenchError.self) { try Bench(machine).testDisplay(seconds: 301) }
    var said: [String] = []
    let last = try Bench(machine).testDisplay(card: "brightness", seconds: 1) { said.append($0) }
    #expect(
      (said + [last]).map { String($0.prefix(15)) } == [
        "brightness, 100", "brightness, 75 ", "brightness, 50 ", "brightness, 25 ",
        "brightness, 10 ",
      ])
  }

  @Test("has the doctor read real books")
  func realBooks() throws {
    let state = try StateDirectory()
    try state.fill()
    let site = Site.here
    #expect(try site.store(state.path, .core).get().records == 7)
    let oldest = WallTime(seconds: Healthy.time.seconds + 2)
    #expect(
      try site.debts(state.path).get() == DebtSight(open: 1, owed: [], held: [], oldest: oldest))
    guard case .failure(let error) = site.store(state.path, .board) else {
      Issue.record("a book that is not there")
      return
    }
    #expect(error.isAbsence)
    try Files.replace("\(state.path)/core.db", with: Array("not a book at all".utf8))
    guard case .failure(let damage) = site.store(state.path, .core) else {
      Issue.record("a book that is none")
      return
    }
    #expect(!damage.isAbsence && !damage.isPermission)
  }
}
