public import Vending

/// What `vendctl` asks a running daemon, one JSON object a line over a UNIX socket.
public enum ControlRequest: Codable, Equatable, Sendable {
  /// How the machine is.
  case status
  /// The faults that stand, or all that there have been.
  case faults(all: Bool)
  /// The newest orders, or only those that are still open.
  case orders(openOnly: Bool, limit: Int)
  /// One order by its number or its last characters, with its history.
  case order(String)
  /// Give the money of a paid order back, by a person's decision.
  case refund(String)
  /// Close an open case as it is, by a person's decision.
  case resolve(String, delivered: Bool)
  /// Take an order's money for given back by another way, by a person's word.
  case refunded(String)
  /// Stop selling for service, or sell again.
  case service(locked: Bool)
  /// Take a fault back whose physical cause a person has removed (a closed lane).
  case clearFaults
  /// Stock of a lane after a refill; nil fills to capacity.
  case refill(lane: String, pieces: Int?)
  /// Show a technician's card for some seconds; without a name one with a QR code, without a time
  /// for ten.
  case testDisplay(card: String? = nil, seconds: Int? = nil)
  /// Change stock, a price or a lane, in the asking user's name.
  case wish(Wish)
  /// A whole vend without money, counted apart. Needs the service lock, or the door open.
  case testVend(lane: String)
  /// What every part says at this moment.
  case parts
  /// Pulse a lane's relay without a sale; counted as a test vend. Needs the service lock,
  /// or the door open.
  case testRelay(lane: String)
  /// The keys that are pressed while `duration` runs.
  case testKeypad(seconds: Int)
  /// Levels and edges of drop sensor and door while `duration` runs.
  case testSensor(seconds: Int)

  private typealias StatusCodingKeys = CaseKeys.Nothing
  private typealias ClearFaultsCodingKeys = CaseKeys.Nothing
  private typealias PartsCodingKeys = CaseKeys.Nothing
  private typealias OrderCodingKeys = CaseKeys.Value
  private typealias RefundCodingKeys = CaseKeys.Value
  private typealias RefundedCodingKeys = CaseKeys.Value
  private typealias WishCodingKeys = CaseKeys.Value
  private typealias RefillCodingKeys = CaseKeys.LanePieces
  private typealias TestVendCodingKeys = CaseKeys.Lane
  private typealias TestRelayCodingKeys = CaseKeys.Lane
  private typealias TestKeypadCodingKeys = CaseKeys.Seconds
  private typealias TestSensorCodingKeys = CaseKeys.Seconds
}

/// What a daemon answers: one JSON object a line; a test streams several `progress` before its end.
public enum ControlReply: Codable, Equatable, Sendable {
  case status(MachineStatus)
  case faults([FaultReport])
  case orders([OrderSummary])
  case order(OrderSummary, history: [HistoryLine])
  case parts(PartsReport)
  /// Done; words for the person.
  case done(String)
  /// A line of a test that goes on.
  case progress(String)
  /// Not done, and why.
  case refused(String)

  /// Why a daemon that could not open its books tells of no order; whoever may reads them himself.
  public static let booksAreClosed = "the order book is not open"

  /// Why nothing is decided here about an order's money.
  public static let decidedElsewhere =
    "the payment service has the orders' money: decide there, as its operator"

  /// Why nothing is told or done about an order that a person named.
  public static func noOrder(_ text: String) -> String { "no order \(text), or several" }

  private typealias StatusCodingKeys = CaseKeys.Value
  private typealias FaultsCodingKeys = CaseKeys.Value
  private typealias OrdersCodingKeys = CaseKeys.Value
  private typealias PartsCodingKeys = CaseKeys.Value
  private typealias DoneCodingKeys = CaseKeys.Value
  private typealias ProgressCodingKeys = CaseKeys.Value
  private typealias RefusedCodingKeys = CaseKeys.Value
}

