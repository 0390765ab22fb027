import FleetStorage
import Foundation
import Glibc
import Ordering
import PaymentPlatform
import Platform
import PostgresStorage
import Simulation
import Synchronization
import Timing

/// A fleet that sells while the service's processes and their database are killed, and an auditor
/// who knows what every customer paid and what every machine dropped.
///
/// The machines are small rules of their own, written apart from the product's: a board opens,
/// polls, pulses once when it is permitted, and settles until that is accepted. Customers pay,
/// cancel or walk away; boards die; the bank loses calls, and loses a tenth of its notices.
final class Soak {
  struct Settings {
    var folder: String
    var seconds: Int
    var perSecond: Int
    var machines: Int
    var cores = 2
    var killCoreEvery: Duration = .seconds(20)
    var killDatabaseEvery: Duration = .seconds(60)
    var seed: UInt64 = 1
  }

  /// What a call was about.
  struct Call {
    var sale: Int
    var kind: Character
  }

  enum Plan: UInt8 { case pays, cancels, walksAway, boardDies }

  struct Sale {
    var plan: Plan
    var isOpened = false
    var isPolling = false
    var isOver = false
    var wantsCancel = false
    var verdict: Character = "-"
    var pulses: UInt8 = 0
    var noticeTries: UInt8 = 0
    var openTries: UInt8 = 0
  }

  private let settings: Settings
  let database: DatabaseServer
  private let loop: EventLoop
  private(set) var bank: SoakBank
  private var random: PlatformRandom
  private(set) var sales: [Sale] = []
  private var children: [SoakChild] = []
  private var nextCore = 0
  private var nextID = 0
  private var wheel: [Int64: [() -> Void]] = [:]
  private var tick: Int64 = 0
  private var ahead = 0
  private var counts: [String: Int] = [:]
  private var latencies = Times()
  private var openedAt: [Int: Instant] = [:]
  private let start = Clock.now()
  private let databaseWorker = Worker(name: "database")
  private let databaseIsUp = Flag()

  init(_ settings: Settings) throws {
    self.settings = settings
    database = try Warehouse.database(in: settings.folder)
    loop = try EventLoop()
    bank = SoakBank(seed: settings.seed)
    random = PlatformRandom(seed: settings.seed &+ 7)
  }

  /// What an order costs: its number tells.
  static func price(of number: String) -> Int64 {
    100 + (Int64(number.suffix(3)) ?? 0)
  }

  static func number(_ sale: Int) -> String {
    let digits = String(sale)
    return "SOAK" + String(repeating: "0", count: 12 - digits.count) + digits
  }

  private func machine(_ sale: Int) -> String { "M\(sale &* 7919 % settings.machines)" }

  /// As boards have it: one a run, whatever it sells.
  private func nonce(_ sale: Int) -> Int { sale &* 7919 % settings.machines + 1 }

  private func chance(_ perMille: UInt64) -> Bool { random.next() % 1000 < perMille }

  private func count(_ what: String) { counts[what, default: 0] += 1 }

  /// Something that two threads look at.
  private final class Flag: Sendable {
    private let value = Mutex(true)
    var isSet: Bool {
      get { value.withLock { $0 } }
      set { value.withLock { $0 = newValue } }
    }
  }

  // MARK: Time

  private static let tickTime: Duration = .milliseconds(10)

  private func after(_ time: Duration, _ body: @escaping () -> Void) {
    wheel[tick + max(1, time.wholeMilliseconds / 10), default: []].append(body)
  }

  private func turn() {
    for child in children { child.flush() }
    loop.turn(waiting: .milliseconds(3))
    let now = (Clock.now() - start).wholeMilliseconds / 10
    while tick < now {
      tick += 1
      for body in wheel.removeValue(forKey: tick) ?? [] { body() }
    }
  }

  private func turn(for time: Duration, while isNeeded: () -> Bool = { true }) {
    let end = Clock.now() + time
    while Clock.now() < end, isNeeded() { turn() }
  }

  // MARK: Processes

  private func startCore() throws {
    let child = try SoakChild(database.parameters, ahead: ahead)
    try loop.watch(child.socket.number) { [unowned self, unowned child] _ in hear(child) }
    children.append(child)
  }

  private func lose(_ child: SoakChild) {
    loop.unwatch(child.socket.number)
    children.removeAll { $0 === child }
    let calls = child.inFlight
    child.inFlight = [:]
    // Whoever waited hears nothing: he does not know.
    for call in calls.values { after(.milliseconds(50)) { [self] in answered(call, "unknown") } }
  }

  private func hear(_ child: SoakChild) {
    guard let lines = child.lines() else {
      lose(child)
      child.kill()
      count("cores that ended by themselves")
      restartCore()
      return
    }
    for line in lines {
      let words = line.split(separator: " ")
      switch words[0] {
      case "U": child.isReady = true
      case "R":
        guard let id = Int(words[1]), let call = child.inFlight.removeValue(forKey: id) else {
          continue
        }
        answered(call, String(words[2]))
      default:
        let word = bank.answer(
          words[0].first ?? "?", String(words[2]), Int64(words[3]) ?? 0)
        child.put("A \(words[1]) \(word ?? "-")")
      }
    }
  }

