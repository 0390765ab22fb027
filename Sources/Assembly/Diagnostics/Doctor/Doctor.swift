internal import MachineFiles
public import Platform
internal import Storage
internal import Timing
internal import Vending

/// Looks at everything once: checks run beside each other, each as soon as what it needs is known.
///
/// Nothing is moved, and nothing is written but one record without a name, for the disk's speed. A
/// check that hangs costs its own limit and no more, and all together the doctor's.
public struct Doctor {
  private let checks: [Check]
  private let causes: CauseGraph
  /// How long all of it may take.
  private let limit: Duration
  /// The most threads at a time: most of them wait for the network or a disk.
  private static let threads = 16
  /// What is left for the checks in any case, when the daemon's answer took the time.
  private static let least = Duration.milliseconds(900)

  /// The time that a technician waits without wondering.
  public static let usualLimit = Duration.milliseconds(1900)

  /// A doctor with the product's own list of checks.
  public init(limit: Duration = Doctor.usualLimit) {
    self.init(checks: Check.all, causes: .product, limit: limit)
  }

  init(
    checks: [Check], causes: CauseGraph = CauseGraph([:]), limit: Duration = Doctor.usualLimit
  ) {
    (self.checks, self.causes, self.limit) = (checks, causes, limit)
  }

  /// Reads the machine file, asks the daemon, and examines.
  ///
  /// Without a daemon the state directory's lock is held meanwhile, so that a daemon that starts
  /// does not meet us at the display; where it may not be taken, the books are read all the same.
  public func examine(at path: String, site: Site) throws(SystemError) -> DoctorReport {
    let began = Clock.now()
    var configuration: Result<MachineConfiguration, ConfigurationError>
    var daemon = DaemonSight.absent
    var lock: StateLock?
    do throws(ConfigurationError) {
      let machine = try MachineConfiguration.load(path: path)
      configuration = .success(machine)
      let bench = Bench(machine)
      daemon = bench.sight(within: .milliseconds(700))
      if daemon == .absent { lock = try? bench.takeLock() }
    } catch {
      configuration = .failure(error)
    }
    defer { withExtendedLifetime(lock) {} }
    let examination = Examination(
      path: path, configuration: configuration, daemon: daemon, site: site,
      time: Clock.wallTime(), ownsParts: lock != nil)
    return try examine(examination, since: began)
  }

  /// Examines; blocks until every check has answered or run out of time.
  public func examine(_ examination: Examination) throws(SystemError) -> DoctorReport {
    try examine(examination, since: Clock.now())
  }

  private func examine(
    _ examination: Examination, since began: Instant
  ) throws(SystemError) -> DoctorReport {
    let checks = checks.filter { $0.concerns(examination) }
    let left = max(Self.least, limit - (Clock.now() - began))
    let round = Round(checks, examination, try EventLoop(), most: Self.threads)
    round.run(within: left)
    let diagnosis = Diagnosis(checks: checks, findings: round.findings, graph: causes)
    var (machine, language) = ("", Bilingual.Language.english)
    if case .success(let configuration) = examination.configuration {
      machine = configuration.name
      language = configuration.language == .chinese ? .chinese : .english
    }
    return DoctorReport(
      machine: machine, language: language, daemon: examination.daemon.word,
      at: examination.time.rfc3339,
      tookMilliseconds: (Clock.now() - began).wholeMilliseconds, checks: checks.count,
      rows: diagnosis.rows, causes: diagnosis.causes,
      exitCode: DoctorReport.exitCode(of: diagnosis.rows))
  }
}

extension Doctor {
  /// One run of all checks.
  private final class Round {
    private let checks: [Check]
    private let examination: Examination
    private let loop: EventLoop
    private let most: Int
    private(set) var findings: [String: [Finding]] = [:]
    private var blocked: Set<String> = []
    private var waiting: [Check]
    private var running: [String: () -> Void] = [:]
    private var isOver = false

    init(_ checks: [Check], _ examination: Examination, _ loop: EventLoop, most: Int) {
      (self.checks, self.examination, self.loop) = (checks, examination, loop)
      (self.most, waiting) = (most, checks)
    }

    func run(within limit: Duration) {
      loop.arm(after: limit) { [self] in giveUp() }
      startAll()
      while !running.isEmpty { loop.turn(waiting: nil) }
    }

    /// The time is over: what has not answered has not failed, it is not known.
    private func giveUp() {
      isOver = true
      for check in waiting { findings[check.id] = [Self.unanswered] }
      waiting = []
      for end in running.values { end() }
    }

    private static var unanswered: Finding {
      .blind(
        "no answer in the time that was given", "在限定时间内没有结果",
        fix: .both("sudo vendctl doctor --limit 20"))
    }

    private func startAll() {
      var isChanged = true
      while isChanged {
        isChanged = false
        for check in waiting where isReady(check) {
          if check.needs.contains(where: blocked.contains) {
            blocked.insert(check.id)
            findings[check.id] = []
          } else if running.count < most {
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

    private func start(_ check: Check) {
      let finish: ([Finding]) -> Void = { [self] found in
        guard running.removeValue(forKey: check.id) != nil else { return }
        findings[check.id] = found
        if found.contains(where: { $0.verdict == .failure }) { blocked.insert(check.id) }
        if !isOver { startAll() }
      }
      running[check.id] = { finish([Self.unanswered]) }
      let examination = examination
      let worker = Worker(name: "check")
      loop.perform(on: worker, { check.run(examination) }, then: finish)
      loop.arm(after: check.limit) {
        let limit = check.limit.wholeMilliseconds
        finish([
          .failure(
            "late", "no answer within \(limit) ms", "\(limit) 毫秒内没有应答",
            fix: Bilingual(
              "look again; when it stays so, the part or its driver hangs",
              "重新检查；若仍如此，该部件或其驱动已卡死"))
        ])
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
