import BackOffice
import Core
import CoreService
import FleetStorage
import FleetWeb
import Foundation
import Glibc
import Ordering
import Platform
import Timing
import WeChatPay

/// Load for a service, and the service to be loaded, each a process of its own.
///
///     fleetload serve STORE CORPUS            ports on standard output; ends with its input
///     fleetload prepare STORE MACHINES        machines
///     fleetload notices API STORE CORPUS PORT COUNT LINES
///     fleetload soak FOLDER SECONDS PER-SECOND MACHINES [SEED [calm]]
///     fleetload polls STORE CORPUS MACHINEPORT NOTICEPORT COUNT PER-SECOND SECONDS PID
@main
enum FleetLoad {
  static func main() async throws {
    let words = Array(CommandLine.arguments.dropFirst())
    raiseLimit()
    switch words.first {
    case "serve" where words.count == 3: try await serve(words[1], corpus: words[2])
    case "prepare" where words.count == 3:
      try Warehouse.addMachines(number(words[2]), to: try Warehouse.open(words[1]))
    case "notices" where words.count == 7:
      try notices(
        api: words[1], try Warehouse.open(words[2]), corpus: words[3], port: number(words[4]),
        count: number(words[5]), lines: number(words[6]))
    case "polls" where words.count == 9:
      try polls(
        try Warehouse.open(words[1]), corpus: words[2], machinePort: number(words[3]),
        noticePort: number(words[4]), count: number(words[5]), perSecond: number(words[6]),
        seconds: number(words[7]), pid: number(words[8]))
    case "core" where words.count == 3:
      try await SoakCore(Descriptor(adopting: 0)).run(
        try openStubbornly(words[1]), ahead: .seconds(number(words[2])))
    case "soak" where (5...7).contains(words.count):
      var settings = Soak.Settings(
        folder: words[1], seconds: number(words[2]), perSecond: number(words[3]),
        machines: number(words[4]))
      if words.count > 5 { settings.seed = UInt64(number(words[5])) }
      if words.count > 6, words[6] == "calm" {
        (settings.killCoreEvery, settings.killDatabaseEvery) = (.zero, .zero)
      }
      exit(try Soak(settings).run() ? 0 : 1)
    default:
      fail("fleetload serve|prepare|notices|polls|soak ...")
    }
  }

  private static func fail(_ words: String) -> Never {
    FileHandle.standardError.write(Data("\(words)\n".utf8))
    exit(2)
  }

  private static func say(_ words: String) {
    FileHandle.standardOutput.write(Data("\(words)\n".utf8))
  }

  private static func number(_ text: String) -> Int {
    guard let number = Int(text) else {
      fail("\(text) is not a number")
    }
    return number
  }

  /// Ten thousand connections need as many descriptors, on either side.
  private static func raiseLimit() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// The database may be down just now.
  private static func openStubbornly(_ address: String) throws -> any FleetStore {
    for _ in 0..<600 {
      do {
        return try Warehouse.open(address)
      } catch FleetError.unavailable {
        usleep(100_000)
      }
    }
    return try Warehouse.open(address)
  }

  // MARK: The service

  /// No provider: what is opened here was put into the store, and is paid by notice.
  private struct Nobody: PaymentProvider {
    private static let doubt = Doubt(.unreachable, "nobody")
    func create(_ order: OrderRequest) -> CreateAnswer { .unknown(Self.doubt) }
    func query(_ number: OrderNumber) -> QueryAnswer { .unknown(Self.doubt) }
    func close(_ number: OrderNumber) -> CloseAnswer { .unknown(Self.doubt) }
    func refund(_ request: RefundRequest) -> RefundAnswer { .unknown(Self.doubt) }
    func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer { .unknown(Self.doubt) }
  }

  private static func serve(_ address: String, corpus: String) async throws {
    let core = try FleetCore(
      store: try Warehouse.open(address), providers: Array(repeating: Nobody(), count: 8))
    let register = MachineRegister(core)
    let vitals = ServiceVitals(core)
    let duties = FleetDuties(core, register, reconciliation: nil, holder: "load-\(getpid())")
    duties.start()
    let place = WebListener.Place(host: "127.0.0.1", port: 0)
    let server = try await VendpayServer(
      core: core, register: register, vitals: vitals,
      merchants: [
        "v2": WeChatPayV2(try NoticePress.accountV2),
        "v3": WeChatPayV3(try NoticePress.account(corpus: corpus)),
      ],
      machines: WebListener(place), notices: WebListener(place))
    say("\(getpid()) \(server.machinesPort) \(server.noticesPort)")
    while readLine() != nil {}
    await server.stop()
    await duties.stop()
    core.close()
  }

  // MARK: Loads

