import Core
import CoreService
import EmulatedCore
import EmulatedService
import FleetStorage
@testable import FleetWeb
import Foundation
import Money
import NetworkClient
import Ordering
import Platform
import Synchronization
import Testing
import Timing

/// Clocks that stand until they are pushed: an afternoon in Beijing.
final class StoppedClocks: Sendable {
  /// 2027-01-15, 16:00 in Beijing.
  static let start = WallTime(seconds: 1_800_000_000)
  private let passed = Mutex(Duration.zero)

  func push(_ time: Duration) { passed.withLock { $0 += time } }

  var wallTime: WallTime { Self.start + passed.withLock { $0 } }

  var surroundings: Surroundings {
    Surroundings(
      now: { [self] in Instant.zero + .seconds(1_000_000) + passed.withLock { $0 } },
      wallTime: { [self] in wallTime }, chance: { RandomBits.text(count: 16) })
  }
}

/// Notes what it was asked, and refuses one machine.
final class NotingGate: MachineGate {
  let asked = Mutex<[String]>([])

  func approve(name: String, code: String, by person: String) async -> String? {
    asked.withLock { $0.append("approve \(name) \(code) \(person)") }
    return name == "SH-404" ? "it waits for no code" : nil
  }

  func revoke(name: String, by person: String) async -> String? {
    asked.withLock { $0.append("revoke \(name) \(person)") }
    return nil
  }
}

/// A service with a console over a store in a file of its own, gone with it.
final class ConsoleShop: Sendable {
  static let cheap = PasswordHash.Cost(memoryExponent: 4, blockSize: 8, lanes: 1)
  static let password = "correct horse 42"

  let folder: String
  let bank = Bank()
  let clocks = StoppedClocks()
  let gate = NotingGate()
  let store: any FleetStore
  /// What the console has instead of the store.
  let absent: TroubledStore
  let core: FleetCore
  let people: OperatorRegister
  let console: ConsoleRoutes

  init(
    _ transport: ConsoleOptions.Transport = .tls, publicMetrics: Bool = false,
    proxy: Bool = false
  ) async throws {
    let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    folder = "\(place)/vend-console-\(RandomBits.text(count: 8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    store = try SQLiteFleetStore(path: "\(folder)/fleet.db")
    absent = TroubledStore(store)
    core = try FleetCore(store: absent, providers: [bank], clocks: clocks.surroundings)
    var settings = OperatorRegister.Settings()
    settings.cost = Self.cheap
    people = OperatorRegister(core, settings: settings)
    var options = ConsoleOptions(transport: transport)
    (options.areMetricsPublic, options.isBehindProxy) = (publicMetrics, proxy)
    options.countedFor = .zero
    console = ConsoleRoutes(core: core, people: people, gate: gate, options: options)
  }

