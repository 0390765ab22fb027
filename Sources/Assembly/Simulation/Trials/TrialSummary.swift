internal import Timing

/// What a series of trials has shown.
public struct TrialSummary: Hashable, Sendable, Codable {
  /// Places that there are, as far as they were asked for.
  public var points = 0
  /// Trials that were made, and those in which the fault happened.
  public var run = 0
  public var struck = 0
  /// Struck processes that ended and were started again.
  public var restarts = 0
  /// Sales that nothing disturbed, for counting.
  public var clean = 0
  /// What became of the orders.
  public var endings: [String: Int] = [:]
  /// Violations by invariant.
  public var violations: [String: Int] = [:]
  /// What was struck, by the call's name; bytes count as one.
  public var blows: [String: Int] = [:]
  /// How long panels that came back showed nothing, in milliseconds, longest last.
  public var darkMilliseconds: [Int64] = []
  public var seconds: Int64 = 0

  /// Nothing yet.
  public init() {}

  mutating func addClean(_ report: TrialReport) {
    clean += 1
    addFindings(report)
  }

  mutating func add(_ report: TrialReport) {
    run += 1
    restarts += report.exits.count
    if let struck = report.struck {
      self.struck += 1
      blows[struck.split(separator: " ").first.map(String.init) ?? "", default: 0] += 1
    }
    if let dark = report.darkTime {
      darkMilliseconds = (darkMilliseconds + [dark.wholeMilliseconds]).sorted()
    }
    addFindings(report)
  }

  private mutating func addFindings(_ report: TrialReport) {
    for ending in report.endings { endings[ending, default: 0] += 1 }
    for violation in report.violations { violations[violation.invariant, default: 0] += 1 }
  }

  /// The sum of two series.
  public mutating func add(_ other: TrialSummary) {
    points += other.points
    run += other.run
    struck += other.struck
    restarts += other.restarts
    clean += other.clean
    endings.merge(other.endings, uniquingKeysWith: +)
    violations.merge(other.violations, uniquingKeysWith: +)
    blows.merge(other.blows, uniquingKeysWith: +)
    darkMilliseconds = (darkMilliseconds + other.darkMilliseconds).sorted()
    seconds += other.seconds
  }

  /// One line.
  public var line: String {
    let bad = violations.values.reduce(0, +)
    let names = violations.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let ends = endings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return "points \(points), run \(run), struck \(struck), restarts \(restarts), "
      + "violations \(bad)\(bad == 0 ? "" : " (\(names.joined(separator: ", ")))"), "
      + "orders: \(ends.isEmpty ? "none" : ends.joined(separator: ", ")), \(dark)\(seconds) s"
  }

  private var dark: String {
    guard let longest = darkMilliseconds.last else { return "" }
    let median = darkMilliseconds[darkMilliseconds.count / 2]
    return "display back after \(median) ms, at most \(longest), "
  }
}
