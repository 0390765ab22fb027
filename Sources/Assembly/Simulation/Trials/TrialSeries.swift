internal import PaymentPlatform
internal import Platform
internal import Synchronization
internal import Timing

/// Trials at every place of a sale, from the first to the last, on a few machines side by side.
public struct TrialSeries: Sendable {
  /// What goes wrong, but for its place.
  public enum Mischief: Hashable, Sendable {
    case calls(Reach, Strike.Blow, lasts: Bool)
    case wire(WireFault.Kind, WireFault.Direction)
    /// The display's plug; it stays out for a time that hangs on the place.
    case panel

    func fault(at place: Int?) -> Trial.Fault {
      switch self {
      case .calls(let reach, let blow, let lasts):
        .call(Strike(reach, at: place, blow, lasts: lasts))
      case .wire(let kind, let direction):
        .wire(WireFault(kind, direction, at: place ?? Int.max))
      case .panel:
        .panel(
          PanelPull(
            at: place ?? Int.max, away: .milliseconds(100 + (place ?? 0) % 1900)))
      }
    }
  }

  public var machine: SimulatedMachine.Settings
  public var vendctl: String
  /// The payment service's program, if the machines are to be paid through one.
  public var service: String?
  /// Whether the service's books are in PostgreSQL.
  public var usesPostgres = false
  public var mischiefs: [Mischief]
  public var sales: [Trial.Sale] = [.sale]
  public var phase = Trial.Phase.sale
  /// Who suffers.
  public var victim = Trial.Victim.board
  /// Places: from, to (nil for the last), and how far apart.
  public var first = 1
  public var last: Int?
  public var step = 1
  /// So many places, evenly apart, in place of `step`; nil for every `step`th.
  public var points: Int?
  /// So many trials at most, drawn by the seed; nil for all.
  public var count: Int?
  /// Machines that run at the same time.
  public var machines = 2
  /// No trial begins after this time; nil without a limit.
  public var limit: Duration?
  public var seed: UInt64 = 1
  /// Folders of machines with a violation stay.
  public var keepsFiles = false

  /// Describes a series.
  public init(
    machine: SimulatedMachine.Settings, vendctl: String, mischiefs: [Mischief]
  ) {
    (self.machine, self.vendctl, self.mischiefs) = (machine, vendctl, mischiefs)
  }

  /// A machine lives through so many trials; then a new one takes its place, with short books.
  private static let trialsPerMachine = 200

  /// Runs the series; `tell` hears of every trial, and of a bad one's story.
  public func run(
    tell: @escaping @Sendable (TrialReport, _ story: [String]) -> Void
  ) async throws -> TrialSummary {
    let began = ContinuousClock.now
    var summary = TrialSummary()
    let trials = try await plan(&summary, tell)
    let progress = Progress(trials, summary, until: limit.map { began + $0 }, tell)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<max(1, min(machines, trials.count)) {
        group.addTask { try await work(progress) }
      }
      try await group.waitForAll()
    }
    var result = progress.summary
    result.seconds = (ContinuousClock.now - began).wholeSeconds
    return result
  }

  /// What the machines share: the trials that are left, and what the others have shown.
  private final class Progress: Sendable {
    private let state: Mutex<(trials: ArraySlice<Trial>, summary: TrialSummary)>
    private let deadline: ContinuousClock.Instant?
    private let tell: @Sendable (TrialReport, [String]) -> Void

    init(
      _ trials: [Trial], _ summary: TrialSummary, until deadline: ContinuousClock.Instant?,
      _ tell: @escaping @Sendable (TrialReport, [String]) -> Void
    ) {
      state = Mutex((trials[...], summary))
      (self.deadline, self.tell) = (deadline, tell)
    }

    /// The next trial; nil when none is left, or no time.
    func next() -> Trial? {
      if let deadline, ContinuousClock.now > deadline { return nil }
      return state.withLock { $0.trials.popFirst() }
    }

    func note(_ report: TrialReport, _ story: [String]) {
      state.withLock { $0.summary.add(report) }
      tell(report, story)
    }

    var summary: TrialSummary { state.withLock { $0.summary } }
  }

  /// Counts an undisturbed sale of each kind, and plans a trial for each place.
  ///
  /// The order is drawn by the seed, so that a series that is cut short has been everywhere.
  private func plan(
    _ summary: inout TrialSummary, _ tell: @Sendable (TrialReport, [String]) -> Void
  ) async throws -> [Trial] {
    let machine = try await makeMachine()
    var trials: [Trial] = []
    do {
      for sale in sales {
        for mischief in mischiefs {
          let report = try await machine.run(trial(sale, mischief, at: nil))
          summary.addClean(report)
          tell(report, report.violations.isEmpty ? [] : machine.story(last: 80))
          let end = min(last ?? .max, report.count)
          let step = points.map { max(1, (end - first + 1) / max(1, $0)) } ?? step
          for place in stride(from: first, through: end, by: max(1, step)).prefix(points ?? .max) {
            trials.append(trial(sale, mischief, at: place))
          }
        }
      }
    } catch {
      await machine.stop()
      throw error
    }
    await machine.stop()
    var random = PlatformRandom(seed: seed)
    for index in trials.indices.dropFirst() {
      trials.swapAt(index, Int(random.next() % UInt64(index + 1)))
    }
    summary.points = trials.count
    return count.map { Array(trials.prefix($0)) } ?? trials
  }

  private func trial(_ sale: Trial.Sale, _ mischief: Mischief, at place: Int?) -> Trial {
    Trial(sale, mischief.fault(at: place), of: victim, during: phase)
  }

  private func makeMachine() async throws -> TrialMachine {
    var settings = machine
    settings.folder = MachineFolder.temporary()
    settings.seed = seed
    var fleet: SimulatedFleet.Settings?
    if let service {
      fleet = SimulatedFleet.Settings(machine: settings, service: service, count: 1)
      fleet?.usesPostgres = usesPostgres
    }
    let machine = try await TrialMachine(settings, vendctl: vendctl, fleet: fleet)
    do {
      try await machine.start()
    } catch {
      await machine.stop()
      throw error
    }
    return machine
  }

  private func work(_ progress: Progress) async throws {
    var machine: TrialMachine?
    var left = 0
    while let trial = progress.next() {
      let present: TrialMachine
      if let machine, left > 0 {
        present = machine
      } else {
        await machine?.stop()
        present = try await makeMachine()
        (machine, left) = (present, Self.trialsPerMachine)
      }
      left -= 1
      let report: TrialReport
      do {
        report = try await present.run(trial)
      } catch {
        await present.stop()
        throw error
      }
      progress.note(report, report.violations.isEmpty ? [] : present.story(last: 80))
      if !report.violations.isEmpty {
        // Whatever it suffers from must not be found again in every trial after it.
        await present.stop(keepsFiles: keepsFiles)
        machine = nil
      }
    }
    await machine?.stop()
  }
}
