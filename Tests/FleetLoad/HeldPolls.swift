import FleetStorage
import Foundation
import Ordering
import Platform
import Timing

/// Polls that are held while notices of some of their orders come in at a steady pace.
final class HeldPolls {
  private let corpus: String
  private let machinePort: Int
  private let noticePort: Int
  private let count: Int
  private let perSecond: Int
  private let seconds: Int
  private let pid: Int
  private var toldAt: [Instant?]
  private var keptAt: [Instant?]
  private var (early, odd) = (0, 0)

  init(
    corpus: String, machinePort: Int, noticePort: Int, count: Int, perSecond: Int, seconds: Int,
    pid: Int
  ) {
    (self.corpus, self.machinePort, self.noticePort) = (corpus, machinePort, noticePort)
    (self.count, self.perSecond, self.seconds, self.pid) = (count, perSecond, seconds, pid)
    toldAt = Array(repeating: nil, count: count)
    keptAt = Array(repeating: nil, count: perSecond * seconds)
  }

  /// Holds, pays, and says what came of it.
  func run(_ store: any FleetStore) throws -> String {
    let batch = RandomBits.text(count: 4)
    let numbers = (0..<count).map { Warehouse.number($0, batch: batch) }
    let requests = try NoticePress(corpus: corpus).requests(
      Array(numbers.prefix(keptAt.count)), api: "v3")
    try Warehouse.addOrders(
      0..<count, batch: batch, machines: count, to: store, at: Clock.wallTime())
    let before = residentKilobytes()
    let load = try HTTPLoad(port: machinePort)
    for index in 0..<count { try hold(index, numbers[index], load) }
    for _ in 0..<50 { load.loop.turn(waiting: .milliseconds(20)) }
    let held = residentKilobytes()
    try pay(requests, load)
    let end = Clock.now() + .seconds(3)
    while Clock.now() < end { load.loop.turn(waiting: .milliseconds(10)) }
    return words(before, held)
  }

  private func hold(_ index: Int, _ number: OrderNumber, _ load: HTTPLoad) throws {
    let body = Array(#"{"permit":"\#(index + 1)","waitMilliseconds":30000}"#.utf8)
    let request = HTTPLoad.post(
      "/v1/orders/\(number)/status",
      [
        ("Content-Type", "application/json"),
        ("Authorization", "Bearer \(Warehouse.token(index))"),
      ], body)
    load.send(request, on: try load.open()) { [unowned self] status, body in
      let words = String(decoding: body, as: UTF8.self)
      if words.contains("\"permitted\"") {
        toldAt[index] = Clock.now()
      } else if status == 200, words.contains("pending") || words.contains("unknown") {
        early += 1
      } else {
        odd += 1
      }
    }
    // The server must come along: its queue of new connections is finite.
    if index % 64 == 63 { load.loop.turn(waiting: .milliseconds(1)) }
  }

  /// The notices, over connections of their own.
  private func pay(_ requests: [[UInt8]], _ load: HTTPLoad) throws {
    let post = try HTTPLoad(port: noticePort)
    var idle = try (0..<32).map { _ in try post.open() }
    var (sent, answered) = (0, 0)
    let begin = Clock.now()
    while answered < requests.count, Clock.now() - begin < .seconds(seconds + 20) {
      let due = Int((Clock.now() - begin).wholeMilliseconds) * perSecond / 1000
      while sent < min(due, requests.count), let line = idle.popLast() {
        let index = sent
        sent += 1
        post.send(requests[index], on: line) { [unowned self] status, _ in
          if status == 204 { keptAt[index] = Clock.now() } else { odd += 1 }
          answered += 1
          idle.append(line)
        }
      }
      post.loop.turn(waiting: .zero)
      load.loop.turn(waiting: .milliseconds(1))
    }
  }

  private func words(_ before: Int, _ held: Int) -> String {
    var (times, untold) = (Times(), 0)
    for (kept, told) in zip(keptAt, toldAt) {
      guard let kept, let told else {
        untold += 1
        continue
      }
      // The board may hear of it before the platform has its answer.
      times.add(max(.zero, told - kept))
    }
    let each = Double(held - before) / Double(count)
    return "\(count) polls held, \(Double(Int(each * 10)) / 10) kB each (\(before) to \(held) kB); "
      + "\(keptAt.count) paid at \(perSecond) a second; committed to told \(times.words); "
      + "untold \(untold), answered early \(early), odd \(odd)"
  }

  private func residentKilobytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(separator: " ").compactMap { Int($0) }.first ?? 0
  }
}