  deinit {
    core.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  // MARK: People

  /// Adds a person of a role, by the role's name.
  func hire(_ role: OperatorRole) async throws {
    let refusal = await people.add(role.rawValue, role, password: Self.password, by: "setup")
    try #require(refusal == nil || refusal == .taken)
  }

  /// Logs a person of a role in, and gives the session's token.
  func token(_ role: OperatorRole) async throws -> String {
    try await hire(role)
    let answer = await people.login(
      role.rawValue, password: Self.password, address: "192.0.2.1")
    guard case .session(let session) = answer else { throw Unfit() }
    return session.token
  }

  struct Unfit: Error {}

  // MARK: Requests

  /// A request as the browser of a session would send it.
  func ask(
    _ method: Visit.Method = .get, _ target: String, token: String? = nil,
    form: [String: String] = [:], headers: [String: String] = [:], language: String = "en",
    address: String = "192.0.2.1"
  ) async -> Reply {
    var headers = headers
    headers["accept-language"] = language
    if let token { headers["cookie"] = "\(console.sessionCookie)=\(token)" }
    var visit = Visit(method, target, headers: headers, address: address)
    visit.form = form
    return await console.answer(visit)
  }

  /// A form as the page of a session would send it.
  func post(
    _ target: String, token: String, _ form: [String: String] = [:], language: String = "en"
  ) async -> Reply {
    var form = form
    form["token"] = OperatorRegister.formToken(for: token)
    return await ask(.post, target, token: token, form: form, language: language)
  }

  // MARK: Orders and machines

  func request(
    _ index: Int, machine: String = "SH-001", fen: Int64 = 350, title: String = "Water 500 ml"
  ) throws -> OrderRequest {
    guard let number = OrderNumber("SH001TEST\(10_000_000 + index)") else { throw Unfit() }
    let now = clocks.wallTime
    return OrderRequest(
      number: number, machine: machine, lane: "11", title: title, amount: Amount(fen: fen),
      madeAt: now, expiresAt: now + .seconds(120))
  }

  /// Carries an order to a state.
  @discardableResult
  func order(
    _ index: Int, _ state: OrderState, machine: String = "SH-001", fen: Int64 = 350,
    title: String = "Water 500 ml"
  ) async throws -> OrderNumber {
    let request = try request(index, machine: machine, fen: fen, title: title)
    let number = request.number
    guard case .opened = await core.open(request, by: machine) else { throw Unfit() }
    clocks.push(.seconds(7))
    if state == .open { return number }
    if state == .closed {
      _ = await core.cancel(number, by: machine)
      return number
    }
    guard let payment = bank.pay(number) else { throw Unfit() }
    _ = await core.noticed(payment)
    if state == .paid { return number }
    _ = await core.permit(number, nonce: UInt64(index), by: machine)
    clocks.push(.seconds(4))
    switch state {
    case .permitted: break
    case .held: _ = await core.settle(number, .unsure(.hold), by: machine)
    case .refundOwed: _ = await core.settle(number, .failed(.noDrop), by: machine)
    default: _ = await core.settle(number, .delivered(.dropSensed), by: machine)
    }
    return number
  }

  /// Writes a machine as the register would.
  func machine(
    _ name: String, faults: String = "[]", heard ago: Duration? = .seconds(60),
    waiting: Bool = false, note: String = ""
  ) throws {
    var machine = FleetMachine(name: name)
    machine.note = note
    machine.tokenHash = "token \(name)"
    if waiting {
      machine.codeHash = "code \(name)"
      machine.codeUntil = clocks.wallTime + .seconds(900)
    }
    _ = try store.put(machine, expecting: 0)
    guard let ago else { return }
    let health = #"{"program":"vendd 1.0","state":"ready"}"#
    try store.note([
      MachineContact(
        machine: name, at: clocks.wallTime + (.zero - ago), boots: 12, health: health,
        faults: faults)
    ])
  }

  func log() throws -> [LogEntry] { try store.logEntries(about: nil, before: nil, limit: 1000) }

  /// One of everything.
  func fill() async throws {
    for (index, state) in [
      OrderState.delivered, .delivered, .held, .refundOwed, .permitted, .closed, .paid, .open,
      .delivered,
    ].enumerated() {
      try await order(index, state, machine: index % 3 == 0 ? "SH-002" : "SH-001")
    }
    try machine("SH-001")
    try machine("SH-002", faults: #"["L1 21","N2"]"#)
    try machine("SH-003", heard: .seconds(7200))
    try machine("SH-004", heard: nil, waiting: true)
    _ = try await core.writePrices(
      FleetCore.wholeFleet, lanes: ["11": 350, "12": 400], expecting: 0, by: "admin")
    _ = try store.put(
      Document(
        kind: .day, name: "2027-01-14", at: clocks.wallTime, author: "vendpay",
        body: Self.day), expecting: 0, fence: nil)
  }

  private static let day = """
    {"day":"2027-01-14","payments":214,"paidFen":88120,"refunds":3,"refundedFen":1150,\
    "deliveredFen":86970,"backFen":1150,"openFen":0,"differences":1,"state":"differs",\
    "lines":["SH001X: 3.50 CNY were paid for an order that is not known here"]}
    """
}
