internal import Money
public import Timing

/// Judges a machine from outside: from what was paid, what fell, what went back, how long a relay
/// was on, what the glass shows, and from what the journal says.
///
/// It is written apart from the rules that it judges and shares no code with them: what it allows
/// is the design's list of invariants and nothing else. With every fact it checks that nothing is
/// wrong; `finish`, once faults have stopped, that everything has reached an end.
///
/// What no machine can know it does not blame: a product that fell unseen (a blind sensor), a drop
/// after the verdict, and an order whose pulse a power cut left open: that one may end in any way
/// that the machine's policy allows and the journal says.
///
/// One auditor judges one board. It keeps a small entry for each order until `forget`.
public struct Auditor: Hashable, Sendable {
  /// What the machine is, and what it is allowed.
  public struct Settings: Hashable, Sendable {
    /// Whether a drop sensor is fitted and used; without one a whole pulse is a delivery.
    public var hasDropSensor = true
    /// Whether the machine's policy may count an unsure order as delivered.
    public var mayAssumeDelivery = false
    /// Whether `stated` facts come: then nothing counts as paid before one.
    public var hearsStatements = false
    /// Whether `keyed` facts come: then no sale begins of a lane that nobody keyed.
    public var hearsKeys = false
    /// How long after a finger's last key its sale may still begin: a disk may be slow, and a
    /// process asleep.
    public var keyPatience = Duration.seconds(120)
    /// The currency of every payment.
    public var currency = "CNY"
    /// The longest time that a relay is on.
    public var relayCap = Duration.seconds(10)
    /// How long a change may take to reach the glass: so long the code of an order that is over
    /// may be seen.
    public var glassDelay = Duration.seconds(2)
    /// How long a sale that began before the screen went dark may take to reach the disk.
    public var recordDelay = Duration.seconds(8)
    /// How long a start may take to blank the glass.
    public var blankingTime = Duration.seconds(2)
    /// How long after the last fault every order must have its end.
    public var endBound = Duration.seconds(4 * 3600)

    /// The defaults.
    public init() {}
  }

  /// A relay that is on.
  struct LiveRelay: Hashable {
    var lane: String
    var place: Int?
    var deadline: Instant
  }

  /// A lane that somebody wants.
  struct Wish: Hashable {
    var lane: String
    var keyedAt: Instant
  }

  public let settings: Settings
  var wishes: [Wish] = []
  var orders: [AuditedOrder] = []
  private var places: [String: Int] = [:]
  /// Most facts are about the order that the last one was about.
  private var lastPlace = 0
  /// The sale under way: begun, and neither ended nor let go.
  var present: Int?
  /// The order that was pulsed last.
  var pulsedLast: Int?
  var relays: [LiveRelay] = []
  /// The order whose code is on the glass.
  var onGlass: Int?
  /// When that code must be gone.
  var glassDeadline = Instant.distantFuture
  /// Since when the machine has known that its screen is dark.
  var darkSince: Instant?
  var isRunning = true
  /// How many records the journal holds.
  var journalLength: Int64 = 0
  var journalIsDamaged = false
  var mustNotSell = false
  /// Pulses that a technician asked for and that have not come.
  var testVends = 0
  var faultsStoppedAt: Instant?
  var excused: InvariantSet = []
  var forgotten = Sums()
  private var found: [Violation] = []

  /// An auditor of a machine whose journal is empty, or begins with the first `restarted`.
  public init(_ settings: Settings = Settings()) { self.settings = settings }

  /// Takes in what happened at `now`, and says what was wrong with it or with the time until then.
  public mutating func witness(_ fact: Fact, at now: Instant) -> [Violation] {
    missDeadlines(now)
    take(fact, now)
    if found.isEmpty { return [] }
    defer { found.removeAll() }
    return found
  }

