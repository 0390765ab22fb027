import ArgumentParser
import Audit
import FoundationEssentials
import Platform
import Proof
import Timing

/// `vendsim soak`: many simulated machines in bad weather, each judged from outside.
struct SoakCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "soak", abstract: "Sell in many simulated worlds, with faults of every kind.",
    discussion: """
      Each seed is a world of its own: a machine, people, a provider, and a mix of faults. What \
      runs is what ships; the wires are simulated. Every world is judged from outside by the \
      invariants I1 to I12. Exits 0 only when all of them held; `vendsim replay --seed S` tells a \
      failed world again. With `--core service` the board's payment core is a service of two \
      processes over one database, which are killed, stopped and away as well.
      """)

  @Option(help: "Sales to begin, at least.")
  var vends = 100_000

  @Option(help: "The first seed.")
  var seed: UInt64 = 1

  @Option(help: "The boards' payment core: embedded or service.")
  var core = SimulatedCore.embedded

  @Option(help: "Threads; each takes every so-manieth seed.")
  var jobs = 1

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard vends >= 1 else { throw ValidationError("--vends must be at least 1") }
    guard (1...256).contains(jobs) else { throw ValidationError("--jobs must be 1 to 256") }
  }

  func run() async throws {
    let began = Clock.now()
    let sum = await withTaskGroup(of: Soak.Sum.self) { [core = core.kind] group in
      for job in 0..<jobs {
        let share = (vends + jobs - 1) / jobs
        group.addTask { [seed, jobs] in
          Soak.run(
            vends: share, first: seed &+ UInt64(job), stride: UInt64(jobs), core: core)
        }
      }
      return await group.reduce(into: Soak.Sum(core)) { $0 += $1 }
    }
    let seconds = (Clock.now() - began).wholeSeconds
    for (seed, violation) in sum.failed.prefix(20) {
      StandardError.write("seed \(seed): \(violation)\n")
    }
    if json {
      StandardOutput.write(try Report(sum, seconds, jobs).text + "\n")
    } else {
      StandardOutput.write(sum.line(seconds: seconds, jobs: jobs) + "\n")
    }
    if !sum.isClean { throw ExitCode(1) }
  }

  /// The sum for scripts.
  private struct Report: Encodable {
    var vends: Int
    var vendsWithBytes: Int
    var worlds: Int
    var crashes: Int
    var faults: [String: Int]
    var leastFault: String
    var violations: [String: Int]
    var failedSeeds: [UInt64]
    var openCases: Int
    var seconds: Int64
    var vendsPerSecondAndJob: Int

    init(_ sum: Soak.Sum, _ seconds: Int64, _ jobs: Int) {
      (vends, vendsWithBytes, worlds) = (sum.vends, sum.vendsWithBytes, sum.worlds)
      (crashes, openCases, self.seconds) = (sum.crashes, sum.openCases, seconds)
      faults = [:]
      for kind in FaultKind.kinds(sum.core) { faults[kind.name] = sum.fired[kind] }
      leastFault = sum.fired.least(sum.core).kind.name
      violations = [:]
      for (invariant, count) in sum.violationsByInvariant { violations["\(invariant)"] = count }
      failedSeeds = sum.failed.map(\.seed)
      vendsPerSecondAndJob = sum.rate(seconds, jobs)
    }

    var text: String {
      get throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
      }
    }
  }
}