  /// Notices as fast as they are taken, over so many connections.
  private static func notices(
    api: String, _ store: any FleetStore, corpus: String, port: Int, count: Int, lines: Int
  ) throws {
    let batch = RandomBits.text(count: 4)
    try Warehouse.addOrders(
      0..<count, batch: batch, machines: 100, to: store, at: Clock.wallTime())
    let numbers = (0..<count).map { Warehouse.number($0, batch: batch) }
    let requests = try NoticePress(corpus: corpus).requests(numbers, api: api)
    let load = try HTTPLoad(port: port)
    var (next, done, refused) = (0, 0, 0)
    var times = Times()
    func go(_ line: HTTPLoad.Line) {
      guard next < requests.count else { return }
      let request = requests[next]
      next += 1
      let begin = Clock.now()
      load.send(request, on: line) { status, body in
        times.add(Clock.now() - begin)
        done += 1
        let isTaken =
          api == "v3" ? status == 204 : String(decoding: body, as: UTF8.self).contains("SUCCESS")
        if !isTaken { refused += 1 }
        go(line)
      }
    }
    let begin = Clock.now()
    for _ in 0..<lines { go(try load.open()) }
    while done < count, Clock.now() - begin < .seconds(300), load.broken == 0 {
      load.loop.turn(waiting: .milliseconds(100))
    }
    let took = Double((Clock.now() - begin).wholeMilliseconds) / 1000
    var paid = 0
    for start in stride(from: 0, to: count, by: 1000) {
      let part = Array(numbers[start..<min(start + 1000, count)])
      paid += try store.orders(part).filter { $0.state == .paid }.count
    }
    say(
      "\(api) \(done) notices in \(took) s: \(Int(Double(done) / took)) a second; "
        + "\(times.words); refused \(refused), broken \(load.broken), paid in the store \(paid)")
  }

  /// Polls that are held while notices of some of them come in at a steady pace.
  private static func polls(
    _ store: any FleetStore, corpus: String, machinePort: Int, noticePort: Int, count: Int,
    perSecond: Int, seconds: Int, pid: Int
  ) throws {
    let batch = RandomBits.text(count: 4)
    let paidCount = perSecond * seconds
    let numbers = (0..<count).map { Warehouse.number($0, batch: batch) }
    let requests = try NoticePress(corpus: corpus).requests(
      Array(numbers.prefix(paidCount)), api: "v3")
    try Warehouse.addOrders(
      0..<count, batch: batch, machines: count, to: store, at: Clock.wallTime())
    let before = residentKilobytes(pid)
    let load = try HTTPLoad(port: machinePort)
    var toldAt = [Instant?](repeating: nil, count: count)
    var (early, odd) = (0, 0)
    for index in 0..<count {
      let body = Array(#"{"permit":"\#(index + 1)","waitMilliseconds":30000}"#.utf8)
      let request = HTTPLoad.post(
        "/v1/orders/\(numbers[index])/status",
        [
          ("Content-Type", "application/json"),
          ("Authorization", "Bearer \(Warehouse.token(index))"),
        ], body)
      let line = try load.open()
      load.send(request, on: line) { status, body in
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
    for _ in 0..<50 { load.loop.turn(waiting: .milliseconds(20)) }
    let held = residentKilobytes(pid)
    // The notices, at a steady pace, over connections of their own.
    let post = try HTTPLoad(port: noticePort)
    var idle = try (0..<32).map { _ in try post.open() }
    var (sent, kept) = (0, 0)
    var times = Times()
    var keptAt = [Instant?](repeating: nil, count: paidCount)
    let begin = Clock.now()
    while kept < paidCount, Clock.now() - begin < .seconds(seconds + 20) {
      let due = Int((Clock.now() - begin).wholeMilliseconds) * perSecond / 1000
      while sent < min(due, paidCount), let line = idle.popLast() {
        let index = sent
        sent += 1
        post.send(requests[index], on: line) { status, _ in
          if status == 204 { keptAt[index] = Clock.now() } else { odd += 1 }
          kept += 1
          idle.append(line)
        }
      }
      post.loop.turn(waiting: .zero)
      load.loop.turn(waiting: .milliseconds(1))
    }
    let end = Clock.now() + .seconds(3)
    while Clock.now() < end { load.loop.turn(waiting: .milliseconds(10)) }
    var untold = 0
    for index in 0..<paidCount {
      guard let told = toldAt[index], let commit = keptAt[index] else {
        untold += 1
        continue
      }
      // The board may hear of it before the platform has its answer.
      times.add(max(.zero, told - commit))
    }
    let kilobytes = Double(held - before) / Double(count)
    say(
      "\(count) polls held, \(Double(Int(kilobytes * 10)) / 10) kB each "
        + "(\(before) to \(held) kB); \(paidCount) paid at \(perSecond) a second; "
        + "committed to told \(times.words); untold \(untold), answered early \(early), odd \(odd)")
  }

  private static func residentKilobytes(_ pid: Int) -> Int {
    let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(separator: " ").compactMap { Int($0) }.first ?? 0
  }
}