  private mutating func take(_ fact: Fact, _ now: Instant) {
    switch fact {
    case .selected(let order, let lane, let price): selected(order, lane, price, now)
    case .cancelling(let order): cancelling(order, now)
    case .intended(let order, let amount): intended(order, amount, now)
    case .judged(let order, let verdict): judged(order, verdict, now)
    case .endedUnpaid(let order): endedUnpaid(order, now)
    case .settled(let order): settled(order, now)
    case .lateDropNoted(let order): lateDropNoted(order, now)
    case .testVendNoted: testVendNoted()
    case .noted: journalLength += 1
    case .countedPaid(let order, let amount): countedPaid(order, amount, now)
    case .held(let order, let amount): held(order, amount, now)
    case .caseOpened(let order, _): mark(order, .caseOpened, now)
    case .personDecided(let order, let delivered): personDecided(order, delivered, now)
    case .asked(let order, let amount, let end): asked(order, amount, end, now)
    case .closed(let order): closed(order, now)
    case .paid(let order, let amount, let currency): paid(order, amount, currency, now)
    case .stated(let order): mark(order, .stated, now)
    case .refunded(let order, let refund, let amount): refunded(order, refund, amount, now)
    case .keyed(let lane): keyed(lane, now)
    case .relayOn(let lane, let order): relayOn(lane, order, now)
    case .relayOff(let lane): relayOff(lane)
    case .pulseDoubted(let order): mark(order, .doubted, now)
    case .fell(_, let order): fell(order, now)
    case .sensed(let order): sensed(order)
    case .showed(let order, let amount): showed(order, amount, now)
    case .showedDeadCode(let order): showedDeadCode(order, now)
    case .screenTold(let isDark): darkSince = isDark ? darkSince ?? now : nil
    case .powerFailed: powerFailed()
    case .restarted(let sequence): restarted(sequence, now)
    case .journalDamaged: journalIsDamaged = true
    case .journalMended: journalMended()
    case .staleCame(let order, let changed): staleCame(order, changed, now)
    case .faultsStopped: faultsStoppedAt = now
    case .excused(let order, let invariants): excuse(order, InvariantSet(invariants))
    }
  }

  // MARK: Orders

  /// Where the order's entry is; nil when nobody has spoken of it.
  mutating func place(of number: String) -> Int? {
    if lastPlace < orders.count, orders[lastPlace].number == number { return lastPlace }
    guard let place = places[number] else { return nil }
    lastPlace = place
    return place
  }

  /// Makes the order's entry.
  mutating func begin(_ number: String, lane: String, price: Amount) -> Int {
    let place = orders.count
    orders.append(AuditedOrder(number, lane: lane, price: price))
    places[number] = place
    lastPlace = place
    return place
  }

  private mutating func mark(_ number: String, _ marks: AuditedOrder.Marks, _ now: Instant) {
    guard let place = place(of: number) else { return }
    orders[place].marks.insert(marks)
    if marks == .caseOpened { advanced(place, now) }
  }

  /// A step towards an order's end: after the faults it must come within the bound (I10).
  mutating func advanced(_ place: Int, _ now: Instant) {
    orders[place].endedAt = now
    guard let faultsStoppedAt, now > faultsStoppedAt + settings.endBound else { return }
    object(.everyOrderEnds, place, now, "its end comes \(now - faultsStoppedAt) after the faults")
  }

  /// Lets go of orders that ended before `limit` with all their money where it belongs.
  ///
  /// Their sums are kept. A fact about a forgotten order is one about a stranger: the limit must be
  /// older than anything that can still be under way.
  public mutating func forget(endedBefore limit: Instant) {
    let held = Set([present, pulsedLast, onGlass] + relays.map(\.place))
    var kept: [AuditedOrder] = []
    var moves: [Int: Int] = [:]
    for (place, order) in orders.enumerated() {
      if order.isOver, order.endedAt < limit, !held.contains(place) {
        forgotten.add(order)
        places[order.number] = nil
      } else {
        moves[place] = kept.count
        places[order.number] = kept.count
        kept.append(order)
      }
    }
    orders = kept
    lastPlace = 0
    (present, pulsedLast, onGlass) = (
      present.flatMap { moves[$0] }, pulsedLast.flatMap { moves[$0] }, onGlass.flatMap { moves[$0] }
    )
    for index in relays.indices { relays[index].place = relays[index].place.flatMap { moves[$0] } }
  }

  /// Orders of which a person was told and about which nobody has decided, with money in them.
  public var openCases: Int { orders.count { $0.isOpenCase } }

  /// Orders that are remembered.
  public var orderCount: Int { orders.count }

  // MARK: Objections

  mutating func object(
    _ invariant: Invariant, _ place: Int?, _ now: Instant, _ words: @autoclosure () -> String
  ) {
    object(invariant, place.map { orders[$0].number }, place, now, words())
  }

  /// An objection to what was done with an order that is in no journal.
  mutating func object(
    _ invariant: Invariant, stranger number: String, _ now: Instant,
    _ words: @autoclosure () -> String
  ) {
    object(invariant, number, nil, now, words())
  }

  private mutating func object(
    _ invariant: Invariant, _ number: String?, _ place: Int?, _ now: Instant,
    _ words: @autoclosure () -> String
  ) {
    if excused.contains(invariant) { return }
    if let place, orders[place].excused.contains(invariant) { return }
    found.append(Violation(invariant, order: number, words(), at: now))
  }

  private mutating func excuse(_ number: String?, _ invariants: InvariantSet) {
    guard let number else { return excused.formUnion(invariants) }
    let place = place(of: number) ?? begin(number, lane: "", price: .zero)
    orders[place].excused.formUnion(invariants)
  }

  /// What was found and not yet told.
  mutating func takeFound() -> [Violation] {
    defer { found.removeAll() }
    return found
  }
}
