public import Money
public import Ordering
public import Timing

/// One line of the board's journal: what happened or is about to, written before it matters.
public enum Entry: Hashable, Sendable, Codable {
  /// A sale begins; its order number is used up from here on.
  case saleBegan(OrderRequest, Plan.Lane)
  /// The order is to be ended unpaid; the core must be told until it answers.
  case cancelling(OrderNumber)
  /// It ended without a pulse and without money of ours.
  case endedUnpaid(OrderNumber)
  /// The money is verified and the permit given: the relay is switched on next. After a crash
  /// this line without a verdict means that the product may or may not have fallen.
  case intent(OrderNumber, Payment)
  /// What became of it.
  case verdict(OrderNumber, Outcome)
  /// The core has taken the verdict over.
  case settled(OrderNumber)
  /// A drop was sensed after the verdict that nothing fell.
  case lateDrop(OrderNumber)
  case testVend(lane: String)
  /// One lane's stock, as journals before `deed` say it.
  case refilled(lane: String, pieces: Int)
  /// What a person has done to stock, prices or lanes, and who.
  case deed(Deed, by: Author)
  case faultsCleared
  case serviceLocked(Bool)

  private typealias SaleBeganCodingKeys = CaseKeys.Pair
  private typealias IntentCodingKeys = CaseKeys.Pair
  private typealias VerdictCodingKeys = CaseKeys.Pair
  private typealias CancellingCodingKeys = CaseKeys.Value
  private typealias EndedUnpaidCodingKeys = CaseKeys.Value
  private typealias SettledCodingKeys = CaseKeys.Value
  private typealias LateDropCodingKeys = CaseKeys.Value
  private typealias ServiceLockedCodingKeys = CaseKeys.Value
  private typealias TestVendCodingKeys = CaseKeys.Lane
  private typealias RefilledCodingKeys = CaseKeys.LanePieces
  private typealias FaultsClearedCodingKeys = CaseKeys.Nothing

  /// The word for it in the journal's table.
  public var kind: String {
    switch self {
    case .saleBegan: "sale-began"
    case .cancelling: "cancelling"
    case .endedUnpaid: "ended-unpaid"
    case .intent: "intent"
    case .verdict: "verdict"
    case .settled: "settled"
    case .lateDrop: "late-drop"
    case .testVend: "test-vend"
    case .refilled: "refilled"
    case .deed(let deed, _): deed.kind
    case .faultsCleared: "faults-cleared"
    case .serviceLocked: "service-locked"
    }
  }

  /// The order that it is about.
  public var order: OrderNumber? {
    switch self {
    case .saleBegan(let request, _): request.number
    case .cancelling(let number), .endedUnpaid(let number), .intent(let number, _),
      .verdict(let number, _), .settled(let number), .lateDrop(let number):
      number
    case .testVend, .refilled, .deed, .faultsCleared, .serviceLocked: nil
    }
  }
}

/// All that the board must remember over a restart: a fold over the journal's entries.
public struct Ledger: Hashable, Sendable, Codable {
  /// The sale that has begun and not ended.
  public internal(set) var sale: OpenSale?
  /// What the core must still be told, oldest first.
  public internal(set) var obligations: [Obligation] = []
  public internal(set) var lanes: [String: LaneRecord] = [:]
  public internal(set) var counters = Counters()
  /// Automatic refunds of unsure orders on one day.
  public internal(set) var unsureDay: Int64 = 0
  public internal(set) var unsureRefunds = 0
  public internal(set) var isServiceLocked = false
  /// Service codes tried since the last right one; nil while there are none.
  public internal(set) var wrongCodes: Int?
  /// Sales in a row that were paid and delivered nothing, whatever their lanes; nil while the last
  /// one delivered.
  public internal(set) var salesFailed: Int?

  /// The payment core's prices; nil while it has set none.
  public internal(set) var prices: PriceList?

