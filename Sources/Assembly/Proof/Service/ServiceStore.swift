internal import FleetStorage
internal import Money
internal import Ordering
internal import Timing

/// The service's database: rows and a lease, whose every commit the shipped `BatchPlan` judges.
///
/// What is in it is on its platters; whether anybody hears of a commit is the world's business.
struct ServiceStore: Sendable {
  private(set) var rows = Recent<StoredOrder>()
  /// The lease of whoever sees to the duties.
  private(set) var lease: Lease?

  /// One posting in a transaction of its own.
  mutating func apply(_ posting: Posting) -> PostingAnswer {
    var plan = BatchPlan([posting])
    var found = BatchPlan.Found()
    let standing = rows[posting.number]
    if let standing {
      found.heads[posting.number] = BatchPlan.Head(
        revision: standing.revision, state: standing.state, amount: standing.amount,
        openedAt: standing.openedAt, isArchived: false)
    }
    if let lease { found.leases[lease.name] = lease.number }
    plan.judge(found)
    for row in plan.inserts + plan.updates { rows[row.number] = row }
    return plan.answers(current: standing.map { [posting.number: $0] } ?? [:])[0]
  }

  /// The lease for `holder`, if it is free, run out or already the holder's.
  mutating func takeLease(_ name: String, holder: String, at now: WallTime) -> LeaseAnswer {
    let until = now + Self.leaseTime
    if let lease, lease.holder != holder, lease.until > now { return .taken(lease) }
    var number = lease?.number ?? 0
    if lease?.holder != holder { number += 1 }
    let taken = Lease(name: name, holder: holder, until: until, number: number)
    lease = taken
    return .held(taken)
  }

  /// As `FleetDuties.leaseTime`.
  static let leaseTime: Duration = .seconds(15)

  /// What the orders are worth that were delivered.
  var delivered: Amount {
    rows.values.reduce(into: .zero) { if $1.state == .delivered { $0 += $1.amount } }
  }

  /// When the next duty of any order falls due; nil when no order has one.
  var nextDue: WallTime? { rows.values.lazy.compactMap(\.dueAt).min() }

  /// The orders that are due, the most overdue first.
  func due(until time: WallTime) -> [OrderNumber] {
    rows.values.filter { row in row.dueAt.map { $0 <= time } ?? false }
      .sorted { ($0.dueAt ?? time, $0.number) < ($1.dueAt ?? time, $1.number) }
      .map(\.number)
  }
}
