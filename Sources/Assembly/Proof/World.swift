internal import Audit
internal import Core
internal import Devices
internal import Money
internal import Ordering
internal import PaymentPlatform
internal import Storage
internal import Timing
internal import Vending
internal import WeChatPay

/// A machine, its provider, the network between them, its disks, and people, in virtual time.
///
/// One thread, one seed: the same seed and the same program give the same story, event by event.
/// What runs in here is what ships: `Vending.Machine`, `EmbeddedCore` with `Ordering.OrderBook`,
/// and in worlds with bytes the journal's JSON, the WeChat Pay client with its XML and signatures,
/// the keypad's scan and the sensor's filter. Simulated are the wires: the disks' platters, the
/// network, the provider, the lanes, the glass and people. What the daemon does between them is
/// imitated effect by effect (`World+Board`).
///
/// A call of the core blocks its worker in the product. Here it holds the stack: while it waits
/// for a disk or an answer, everything else goes on (`wait`), until the answer's time has come or
/// the power has gone. Then the dead core's calls fall through, and nothing that it still says is
/// heard.
///
/// Ground truth goes to the auditor as it happens: from the provider, the lanes, the relays, the
/// glass and the platters, never from the rules.
///
/// It is used by one thread alone; `Sendable` only because the core's protocols ask for it.
final class World: @unchecked Sendable {
  let settings: Settings
  var weather: Weather
  var dice: Dice
  var now = Instant.zero
  var agenda = Agenda()
  var fired = FaultCounts()
  /// What happened, for a person; nil while nobody reads it.
  var story: [String]?
  /// All that happened, in one number: equal seeds must have equal traces.
  var trace: UInt64 = 0xCBF2_9CE4_8422_2325
  var auditor: Auditor
  var violations: [Violation] = []

  // The board.
  var plan: Plan
  var machine: Machine
  /// Counts starts: what an earlier run of the board still says is not heard.
  var run = 0
  var starts = 0
  var isRunning = false
  var isEnding = false
  var booksAreOpen = false
  var writing: JournalDisk.Writing?
  var timers = [Int](repeating: 0, count: Machine.Timer.allCases.count)
  var dutyAt: Instant?
  var dutyTurn = 0
  var frozenUntil: Instant?
  var fuse: Int?
  var coreFuse: Int?

  // The disks.
  var journal = JournalDisk()
  var book = BookDisk()
  var olderDisks: (journal: JournalDisk, book: BookDisk, file: JournalFile.Image?)?
  var diskTrouble: DiskTrouble? {
    didSet { if oldValue == .damaged, diskTrouble != .damaged { journalFile?.mend() } }
  }
  /// In worlds with bytes: the journal's files.
  let journalFile: JournalFile?

  /// The payment service, in worlds that have one.
  var service: ServiceState
  // The core.
  var core: EmbeddedCore?
  var wire: Wire?
  var questions: [Question] = []
  var firstQuestion = 0
  var isAsking = false
  var bookWriting: BookWriting?
  /// The newest answers; an old one may come again.
  var lastAnswers: [Answered] = []
  var countedPaid: Set<OrderNumber> = []
  /// Orders about whose sum an answer has lied.
  var liedAbout: Set<OrderNumber> = []
  /// What a person is just deciding.
  var deciding: (number: OrderNumber, delivered: Bool)?

  // The provider and the way to it.
  var till = Till()
  var bytes: Bytes?
  /// The kinds that may strike an exchange in this world's weather.
  let exchangeFaults: [FaultKind]
  var outage: (kind: FaultKind, until: Instant)?

  // The clock.
  var clockErrorMilliseconds: Int64 = 0
  var clockSlew: Int64 = 0
  var skewSeen: Duration?
  var clockRetryIsArmed = false