  /// A sale that has begun.
  public struct OpenSale: Hashable, Sendable, Codable {
    public var request: OrderRequest
    public var lane: Plan.Lane
    /// The payment, once the intent is on disk: from there on the relay may have been on.
    public var payment: Payment?

    init(request: OrderRequest, lane: Plan.Lane) { (self.request, self.lane) = (request, lane) }
  }

  /// Something that the core must be told until it says that it has it.
  public struct Obligation: Hashable, Sendable, Codable {
    public var number: OrderNumber
    /// Nil: the order is to be ended unpaid.
    public var outcome: Outcome?
    /// What the permit was given for, when there was an intent.
    public var payment: Payment?
    /// The sale whose drop was missing: one that is seen before anybody is told corrects it.
    var missing: OpenSale?
  }

  /// What is known of a lane.
  public struct LaneRecord: Hashable, Sendable, Codable {
    /// Pieces left; nil while never filled or not counted.
    public var stock: Int?
    /// Failures since the last delivery.
    public var failures = 0
    /// Closed until a person clears it.
    public var isClosed = false
    /// Deliveries since the journal began, what they were worth, and test vends: for the audit.
    public var vends: Int64 = 0
    public var value: Amount = .zero
    public var testVends: Int64 = 0
    /// What a person has set.
    public var setting = LaneSetting()

    /// A lane of which nothing is known.
    public init() {}

