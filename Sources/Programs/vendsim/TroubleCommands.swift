import ArgumentParser
import FoundationEssentials
import Platform
import Simulation
import Timing

/// What both commands that disturb sales can be told.
struct SeriesOptions: ParsableArguments {
  @OptionGroup var options: MachineOptions

  @Option(help: "The technician's program; by default the vendctl beside this one.")
  var vendctl: String?

  @Flag(help: "Sell through a payment service, the vendpay beside this program.")
  var service = false

  @Option(help: "What the service keeps its books in: sqlite, or postgres, a server of our own.")
  var database = MachineOptions.Database.sqlite

  @Option(help: "board: vendd and its wire suffer; service: vendpay and its wire to the platform.")
  var strike = Victim.board

  enum Victim: String, ExpressibleByArgument, CaseIterable {
    case board, service
  }

  @Option(
    help: "What the customer does, joined by commas: sale, jam, cancel, late; or all.")
  var sale = "sale"

  @Option(help: "The first place.")
  var from = 1

  @Option(help: "The last place; by default the last of an undisturbed sale.")
  var to: Int?

  @Option(help: "From one place to the next.")
  var step = 1

  @Option(help: "Begin no trial after so many seconds.")
  var limitSeconds: Int?

  @Option(help: "Machines that run at the same time.")
  var machines = 2

  @Option(help: "What chance begins with: the order of the trials, and the platform's numbers.")
  var seed: UInt64 = 1

  @Flag(help: "Print the summary as JSON.")
  var json = false

  @Flag(help: "Print every trial.")
  var verbose = false

  @Flag(help: "Keep the folders of machines with a violation.")
  var keepBad = false

  func validate() throws {
    guard from >= 1, step >= 1, (1...32).contains(machines) else {
      throw ValidationError("--from and --step begin at 1, --machines is 1 to 32")
    }
    guard service || (strike == .board && database == .sqlite) else {
      throw ValidationError("--strike service and --database need --service")
    }
    _ = try sales()
  }

  func sales() throws -> [Trial.Sale] {
    if sale == "all" { return Trial.Sale.allCases }
    return try sale.split(separator: ",").map { name in
      guard let sale = Trial.Sale(rawValue: String(name)) else {
        throw ValidationError("no sale '\(name)': sale, jam, cancel, late or all")
      }
      return sale
    }
  }

  /// Runs the mischiefs in one series, prints, and exits 1 with a violation.
  func run(
    _ name: String, _ mischiefs: [TrialSeries.Mischief], phase: Trial.Phase = .sale,
    points: Int? = nil
  ) async throws {
    let machine = try options.settings()
    let technician = vendctl ?? "\(Files.directory(of: machine.daemon))/vendctl"
    guard Files.exists(technician) else {
      throw ValidationError("there is no \(technician); build it, or name it with --vendctl")
    }
    var plan = TrialSeries(machine: machine, vendctl: technician, mischiefs: mischiefs)
    (plan.sales, plan.phase) = (try sales(), phase)
    plan.service = service ? try options.serviceProgram() : nil
    plan.usesPostgres = try database.isPostgres()
    plan.victim = strike == .service ? .service : .board
    (plan.first, plan.last, plan.step, plan.machines) = (from, to, step, machines)
    (plan.limit, plan.seed) = (limitSeconds.map { .seconds($0) }, seed)
    (plan.keepsFiles, plan.points) = (keepBad, points)
    let (series, isVerbose) = (plan, verbose)
    let result = Outcome()
    let isDone = try await Interruption.race {
      await result.take(
        try await series.run { report, story in
          Self.tell(report, story, isVerbose: isVerbose)
        })
    }
    guard isDone, let summary = await result.summary else { throw ExitCode(130) }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      StandardOutput.write(String(decoding: try encoder.encode(summary), as: UTF8.self) + "\n")
    } else {
      StandardOutput.write("\(name): \(summary.line)\n")
    }
    if !summary.violations.isEmpty { throw ExitCode(1) }
  }

  private actor Outcome {
    var summary: TrialSummary?
    func take(_ summary: TrialSummary) { self.summary = summary }
  }

  private static func tell(_ report: TrialReport, _ story: [String], isVerbose: Bool) {
    let struck = report.struck.map { "struck \($0)" } ?? "not struck"
    let line =
      "\(report.trial.words): \(struck), counted \(report.count), "
      + "\(report.endings.joined(separator: " ")), \(report.took.wholeMilliseconds) ms\n"
    if isVerbose || !report.violations.isEmpty { StandardError.write(line) }
    for violation in report.violations {
      StandardError.write("  VIOLATION \(violation.invariant): \(violation.words)\n")
    }
    for line in story { StandardError.write("    \(line)\n") }
  }
}

