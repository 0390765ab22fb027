import Glibc
import Platform
import Simulation
import Testing

/// A share of what `vendsim kill-points` and `cut-points` do at length: each class of calls, each
/// error, each kind of a connection's end.
@Suite(
  "A sale that is struck", .serialized, .timeLimit(.minutes(10)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"),
  .enabled("ptrace is not permitted here") { await SystemCallTracer.isPermitted() })
struct TrialTests {
  private static func series(_ mischiefs: TrialSeries.Mischief...) -> TrialSeries {
    TrialSeries(
      machine: SimulatedMachine.Settings(daemon: Programs.daemon, boardFile: Programs.boardFile),
      vendctl: Programs.control, mischiefs: mischiefs)
  }

  /// Runs about `count` trials of a series, evenly apart, and expects nothing but good ends.
  private static func expectGood(
    _ series: TrialSeries, about count: Int, at place: SourceLocation = #_sourceLocation
  ) async throws {
    var series = series
    series.count = count
    let summary = try await series.run { report, story in
      for violation in report.violations {
        let words = "\(report.trial.words): \(violation.invariant) \(violation.words)"
        Issue.record("\(words)\n\(story.joined(separator: "\n"))", sourceLocation: place)
      }
    }
    #expect(summary.violations.isEmpty, sourceLocation: place)
    #expect(summary.struck * 2 >= count, "\(summary.line)", sourceLocation: place)
  }

  @Test("ends well when the daemon is killed at a call on a file, a sync, a socket")
  func killed() async throws {
    var series = Self.series(.calls(.file.union(.sync).union(.network), .kill, lasts: false))
    series.sales = [.sale, .cancel]
    try await Self.expectGood(series, about: 10)
    try await Self.expectGood(Self.series(.calls(.wires, .kill, lasts: false)), about: 2)
  }

  @Test("ends well when the daemon is killed again while it takes the sale up")
  func killedAgain() async throws {
    var series = Self.series(.calls(.file.union(.sync).union(.network), .kill, lasts: false))
    series.phase = .restart
    try await Self.expectGood(series, about: 2)
  }

  // MARK: Paid through the payment service

  private static func served(_ mischiefs: TrialSeries.Mischief...) -> TrialSeries {
    var series = series()
    (series.mischiefs, series.service) = (mischiefs, Programs.service)
    // Each has a service of its own to be started.
    series.machines = 1
    return series
  }

  @Test("ends well when a fleet's daemon is killed at a call, or its wire cut at a byte")
  func killedInFleet() async throws {
    var series = Self.served(
      .calls(.file.union(.sync).union(.network), .kill, lasts: false), .wire(.cut, .down))
    series.points = 2
    try await Self.expectGood(series, about: 3)
  }

  @Test("ends well when the payment service is killed at a call, and again as it begins anew")
  func serviceKilled() async throws {
    var series = Self.served(.calls(.file.union(.sync).union(.network), .kill, lasts: false))
    // What comes later may not come at all: its duties come round whatever is sold.
    (series.victim, series.last) = (.service, 100)
    try await Self.expectGood(series, about: 1)
    series.phase = .restart
    try await Self.expectGood(series, about: 1)
  }

  @Test("is not felt when calls are only interrupted")
  func interrupted() async throws {
    try await Self.expectGood(
      Self.series(.calls(.interruptible, .EINTR, lasts: false)), about: 4)
  }

  @Test("ends well when a write or a sync fails", arguments: [Strike.Blow.EIO, .ENOSPC])
  func diskFails(blow: Strike.Blow) async throws {
    let reach = blow == .EIO ? Reach.write.union(.sync) : .write
    try await Self.expectGood(Self.series(.calls(reach, blow, lasts: false)), about: 3)
  }

  @Test("ends well when the platform's connection fails in a call")
  func networkFails() async throws {
    try await Self.expectGood(
      Self.series(.calls(.traffic, .ECONNRESET, lasts: false)), about: 4)
  }

  @Test("ends well when a wire of the cabinet is gone in a call")
  func wireFails() async throws {
    try await Self.expectGood(Self.series(.calls(.wires, .ENODEV, lasts: false)), about: 2)
  }

  @Test("shows the present screen soon after its display was pulled out and put back")
  func displayPulled() async throws {
    var series = Self.series(.panel)
    series.points = 5
    try await Self.expectGood(series, about: 5)
  }

  @Test("ends well when the connection fails at a byte", arguments: WireFault.Direction.allCases)
  func connectionFails(direction: WireFault.Direction) async throws {
    let kinds: [WireFault.Kind] = [.cut, .reset, .garbage, .delay]
    var series = Self.series()
    series.mischiefs = kinds.map { .wire($0, direction) }
    try await Self.expectGood(series, about: 4)
  }

  /// Found by looking at what an interrupted call costs: a line of the log was lost.
  @Test("a line is written though its write is interrupted")
  func interruptedLine() async throws {
    let path = "/tmp/vend-line-\(RandomBits.text(count: 8))"
    defer { unlink(path) }
    let number = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    let file = Descriptor(adopting: number)
    let child = try ChildProcess(
      ["sh", "-c", "kill -STOP $$; exec \"$@\"", "sh", Programs.daemon, "--version"],
      output: file.number)
    let tracer = try await SystemCallTracer(
      child, fromProgram: "/vendd", strike: Strike(.write, at: 1, .EINTR))
    #expect(await child.wait(atMost: .seconds(20)) == .status(0))
    #expect(tracer.disarm().blows == 1)
    #expect(try Files.readText(path).hasPrefix("vendd "))
  }
}
