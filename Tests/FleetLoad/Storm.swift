import FleetStorage
import Foundation
import Glibc
import Ordering
import Platform
import Timing

/// Ten thousand boards whose service is killed in the middle of their polls: they all come back
/// within ten seconds, and each must be told that its order is paid.
///
/// A third of the payments are committed before the kill, a third while nothing answers (the
/// platform repeats its notices), and a third when the crowd is back.
final class Storm {
  private let corpus: String
  private let count: Int
  private let machinePort: Int
  private let noticePort: Int
  private let address: String
  private let load: HTTPLoad
  private var told: [Bool]
  private var toldCount = 0
  private var reconnects = 0
  private var wheel: [Int64: [Int]] = [:]
  private var lines: [HTTPLoad.Line?]

  init(_ address: String, corpus: String, count: Int, port: Int) throws {
    (self.address, self.corpus, self.count) = (address, corpus, count)
    (machinePort, noticePort) = (port, port + 1)
    load = try HTTPLoad(port: port)
    told = Array(repeating: false, count: count)
    lines = Array(repeating: nil, count: count)
  }

  private func serve() throws -> (child: Child, line: Int32) {
    var pipe: [Int32] = [0, 0]
    guard Glibc.pipe(&pipe) == 0 else { throw HTTPLoad.Failure(words: "pipe") }
    for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(pipe[0]) }
    let child = try Child(
      [
        CommandLine.arguments[0], "serve", address, corpus, "\(machinePort)", "\(noticePort)",
      ], input: pipe[0])
    return (child, pipe[1])
  }

  /// Connects a board and asks; when nobody answers, again a little later.
  private func ask(_ index: Int, _ number: OrderNumber) {
    guard !told[index] else { return }
    let body = Array(#"{"permit":"\#(index + 1)","waitMilliseconds":25000}"#.utf8)
    let request = HTTPLoad.post(
      "/v1/orders/\(number)/status",
      [("Content-Type", "application/json"), ("Authorization", "Bearer \(Warehouse.token(index))")],
      body)
    do {
      let line = try lines[index] ?? load.open { [unowned self] in
        lines[index] = nil
        reconnects += 1
        later(index)
      }
      lines[index] = line
      load.send(request, on: line) { [unowned self] status, body in
        let words = String(decoding: body, as: UTF8.self)
        if words.contains("permitted") || words.contains("\"paid\"") {
          told[index] = true
          toldCount += 1
        } else if status == 200 {
          ask(index, number)
        } else {
          later(index)
        }
      }
    } catch {
      lines[index] = nil
      later(index)
    }
  }

  /// Somewhere in the next ten seconds: boards do not come back in one moment.
  private func later(_ index: Int) {
    let tick = Clock.now().nanoseconds / 10_000_000 + Int64.random(in: 1...1000)
    wheel[tick, default: []].append(index)
  }

  func run() throws -> Bool {
    let store = try Warehouse.open(address)
    let batch = RandomBits.text(count: 4)
    let numbers = (0..<count).map { Warehouse.number($0, batch: batch) }
    let requests = try NoticePress(corpus: corpus).requests(numbers, api: "v3")
    try Warehouse.addOrders(
      0..<count, batch: batch, machines: count, to: store, at: Clock.wallTime())
    var (child, line) = try serve()
    defer {
      close(line)
      child.wait()
    }
    sleep(2)
    for index in 0..<count {
      ask(index, numbers[index])
      if index % 64 == 63 { turn(numbers, for: .milliseconds(2)) }
    }
    turn(numbers, for: .seconds(2))
    var post = try HTTPLoad(port: noticePort)
    var unsent = Array((0..<count).reversed())
    func notify(until left: Int, within limit: Duration) throws {
      let end = Clock.now() + limit
      var waiting = 0
      var idle = try (0..<16).map { _ in try post.open() }
      while unsent.count > left || waiting > 0, Clock.now() < end {
        while unsent.count > left, let line = idle.popLast(), let index = unsent.popLast() {
          waiting += 1
          post.send(requests[index], on: line) { status, _ in
            waiting -= 1
            // The platform comes again until it is heard.
            if status != 204 { unsent.insert(index, at: 0) }
            idle.append(line)
          }
        }
        post.loop.turn(waiting: .zero)
        turn(numbers, for: .milliseconds(2))
      }
    }
    try notify(until: count * 2 / 3, within: .seconds(20))
    let before = toldCount
    child.signal(SIGKILL)
    child.wait()
    close(line)
    let killedAt = Clock.now()
    turn(numbers, for: .milliseconds(500))
    (child, line) = try serve()
    turn(numbers, for: .seconds(2))
    post = try HTTPLoad(port: noticePort)
    try notify(until: count / 3, within: .seconds(20))
    turn(numbers, for: .seconds(8))
    let backAt = Clock.now()
    try notify(until: 0, within: .seconds(30))
    let end = Clock.now() + .seconds(40)
    while toldCount < count, Clock.now() < end { turn(numbers, for: .milliseconds(50)) }
    let took = (backAt - killedAt).wholeSeconds
    let words =
      "\(count) boards; \(before) told before the kill; \(reconnects) connections lost and made "
      + "anew in \(took) s; told in the end \(toldCount), notices not taken \(unsent.count)\n"
    FileHandle.standardOutput.write(Data(words.utf8))
    return toldCount == count
  }

  private func turn(_ numbers: [OrderNumber], for time: Duration) {
    let end = Clock.now() + time
    repeat {
      load.loop.turn(waiting: .milliseconds(1))
      let now = Clock.now().nanoseconds / 10_000_000
      for tick in wheel.keys where tick <= now {
        for index in wheel.removeValue(forKey: tick) ?? [] { ask(index, numbers[index]) }
      }
    } while Clock.now() < end
  }
}
