internal import CoreService
internal import FleetStorage
internal import Money
internal import Ordering
internal import Storage
internal import Synchronization
internal import Timing
internal import Vending

/// Sums over orders and machines for the overview, counted anew at most every half minute: the
/// store finds rows, but adds nothing up.
final class FleetTally: Sendable {
  /// A day's orders.
  struct Day: Equatable, Sendable {
    struct Sum: Equatable, Sendable {
      var count = 0
      var amount = Amount.zero

      mutating func add(_ amount: Amount) {
        count += 1
        self.amount += amount
      }
    }

    var delivered = Sum()
    var givenBack = Sum()
    var underWay = Sum()
    var unpaid = Sum()
    /// Whether there are more orders than were counted.
    var isPartial = false

    mutating func add(_ order: StoredOrder) {
      switch order.state {
      case .delivered: delivered.add(order.amount)
      case .refundOwed, .refunding, .refunded: givenBack.add(order.amount)
      case .opening, .open, .closing, .paid, .permitted, .held: underWay.add(order.amount)
      case .notOpened, .closed: unpaid.add(order.amount)
      }
    }
  }

  /// The machines.
  struct Fleet: Sendable {
    var enrolled = 0
    var quiet = 0
    var faulty = 0
    /// The first of those that wait for a person to type their code.
    var waiting: [String] = []
    /// The first of those that are quiet or report a fault.
    var trouble: [FleetMachine] = []
    var isPartial = false
  }

  struct Counts: Sendable {
    var day = Day()
    var fleet = Fleet()
    var at: WallTime
  }

  /// Orders and machines that are looked through at most.
  static let rowsMax = 20_000
  static let troubleMax = 20

  private let core: FleetCore
  private let options: ConsoleOptions
  private let kept = Mutex<Counts?>(nil)

  init(_ core: FleetCore, _ options: ConsoleOptions) { (self.core, self.options) = (core, options) }

  /// The counts, not older than the options allow.
  func counts(at now: WallTime) async throws(FleetError) -> Counts {
    if let counts = kept.withLock({ $0 }), now >= counts.at, now - counts.at < options.countedFor,
      BeijingDay(of: now) == BeijingDay(of: counts.at)
    {
      return counts
    }
    let quietSince = now - options.quietAfter
    let fresh = try await core.onStore { store throws(FleetError) in
      Counts(
        day: try Self.day(BeijingDay(of: now), store),
        fleet: try Self.fleet(quietSince, at: now, store), at: now)
    }
    kept.withLock { $0 = fresh }
    return fresh
  }

  private static func day(
    _ day: BeijingDay, _ store: any FleetStore
  ) throws(FleetError) -> Day {
    var sums = Day()
    var search = OrderSearch(limit: FleetBounds.pageMax)
    search.day = day
    for _ in 0..<(rowsMax / FleetBounds.pageMax) {
      let page = try store.orders(matching: search)
      for order in page.orders { sums.add(order) }
      guard let next = page.next else { return sums }
      search.after = next
    }
    sums.isPartial = true
    return sums
  }

  private static func fleet(
    _ quietSince: WallTime, at now: WallTime, _ store: any FleetStore
  ) throws(FleetError) -> Fleet {
    var fleet = Fleet()
    var name = ""
    for _ in 0..<(rowsMax / FleetBounds.pageMax) {
      let machines = try store.machines(after: name, limit: FleetBounds.pageMax)
      for machine in machines { fleet.add(machine, quietSince, now) }
      guard machines.count == FleetBounds.pageMax, let last = machines.last else { return fleet }
      name = last.name
    }
    fleet.isPartial = true
    return fleet
  }
}

extension FleetTally.Fleet {
  fileprivate mutating func add(
    _ machine: FleetMachine, _ quietSince: WallTime, _ now: WallTime
  ) {
    if machine.isWaiting(at: now), waiting.count < FleetTally.troubleMax {
      waiting.append(machine.name)
    }
    guard machine.isEnrolled else { return }
    enrolled += 1
    let isQuiet = machine.isQuiet(since: quietSince)
    let isFaulty = !machine.faultCodes.isEmpty
    if isQuiet { quiet += 1 }
    if isFaulty { faulty += 1 }
    guard isQuiet || isFaulty, trouble.count < FleetTally.troubleMax else { return }
    trouble.append(machine)
  }
}

extension FleetMachine {
  /// Whether its token opens anything: not while its code waits, nor after it was revoked.
  var isEnrolled: Bool { tokenHash != nil && codeHash == nil && !isRevoked }

  /// Whether it has called before, but not since `time`.
  func isQuiet(since time: WallTime) -> Bool {
    guard let contact, isEnrolled else { return false }
    return contact.at < time
  }

  /// The codes of the faults that it reported last; a text that is no list stands as one code.
  var faultCodes: [String] {
    guard let text = contact?.faults, !text.isEmpty else { return [] }
    do throws(StorageError) {
      return try JSONText.decode([String].self, from: text)
    } catch {
      return [text]
    }
  }

  /// The fault that a text names: a code, perhaps with what it is about behind it, `L1 21`.
  static func fault(_ text: String) -> Fault.Code? {
    Fault.Code(rawValue: String(text.prefix { $0 != " " && $0 != ":" }))
  }

  /// Whether it says that it sells nothing now.
  var isStopped: Bool { faultCodes.contains { Self.fault($0)?.severity == .stopsSelling } }

  /// Whether it waits for a person to type its code.
  func isWaiting(at now: WallTime) -> Bool {
    codeHash != nil && codeUntil.map { $0 > now } ?? false
  }
}

extension WallTime {
  /// The moment `duration` earlier.
  static func - (time: WallTime, duration: Duration) -> WallTime { time + (.zero - duration) }
}
