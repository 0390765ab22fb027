internal import Core
internal import FleetStorage
internal import Ordering
internal import Platform
internal import Synchronization
internal import Timing

/// What must be done without anybody asking, by exactly one of the service's processes at a time.
///
/// Each kind of duty has a lease in the store; who holds it works, and writes under its fence. A
/// process that dies leaves its leases to others after `leaseTime`.
public final class FleetDuties: Sendable {
  /// How long a lease is held without being extended.
  public static let leaseTime: Duration = .seconds(15)
  /// How long a machine may be silent before somebody is told.
  public static let quietTime: Duration = .seconds(900)
  /// How far back a process that begins to look tells of machines that have gone quiet.
  private static let quietMemory: Duration = .seconds(86_400)
  /// Orders that are seen to at the same time.
  private static let breadth = 32

  /// The kinds, by their leases' names.
  enum Kind: String, CaseIterable {
    /// Refunds, closes, queries: whatever the order book wants done.
    case orders
    /// Machines that have gone quiet.
    case machines
    /// Rooms for days, the archive, old messages, sessions that ran out.
    case keeping
    /// The platform's bill of the day before.
    case bills
  }

  let core: FleetCore
  private let register: MachineRegister
  private let reconciliation: Reconciliation?
  private let archiveAfterDays: Int64
  private let holder: String
  private let tasks = Mutex<[Task<Void, Never>]>([])
  /// The last contact of the machine that was told of last, and its name: who is heard of later and
  /// goes quiet comes behind it.
  private let quiet = Mutex<(contact: WallTime, name: String)?>(nil)

  /// Prepares the duties; `holder` is a name that no other process has.
  public init(
    _ core: FleetCore, _ register: MachineRegister, reconciliation: Reconciliation?,
    holder: String, archiveAfterDays: Int64 = 7
  ) {
    (self.core, self.register, self.reconciliation) = (core, register, reconciliation)
    (self.archiveAfterDays, self.holder) = (archiveAfterDays, holder)
  }

  /// Begins; ends with `stop`.
  public func start() {
    tasks.withLock { tasks in
      tasks = [
        loop(every: .milliseconds(500)) { await $0.seeToOrders() },
        loop(every: .seconds(10)) { await $0.seeToMachines() },
        loop(every: .seconds(30)) { await $0.keepHouse() },
        loop(every: .seconds(60)) { await $0.fetchBills() },
        loop(every: .seconds(5)) { await $0.register.writeContacts() },
      ]
    }
  }

  /// Ends, and gives the leases up so that others need not wait.
  public func stop() async {
    let running = tasks.withLock { tasks in
      defer { tasks = [] }
      return tasks
    }
    for task in running { task.cancel() }
    for task in running { await task.value }
    await register.writeContacts()
    let holder = holder
    for kind in Kind.allCases {
      try? await core.onStore { store throws(FleetError) in
        try store.releaseLease(kind.rawValue, holder: holder)
      }
    }
  }

  private func loop(
    every pause: Duration, _ work: @escaping @Sendable (FleetDuties) async -> Void
  ) -> Task<Void, Never> {
    Task {
      while !Task.isCancelled {
        await work(self)
        await Interval.pass(pause)
      }
    }
  }

  /// Takes or extends a kind's lease; nil when another process has it, or nobody can say.
  private func lease(_ kind: Kind) async -> Fence? {
    let (holder, now) = (holder, core.clocks.wallTime())
    let answer = try? await core.onStore { store throws(FleetError) in
      try store.takeLease(kind.rawValue, holder: holder, until: now + Self.leaseTime, at: now)
    }
    guard case .held(let lease)? = answer else { return nil }
    return lease.fence
  }

  // MARK: Orders

  func seeToOrders() async {
    guard let fence = await lease(.orders) else { return }
    let begin = core.clocks.now()
    // The lease is extended well before it ends, however much is due.
    while core.clocks.now() - begin < Self.leaseTime / 3 {
      let now = core.clocks.wallTime()
      let due = try? await core.onStore { store throws(FleetError) in
        try store.dueOrders(until: now, limit: 512).map(\.number)
      }
      guard let due, !due.isEmpty, await carryOut(due, fence) else { return }
    }
  }

  /// Whether all were seen to.
  private func carryOut(_ numbers: [OrderNumber], _ fence: Fence) async -> Bool {
    await withTaskGroup(of: FleetCore.DutyEnd.self) { group in
      var (rest, allDone) = (numbers[...], true)
      for _ in 0..<Self.breadth {
        guard let number = rest.popFirst() else { break }
        group.addTask { await self.core.carryOutDuty(number, fence: fence) }
      }
      for await end in group {
        switch end {
        case .done: core.counters.add(.duties)
        // One order that cannot be read must not keep everybody's refunds.
        case .failed: allDone = false
        case .fenced:
          allDone = false
          rest = []
        }
        guard let number = rest.popFirst() else { continue }
        group.addTask { await self.core.carryOutDuty(number, fence: fence) }
      }
      return allDone
    }
  }

  // MARK: Machines

  func seeToMachines() async {
    guard await lease(.machines) != nil else { return }
    let since = core.clocks.wallTime() + (.zero - Self.quietTime)
    var last = quiet.withLock { $0 } ?? (since + (.zero - Self.quietMemory), "")
    var page: [FleetMachine] = []
    repeat {
      let from = last
      do throws(FleetError) {
        page = try await core.onStore { store throws(FleetError) in
          try store.machines(silentSince: since, after: from, limit: FleetBounds.pageMax)
        }
      } catch {
        return core.counters.add(.storeFailures)
      }
      for machine in page {
        let words = "no word for \(Self.quietTime.wholeSeconds / 60) minutes"
        await core.log("vendpay", "quiet", machine.name, words)
        last = (machine.contact?.at ?? since, machine.name)
        let told = last
        quiet.withLock { $0 = told }
      }
    } while page.count == FleetBounds.pageMax
  }

  // MARK: Keeping

  func keepHouse() async {
    guard await lease(.keeping) != nil else { return }
    let now = core.clocks.wallTime()
    let today = BeijingDay(of: now)
    let archiveBefore = BeijingDay(number: today.number - archiveAfterDays)
    do throws(FleetError) {
      try await core.onStore { store throws(FleetError) in
        try store.prepareDays(today...BeijingDay(number: today.number + 3))
        // Nobody listens for longer than a minute behind.
        _ = try store.trimOutbox(before: now + .seconds(-600))
        try store.endSessions(.past(now))
      }
      // A large fleet finishes more in half a minute than one page; the lease bounds the rest.
      let begin = core.clocks.now()
      var moved = FleetBounds.pageMax
      while moved == FleetBounds.pageMax, core.clocks.now() - begin < Self.leaseTime / 3 {
        moved = try await core.onStore { store throws(FleetError) in
          try store.archive(before: archiveBefore, limit: FleetBounds.pageMax)
        }
      }
    } catch {
      core.counters.add(.storeFailures)
    }
  }

  // MARK: Bills

  func fetchBills() async {
    guard let reconciliation, let fence = await lease(.bills) else { return }
    // The bill of a large day takes minutes: the lease must not run out under it.
    let keeper = loop(every: Self.leaseTime / 3) { _ = await $0.lease(.bills) }
    await reconciliation.catchUp(fence: fence)
    keeper.cancel()
    await keeper.value
  }
}
