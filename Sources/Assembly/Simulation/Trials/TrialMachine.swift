internal import Control
internal import MachineFiles
internal import Money
internal import PaymentPlatform
internal import Platform
internal import Synchronization
internal import Timing

/// A simulated machine that lives through one trial after the other, with a core of its own or with
/// a payment service.
///
/// The programs are those that ship, on their own disk files; after a trial they, or those that
/// took their place, go on into the next.
public final class TrialMachine: Sendable {
  let machine: SimulatedMachine
  /// The service that it is paid through; nil when the core is its own.
  let fleet: SimulatedFleet?
  let vendctl: String
  private let restLimit: Duration
  let state = Mutex(State())
  private let listener: Task<Void, Never>

  struct State {
    var tracer: SystemCallTracer?
    /// The process that the tracer traces.
    var traced: Int32?
    var trials = 0
    var victim = Trial.Victim.board
    var exits: [ChildProcess.Exit] = []
    var strayExits: [ChildProcess.Exit] = []
    /// Orders that the platform had before the trial.
    var ordersBefore = 0
    /// Orders of the service's book that are at their end, by number.
    var ended: [String: ServiceOrder] = [:]
    /// When daemons went and came, oldest first.
    var lives: [TrialEvidence.Life] = []
    /// Orders that earlier trials' books had already.
    var known: Set<String> = []
  }

  /// Builds a machine in a hurry; `vendctl` is the technician's program, `fleet` the fleet of which
  /// it is the only machine, if it is to be paid through a service.
  ///
  /// `restLimit` is how long everything may take to come to an end once nothing fails any more.
  public init(
    _ settings: SimulatedMachine.Settings, vendctl: String, fleet: SimulatedFleet.Settings? = nil,
    restLimit: Duration = .seconds(90)
  ) async throws {
    var settings = settings
    settings.pace = .brisk
    settings.behaviour = .brisk
    settings.policy.refundDelay = .milliseconds(200)
    // Customers who walk away are soon forgotten: the shortest that the machine file allows.
    settings.paymentTimeout = .seconds(30)
    if var plan = fleet {
      (plan.machine, plan.count) = (settings, 1)
      let fleet = try await SimulatedFleet(plan)
      (self.fleet, machine) = (fleet, fleet.machines[0])
    } else {
      (self.fleet, machine) = (nil, try await SimulatedMachine(settings))
    }
    (self.vendctl, self.restLimit) = (vendctl, restLimit)
    let stream = machine.board.eventStream()
    let sink = Sink()
    listener = Task { for await event in stream { sink.take(event) } }
    self.sink = sink
  }
  let sink: Sink

  /// Keeps what a trial's wires did.
  final class Sink: Sendable {
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
    if let fleet { try await fleet.powerOn() } else { try await machine.powerOn() }
    guard await rest(within: .seconds(30)) == nil else {
      throw SimulatedMachine.Failure(words: "the machine does not sell: \(machine.statusLine)")
    }
  }

  /// Ends everything, and removes the machine's files unless they are to be kept.
  public func stop(keepsFiles: Bool = false) async {
    if let fleet { await fleet.stop() } else { await machine.stop() }
    listener.cancel()
    guard !keepsFiles else { return }
    if let fleet { await fleet.removeFolder() } else { await machine.removeFolder() }
  }