  private func restartCore() {
    do {
      try startCore()
    } catch {
      after(.milliseconds(500)) { [self] in restartCore() }
    }
  }

  private func send(_ kind: Character, _ sale: Int, _ rest: String) {
    let ready = children.filter(\.isReady)
    guard !ready.isEmpty else {
      after(.milliseconds(200)) { [self] in answered(Call(sale: sale, kind: kind), "unknown") }
      return
    }
    nextCore += 1
    let child = ready[nextCore % ready.count]
    nextID += 1
    child.inFlight[nextID] = Call(sale: sale, kind: kind)
    child.put("\(kind) \(nextID) \(Self.number(sale)) \(rest)")
  }

  // MARK: Boards

  private func pause() -> Duration { .milliseconds(Int64(200 + random.next() % 800)) }

  private func begin() {
    let sale = sales.count
    let dice = random.next() % 1000
    sales.append(
      Sale(plan: dice < 830 ? .pays : dice < 910 ? .cancels : dice < 990 ? .walksAway : .boardDies))
    openedAt[sale] = Clock.now()
    open(sale)
  }

  private func open(_ sale: Int) {
    let now = Clock.wallTime().milliseconds
    let made = now - now % 1000
    // Frozen on the first try, as in a board's journal.
    if sales[sale].openTries == 0 { madeAt[sale] = made }
    sales[sale].openTries += 1
    let first = madeAt[sale] ?? made
    send(
      "O", sale,
      "\(machine(sale)) \(Self.price(of: Self.number(sale))) \(first) \(first + 60_000)")
  }

  private var madeAt: [Int: Int64] = [:]

  private func poll(_ sale: Int) {
    guard !sales[sale].isOver else { return }
    sales[sale].isPolling = true
    send("S", sale, "\(machine(sale)) \(nonce(sale)) 10000")
  }

  private func answered(_ call: Call, _ word: String) {
    let sale = call.sale
    switch call.kind {
    case "N": noticeAnswered(sale, word)
    case "O": openAnswered(sale, word)
    case "S": pollAnswered(sale, word)
    case "C": cancelAnswered(sale, word)
    case "P": permitAnswered(sale, word)
    default:
      if word == "accepted" {
        sales[sale].isOver = true
      } else {
        after(pause()) { [self] in settle(sale) }
      }
    }
  }

  private func openAnswered(_ sale: Int, _ word: String) {
    guard !sales[sale].isOpened else { return }
    switch word {
    case "opened":
      sales[sale].isOpened = true
      madeAt[sale] = nil
      if let begin = openedAt.removeValue(forKey: sale) { latencies.add(Clock.now() - begin) }
      show(sale)
    case "refused":
      count("orders that were refused")
      sales[sale].isOver = true
    default:
      guard sales[sale].openTries < 60 else {
        // The board gives it up, and must see it closed.
        count("orders given up")
        return cancel(sale)
      }
      after(pause()) { [self] in open(sale) }
    }
  }

  private func show(_ sale: Int) {
    let delay = Duration.milliseconds(Int64(100 + random.next() % 2000))
    switch sales[sale].plan {
    case .pays: after(delay) { [self] in pay(sale) }
    case .cancels:
      after(delay) { [self] in
        sales[sale].wantsCancel = true
        // Some press both at once.
        if chance(200) { pay(sale) }
        cancel(sale)
      }
    case .walksAway:
      after(.seconds(20)) { [self] in
        sales[sale].wantsCancel = true
        cancel(sale)
      }
    case .boardDies:
      if chance(500) { after(delay) { [self] in pay(sale) } }
      sales[sale].isOver = true
      return
    }
    poll(sale)
  }

  private func pollAnswered(_ sale: Int, _ word: String) {
    sales[sale].isPolling = false
    guard !sales[sale].isOver, sales[sale].verdict == "-" else { return }
    switch word {
    case "permitted": permitted(sale)
    case "paid": askPermit(sale)
    case "pending":
      if !sales[sale].wantsCancel { after(.milliseconds(20)) { [self] in poll(sale) } }
    case "closed", "refunding", "refunded", "held": sales[sale].isOver = true
    default:
      if !sales[sale].wantsCancel { after(pause()) { [self] in poll(sale) } }
    }
  }

  /// The permit may have been given with an answer that was lost: the same nonce gets it again.
  private func askPermit(_ sale: Int) { send("P", sale, "\(machine(sale)) \(nonce(sale))") }

  private func permitAnswered(_ sale: Int, _ word: String) {
    guard sales[sale].verdict == "-", !sales[sale].isOver else { return }
    switch word {
    case "granted": permitted(sale)
    case "unknown": after(pause()) { [self] in askPermit(sale) }
    default: sales[sale].isOver = true
    }
  }

