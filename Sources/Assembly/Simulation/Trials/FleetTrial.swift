internal import Control
internal import MachineFiles
internal import Money
internal import PaymentPlatform
internal import Synchronization
internal import Timing

/// Real daemons that sell over a real service, while somebody kills the one and the other, and the
/// service's database where it has one (`kill -9`), and a judge who knows what was paid, what fell
/// and what went back.
public final class FleetTrial: Sendable {
  /// What came of it.
  public struct Summary: Hashable, Sendable {
    public var orders = 0
    public var paid = 0
    public var fallen = 0
    public var refunded = 0
    public var daemonsKilled = 0
    public var servicesKilled = 0
    public var databasesKilled = 0
    /// What must not be, a sentence each.
    public var violations: [String] = []

    /// In one line.
    public var words: String {
      "\(orders) orders, \(paid) paid, \(fallen) fell, \(refunded) refunded; vendd killed "
        + "\(daemonsKilled) times, vendpay \(servicesKilled), "
        + "the database \(databasesKilled)"
    }
  }

  private struct State {
    var random: PlatformRandom
    var isOver = false
    var kills: [Victim: Int] = [:]
    /// Why somebody who was killed did not come back.
    var failure: String?
  }

  private enum Victim { case daemon, service, database }

  private let fleet: SimulatedFleet
  private let duration: Duration
  private let kills: Bool
  private let state: Mutex<State>

  /// A trial of a fleet whose power is on.
  ///
  /// Without `kills` nobody is killed, and every payment must be a product.
  public init(
    of fleet: SimulatedFleet, for duration: Duration, seed: UInt64, kills: Bool = true
  ) {
    (self.fleet, self.duration, self.kills) = (fleet, duration, kills)
    state = Mutex(State(random: PlatformRandom(seed: seed)))
  }

  private func random(_ range: Range<Int>) -> Int {
    state.withLock { Int.random(in: range, using: &$0.random) }
  }

  private var isOver: Bool { state.withLock { $0.isOver } }

