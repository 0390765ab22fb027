internal import Control
internal import FoundationEssentials
internal import MachineFiles
internal import Money
internal import PaymentPlatform
internal import Platform
internal import Synchronization
internal import Timing

/// A simulated machine that lives through one trial after the other.
///
/// The daemon is the one that ships, on its own disk files; after a trial it, or the one that took
/// its place, goes on into the next.
public final class TrialMachine: Sendable {
  let machine: SimulatedMachine
  private let vendctl: String
  private let restLimit: Duration
  private let state = Mutex(State())
  private let listener: Task<Void, Never>

  private struct State {
    var tracer: SystemCallTracer?
    /// The process that the tracer traces.
    var traced: Int32?
    var trials = 0
    var exits: [ChildProcess.Exit] = []
    /// When daemons went and came, oldest first.
    var lives: [TrialEvidence.Life] = []
    /// Orders that earlier trials' books had already.
    var known: Set<String> = []
  }

  /// Builds a machine in a hurry; `vendctl` is the technician's program.
  ///
  /// `restLimit` is how long everything may take to come to an end once nothing fails any more.
  public init(
    _ settings: SimulatedMachine.Settings, vendctl: String, restLimit: Duration = .seconds(90)
  ) async throws {
    var settings = settings
    settings.pace = .brisk
    settings.behaviour = .brisk
    settings.policy.refundDelay = .milliseconds(200)
    // Customers who walk away are soon forgotten: the shortest that the machine file allows.
    settings.paymentTimeout = .seconds(30)
    machine = try await SimulatedMachine(settings)
    (self.vendctl, self.restLimit) = (vendctl, restLimit)
    let stream = machine.board.eventStream()
    let sink = Sink()
    listener = Task { for await event in stream { sink.take(event) } }
    self.sink = sink
  }
  private let sink: Sink

  /// Keeps what a trial's wires did.
  private final class Sink: Sendable {
    let events = Mutex<[BoardEvent]>([])

    func take(_ event: BoardEvent) {
      switch event {
      case .relayOn, .relayOff, .productFell, .linesReleased:
        events.withLock { $0.append(event) }
      case .keyDown, .keyUp, .laneTurned, .doorMoved, .displayWritten, .displayPainted, .displayLit,
        .displayUnplugged, .displayPlugged, .linesTaken, .displayTaken, .displayReleased:
        break
      }
    }
  }

  /// Switches on, and waits until a customer could begin.
  public func start() async throws {
    try await machine.powerOn()
    guard await rest(within: .seconds(30)) == nil else {
      throw SimulatedMachine.Failure(words: "the machine does not sell: \(machine.statusLine)")
    }
  }

  /// Ends everything, and removes the machine's files unless they are to be kept.
  public func stop(keepsFiles: Bool = false) async {
    await machine.stop()
    listener.cancel()
    if !keepsFiles { await machine.removeFolder() }
  }

  /// Where the machine's files are.
  public var folder: String { machine.folder }

  /// What has happened lately, one line each.
  public func story(last count: Int) -> [String] {
    machine.log.lines().suffix(count).map {
      "\($0.milliseconds) ms \($0.source.rawValue): \($0.words)"
    }
  }

  // MARK: A trial

  /// Lives through a trial, and judges it.
  public func run(_ trial: Trial) async throws -> TrialReport {
    let began = ContinuousClock.now
    let lanes = machine.configuration.lanes
    let index = state.withLock { state in
      state.trials += 1
      (state.exits, state.lives) = ([], [])
      return state.trials
    }
    let lane = lanes[index % lanes.count]
    machine.log.add(.person, "trial \(index): \(trial.words), lane \(lane.code)")
    machine.board.setMood(trial.sale == .jam ? .jammed : .works, of: lane.channel)
    sink.events.withLock { $0 = [] }
    let before = machine.platform.model.orders.count
    let tally = try await sell(trial, lane)
    let restBegan = ContinuousClock.now
    let trouble = await rest(within: restLimit)
    try Task.checkCancellation()
    machine.board.setMood(.works, of: lane.channel)
    var evidence = TrialEvidence(
      trial: trial,
      lane: TrialEvidence.Lane(
        code: lane.code, channel: lane.channel, name: lane.name, price: lane.price),
      relayCap: machine.configuration.board.relays.map(\.cap).max() ?? .zero)
    evidence.isStruck = tally.struck != nil
    evidence.struckName = tally.name
    (evidence.exits, evidence.lives) = state.withLock { ($0.exits, $0.lives) }
    if let trouble {
      evidence.trouble.append(trouble)
    } else {
      evidence.restedAfter = ContinuousClock.now - restBegan
    }
    await look(&evidence, ordersBefore: before)
    let judge = TrialJudge(evidence)
    var report = TrialReport(trial: trial)
    (report.count, report.struck, report.names) = (tally.count, tally.struck, tally.names)
    report.exits = evidence.exits.map { "\($0)" }
    report.endings = judge.endings.map(\.rawValue)
    report.violations = judge.violations
    report.darkTime = evidence.pull?.darkTime
    report.took = ContinuousClock.now - began
    return report
  }