  /// Where the machine's files are, and the service's.
  public var folder: String { fleet?.folder ?? machine.folder }

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
    let before = machine.platform.model.orders.count
    let index = state.withLock { state in
      state.trials += 1
      (state.victim, state.ordersBefore) = (trial.victim, before)
      (state.exits, state.strayExits, state.lives) = ([], [], [])
      return state.trials
    }
    let lane = lanes[index % lanes.count]
    machine.log.add(.person, "trial \(index): \(trial.words), lane \(lane.code)")
    machine.board.setMood(trial.sale == .jam ? .jammed : .works, of: lane.channel)
    sink.events.withLock { $0 = [] }
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
    (evidence.exits, evidence.strayExits, evidence.lives) = state.withLock {
      ($0.exits, $0.strayExits, $0.lives)
    }
    if let trouble {
      evidence.trouble.append(trouble)
    } else {
      evidence.restedAfter = ContinuousClock.now - restBegan
    }
    await look(&evidence)
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
      await process(trial.victim).kill()
      if trial.victim == .board { note(.gone) }
    }
    try await arm(trial)
    if trial.phase == .restart, trial.victim == .board { note(.back) }
    let keeper = Task { try await keepRunning() }
    if let buying { await buying.value } else { await customer.buy() }
    if trial.phase == .restart {
      await until(.seconds(20)) { isReady(trial.victim) }
    }
    let struck = disarm(trial)
    keeper.cancel()
    try await keeper.value
    return struck
  }

  /// The program that suffers; who strikes at a service has one.
  private func process(_ victim: Trial.Victim) -> DaemonProcess {
    guard victim == .service, let fleet else { return machine.daemon }
    return fleet.service
  }

  private func isReady(_ victim: Trial.Victim) -> Bool {
    guard victim == .service, let fleet else { return machine.isReady }
    return fleet.isReady
  }

  private func start(_ victim: Trial.Victim, held: Bool = false) async throws {
    if victim == .service, let fleet {
      try await fleet.startService(held: held)
    } else {
      try await machine.startDaemon(held: held)
    }
  }

  /// The wire from the program that suffers to whoever it asks.
  private func gate(_ victim: Trial.Victim) -> LoopbackGate {
    guard victim == .board, let fleet else { return machine.platform.gate }
    return fleet.gate
  }

  private func arm(_ trial: Trial) async throws {
    let isRestart = trial.phase == .restart
    switch trial.fault {
    case .wire(let fault):
      if isRestart { try await start(trial.victim) }
      gate(trial.victim).arm(fault)
    case .panel(let pull):
      if isRestart { try await start(trial.victim) }
      machine.board.armDisplay(pull)
    case .call(let strike):
      let process = process(trial.victim)
      if isRestart {
        try await start(trial.victim, held: true)
        let tracer = try await process.trace(strike)
        state.withLock { ($0.tracer, $0.traced) = (tracer, process.number) }
      } else {
        try await tracer(of: process).arm(strike)
      }
    }
  }

  /// The tracer of a process that runs; one that lived through the last trial has it still.
  private func tracer(of process: DaemonProcess) async throws -> SystemCallTracer {
    guard let child = process.child else {
      throw SimulatedMachine.Failure(words: "no \(process.name) runs")
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
      let gate = gate(trial.victim)
      let isStruck = gate.isStruck
      let traffic = gate.disarm()
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
    try await restartIfEnded(.board)
    if fleet != nil { try await restartIfEnded(.service) }
  }

  private func restartIfEnded(_ one: Trial.Victim) async throws {
    let process = process(one)
    guard let exit = process.exit else { return }
    let count = state.withLock { state in
      if state.victim == one { state.exits.append(exit) } else { state.strayExits.append(exit) }
      return max(state.exits.count, state.strayExits.count)
    }
    if one == .board { note(.gone) }
    machine.log.add(one == .board ? .daemon : .service, "\(process.name) ended: \(exit)")
    // What cannot be started is not started for ever; the trial fails by not coming to rest.
    guard count < 10 else { return }
    await pause(.milliseconds(50))
    if one == .board { note(.back) }
    try await start(one)
  }

  private func note(_ turn: TrialEvidence.Life.Turn) {
    let life = TrialEvidence.Life(turn: turn, at: Clock.now())
    state.withLock { $0.lives.append(life) }
  }

  func until(_ limit: Duration, _ condition: () -> Bool) async {
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
    if let processing { return "the refund of \(processing.number) is under way at the platform" }
    return await serviceObstacle()
  }

  /// What the service has still to do about the trial's orders.
  private func serviceObstacle() async -> String? {
    guard let fleet else { return nil }
    guard fleet.isReady else { return "the service is not ready" }
    let before = state.withLock { $0.ordersBefore }
    for order in machine.platform.model.orders.dropFirst(before) {
      do {
        // One that it does not know is the judge's affair.
        guard let theirs = try await serviceOrder(order.number) else { continue }
        if theirs.isOpen, theirs.state != "held" {
          return "order \(order.number) is \(theirs.state) at the service"
        }
      } catch {
        return "\(error)"
      }
    }
    return nil
  }
}
