import BackOffice
import Core
import CoreService
import FleetStorage
import FleetWeb
import Foundation
import Glibc
import Ordering
import Platform
import Simulation
import Timing
import WeChatPay

/// Load for a service, and the service to be loaded, each a process of its own.
///
///     fleetload serve STORE CORPUS [PORT PORT]
///                                             ports on standard output; ends with its input
///     fleetload prepare STORE MACHINES        machines
///     fleetload database FOLDER               its address on standard output; ends with its input
///     fleetload numbers BATCH COUNT           the numbers of a batch, for a peer's own store
///     fleetload sample STORE                  one finished order
///     fleetload search STORE                  how long a person's searches take
///     fleetload notices API STORE CORPUS PORT COUNT LINES
///                                             STORE may be `batch:BATCH` of a peer's
///     fleetload soak FOLDER SECONDS PER-SECOND MACHINES [SEED [calm]]
///     fleetload storm STORE CORPUS COUNT PORT
///     fleetload polls STORE CORPUS MACHINEPORT NOTICEPORT COUNT PER-SECOND SECONDS PID
@main
enum FleetLoad {
  static func main() async throws {
    let words = Array(CommandLine.arguments.dropFirst())
    raiseLimit()
    switch words.first {
    case "serve" where words.count == 3: try await serve(words[1], corpus: words[2], ports: (0, 0))
    case "serve" where words.count == 5:
      try await serve(
        words[1], corpus: words[2], ports: (number(words[3]), number(words[4])))
    case "storm" where words.count == 5:
      exit(
        try Storm(
          words[1], corpus: words[2], count: number(words[3]), port: number(words[4])
        ).run() ? 0 : 1)
    case "prepare" where words.count == 3:
      try Warehouse.addMachines(number(words[2]), to: try Warehouse.open(words[1]))
    case "database" where words.count == 2:
      let database = try Warehouse.database(in: words[1])
      say(database.parameters)
      while readLine() != nil {}
      database.stop(killing: false)
    case "numbers" where words.count == 3:
      for index in 0..<number(words[2]) { say(Warehouse.number(index, batch: words[1]).text) }
    case "sample" where words.count == 2:
      try Warehouse.addOrders(
        0..<1, batch: RandomBits.text(count: 4), machines: 1, isOver: true,
        to: try Warehouse.open(words[1]), at: Clock.wallTime())
    case "search" where words.count == 2: try search(try Warehouse.open(words[1]))
    case "notices" where words.count == 7:
      try notices(
        api: words[1], address: words[2], corpus: words[3], port: number(words[4]),
        count: number(words[5]), lines: number(words[6]))
    case "polls" where words.count == 9:
      let polls = HeldPolls(
        corpus: words[2], machinePort: number(words[3]), noticePort: number(words[4]),
        count: number(words[5]), perSecond: number(words[6]), seconds: number(words[7]),
        pid: number(words[8]))
      say(try polls.run(try Warehouse.open(words[1])))
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

  private static func serve(
    _ address: String, corpus: String, ports: (machines: Int, notices: Int)
  ) async throws {
    let core = try FleetCore(
      store: try Warehouse.open(address), providers: Array(repeating: Nobody(), count: 8))
    let register = MachineRegister(core)
    let vitals = ServiceVitals(core)
    let duties = FleetDuties(core, register, reconciliation: nil, holder: "load-\(getpid())")
    duties.start()
    func listener(_ port: Int) -> WebListener {
      WebListener(WebListener.Place(host: "127.0.0.1", port: port))
    }
    let server = try await VendpayServer(
      core: core, register: register, vitals: vitals,
      merchants: [
        "v2": WeChatPayV2(try NoticePress.accountV2),
        "v3": WeChatPayV3(try NoticePress.account(corpus: corpus)),
      ],
      machines: listener(ports.machines), notices: listener(ports.notices))
    say("\(getpid()) \(server.machinesPort) \(server.noticesPort)")
    while readLine() != nil {}
    await server.stop()
    await duties.stop()
    core.close()
  }

  // MARK: Loads

  /// Notices as fast as they are taken, over so many connections.
  private static func notices(
    api: String, address: String, corpus: String, port: Int, count: Int, lines: Int
  ) throws {
    let peers = address.hasPrefix("batch:") ? String(address.dropFirst(6)) : nil
    let batch = peers ?? RandomBits.text(count: 4)
    let store = peers == nil ? try Warehouse.open(address) : nil
    if let store {
      try Warehouse.addOrders(
        0..<count, batch: batch, machines: 100, to: store, at: Clock.wallTime())
    }
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
      paid += try store?.orders(part).filter { $0.state == .paid }.count ?? 0
    }
    say(
      "\(api) \(done) notices in \(took) s: \(Int(Double(done) / took)) a second; "
        + "\(times.words); refused \(refused), broken \(load.broken), paid in the store \(paid)")
  }

  /// What a person looks for at the console, a hundred times each.
  private static func search(_ store: any FleetStore) throws {
    var searches: [(String, OrderSearch)] = []
    for index in 0..<100 {
      var ending = OrderSearch()
      ending.ending = String(index * 7919 % 1000)
      var machine = OrderSearch()
      machine.machine = "M\(index * 37)"
      var open = OrderSearch()
      open.onlyOpen = true
      searches += [("ending", ending), ("machine", machine), ("open", open)]
    }
    var times: [String: Times] = [:]
    for (name, wanted) in searches {
      let begin = Clock.now()
      _ = try store.orders(matching: wanted)
      times[name, default: Times()].add(Clock.now() - begin)
    }
    say(
      times.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.words)" }
        .joined(separator: "; "))
  }
}
