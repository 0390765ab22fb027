internal import Ordering
internal import Timing
internal import Vending

/// What will happen and when.
struct Agenda: Sendable {
  /// When something happens, and where it is kept meanwhile.
  private struct Turn: Sendable {
    var at: Instant
    var place: Int
  }

  /// The next one is the last; equal moments keep the order in which they were arranged.
  private var turns: [Turn] = []
  private var happenings: [Happening] = []
  /// Places in `happenings` that hold nothing.
  private var empty: [Int] = []

  mutating func arrange(_ happening: Happening, at moment: Instant) {
    var turn = Turn(at: moment, place: happenings.count)
    if let place = empty.popLast() {
      happenings[place] = happening
      turn.place = place
    } else {
      happenings.append(happening)
    }
    // Few things are under way at a time: a search from the soonest on beats a heap.
    var index = turns.count
    turns.append(turn)
    while index > 0, turns[index - 1].at <= moment {
      turns[index] = turns[index - 1]
      index -= 1
    }
    turns[index] = turn
  }

  /// When the next thing happens.
  var nextMoment: Instant { turns.last?.at ?? .distantFuture }

  /// Takes the next thing out; nil when there is none until `limit`.
  mutating func next(until limit: Instant) -> (at: Instant, happening: Happening)? {
    guard let turn = turns.last, turn.at <= limit else { return nil }
    turns.removeLast()
    return (turn.at, take(turn.place))
  }

  private mutating func take(_ place: Int) -> Happening {
    var happening = Happening.nothing
    swap(&happening, &happenings[place])
    empty.append(place)
    return happening
  }

  /// Forgets what the board itself had before it.
  mutating func dropBoard() { drop { $0.isOfBoard } }

  /// Whether nothing is to come but what comes by itself.
  var isIdle: Bool {
    happenings.allSatisfy { happening in
      switch happening {
      case .timer, .heartbeat, .customerLeaves, .nothing: true
      case .service(let happening): happening.isIdle
      default: false
      }
    }
  }

  func hash(into hasher: inout Hasher) {
    for turn in turns {
      hasher.combine(turn.at)
      hasher.combine(happenings[turn.place])
    }
  }

  mutating func drop(_ isUnwanted: (Happening) -> Bool) {
    var kept = 0
    for turn in turns {
      if isUnwanted(happenings[turn.place]) {
        _ = take(turn.place)
      } else {
        turns[kept] = turn
        kept += 1
      }
    }
    turns.removeLast(turns.count - kept)
  }
}

/// One thing that happens in a world.
enum Happening: Hashable, Sendable {
  /// Where something was, in the agenda's list.
  case nothing
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
  // A service
  case service(ServiceHappening)

  /// Whether it is a service's own.
  var isOfService: Bool {
    if case .service(let happening) = self { !happening.isOfBoard } else { false }
  }

  /// Whether it goes with the process.
  var isOfBoard: Bool {
    switch self {
    case .written, .answered, .painted, .timer, .dutyTimer, .catchUpTimer, .pulseOver, .pulseTold,
      .journalGivenUp, .retryBooks, .retryDisplay, .heartbeat, .clockRetry, .sensed:
      true
    case .service(let happening): happening.isOfBoard
    case .nothing, .powerReturns, .powerFails, .killed, .troubleBrews, .repaired, .falls,
      .relayFreed,
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
