public import Audit

extension Soak.Sum {
  /// Everything in one line.
  public func line(seconds: Int64, jobs: Int) -> String {
    let least = fired.least(core)
    let kinds = FaultKind.kinds(core).count
    let bytes = core == .service ? "with calls as text" : "with every byte"
    let broken = Invariant.allCases.filter { violations[$0.rawValue] > 0 }
      .map { "\($0)=\(violations[$0.rawValue])" }
    return "\(vends) vends (\(vendsWithBytes) \(bytes)), \(worlds) worlds, "
      + "\(crashes) crashes, \(fired.kindsFired) of \(kinds) fault kinds fired "
      + "(least: \(least.kind.name), \(least.count)), "
      + "violations: \(broken.isEmpty ? "none" : broken.joined(separator: " ")), "
      + "\(openCases) open cases, \(rate(seconds, jobs)) vends/s a job"
  }

  /// Sales a second and job.
  public func rate(_ seconds: Int64, _ jobs: Int) -> Int {
    vends / Int(max(1, seconds)) / max(1, jobs)
  }

  /// How often each invariant did not hold, by name; those that held are left out.
  public var violationsByInvariant: [(Invariant, Int)] {
    Invariant.allCases.compactMap { invariant in
      let count = violations[invariant.rawValue]
      return count == 0 ? nil : (invariant, count)
    }
  }
}
