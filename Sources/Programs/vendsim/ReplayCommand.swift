import ArgumentParser
import Platform
import Proof

/// `vendsim replay`: one world of a soak again, one line an event.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Tell the world of one seed again, one line an event.",
    discussion: "The same seed and the same program give the same story, event by event.")

  @Option(help: "The world's seed.")
  var seed: UInt64

  @Option(help: "The board's payment core: embedded or service.")
  var core = SimulatedCore.embedded

  @Flag(help: "Take out every fault and customer that the failure does not need.")
  var shrink = false

  func run() throws {
    let replay =
      shrink
      ? Replay.shrink(seed: seed, core: core.kind) : Replay.tell(seed: seed, core: core.kind)
    for line in replay.ending.story { StandardOutput.write(line + "\n") }
    StandardOutput.write("faults: \(replay.faults.joined(separator: " "))\n")
    if shrink { StandardOutput.write("shortened in \(replay.tries) tries\n") }
    var sum = Soak.Sum(core.kind)
    sum.add(replay.ending)
    for violation in replay.ending.violations { StandardOutput.write("\(violation)\n") }
    StandardOutput.write("seed \(seed): \(sum.line(seconds: 1, jobs: 1))\n")
    if !sum.isClean { throw ExitCode(1) }
  }
}