    /// Read from what any version has written: the counts came later than the rest.
    public init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      stock = try fields.decodeIfPresent(Int.self, forKey: .stock)
      failures = try fields.decode(Int.self, forKey: .failures)
      isClosed = try fields.decode(Bool.self, forKey: .isClosed)
      vends = try fields.decodeIfPresent(Int64.self, forKey: .vends) ?? 0
      value = try fields.decodeIfPresent(Amount.self, forKey: .value) ?? .zero
      testVends = try fields.decodeIfPresent(Int64.self, forKey: .testVends) ?? 0
      setting = try fields.decodeIfPresent(LaneSetting.self, forKey: .setting) ?? LaneSetting()
    }
  }

  /// What a person has set for a lane, beside its stock.
  public struct LaneSetting: Hashable, Sendable, Codable {
    /// A price other than the machine file's.
    public var price: SetPrice?
    /// The level that a refill fills it to; nil: its capacity.
    public var par: Int?
    /// Out of use by hand.
    public var isOff = false

    /// A price that a person has set.
    public struct SetPrice: Hashable, Sendable, Codable {
      public var price: Amount
      /// What the machine file said then: it stands as long as the file says that.
      public var listed: Amount
      public var by: Author
      public var at: WallTime
    }
  }

  /// Counts since the journal began; they never go back.
  public struct Counters: Hashable, Sendable, Codable {
    public var vends: Int64 = 0
    public var value: Amount = .zero
    public var failures: Int64 = 0
    public var unsure: Int64 = 0
    public var cancelled: Int64 = 0
    public var testVends: Int64 = 0
    public var lateDrops: Int64 = 0
    /// Whole vends without money.
    public var serviceVends: Int64 = 0

    /// Nothing counted.
    public init() {}

    /// Read from what any version has written.
    public init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      vends = try fields.decode(Int64.self, forKey: .vends)
      value = try fields.decode(Amount.self, forKey: .value)
      failures = try fields.decode(Int64.self, forKey: .failures)
      unsure = try fields.decode(Int64.self, forKey: .unsure)
      cancelled = try fields.decode(Int64.self, forKey: .cancelled)
      testVends = try fields.decode(Int64.self, forKey: .testVends)
      lateDrops = try fields.decode(Int64.self, forKey: .lateDrops)
      serviceVends = try fields.decodeIfPresent(Int64.self, forKey: .serviceVends) ?? 0
    }
  }

  /// The name under which the journal keeps the latest ledger, for whoever opens it.
  public static let storageKey = "ledger"

  /// An empty ledger.
  public init() {}

  /// Takes an entry in.
  ///
  /// `limit` is the machine's failures-in-a-row limit; `day` the entry's date.
  public mutating func apply(_ entry: Entry, laneFailureLimit limit: Int, at time: WallTime) {
    switch entry {
    case .saleBegan(let request, let lane):
      sale = OpenSale(request: request, lane: lane)
    case .cancelling(let number):
      if sale?.request.number == number { sale = nil }
      obligations.append(Obligation(number: number, outcome: nil, payment: nil, missing: nil))
      counters.cancelled += 1
    case .endedUnpaid(let number):
      if sale?.request.number == number { sale = nil }
      obligations.removeAll { $0.number == number }
    case .intent(let number, let payment):
      if sale?.request.number == number { sale?.payment = payment }
    case .verdict(let number, let outcome):
      judge(number, outcome, limit, time)
    case .settled(let number):
      obligations.removeAll { $0.number == number }
    case .lateDrop:
      counters.lateDrops += 1
    case .testVend(let lane):
      counters.testVends += 1
      lanes[lane, default: LaneRecord()].testVends += 1
    case .refilled(let lane, let pieces):
      lanes[lane, default: LaneRecord()].stock = pieces
    case .deed(let deed, let author):
      apply(deed, by: author, at: time)
    case .faultsCleared:
      salesFailed = nil
      for code in lanes.keys {
        lanes[code]?.failures = 0
        lanes[code]?.isClosed = false
      }
    case .serviceLocked(let locked):
      isServiceLocked = locked
    }
  }

  private mutating func judge(
    _ number: OrderNumber, _ outcome: Outcome, _ limit: Int, _ time: WallTime
  ) {
    let missing = obligations.first { $0.number == number }?.missing
    let sale = self.sale?.request.number == number ? self.sale : missing
    obligations.removeAll { $0.number == number }
    obligations.append(
      Obligation(
        number: number, outcome: outcome, payment: sale?.payment,
        missing: outcome == .failed(.noDrop) ? sale : nil))
    if case .unsure(.refund) = outcome { countUnsureRefund(time) }
    guard let sale else { return }
    if self.sale == sale { self.sale = nil }
    var lane = lanes[sale.lane.code] ?? LaneRecord()
    switch outcome {
    case .delivered, .unsure(.assumeDelivered):
      lane.stock = lane.stock.map { max(0, $0 - 1) }
      lane.failures = 0
      salesFailed = nil
      lane.vends += 1
      lane.value += sale.request.amount
      counters.vends += 1
      counters.value += sale.request.amount
    case .failed(.noDrop), .failed(.relayRefused):
      lane.failures += 1
      if lane.failures >= limit { lane.isClosed = true }
      salesFailed = (salesFailed ?? 0) + 1
      counters.failures += 1
    case .failed(.interrupted), .failed(.paidTooLate), .failed(.machineFault):
      counters.failures += 1
    case .unsure(.refund), .unsure(.hold):
      counters.unsure += 1
    }
    lanes[sale.lane.code] = lane
  }

  /// The payments whose permit this board holds or has used, and which the core has not settled.
  ///
  /// A core on the same disk may have lost them in a power cut: it syncs them with its next record
  /// only, since the board's intent is synced before anything moves.
  public var permits: [Payment] {
    obligations.compactMap(\.payment) + [sale?.payment].compactMap(\.self)
  }

  private mutating func countUnsureRefund(_ time: WallTime) {
    let day = Self.day(time)
    unsureRefunds = day == unsureDay ? unsureRefunds + 1 : 1
    unsureDay = day
  }

  /// Unsure refunds that were made on the day of `time`.
  public func unsureRefunds(on time: WallTime) -> Int {
    Self.day(time) == unsureDay ? unsureRefunds : 0
  }

  /// The day, in Beijing, as a count.
  private static func day(_ time: WallTime) -> Int64 {
    (time.seconds + WallTime.beijingOffsetSeconds) / 86_400
  }
}
