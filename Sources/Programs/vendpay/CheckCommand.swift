import ArgumentParser
import FleetService
import MachineFiles
import Platform

/// `vendpay check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Look at everything that a first sale needs.",
    discussion: """
      Configuration, store, disk, certificate, address of notices, the merchant's account (asked \
      for an order that nobody made), clock, and which process carries out which duty. Nothing is \
      changed, and nothing is paid.

      Exit codes: 0 well, 1 warnings, 2 failures.
      """)

  @OptionGroup var service: ServiceOption
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let report = ServiceCheck.run(path: service.path)
    StandardOutput.write(json ? report.json + "\n" : report.text)
    throw ExitCode(report.exitCode)
  }
}

/// `vendpay migrate`.
struct MigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Bring the store's schema up to date, or make it.",
    discussion: "Older programs no longer open the store after it: make a backup before.")

  @OptionGroup var service: ServiceOption

  func run() throws {
    let configuration = try service.configuration()
    try report { () throws(ServiceFailure) in
      let (before, after) = try ServiceDesk.migrate(configuration)
      return before == after
        ? "the schema is \(after) already\n" : "schema \(before) became \(after)\n"
    }
  }
}