  private func permitted(_ sale: Int) {
    // The nonce is the board's for this sale: an answer that came twice is one permit.
    guard sales[sale].verdict == "-" else { return }
    if chance(5) {
      // The board loses its power here: it does not know any more whether the relay was on.
      if chance(500) { sales[sale].pulses += 1 }
      sales[sale].verdict = "u"
      return after(.seconds(3)) { [self] in settle(sale) }
    }
    sales[sale].pulses += 1
    sales[sale].verdict = chance(50) ? "f" : "d"
    after(.milliseconds(Int64(100 + random.next() % 400))) { [self] in settle(sale) }
  }

  private func settle(_ sale: Int) {
    send("T", sale, "\(machine(sale)) \(sales[sale].verdict)")
  }

  private func cancel(_ sale: Int) { send("C", sale, machine(sale)) }

  private func cancelAnswered(_ sale: Int, _ word: String) {
    guard sales[sale].verdict == "-", !sales[sale].isOver else { return }
    switch word {
    // Surely the same customer: he gets it.
    case "alreadyPaid", "tooLate/permitted": askPermit(sale)
    case "unknown": after(pause()) { [self] in cancel(sale) }
    default: sales[sale].isOver = true
    }
  }

  // MARK: Customers and the bank's notices

  private func pay(_ sale: Int) {
    guard bank.pay(Self.number(sale)) else { return count("payments that came too late") }
    count("payments")
    if chance(100) { return count("notices lost") }
    notice(sale)
    if chance(50) { after(pause()) { [self] in notice(sale) } }
  }

  private func notice(_ sale: Int) {
    send("N", sale, "\(Self.price(of: Self.number(sale)))")
  }

  private func noticeAnswered(_ sale: Int, _ word: String) {
    guard word != "kept", sales[sale].noticeTries < 12 else { return }
    sales[sale].noticeTries += 1
    // The platform's own pauses are 15 s and more.
    after(.seconds(2)) { [self] in notice(sale) }
  }

  // MARK: The run

  /// Sells, kills, ends everything, and audits; true when all is well.
  func run() throws -> Bool {
    _ = try PostgresFleetStore(database.parameters)
    for _ in 0..<settings.cores { try startCore() }
    turn(for: .seconds(30)) { [self] in !children.allSatisfy(\.isReady) }
    let begin = Clock.now()
    var (begun, nextReport) = (0, 30)
    if settings.killCoreEvery > .zero { after(settings.killCoreEvery) { [self] in killCore(0) } }
    if settings.killDatabaseEvery > .zero {
      after(settings.killDatabaseEvery) { [self] in killDatabase() }
    }
    isKilling = true
    while Clock.now() - begin < .seconds(settings.seconds) {
      let due = Int((Clock.now() - begin).wholeMilliseconds) * settings.perSecond / 1000
      // After a stop the crowd does not come all at once.
      var few = 0
      while begun < due, few < 40 {
        self.begin()
        begun += 1
        few += 1
      }
      turn()
      if Clock.now() - begin > .seconds(nextReport) {
        report("\(nextReport) s")
        nextReport += 30
      }
    }
    isKilling = false
    let rate = Double(begun) / Double(settings.seconds)
    say("\(begun) orders begun in \(settings.seconds) s: \(Int(rate)) a second")
    turn(for: .seconds(120)) { [self] in sales.contains { !$0.isOver } }
    say("boards that still wait: \(sales.count { !$0.isOver }); open answered \(latencies.words)")
    try finish()
    defer { database.stop(killing: false) }
    return try audit()
  }

  private var isKilling = false

  private func killCore(_ index: Int) {
    guard isKilling else { return }
    if let child = children.first(where: \.isReady) {
      count("cores killed")
      lose(child)
      child.kill()
      restartCore()
    }
    after(settings.killCoreEvery) { [self] in killCore(index + 1) }
  }

  private func killDatabase() {
    guard isKilling, databaseIsUp.isSet else { return }
    count("databases killed")
    databaseIsUp.isSet = false
    databaseWorker.enqueue { [database, databaseIsUp] in
      database.stop(killing: true)
      do {
        try database.start()
      } catch {
        FileHandle.standardError.write(Data("\(error)\n".utf8))
        exit(1)
      }
      databaseIsUp.isSet = true
    }
    after(settings.killDatabaseEvery) { [self] in killDatabase() }
  }

  /// Lets the service do all its duties, its clocks further and further ahead.
  private func finish() throws {
    for seconds in [700, 8_000, 30_000, 100_000, 200_000, 400_000] {
      for child in children {
        lose(child)
        child.end()
      }
      ahead = seconds
      try startCore()
      let store = try PostgresFleetStore(database.parameters)
      let now = Clock.wallTime() + .seconds(seconds)
      turn(for: .seconds(300)) {
        guard let due = try? store.dueOrders(until: now, limit: 1) else { return true }
        return !due.isEmpty
      }
      turn(for: .seconds(1))
    }
    for child in children { child.end() }
  }

  func say(_ words: String) {
    FileHandle.standardOutput.write(Data("\(words)\n".utf8))
  }

  func report(_ when: String) {
    let facts = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    say("\(when): \(sales.count) begun; \(facts.joined(separator: ", "))")
  }
}