/// How a machine is.
public struct MachineStatus: Codable, Equatable, Sendable {
  public var machine: String
  public var board: String
  public var version: String
  public var process: Int32
  public var uptimeSeconds: Int64
  /// The state of the sale: `idle`, `awaiting-payment`, ...
  public var state: String
  /// The order under way.
  public var order: String?
  /// Whether the machine takes a new sale now.
  public var sells: Bool
  public var faults: [FaultLine]
  public var lanes: [LaneLine]
  /// Counts since the journal began, which never go back; what they are `Counts` says.
  public var counters: [String: Int64]
  /// Open cases and refunds that are owed.
  public var openOrders: Int
  /// The provider's clock minus ours, when an answer has told.
  public var clockSkewMilliseconds: Int64?

  /// A fault that stands.
  public struct FaultLine: Codable, Equatable, Sendable {
    public var code: String
    public var subject: String
    public var words: String
    public var sinceMilliseconds: Int64
    /// Describes a fault.
    public init(code: String, subject: String, words: String, sinceMilliseconds: Int64) {
      (self.code, self.subject) = (code, subject)
      (self.words, self.sinceMilliseconds) = (words, sinceMilliseconds)
    }
  }

  /// A lane.
  public struct LaneLine: Codable, Equatable, Sendable {
    public var code: String
    public var name: String
    public var priceFen: Int64
    public var stock: Int?
    public var isClosed: Bool
    public var failures: Int
    /// The level that a refill fills it to.
    public var par: Int?
    /// Out of use by hand, and empty by its own switch; nil from a daemon that does not say.
    public var isOff: Bool?
    public var isEmpty: Bool?
    /// Who set a price other than the machine file's, and when.
    public var pricedBy: String?
    public var pricedAtMilliseconds: Int64?
    /// Describes a lane.
    public init(
      code: String, name: String, priceFen: Int64, stock: Int?, isClosed: Bool, failures: Int
    ) {
      (self.code, self.name, self.priceFen) = (code, name, priceFen)
      (self.stock, self.isClosed, self.failures) = (stock, isClosed, failures)
    }
  }

  /// Describes a machine.
  public init(
    machine: String, board: String, version: String, process: Int32, uptimeSeconds: Int64,
    state: String, order: String?, sells: Bool, faults: [FaultLine], lanes: [LaneLine],
    counters: [String: Int64], openOrders: Int, clockSkewMilliseconds: Int64?
  ) {
    (self.machine, self.board, self.version) = (machine, board, version)
    (self.process, self.uptimeSeconds, self.state) = (process, uptimeSeconds, state)
    (self.order, self.sells, self.faults, self.lanes) = (order, sells, faults, lanes)
    (self.counters, self.openOrders) = (counters, openOrders)
    self.clockSkewMilliseconds = clockSkewMilliseconds
  }
}

/// An order in one line.
public struct OrderSummary: Codable, Equatable, Sendable {
  public var number: String
  public var lane: String
  public var title: String
  public var amountFen: Int64
  /// The order book's state, such as `delivered`, `refund-owed`.
  public var state: String
  /// Whether something is still to be done about it.
  public var isOpen: Bool
  public var madeAtMilliseconds: Int64
  public var updatedAtMilliseconds: Int64
  /// The provider's number, once paid.
  public var transaction: String?
  /// What a person should know.
  public var note: String

  /// Describes an order.
  public init(
    number: String, lane: String, title: String, amountFen: Int64, state: String, isOpen: Bool,
    madeAtMilliseconds: Int64, updatedAtMilliseconds: Int64, transaction: String?, note: String
  ) {
    (self.number, self.lane, self.title, self.amountFen) = (number, lane, title, amountFen)
    (self.state, self.isOpen) = (state, isOpen)
    self.madeAtMilliseconds = madeAtMilliseconds
    self.updatedAtMilliseconds = updatedAtMilliseconds
    (self.transaction, self.note) = (transaction, note)
  }
}

/// One record of an order's history.
public struct HistoryLine: Codable, Equatable, Sendable {
  public var atMilliseconds: Int64
  /// `board` or `core`.
  public var book: String
  public var kind: String
  public var body: String
  /// Describes a record.
  public init(atMilliseconds: Int64, book: String, kind: String, body: String) {
    (self.atMilliseconds, self.book) = (atMilliseconds, book)
    (self.kind, self.body) = (kind, body)
  }
}
