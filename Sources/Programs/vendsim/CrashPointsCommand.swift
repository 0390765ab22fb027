import ArgumentParser
import FoundationEssentials
import Platform
import Proof
import Timing

/// `vendsim crash-points`: every power cut of a sale, every second one in its recovery, and so on.
struct CrashPointsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crash-points",
    abstract: "Cut the power everywhere in a sale, and again after it.",
    discussion: """
      For a whole sale, a refund, a cancel, an expiry and a payment after the close: a cut before \
      and after every effect, with every image that the writes on their way may leave, then every \
      second cut while it recovers, and every third. Nothing is sampled. With `--core service` the \
      service's process and its database are killed at each step as well.
      """)

  @Option(help: "How many cuts follow one another: 1 to 4.")
  var depth = 3

  @Option(help: "The board's payment core: embedded or service.")
  var core = SimulatedCore.embedded

  @Option(help: "Threads.")
  var jobs = 2

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard (1...4).contains(depth) else { throw ValidationError("--depth must be 1 to 4") }
    guard (1...256).contains(jobs) else { throw ValidationError("--jobs must be 1 to 256") }
  }

  func run() async throws {
    let began = Clock.now()
    var all = CrashPoints.Sum.nothing(depth: depth)
    for script in Script.allCases {
      let sum = await withTaskGroup(of: CrashPoints.Sum.self) { group in
        for job in 0..<jobs {
          group.addTask { [depth, jobs, core = core.kind] in
            CrashPoints.run(script, core: core, depth: depth, part: job, of: jobs)
          }
        }
        return await group.reduce(into: .nothing(depth: depth)) { $0 += $1 }
      }
      if !json { StandardOutput.write("\(script.rawValue): images by depth \(sum.images)\n") }
      for violation in sum.violations {
        StandardError.write("\(script.rawValue), cuts\(sum.path): \(violation)\n")
      }
      all += sum
    }
    try tell(all, (Clock.now() - began).wholeSeconds)
  }

  private func tell(_ all: CrashPoints.Sum, _ seconds: Int64) throws {
    let total = all.images.reduce(0, +)
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      let report = Report(
        images: all.images, total: total, followed: all.followed,
        violations: all.violations.map { "\($0)" }, seconds: seconds)
      StandardOutput.write(String(decoding: try encoder.encode(report), as: UTF8.self) + "\n")
    } else {
      StandardOutput.write(
        "\(total) crash images to depth \(depth) (\(all.followed) followed, the rest equal to "
          + "one of them), violations: \(all.violations.isEmpty ? "none" : "yes"), \(seconds) s\n")
    }
    if !all.violations.isEmpty { throw ExitCode(1) }
  }

  private struct Report: Encodable {
    var images: [Int]
    var total: Int
    var followed: Int
    var violations: [String]
    var seconds: Int64
  }
}