  /// What was counted, and what was struck.
  private struct Struck {
    var count = 0
    var struck: String?
    var name = ""
    var names: [String: Int] = [:]
  }

  private func sell(_ trial: Trial, _ lane: MachineConfiguration.Lane) async throws -> Struck {
    let customer = TrialCustomer(machine: machine, lane: lane, sale: trial.sale)
    var buying: Task<Void, Never>?
    if trial.phase == .restart {
      let pulses = machine.board.snapshot.lane(lane.channel)?.pulses ?? 0
      let orders = machine.platform.model.orders.count
      buying = Task { await customer.buy() }
      await until(.seconds(12)) {
        switch trial.sale {
        case .sale, .jam: (machine.board.snapshot.lane(lane.channel)?.pulses ?? 0) > pulses
        case .cancel, .late: machine.platform.model.orders.count > orders
        }
      }
      await machine.daemon.kill()
      note(.gone)
    }
    try await arm(trial)
    if trial.phase == .restart { note(.back) }
    let keeper = Task { try await keepRunning() }
    if let buying { await buying.value } else { await customer.buy() }
    if trial.phase == .restart {
      await until(.seconds(20)) { machine.isReady }
    }
    let struck = disarm(trial)
    keeper.cancel()
    try await keeper.value
    return struck
  }

  private func arm(_ trial: Trial) async throws {
    switch trial.fault {
    case .wire(let fault):
      if trial.phase == .restart { try await machine.startDaemon() }
      machine.platform.gate.arm(fault)
    case .panel(let pull):
      if trial.phase == .restart { try await machine.startDaemon() }
      machine.board.armDisplay(pull)
    case .call(let strike):
      if trial.phase == .restart {
        try await machine.startDaemon(held: true)
        guard let child = machine.daemon.child else { return }
        let tracer = try await SystemCallTracer(
          child, fromProgram: machine.daemon.programName, strike: strike)
        state.withLock { ($0.tracer, $0.traced) = (tracer, child.number) }
      } else {
        try await tracer().arm(strike)
      }
    }
  }

  /// The tracer of the daemon that runs; a daemon that lived through the last trial has it still.
  private func tracer() async throws -> SystemCallTracer {
    guard let child = machine.daemon.child else {
      throw SimulatedMachine.Failure(words: "no daemon runs")
    }
    if let known = state.withLock({ $0.traced == child.number ? $0.tracer : nil }) { return known }
    let tracer = try await SystemCallTracer(child)
    state.withLock { ($0.tracer, $0.traced) = (tracer, child.number) }
    return tracer
  }

  private func disarm(_ trial: Trial) -> Struck {
    switch trial.fault {
    case .call:
      guard let tally = state.withLock({ $0.tracer })?.disarm() else { return Struck() }
      return Struck(
        count: tally.count, struck: tally.struck.map { "\($0)" }, name: tally.struck?.name ?? "",
        names: tally.names)
    case .wire(let fault):
      let isStruck = machine.platform.gate.isStruck
      let traffic = machine.platform.gate.disarm()
      return Struck(
        count: fault.direction == .up ? traffic.up : traffic.down,
        struck: isStruck ? "byte \(fault.place) \(fault.direction.rawValue)" : nil)
    case .panel(let pull):
      machine.board.disarmDisplay()
      let tally = machine.board.displayPull
      return Struck(
        count: tally.count,
        struck: tally.pulledAt == nil ? nil : "byte \(pull.place) of the display"
      )
    }
  }

  // MARK: The service manager

  /// Starts the daemon again whenever it has ended, as systemd does but for the second's pause.
  private func keepRunning() async throws {
    while !Task.isCancelled {
      try await restartIfEnded()
      let rings = machine.log.bell.rings
      await machine.log.bell.wait(after: rings, atMost: .milliseconds(20))
    }
  }

  private func restartIfEnded() async throws {
    guard let exit = machine.daemon.exit else { return }
    let count = state.withLock { state in
      state.exits.append(exit)
      return state.exits.count
    }
    note(.gone)
    machine.log.add(.daemon, "vendd ended: \(exit)")
    // What cannot be started is not started for ever; the trial fails by not coming to rest.
    guard count < 10 else { return }
    await pause(.milliseconds(50))
    note(.back)
    try await machine.startDaemon()
  }

  private func note(_ turn: TrialEvidence.Life.Turn) {
    let life = TrialEvidence.Life(turn: turn, at: Clock.now())
    state.withLock { $0.lives.append(life) }
  }

  private func until(_ limit: Duration, _ condition: () -> Bool) async {
    let deadline = ContinuousClock.now + limit
    while !condition(), ContinuousClock.now < deadline {
      let rings = machine.log.bell.rings
      if condition() { return }
      await machine.log.bell.wait(after: rings, atMost: .milliseconds(20))
    }
  }

