internal import MachineFiles
public import Platform
internal import Storage
internal import Timing

/// Looks at everything once: checks run beside each other, each as soon as what it needs is known.
///
/// Nothing is moved and nothing is written. A check that hangs costs its own limit and no more.
public struct Doctor {
  private let checks: [Check]
  /// The most threads at a time.
  private static let threads = 8

  /// A doctor with the product's own list of checks.
  public init() { self.init(checks: Check.all) }

  init(checks: [Check]) { self.checks = checks }

  /// Reads the machine file, asks the daemon, and examines.
  ///
  /// Without a daemon the state directory's lock is held meanwhile, so that a daemon that starts
  /// does not meet us at the display; where it may not be taken, the books are read all the same.
  public func examine(at path: String, site: Site) throws(SystemError) -> DoctorReport {
    var configuration: Result<MachineConfiguration, ConfigurationError>
    var daemon = DaemonSight.absent
    var lock: StateLock?
    do throws(ConfigurationError) {
      let machine = try MachineConfiguration.load(path: path)
      configuration = .success(machine)
      let bench = Bench(machine)
      daemon = bench.sight()
      if daemon == .absent { lock = try? bench.takeLock() }
    } catch {
      configuration = .failure(error)
    }
    defer { withExtendedLifetime(lock) {} }
    return try examine(
      Examination(
        path: path, configuration: configuration, daemon: daemon, site: site,
        time: Clock.wallTime()))
  }

  /// Examines; blocks until every check has answered or run out of time.
  public func examine(_ examination: Examination) throws(SystemError) -> DoctorReport {
    let began = Clock.now()
    let round = Round(checks, examination, try EventLoop())
    round.run()
    let rows = checks.flatMap { round.rows(of: $0) }
    let order = Check.Group.allCases
    let sorted = order.flatMap { group in rows.filter { $0.group == group } }
    var machine = ""
    if case .success(let configuration) = examination.configuration { machine = configuration.name }
    return DoctorReport(
      machine: machine, daemon: examination.daemon.word, at: examination.time.rfc3339,
      tookMilliseconds: (Clock.now() - began).wholeMilliseconds, rows: sorted,
      causes: round.causes, exitCode: DoctorReport.exitCode(of: sorted))
  }

  /// One run of all checks.
  private final class Round {
    private let checks: [Check]
    private let examination: Examination
    private let loop: EventLoop
    private var findings: [String: [Finding]] = [:]
    /// The check at whose door a check's failure or silence lies.
    private var roots: [String: String] = [:]
    private var waiting: [Check]
    private var running = 0

    init(_ checks: [Check], _ examination: Examination, _ loop: EventLoop) {
      (self.checks, self.examination, self.loop) = (checks, examination, loop)
      waiting = checks
    }

    func run() {
      startAll()
      while running > 0 { loop.turn(waiting: nil) }
    }

    private func startAll() {
      var isChanged = true
      while isChanged {
        isChanged = false
        for check in waiting where isReady(check) {
          if let root = blocker(of: check) {
            skip(check, because: root)
          } else if running < Doctor.threads {
            start(check)
          } else {
            continue
          }
          waiting.removeAll { $0.id == check.id }
          isChanged = true
        }
      }
    }

    /// Whether everything that it needs is known; a need that nobody looks at is no need.
    private func isReady(_ check: Check) -> Bool {
      check.needs.allSatisfy { need in
        findings[need] != nil || !checks.contains { $0.id == need }
      }
    }

    private func blocker(of check: Check) -> String? {
      check.needs.lazy.compactMap { self.roots[$0] }.first
    }

    private func skip(_ check: Check, because root: String) {
      roots[check.id] = root
      let title = checks.first { $0.id == root }?.title ?? root
      findings[check.id] = [.skipped("because of: \(title)")]
    }

    private func start(_ check: Check) {
      running += 1
      var isOver = false
      let finish: ([Finding]) -> Void = { [self] found in
        guard !isOver else { return }
        isOver = true
        running -= 1
        note(check, found)
        startAll()
      }
      let examination = examination
      let worker = Worker(name: "check")
      loop.perform(on: worker, { check.run(examination) }, then: finish)
      loop.arm(after: check.limit) {
        finish([
          .failure(
            "no answer within \(check.limit.wholeMilliseconds) ms",
            fix: "look again; when it stays so, the part or its driver hangs")
        ])
      }
    }

    private func note(_ check: Check, _ found: [Finding]) {
      findings[check.id] = found
      if found.contains(where: { $0.verdict == .failure }) { roots[check.id] = check.id }
    }

    func rows(of check: Check) -> [DoctorReport.Row] {
      (findings[check.id] ?? []).map { finding in
        let subject = finding.subject
        return DoctorReport.Row(
          id: subject.isEmpty ? check.id : "\(check.id)/\(subject)", group: check.group,
          title: subject.isEmpty ? check.title : "\(check.title) \(subject)",
          verdict: finding.verdict, words: finding.words, fix: finding.fix,
          isBlind: finding.isBlind)
      }
    }

    /// Failures that kept other rows from being looked at, in the order of the list.
    var causes: [DoctorReport.Cause] {
      checks.compactMap { cause in
        let consequences = checks.filter { roots[$0.id] == cause.id && $0.id != cause.id }
        return consequences.isEmpty
          ? nil : DoctorReport.Cause(id: cause.id, consequences: consequences.map(\.id))
      }
    }
  }
}

extension DaemonSight {
  /// The sight in one word.
  var word: String {
    switch self {
    case .running: "running"
    case .absent: "absent"
    case .silent: "silent"
    case .barred: "barred"
    }
  }
}
