internal import Control
internal import Money
internal import PaymentPlatform
internal import Timing

/// What can be seen of a trial from outside the daemon, once everything has come to rest.
struct TrialEvidence: Sendable {
  /// The lane that the customer keyed.
  struct Lane: Hashable, Sendable {
    var code: String
    var channel: String
    var name: String
    var price: Amount
  }

  /// A daemon's end or its successor's start.
  struct Life: Hashable, Sendable {
    enum Turn { case gone, back }
    var turn: Turn
    var at: Instant
  }

  var trial: Trial
  var lane: Lane
  /// The board's relay cap.
  var relayCap: Duration
  /// What the board's wires did, oldest first.
  var events: [BoardEvent] = []
  /// Orders that the trial has made at the platform.
  var orders: [PlatformOrder] = []
  /// What happened to them there, oldest first.
  var platformEvents: [PlatformEvent] = []
  /// When daemons went and came.
  var lives: [Life] = []
  /// The wall clock beside ours.
  var wallClock = ClockPair()
  /// When everything was at rest.
  var finishedAt = Instant.zero
  /// The platform's clock beside ours.
  var platformClock = ClockPair()
  /// As `vendctl orders` lists the trial's orders, and `vendctl orders --open` all that are open.
  var listed: [OrderSummary] = []
  var open: [OrderSummary] = []
  /// What the service's book says of the trial's orders, by number; nil where the core is the
  /// board's own.
  var service: [String: ServiceOrder]?
  /// The trial's orders in both books, by number.
  var histories: [String: [HistoryLine]] = [:]
  /// Relays that are on at rest.
  var relaysOn: [String] = []
  /// Whether a code can be read on the display at rest.
  var showsCode = false
  /// What became of the display's plug; nil where it was left alone.
  var pull: PanelPull.Tally?
  /// The code on the first picture of a panel that came back, and the one that stands there at
  /// rest; nil when there is none.
  var firstCode: String?
  /// Whether the fault happened, and at what call; empty where it is no call.
  var isStruck = false
  var struckName = ""
  /// How the struck processes ended meanwhile, but for the kill that begins a restart.
  var exits: [ChildProcess.Exit] = []
  /// How processes ended that nobody struck.
  var strayExits: [ChildProcess.Exit] = []
  /// How long it took from the end of the faults to rest; nil when that did not come.
  var restedAfter: Duration?
  /// What was in the way of rest, and of reading the evidence.
  var trouble: [String] = []
  /// All orders of the machine's life, for the sums; nil when there are too many to list.
  var sums: Sums?

  /// The money of all orders since the machine was made.
  struct Sums: Hashable, Sendable {
    /// At the platform.
    var paid = Amount.zero
    var refunded = Amount.zero
    /// By the book that answers for the money.
    var delivered = Amount.zero
    var heldOpen = Amount.zero
  }

  /// An order about which something is still to be done.
  struct OpenOrder: Hashable, Sendable {
    var number: String
    var state: String
    var note: String
  }

  /// All that is still to be done, by the board's word and by the service's, where there is one.
  var openOrders: [OpenOrder] {
    let board = open.map { OpenOrder(number: $0.number, state: $0.state, note: $0.note) }
    let theirs = (service ?? [:]).values.filter(\.isOpen).sorted { $0.number < $1.number }
    return board + theirs.map { OpenOrder(number: $0.number, state: $0.state, note: $0.note) }
  }

  /// Where an order stands by the book that answers for the money: the service's, where there is
  /// one; nil when it does not know the order.
  func state(of number: String) -> String? {
    if let service { return service[number]?.state }
    return listed.first { $0.number == number }?.state
  }

  /// How often the lane's relay was switched on.
  var pulses: Int {
    events.count { if case .relayOn(lane.channel, _) = $0 { true } else { false } }
  }

  /// Products that fell from the lane.
  var fallen: Int {
    events.count { if case .productFell(lane.channel, _) = $0 { true } else { false } }
  }
}
