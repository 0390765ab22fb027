public import Ordering
public import Timing

/// The vending machine's rules: from the key to the product, or back to the money.
///
/// ```
///  idle ──► selecting ──► beginning ──► opening ──► awaitingPayment ──► intending ──► pulsing
///    ▲          │             │            │          │ cancel, expiry      ▲  │         │
///    │          ▼             └─────┬──────┘          ▼                     │  │         ▼
///    │        idle                  ▼              closing ──(paid)──► permitting    watching
///    │                           ending               │                        │         │
///    │                              │                 ▼ (closed, unclear)      ▼         ▼
///    └───────── message ◄───────────┴─────────────── ending                  judging ◄───┘
/// ```
///
/// Record before effect: `record` leaves, `recorded` comes back, and only then leaves what depends
/// on it (`open`, `pulse`, `settle`). One record is under way at a time; the state says which.
/// Every answer carries its order number and every timer its generation, so an old one changes
/// nothing (I12). Unknown answers change nothing either.
public struct Machine: Hashable, Sendable {
  public let plan: Plan
  public internal(set) var state: State = .idle
  public internal(set) var ledger: Ledger
  public internal(set) var faults = FaultLedger()
  /// Asks for permits under one name for the whole run; another run has another.
  let nonce: UInt64
  var generations = TimerGenerations()
  var lastGeneration = 0
  /// Entries that wait for the one under way to be on disk, with what follows each.
  var recordings: [Recording] = []
  var isStopping = false
  /// The obligation that the core is being told.
  var telling: OrderNumber?
  /// The obligation that failed last: the others have their turn before it comes again.
  var lastUntold: OrderNumber?
  var obligationAttempts = 0
  var probeAttempts = 0
  /// Why the core's last answer told nothing.
  var lastDoubt: Doubt?
  /// Whether the lines were gone while the present product was awaited: the sensor is not to be
  /// believed then.
  var isWatchBlind = false
  /// The order whose verdict was last a missing drop.
  var lastMissing: OrderNumber?
  /// The vend without money under way.
  var trial: Trial?
  /// The technician's menu at the keypad, while it is open.
  var service: ServiceMenu?
  /// Until when no service code is taken.
  var barredUntil: Instant?
  /// Lanes whose own switch says that they are empty.
  var emptyLanes: Set<String> = []

  /// Prices that wait for the end of the present sale.
  var waitingPrices: PriceList?

  /// Where the sale is.
  public enum State: Hashable, Sendable {
    /// In: start, the end of everything. Out: a key.
    case idle
    /// In: a key. Out: confirm, cancel, timeout.
    case selecting(typed: String)
    /// The sale's first entry is being written. Out: recorded.
    case beginning(Sale)
    /// The core was asked for an order. Out: its answer, cancel, timeout.
    case opening(Sale, attempts: Int)
    /// The QR is on the screen. Out: paid, cancel, expiry, a fault that blinds the machine.
    case awaitingPayment(Sale, QR)
    /// The QR is gone and the order is being ended at the core. Out: closed, paid, unclear.
    case closing(Sale, Closing)
    /// Paid while it was being ended: the permit is asked for by itself. Out: granted, too late.
    case permitting(Sale, attempts: Int)
    /// The intent is being written. Out: recorded, and the relay goes on.
    case intending(Sale)
    /// The relay is on. Out: off again, or never on.
    case pulsing(Sale, dropSeen: Bool)
    /// The relay was on; the drop is awaited. Out: the drop, or none in time.
    case watching(Sale)
    /// The verdict is being written. Out: recorded.
    case judging(Sale, Outcome)
    /// The end of an unpaid order is being written. Out: recorded.
    case ending(Sale, Screen.SorryReason)
    /// Thanks or sorry. In: an end. Out: its time, a key.
    case message(Screen, following: OrderNumber?)
  }

  /// The sale under way.
  public struct Sale: Hashable, Sendable {
    public var request: OrderRequest
    public var lane: Plan.Lane
    /// Verified, once it is known.
    public var payment: Payment?

    var number: OrderNumber { request.number }
  }

  /// A QR code on the screen.
  public struct QR: Hashable, Sendable {
    public var codeURL: String
    public var since: Instant
    public var deadline: Instant
    public var polls: Int
    public var isAsking: Bool
  }

  /// An order that is being ended.
  public struct Closing: Hashable, Sendable {
    public var reason: Reason
    public var since: Instant
    public var attempts: Int

    /// Why it is being ended.
    public enum Reason: Hashable, Sendable {
      case cancelled, expired, notOpened, fault, restarted, stopping
    }
  }

  /// An entry on its way to the disk.
  struct Recording: Hashable, Sendable {
    var entry: Entry
    /// The ledger with this entry taken in, and none that wait behind it.
    var ledger: Ledger
    var effects: [Effect]

    /// By the entry, which says what follows: so no effect needs a hash of its own.
    func hash(into hasher: inout Hasher) { hasher.combine(entry) }
  }

