import ArgumentParser
import Platform
import Simulation

/// `vendsim fleet-trial`: machines and their service, both killed over and over.
struct FleetTrialCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fleet-trial",
    abstract: "Sell over a payment service while it and the daemons are killed.",
    discussion: """
      Real vendd and real vendpay; somebody kills one of them every few seconds, and over \
      PostgreSQL the database as well. In the end every payment must be a product or a refund, by \
      the boards' journals and by the service's book, and no relay may have pulsed more often than \
      was paid. Ends with 1 when that is not so.
      """)

  @OptionGroup var options: MachineOptions
  @Option(help: "How many machines.") var machines = 3
  @Option(help: "For how long they sell, in seconds.") var seconds = 60
  @Option(help: "What chance begins with.") var seed: UInt64 = 1
  @Option(help: "What the service keeps its books in: sqlite, or postgres, a server of our own.")
  var database = MachineOptions.Database.sqlite

  func run() async throws {
    guard (1...99).contains(machines), seconds > 0 else {
      throw ValidationError("--machines is 1 to 99, --seconds more than 0")
    }
    var settings = try options.fleetSettings(of: machines)
    // Some walk away from a code.
    settings.machine.paymentTimeout = .seconds(30)
    settings.usesPostgres = try database.isPostgres()
    let fleet = try await SimulatedFleet(settings)
    do {
      try await fleet.powerOn()
      let summary = try await FleetTrial(of: fleet, for: .seconds(seconds), seed: seed).run()
      StandardOutput.write("\(summary.words)\n")
      for violation in summary.violations { StandardOutput.write("WRONG \(violation)\n") }
      await fleet.stop()
      if options.keep == nil, summary.violations.isEmpty { await fleet.removeFolder() }
      guard summary.violations.isEmpty else { throw ExitCode(1) }
    } catch {
      await fleet.stop()
      throw error
    }
  }
}
