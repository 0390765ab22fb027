import ArgumentParser
import CoreService
import FleetService
import Platform
import Timing

/// `vendpay reconcile DAY`.
struct ReconcileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconcile", abstract: "Hold the platform's bill of a day against the orders.",
    discussion: """
      The service does so by itself each morning; this does it again and keeps the result as the \
      day's newest. The platform makes the bill from 10:00 of the next day on (Beijing).

      Exit codes: 0 it adds up, 1 differences or not yet, 2 and 3 as ever.
      """)

  @OptionGroup var service: ServiceOption
  @Argument(help: ArgumentHelp("The day in Beijing.", valueName: "yyyy-mm-dd")) var day: String
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    guard BeijingDay(day) != nil else {
      throw ValidationError("\(day) is no day: write it as 2026-11-23")
    }
  }

  func run() throws {
    guard let day = BeijingDay(day) else { return }
    var code: Int32 = 0
    try service.atDesk { desk throws(ServiceFailure) in
      switch try desk.reconcile(day) {
      case .notYet(let words): throw ServiceFailure(.refused, "\(day): \(words)")
      case .done(let account):
        if account.differences > 0 { code = 1 }
        return json ? JSONOutput.lines([account]) : account.text
      }
    }
    throw ExitCode(code)
  }
}

/// `vendpay backup FILE`.
struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Write a consistent copy of the store into a new file.",
    discussion: """
      While the service goes on. The copy of a SQLite store can be given to a PostgreSQL one, and \
      the other way round.
      """)

  @OptionGroup var service: ServiceOption
  @Argument(help: "A file that is not there yet.") var file: String

  func run() throws {
    try service.atDesk { desk throws(ServiceFailure) in
      try desk.backup(to: file)
      return "\(file): written\n"
    }
  }
}

/// `vendpay restore FILE`.
struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Fill an empty store from a backup: all of it or nothing.",
    discussion: "First: vendpay migrate, which makes the empty store. The service must not run.")

  @OptionGroup var service: ServiceOption
  @Argument(help: "What backup wrote.") var file: String

  func run() throws {
    try service.atDesk { desk throws(ServiceFailure) in
      try desk.restore(from: file)
      return "restored from \(file)\n"
    }
  }
}