  /// Waits until nothing moves any more: only a person's cases may stay open; nil, or what was in
  /// the way.
  private func rest(within limit: Duration) async -> String? {
    let deadline = ContinuousClock.now + limit
    while true {
      try? await restartIfEnded()
      let obstacle = await obstacle()
      guard let obstacle else { return nil }
      guard ContinuousClock.now < deadline, !Task.isCancelled else {
        return "no rest after \(limit.wholeSeconds) s: \(obstacle)"
      }
      await pause(.milliseconds(60))
    }
  }

  private func obstacle() async -> String? {
    guard case .status(let status) = await machine.ask(.status) else { return "no answer" }
    guard status.sells, ["idle", "message"].contains(status.state) else {
      let faults = status.faults.map { "\($0.code) \($0.words)" }
      return "\(status.state), faults \(faults)"
    }
    if let unsettled = status.counters["unsettled"], unsettled > 0 {
      return "\(unsettled) unsettled"
    }
    guard case .orders(let open) = await machine.ask(.orders(openOnly: true, limit: 1000)) else {
      return "no list of orders"
    }
    if let moving = open.first(where: { $0.state != "held" }) {
      return "order \(moving.number) is \(moving.state)"
    }
    let processing = machine.platform.model.orders.first { order in
      order.refunds.contains { $0.status == .processing }
    }
    return processing.map { "the refund of \($0.number) is under way at the platform" }
  }

  // MARK: Evidence

  private func look(_ evidence: inout TrialEvidence, ordersBefore before: Int) async {
    let orders = machine.platform.model.orders
    evidence.orders = Array(orders.dropFirst(before))
    evidence.events = sink.events.withLock { $0 }
    evidence.relaysOn = machine.board.snapshot.lanes.filter(\.isRelayOn).map(\.channel)
    evidence.platformClock = ClockPair { machine.platform.withModel { _, now in now } }
    evidence.wallClock = ClockPair { Clock.wallTime() }
    let numbers = Set(evidence.orders.map(\.number))
    evidence.platformEvents = machine.platform.model.events.filter { numbers.contains($0.order) }
    evidence.finishedAt = Clock.now()
    evidence.showsCode = await showsCode()
    if case .panel = evidence.trial.fault {
      // A plug that was pulled in the last moment is still to come back.
      await until(.seconds(8)) {
        let pull = machine.board.displayPull
        return pull.pulledAt == nil || pull.lightAt != nil
      }
      let pull = machine.board.displayPull
      evidence.pull = pull
      if let picture = pull.firstPicture {
        evidence.firstCode = try? await QRReader(directory: machine.folder).read(picture)
      }
    }
    guard let all: [OrderSummary] = await ask("orders", "--limit", "1000"),
      let open: [OrderSummary] = await ask("orders", "--open", "--limit", "1000")
    else { return evidence.trouble.append("vendctl does not list the orders") }
    evidence.open = open
    let older = Set(orders.prefix(before).map(\.number))
    let known = state.withLock { $0.known }
    evidence.listed = all.filter { !older.contains($0.number) && !known.contains($0.number) }
    state.withLock { $0.known.formUnion(all.map(\.number)) }
    for order in evidence.listed {
      let whole: Whole? = await ask("order", order.number)
      evidence.histories[order.number] = whole?.history
    }
    if all.count < 1000 { evidence.sums = Self.sums(orders, all, open) }
  }

  /// How long a start may take to blank a panel that a dead daemon has left in mid-picture.
  private static let blankingTime = Duration.seconds(2)

  /// Whether a code stays on the display.
  private func showsCode() async -> Bool {
    let deadline = ContinuousClock.now + Self.blankingTime
    while let frame = machine.board.displayFrame(),
      let code = try? await QRReader(directory: machine.folder).read(frame), !code.isEmpty
    {
      if ContinuousClock.now > deadline { return true }
      await pause(.milliseconds(100))
    }
    return false
  }

  private struct Whole: Decodable { var history: [HistoryLine] }

  private static func sums(
    _ orders: [PlatformOrder], _ all: [OrderSummary], _ open: [OrderSummary]
  ) -> TrialEvidence.Sums {
    let states = Dictionary(all.map { ($0.number, $0.state) }) { first, _ in first }
    let openNumbers = Set(open.map(\.number))
    var sums = TrialEvidence.Sums()
    for order in orders where order.payment != nil {
      sums.paid += order.total
      sums.refunded += order.refunded
      if states[order.number] == "delivered" {
        sums.delivered += order.total
      } else if openNumbers.contains(order.number) {
        sums.heldOpen += order.total - order.refunded
      }
    }
    return sums
  }

  /// Asks the technician's program, as a technician would.
  private func ask<Answer: Decodable>(_ arguments: String...) async -> Answer? {
    let command = [vendctl] + arguments + ["--json", "--config", "\(machine.folder)/machine.toml"]
    guard let outcome = try? await ChildProcess.run(command, limit: .seconds(20)),
      outcome.exit == .status(0)
    else { return nil }
    return try? JSONDecoder().decode(Answer.self, from: Data(outcome.output))
  }
}