  /// A machine with what the journal remembers.
  ///
  /// `nonce` is random, one for each run.
  public init(plan: Plan, ledger: Ledger, nonce: UInt64) {
    (self.plan, self.ledger, self.nonce) = (plan, ledger, nonce)
    for lane in plan.lanes where lane.capacity != nil && ledger.lanes[lane.code]?.stock == nil {
      self.ledger.lanes[lane.code, default: Ledger.LaneRecord()].stock = lane.capacity
    }
  }

  /// Takes an event in and says what is to be done, in this order.
  public mutating func handle(_ event: Event, at moment: Moment) -> [Effect] {
    let effects = respond(to: event, at: moment)
    return waitingPrices == nil ? effects : effects + takePrices(moment)
  }

  private mutating func respond(to event: Event, at moment: Moment) -> [Effect] {
    let now = moment.instant
    switch event {
    case .started: return started(moment)
    case .keyPressed(let key): return keyPressed(key, moment)
    case .timerFired(let timer, let generation):
      guard generations[timer] == generation else { return [] }
      generations[timer] = nil
      return timerFired(timer, moment)
    case .recorded: return recorded(moment)
    case .openAnswered(let number, let answer): return openAnswered(number, answer, now)
    case .statusAnswered(let number, let answer): return statusAnswered(number, answer, moment)
    case .permitAnswered(let number, let answer): return permitAnswered(number, answer, moment)
    case .settleAnswered(let number, let answer): return settleAnswered(number, answer, moment)
    case .cancelAnswered(let number, let answer): return cancelAnswered(number, answer, moment)
    case .probed(let doubt): return probed(doubt, moment)
    case .pulseEnded(let number): return pulseEnded(number, moment)
    case .pulseRefused(let number, let words): return pulseRefused(number, words, moment)
    case .pulseDoubtful(let number, let words): return pulseDoubtful(number, words, moment)
    case .dropSensed: return dropSensed(moment)
    case .faultRaised(let fault): return raise(fault, moment)
    case .faultCleared(let code, let subject): return clear(code, subject, moment)
    case .serviceAsked(let locked): return serviceAsked(locked, moment)
    case .faultClearingAsked: return faultClearingAsked(moment)
    case .wished(let wish, let author): return wished(wish, by: author, moment)
    case .testVendAsked(let lane, let isWhole, let author):
      return testVendAsked(lane, isWhole: isWhole, by: author, moment)
    case .testPulseEnded(let lane, let pulse): return testPulseEnded(lane, pulse, moment)
    case .codeChecked(let attempt, let isRight): return codeChecked(attempt, isRight, moment)
    case .laneEmptied(let lane, let isEmpty): return laneEmptied(lane, isEmpty)
    case .pricesListed(let list):
      waitingPrices = list
      return []
    case .stopAsked: return stopAsked(moment)
    }
  }

  /// The fault that keeps the machine from opening an order; nil when it sells.
  public var stopper: Fault? { faults.stopper }

  /// Whether a key press can begin a sale now.
  public var sells: Bool {
    guard stopper == nil, !isStopping, trial == nil else { return false }
    switch state {
    case .idle, .selecting, .message: return true
    case .beginning, .opening, .awaitingPayment, .closing, .permitting, .intending, .pulsing,
      .watching, .judging, .ending:
      return false
    }
  }

  /// The order under way.
  public var sale: Sale? {
    switch state {
    case .beginning(let sale), .opening(let sale, _), .awaitingPayment(let sale, _),
      .closing(let sale, _), .permitting(let sale, _), .intending(let sale),
      .pulsing(let sale, _), .watching(let sale), .judging(let sale, _), .ending(let sale, _):
      sale
    case .idle, .selecting, .message: nil
    }
  }

  /// The state's name for people and for the control socket.
  public var stateName: String {
    switch state {
    case .idle: "idle"
    case .selecting: "selecting"
    case .beginning, .opening: "opening"
    case .awaitingPayment: "awaiting-payment"
    case .closing: "closing"
    case .permitting: "permitting"
    case .intending, .pulsing, .watching: "dispensing"
    case .judging, .ending: "ending"
    case .message: "message"
    }
  }

  // MARK: Recording and timers

  /// Writes an entry; `effects` leave when it is on disk.
  mutating func write(
    _ entry: Entry, then effects: [Effect] = [], _ moment: Moment
  ) -> [Effect] {
    ledger.apply(entry, laneFailureLimit: plan.policy.laneFailureLimit, at: moment.wallTime)
    recordings.append(Recording(entry: entry, ledger: ledger, effects: effects))
    return recordings.count == 1 ? [.record(entry, ledger)] : []
  }

  private mutating func recorded(_ moment: Moment) -> [Effect] {
    guard !recordings.isEmpty else { return [] }
    let done = recordings.removeFirst()
    let next: [Effect] = recordings.first.map { [.record($0.entry, $0.ledger)] } ?? []
    return next + done.effects + settledDown(done.entry, moment)
  }

  mutating func arm(_ timer: Timer, after delay: Duration) -> Effect {
    lastGeneration += 1
    generations[timer] = lastGeneration
    return .arm(timer, generation: lastGeneration, after: delay)
  }

  mutating func disarm(_ timers: Timer...) -> [Effect] {
    timers.compactMap { timer in
      guard generations[timer] != nil else { return nil }
      generations[timer] = nil
      return .disarm(timer)
    }
  }
}