  // The cabinet.
  var cabinet = CabinetState()
  var glass = Glass()
  var people = People()
  /// The lock of the state's directory, taken from the shipped `StateLock`.
  var lockFile: LockFile?
  /// Another version of the program that the next start puts in this one's place.
  var otherVersion: FaultKind?
  // Enumerated crashes.
  var isEnumerating = false
  /// What was on its way at each step since this run of the world began.
  var moments: [InFlight] = []
  var plannedCrash: PlannedCrash?
  var image: CrashImage?
  /// Whether faults have stopped, and everything is to come to rest.
  var isSettling = false

  init(_ settings: Settings) {
    self.settings = settings
    journalFile = settings.hasBytes ? JournalFile() : nil
    weather = settings.weather
    dice = Dice(seed: settings.seed, stream: 3)
    exchangeFaults = Self.allExchangeFaults.filter { kind in
      settings.weather.rates[kind.rawValue] > 0 && (settings.hasBytes || !kind.isOfBytes)
    }
    plan = Self.plan(settings)
    service = Self.service(settings)
    machine = Machine(plan: plan, ledger: Ledger(), nonce: 1)
    var rules = Auditor.Settings()
    rules.hasDropSensor = settings.hasDropSensor
    rules.mayAssumeDelivery = settings.policy.unsure == .assumeDelivered
    rules.hearsStatements = true
    rules.hearsKeys = true
    rules.relayCap = .milliseconds(1500)
    rules.glassDelay = .seconds(3)
    rules.blankingTime = .seconds(3)
    auditor = Auditor(rules)
    if settings.isTelling { story = [] }
    people.left = settings.customers
    if settings.weather.rates[FaultKind.secondDaemon.rawValue] > 0 { lockFile = LockFile() }
    if settings.hasBytes { bytes = Bytes(seed: settings.seed, settings: settings) }
  }

  static func plan(_ settings: Settings) -> Plan {
    Plan(
      machine: machineName,
      lanes: [
        Plan.Lane(
          code: "1", channel: "a", name: "Water", price: Amount(fen: 435),
          pulse: .milliseconds(700), capacity: nil),
        Plan.Lane(
          code: "2", channel: "b", name: "Tea", price: Amount(fen: 600),
          pulse: .milliseconds(900), capacity: 40),
        // What a bouncing contact would make of the first lane's key.
        Plan.Lane(
          code: "11", channel: "d", name: "Nuts", price: Amount(fen: 250),
          pulse: .milliseconds(500), capacity: nil),
        Plan.Lane(
          code: "3", channel: "c", name: "可乐", price: Amount(fen: 1), pulse: .milliseconds(300),
          capacity: nil),
      ],
      policy: settings.policy, hasDropSensor: settings.hasDropSensor)
  }

  // MARK: Time

  /// The right time.
  var trueWall: WallTime {
    WallTime(milliseconds: 1_800_000_000_000 + now.nanoseconds / 1_000_000)
  }

  /// What the board's clock says.
  var wall: WallTime {
    let drift = clockSlew == 0 ? 0 : now.nanoseconds / 1_000_000 / 1000 * clockSlew
    return WallTime(
      milliseconds: trueWall.milliseconds + clockErrorMilliseconds + drift)
  }

  var moment: Moment { Moment(instant: now, wallTime: wall, random: dice.bits()) }

  /// Lets things happen until `limit`; returns early when the board's run has ended.
  func go(until limit: Instant, asCoreOf asking: Int? = nil, untilCrash: Bool = false) {
    while violations.isEmpty {
      if asking == nil { askNext() }
      if let asking, asking != run { return }
      if untilCrash, plannedCrash == nil { return }
      guard let (at, happening) = agenda.next(until: limit) else { break }
      if let frozenUntil, at < frozenUntil, happening.isOfBoard {
        agenda.arrange(happening, at: frozenUntil)
        continue
      }
      if at > now { now = at }
      happen(happening)
    }
    if limit != .distantFuture, now < limit, violations.isEmpty { now = limit }
  }

