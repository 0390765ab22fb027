internal import Core
internal import CoreService
internal import FleetStorage
internal import Ordering
internal import Timing
internal import Vending

/// A payment service in a world: processes over one database, what they are doing, and the board's
/// way to them.
struct ServiceState: Sendable {
  var store = ServiceStore()
  var processes: [Process] = []
  /// Events of orders that are being handled.
  var turns: [Turn] = []
  /// Polls that are held, and those that are about to be answered.
  var polls: [HeldPoll] = []
  /// Numbers calls, turns and polls.
  private var serial = 0
  /// Notices that the provider still means to send.
  var noticesUnderWay = 0
  /// When the database can be reached again.
  var databaseReturns = Instant.zero
  /// When the way between board and service is there again.
  var lineReturns = Instant.zero
  var dutiesAt: Instant?
  /// The core's own prices; nil while it leaves them to the machine.
  var prices: PriceList?
  var line = BoardLine()

  /// Whether a commit is on its way to the database.
  var isCommitting: Bool {
    turns.contains { if case .commits = $0.stage { true } else { false } }
  }

  mutating func number() -> Int {
    serial += 1
    return serial
  }

  /// One process of the service: it keeps nothing that matters.
  struct Process: Hashable, Sendable {
    var isUp = true
    /// Counts its lives: what an earlier one was doing is gone.
    var life = 1
    /// It sleeps (SIGSTOP), and does not know.
    var sleepsUntil = Instant.zero
    /// It is about to end, and holds no poll any more.
    var sendsAway = false
    var silences = Silences(pause: .seconds(5), perSecond: 200)
  }

  /// An event of an order, and where the process that handles it has come to.
  struct Turn: Sendable {
    var id: Int
    var process: Int
    var turn: OrderTurn
    var purpose: Purpose
    /// Whether another one has been at the same order meanwhile: two that ask for its code get two,
    /// and the board may have been told the one that is replaced.
    var isRivalled = false
    var stage = Stage.reads

    /// What is under way; it comes with `ServiceHappening.turn`.
    enum Stage: Sendable {
      case reads
      case commits(Posting)
      case hears(OrderTurn.News)
      case alarms(String)
      /// A request on its way to the provider, with what may be wrong with the exchange.
      case reaches(OrderBook.Effect, FaultKind?)
      /// The provider's answer on its way.
      case heard(OrderBook.Event, FaultKind?)
    }
  }

  /// For whom an event is handled.
  enum Purpose: Hashable, Sendable {
    case call(BoardCall)
    /// The held poll of that number.
    case poll(Int)
    case notice(Notice)
    case duty
    case person(delivered: Bool)
    /// A board with a copy of the right one's disk asks for a permit that was given.
    case clone
  }

  /// A status call that is held while nothing happens (`FleetCore.status`).
  struct HeldPoll: Hashable, Sendable {
    var id: Int
    var call: BoardCall
    var process: Int
    var number: OrderNumber
    var nonce: UInt64?
    var end: Instant
    /// What is said when the time is over.
    var last = StatusAnswer.pending
    /// News came since it last looked.
    var isTold = false
    var isWaiting = false
    /// The provider is being asked since nobody had said anything.
    var breaksSilence = false
  }
}

/// A call of the board's.
struct BoardCall: Hashable, Sendable {
  var id: Int
  var question: Question
  /// Whether the board's journal was whole when it left.
  var wasWhole = true
  /// How long its answer may be held.
  var hold: Duration = .zero
  /// What the line does to its answer.
  var fate: FaultKind?
}

/// What the board has under way with the service: one call after the other, and beside them the one
/// question that is held (`RemoteDesk`).
struct BoardLine: Sendable {
  var call: BoardCall?
  var held: (call: BoardCall, following: Following)?
  var expected = ExpectedPayments()
  var followBackOff = BackOff(first: .seconds(1), longest: .seconds(8))
  var probesFailed = 0
}

/// What the provider tells the service without being asked.
struct Notice: Hashable, Sendable {
  var number: OrderNumber
  var isRefund: Bool
  var attempt = 0

  /// The pauses before it is sent again (facts: WeChat Pay A.12); the last one for ever.
  static let pauses: [Int64] = [15, 15, 30, 180, 600, 1200, 1800]
}

/// What happens at a service, and on the way to it.
enum ServiceHappening: Hashable, Sendable {
  // The board's own: they die with its process.
  indirect case replied(call: Int, CoreReply)
  case gaveUp(call: Int, Doubt)
  case beat(isRepetition: Bool)
  case probes
  // The service's
  indirect case arrives(BoardCall)
  case turn(Int)
  case looks(poll: Int)
  /// A settlement's order is looked up first.
  indirect case settles(BoardCall, process: Int, life: Int)
  case notice(Notice)
  case duties
  case cloneAsks(OrderNumber)
  /// Somebody at the console decides about an order that is just being dispensed.
  case decided(OrderNumber)
  case processStarts(Int)
  case processEnds(Int)

  /// Whether it goes with the board's process.
  var isOfBoard: Bool {
    switch self {
    case .replied, .gaveUp, .beat, .probes: true
    case .arrives, .turn, .looks, .settles, .notice, .duties, .cloneAsks, .decided,
      .processStarts, .processEnds:
      false
    }
  }

  /// Whether it comes by itself, whatever there is to do.
  var isIdle: Bool {
    if case .beat = self { true } else { false }
  }
}
