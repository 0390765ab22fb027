internal import Vending

/// Findings in the report's order, and what caused what: pure, so that it can be tried.
struct Diagnosis {
  let rows: [DoctorReport.Row]
  let causes: [DoctorReport.Cause]

  /// Sorts findings by group, and blames each failure on the deepest that explains it.
  ///
  /// A failure is explained by a failure only; a warning by a warning, too. A check without
  /// findings was skipped for what it needs.
  init(checks: [Check], findings: [String: [Finding]], graph: CauseGraph) {
    let ranks = findings.mapValues { found in found.map(\.rank).max() ?? 0 }
    let blame = Blame(checks: checks, findings: findings, ranks: ranks, graph: graph)
    let roots = Dictionary(
      uniqueKeysWithValues: checks.map { ($0.id, blame.root(of: $0.id)) })
    let titles = Dictionary(
      checks.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
    let all = checks.flatMap { check -> [DoctorReport.Row] in
      let root = roots[check.id].flatMap { $0 == check.id ? nil : $0 }
      let found = findings[check.id] ?? []
      let isSkipped = found.isEmpty && root != nil
      let because = root.flatMap { titles[$0] } ?? .both("")
      let shown =
        isSkipped
        ? [.skipped("because of: \(because.english)", "由此引起：\(because.chinese)")] : found
      return shown.map { finding in
        DoctorReport.Row(
          check: check, finding: finding, because: finding.rank > 1 || isSkipped ? root : nil)
      }
    }
    rows = Check.Group.allCases.flatMap { group in all.filter { $0.group == group } }
    causes = Self.causes(checks: checks, ranks: ranks, roots: roots, rows: rows)
  }

  private static func causes(
    checks: [Check], ranks: [String: Int], roots: [String: String?],
    rows: [DoctorReport.Row]
  ) -> [DoctorReport.Cause] {
    let own = checks.filter { (ranks[$0.id] ?? 0) > 1 && roots[$0.id] == $0.id }
    let named = own.compactMap { check -> (Int, DoctorReport.Cause)? in
      guard
        let row = rows.first(where: { $0.check == check.id && $0.verdict != .ok && !$0.isBlind })
      else { return nil }
      let consequences = rows.filter { $0.because == check.id }.map(\.id)
      return (
        ranks[check.id] ?? 0,
        DoctorReport.Cause(id: row.id, code: row.code, consequences: consequences)
      )
    }
    // Failures before warnings; then what explains most; then the list's order, nearest first.
    return named.enumerated().sorted { left, right in
      let (a, b) = (left.element, right.element)
      if a.0 != b.0 { return a.0 > b.0 }
      if a.1.consequences.count != b.1.consequences.count {
        return a.1.consequences.count > b.1.consequences.count
      }
      return left.offset < right.offset
    }.map(\.element.1)
  }

  /// Who is to blame for a check's failure or silence.
  private struct Blame {
    let checks: [Check]
    let findings: [String: [Finding]]
    let ranks: [String: Int]
    let graph: CauseGraph

    /// The check at whose door it lies: itself, or the deepest below it; nil when all is well.
    func root(of id: String) -> String? {
      let rank = ranks[id] ?? 0
      let isSkipped = findings[id]?.isEmpty == true
      guard rank > 1 || isSkipped else { return nil }
      let needs = checks.first { $0.id == id }?.needs ?? []
      let codes = (findings[id] ?? []).map { "\(id).\($0.code)" }
      let below = needs + codes.flatMap { graph.causes[$0] ?? [] } + (graph.causes[id] ?? [])
      // A warning explains no failure, and keeps nothing from being looked at.
      let least = rank == 2 ? 2 : 3
      for cause in below {
        // What was skipped for something else passes that on.
        guard (ranks[cause] ?? 0) >= least || findings[cause]?.isEmpty == true else { continue }
        if let root = root(of: cause) { return root }
      }
      return rank > 1 ? id : nil
    }
  }
}