/// `vendsim kill-points`: the nth system call of a sale is the daemon's last, or fails.
struct KillPointsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill-points",
    abstract: "Kill the daemon at each system call of a sale, or let the call fail.",
    discussion: """
      An undisturbed sale is counted first. Then one sale after the other is struck at its first, \
      second, ... last call, the daemon is started again, and when everything is at rest it is \
      judged from outside: by the platform's books, the board's wires, the display's pixels and \
      vendctl. Ends with one line; exits 0 only without a violation.

      With --service the machine is paid through vendpay, whose book is judged as well, and with \
      --strike service it is vendpay that is struck.

      Calls: all, file, write, sync, network, traffic, socket, wires, interruptible, wait, or the \
      name of a call such as fdatasync.
      """)

  @OptionGroup var series: SeriesOptions

  @Option(help: "The system calls that are counted, joined by commas.")
  var calls = "file,sync,network,socket"

  @Option(
    help: "kill, EIO, ENOSPC, EINTR, ECONNRESET or ENODEV.",
    transform: { try Self.choice($0) })
  var inject = Strike.Blow.kill

  @Flag(help: "Every call after the nth fails too, until the sale is over.")
  var lasting = false

  @Option(
    help: "sale, or restart: the start that takes a sale up again, killed with the relay on.",
    transform: { try Self.choice($0) })
  var during = Trial.Phase.sale

  private static func choice<Choice: RawRepresentable & CaseIterable>(
    _ text: String
  ) throws -> Choice where Choice.RawValue == String {
    guard let choice = Choice(rawValue: text) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("'\(text)' is none of \(known)")
    }
    return choice
  }

  func validate() throws { _ = try reach() }

  private func reach() throws -> Reach {
    let parts = try calls.split(separator: ",").map { name in
      guard let reach = Reach(named: String(name)) else {
        throw ValidationError("no calls '\(name)'")
      }
      return reach
    }
    guard let first = parts.first else { throw ValidationError("--calls names none") }
    return parts.dropFirst().reduce(first) { $0.union($1) }
  }

  func run() async throws {
    guard await SystemCallTracer.isPermitted() else {
      throw ValidationError("system calls cannot be traced here: ptrace is not permitted")
    }
    try await series.run(
      "kill-points", [.calls(try reach(), inject, lasts: lasting)], phase: during)
  }
}

/// `vendsim cut-points`: the connection to the platform suffers at the nth byte of a sale.
struct CutPointsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cut-points",
    abstract: "Disturb the connection to the platform at each byte of a sale.",
    discussion: """
      As kill-points, for what the network does below TLS. With --service it is the connection \
      to the payment service, and with --strike service that from there to the platform.
      """)

  @OptionGroup var series: SeriesOptions

  @Option(
    help: "cut, reset, silence, loss, garbage, delay, joined by commas; or all.")
  var inject = "cut"

  @Option(help: "up: the bytes of who asks; down: of who answers; or both.")
  var direction = "both"

  func validate() throws { _ = try mischiefs() }

  private func mischiefs() throws -> [TrialSeries.Mischief] {
    let kinds =
      try inject == "all"
      ? WireFault.Kind.allCases
      : inject.split(separator: ",").map { name in
        guard let kind = WireFault.Kind(rawValue: String(name)) else {
          throw ValidationError("no fault '\(name)' of a connection")
        }
        return kind
      }
    let directions: [WireFault.Direction]
    if direction == "both" {
      directions = WireFault.Direction.allCases
    } else if let one = WireFault.Direction(rawValue: direction) {
      directions = [one]
    } else {
      throw ValidationError("--direction is up, down or both")
    }
    return kinds.flatMap { kind in directions.map { .wire(kind, $0) } }
  }

  func run() async throws { try await series.run("cut-points", try mischiefs()) }
}

/// `vendsim pull-points`: the display's plug is pulled at the nth byte of a sale, and put back.
struct PullPointsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull-points",
    abstract: "Pull the display's plug at bytes of a sale, and put it back.",
    discussion: """
      As kill-points, for the cable of the display. The panel must show the present screen \
      within three seconds of its return, and no code of an order that has ended meanwhile.
      """)

  @OptionGroup var series: SeriesOptions

  @Option(help: "Bytes of a sale at which the plug is pulled, evenly apart; --step is not used.")
  var points = 1000

  func validate() throws {
    guard points >= 1 else { throw ValidationError("--points begins at 1") }
  }

  func run() async throws {
    try await series.run("pull-points", [.panel], points: points)
  }
}