  /// The core's worker waits; false when its process has died meanwhile.
  func wait(_ duration: Duration, asCoreOf asking: Int) -> Bool {
    guard asking == run, violations.isEmpty else { return false }
    let until = now + duration
    if agenda.nextMoment > until, frozenUntil == nil {
      now = until
      return true
    }
    go(until: until, asCoreOf: asking)
    if asking == run, let frozenUntil, now < frozenUntil {
      go(until: frozenUntil, asCoreOf: asking)
    }
    return asking == run && violations.isEmpty
  }

  private func happen(_ happening: Happening) {
    mark(UInt64(truncatingIfNeeded: now.nanoseconds))
    if isEnumerating {
      // Chance hangs on the moment alone: what two cuts leave alike must go on alike.
      dice = Dice(seed: UInt64(bitPattern: now.nanoseconds), stream: 3)
      let isStruck = !boundary(strikesService: settings.core == .service)
      // What is on its way elsewhere does not end with the board.
      if isStruck, !happening.isOfService { return }
    }
    if happening.isOfBoard, !isRunning { return }
    switch happening {
    case .nothing: break
    case .written: written()
    case .answered(let answer): answered(answer)
    case .painted: painted()
    case .timer(let timer, let generation): timerFired(timer, generation)
    case .dutyTimer: dutyTimerFired()
    case .catchUpTimer: ask(.catchUp)
    case .pulseOver(let number, let lane): pulseOver(number, lane: lane)
    case .pulseTold(let number, let end, let lane): pulseTold(number, end, lane)
    case .journalGivenUp: processEnds()
    case .retryBooks: if !booksAreOpen { openBooks() }
    case .retryDisplay: retryDisplay()
    case .heartbeat: heartbeat()
    case .clockRetry: clockRetry()
    case .powerReturns: powerReturns()
    case .powerFails(let kind): powerFails(kind)
    case .killed: kill(.killed)
    case .troubleBrews: troubleBrews()
    case .repaired(let kind): repaired(kind)
    case .falls(let number, let lane, let isSeen): falls(number, lane, isSeen)
    case .sensed: sensed()
    case .relayFreed(let lane): relayFreed(lane)
    case .straggles(let call): straggles(call)
    case .passesAtProvider: passesAtProvider()
    case .customerComes: customerComes()
    case .key(let key): keyGoesDown(key)
    case .scans(let code, let payer): scans(code, payer)
    case .pays(let number, let payer): pays(number, payer)
    case .customerLeaves: customerLeaves()
    case .technicianComes: technicianComes()
    case .technicianLeaves: technicianLeaves()
    case .service(let happening): happen(happening)
    }
  }

  // MARK: Telling

  func note(_ words: @autoclosure () -> String) {
    guard story != nil else { return }
    let time = now.nanoseconds / 1_000_000
    story?.append("\(time / 1000).\(String(time % 1000 + 1000).dropFirst()) s  \(words())")
  }

  /// Counts a fault that had effect.
  func fire(_ kind: FaultKind) {
    fired[kind] += 1
    mark(UInt64(kind.rawValue) &+ 77)
    note("FAULT \(kind.name)")
  }

  @inline(__always)
  func mark(_ number: UInt64) { trace = (trace ^ number) &* 0x0000_0100_0000_01B3 }

  /// A fact in words; a set's own order must not show.
  private static func words(_ fact: Auditor.Fact) -> String {
    guard case .excused(let order, let invariants) = fact else { return "\(fact)" }
    return "excused(\(order ?? "all"), \(invariants.sorted()))"
  }

  /// Tells the auditor what truly happened.
  func witness(_ fact: Auditor.Fact) {
    if story != nil { note("  · \(Self.words(fact))") }
    let found = auditor.witness(fact, at: now)
    if !found.isEmpty {
      violations += found
      note("VIOLATION \(found)")
    }
  }
}
