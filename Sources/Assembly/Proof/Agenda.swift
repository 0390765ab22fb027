internal import Ordering
internal import Timing
internal import Vending

/// What will happen and when; few things at a time, so a search beats a heap.
struct Agenda: Sendable {
  private struct Entry: Sendable {
    var at: Instant
    /// Equal moments keep the order in which they were arranged.
    var turn: Int
    var happening: Happening
  }

  private var entries: [Entry] = []
  private var lastTurn = 0

  mutating func arrange(_ happening: Happening, at moment: Instant) {
    lastTurn += 1
    entries.append(Entry(at: moment, turn: lastTurn, happening: happening))
  }

  /// When the next thing happens.
  var nextMoment: Instant {
    var next = Instant.distantFuture
    for index in entries.indices where entries[index].at < next { next = entries[index].at }
    return next
  }

  /// Takes the next thing out; nil when there is none until `limit`.
  mutating func next(until limit: Instant) -> (at: Instant, happening: Happening)? {
    var found = -1
    for index in entries.indices {
      let entry = (entries[index].at, entries[index].turn)
      guard entry.0 <= limit else { continue }
      if found < 0 || entry < (entries[found].at, entries[found].turn) { found = index }
    }
    guard found >= 0 else { return nil }
    if found != entries.count - 1 { entries.swapAt(found, entries.count - 1) }
    let entry = entries.removeLast()
    return (entry.at, entry.happening)
  }

  /// Forgets what the board itself had before it.
  mutating func dropBoard() { entries.removeAll { $0.happening.isOfBoard } }

  /// Whether nothing is to come but what comes by itself.
  var isIdle: Bool {
    entries.allSatisfy { entry in
      switch entry.happening {
      case .timer, .heartbeat, .customerLeaves: true
      default: false
      }
    }
  }

  func hash(into hasher: inout Hasher) {
    for entry in entries.sorted(by: { ($0.at, $0.turn) < ($1.at, $1.turn) }) {
      hasher.combine(entry.at)
      hasher.combine(entry.happening)
    }
  }

  mutating func drop(_ isUnwanted: (Happening) -> Bool) {
    entries.removeAll { isUnwanted($0.happening) }
  }
}

/// One thing that happens in a world.
enum Happening: Hashable, Sendable {
  // The board's own: they die with its process.
  case written
  indirect case answered(Answered)
  case painted
  case timer(Machine.Timer, generation: Int)
  case dutyTimer
  /// The sync that an answer did not wait for.
  case catchUpTimer
  case pulseOver(OrderNumber?, lane: String)
  case pulseTold(OrderNumber, PulseEnd, lane: String)
  case journalGivenUp
  case retryBooks
  case retryDisplay
  case heartbeat
  case clockRetry
  // The board and its surroundings
  case powerReturns
  case powerFails(FaultKind)
  case killed
  case troubleBrews
  case repaired(FaultKind)
  // The cabinet
  case falls(OrderNumber?, lane: String, isSeen: Bool)
  case sensed
  case relayFreed(lane: String)
  // The provider
  indirect case straggles(Straggler)
  case passesAtProvider
  // People
  case customerComes
  case key(String)
  case scans(codeURL: String, payer: Int)
  case pays(OrderNumber, payer: Int)
  case customerLeaves
  case technicianComes
  case technicianLeaves

  /// Whether it goes with the process.
  var isOfBoard: Bool {
    switch self {
    case .written, .answered, .painted, .timer, .dutyTimer, .catchUpTimer, .pulseOver, .pulseTold,
      .journalGivenUp, .retryBooks, .retryDisplay, .heartbeat, .clockRetry, .sensed:
      true
    case .powerReturns, .powerFails, .killed, .troubleBrews, .repaired, .falls, .relayFreed,
      .straggles, .passesAtProvider, .customerComes, .key, .scans, .pays, .customerLeaves,
      .technicianComes, .technicianLeaves:
      false
    }
  }
}

/// A call that nobody waits for any more and that still arrives.
enum Straggler: Hashable, Sendable {
  case create(OrderRequest)
  case close(OrderNumber)
  case refund(RefundRequest)
  case bytes(path: String, body: [UInt8], certified: Bool)
}

/// What the core answered the board.
enum Answered: Hashable, Sendable {
  case open(OrderNumber, OpenAnswer)
  case status(OrderNumber, StatusAnswer)
  case permit(OrderNumber, PermitAnswer)
  case settle(OrderNumber, SettleAnswer)
  case cancel(OrderNumber, CancelAnswer)
  case probe(Doubt?)
  case duties
}

/// How a pulse ended, as the cabinet tells the daemon.
enum PulseEnd: Hashable, Sendable {
  case done, refused, doubtful, stuckOn
}