  /// Sells and kills, lets everything come to rest, and judges.
  public func run() async throws -> Summary {
    // Being taken in takes its time when the service dies meanwhile.
    for machine in fleet.machines {
      guard await becomes(machine, within: .seconds(30), { $0.sells }) else {
        throw SimulatedFleet.Failure(words: "\(machine.configuration.name) does not sell")
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for machine in fleet.machines { group.addTask { await self.visit(machine) } }
      if kills { group.addTask { await self.kill() } }
      await pause(duration)
      state.withLock { $0.isOver = true }
    }
    if let failure = state.withLock({ $0.failure }) { throw SimulatedFleet.Failure(words: failure) }
    try await awaitRest()
    return try await judge()
  }

  // MARK: Customers

  private func visit(_ machine: SimulatedMachine) async {
    let reader = QRReader(directory: machine.folder)
    while !isOver {
      guard await becomes(machine, within: .seconds(20), { $0.sells && $0.state == "idle" }) else {
        continue
      }
      let lanes = machine.configuration.lanes
      let lane = lanes[random(0..<lanes.count)]
      for key in lane.code.map(String.init) + [machine.configuration.policy.confirmKey] {
        machine.board.press(key, for: .milliseconds(120))
        await pause(.milliseconds(300))
      }
      let wish = random(0..<10)
      if wish == 0 { continue }
      guard await sees(machine, reader) else { continue }
      if wish == 1 {
        machine.board.press(machine.configuration.policy.cancelKey, for: .milliseconds(120))
      } else {
        machine.phone.pay()
      }
      _ = await becomes(machine, within: .seconds(30)) { $0.state == "idle" }
    }
  }

  /// Whether the phone reads a code that can be paid from the display.
  private func sees(_ machine: SimulatedMachine, _ reader: QRReader) async -> Bool {
    for _ in 0..<25 {
      if let frame = machine.board.displayFrame(), let text = try? await reader.read(frame),
        case .cashier = machine.phone.open(text)
      {
        return true
      }
      await pause(.milliseconds(250))
    }
    return false
  }

  private func becomes(
    _ machine: SimulatedMachine, within limit: Duration,
    _ condition: (MachineStatus) -> Bool
  ) async -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
      if case .status(let status) = await machine.ask(.status), condition(status) { return true }
      await pause(.milliseconds(100))
    }
    return false
  }

  // MARK: The killer

  private func kill() async {
    var victims: [Victim] = [.daemon, .service]
    if fleet.database != nil { victims.append(.database) }
    // A short trial over a database kills it at least once.
    var next = victims.last
    while !isOver {
      await pause(.milliseconds(random(1500..<5000)))
      if isOver { return }
      let victim = next ?? victims[random(0..<victims.count)]
      next = nil
      do {
        try await kill(victim)
        state.withLock { $0.kills[victim, default: 0] += 1 }
      } catch {
        state.withLock { state in
          state.isOver = true
          state.failure = state.failure ?? "\(error)"
        }
      }
    }
  }

  private func kill(_ victim: Victim) async throws {
    switch victim {
    case .daemon: try await fleet.machines[random(0..<fleet.machines.count)].restartDaemon()
    case .service: try await fleet.restartService()
    case .database: try await fleet.restartDatabase(after: .milliseconds(random(0..<4000)))
    }
  }

  // MARK: The end

  private func awaitRest() async throws {
    for machine in fleet.machines {
      let rests = await becomes(machine, within: .seconds(240)) {
        $0.state == "idle" && $0.openOrders == 0 && $0.counters["unsettled"] == 0
      }
      guard rests else {
        throw SimulatedFleet.Failure(words: "\(machine.configuration.name) does not come to rest")
      }
    }
    // The service gives back what the boards have told it to.
    let deadline = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < deadline, try await !isSettled() { await pause(.milliseconds(500)) }
  }

  /// Whether every paid order is delivered by its board's book, or its money is on its way back;
  /// and the service's book is at its end with it.
  private func isSettled() async throws -> Bool {
    for machine in fleet.machines {
      let delivered = await delivered(by: machine)
      let paid = machine.platformOrders.filter { $0.payment != nil }
      guard paid.allSatisfy({ delivered.contains($0.number) || !$0.refunds.isEmpty }) else {
        return false
      }
      for order in paid where try await fleet.serviceOrder(order.number)?.isOpen != false {
        return false
      }
    }
    return true
  }

  private func delivered(by machine: SimulatedMachine) async -> Set<String> {
    guard case .orders(let listed) = await machine.ask(.orders(openOnly: false, limit: 1000))
    else { return [] }
    return Set(listed.filter { $0.state == "delivered" }.map(\.number))
  }

  private func judge() async throws -> Summary {
    var summary = Summary()
    let count = state.withLock { $0.kills }
    summary.daemonsKilled = count[.daemon, default: 0]
    summary.servicesKilled = count[.service, default: 0]
    summary.databasesKilled = count[.database, default: 0]
    for machine in fleet.machines {
      let name = machine.configuration.name
      let delivered = await delivered(by: machine)
      let lanes = machine.board.snapshot.lanes
      let (pulses, fallen) = lanes.reduce((0, 0)) { ($0.0 + $1.pulses, $0.1 + $1.fallen) }
      let orders = machine.platformOrders
      let paid = orders.filter { $0.payment != nil }
      let kept = paid.filter(\.refunds.isEmpty)
      summary.orders += orders.count
      summary.paid += paid.count
      summary.fallen += fallen
      summary.refunded += paid.count - kept.count
      func wrong(_ words: String) { summary.violations.append("\(name): \(words)") }
      if pulses > paid.count { wrong("\(pulses) pulses for \(paid.count) payments") }
      if !kills, kept.count < paid.count {
        wrong("\(paid.count - kept.count) of \(paid.count) payments went back for no reason")
      }
      if kept.count > fallen { wrong("\(kept.count) paid and kept, but \(fallen) fell") }
      for order in paid {
        if order.refunds.count > 1 { wrong("\(order.number) went back twice") }
        if delivered.contains(order.number) != order.refunds.isEmpty {
          wrong("\(order.number) is delivered and went back, or neither")
        }
        let theirs = try await fleet.serviceOrder(order.number)?.state
        if theirs != (order.refunds.isEmpty ? "delivered" : "refunded") {
          wrong("\(order.number) is \(theirs ?? "nothing") in the service's book")
        }
        if order.refunded != (order.refunds.isEmpty ? .zero : order.total) {
          wrong("\(order.refunded) of \(order.total) of \(order.number) went back")
        }
      }
      for order in orders where order.payment == nil && delivered.contains(order.number) {
        wrong("\(order.number) is delivered and was not paid")
      }
    }
    return summary
  }
}
