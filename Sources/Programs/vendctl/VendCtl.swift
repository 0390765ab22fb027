import ArgumentParser
import Control
import Platform

/// `vendctl`: what the field technician types.
///
/// It works beside the running daemon and without it.
@main
struct VendCtl: ParsableCommand {
  /// The check of the account reads the merchant's keys, and so do refunds without a daemon.
  static func main() {
    Process.forbidCoreDumps()
    main(nil)
  }

  static let configuration = CommandConfiguration(
    commandName: "vendctl",
    abstract: "Looks at a vending machine, tests its parts, reads its books.",
    discussion: """
      Everything works beside the running vendd; what can be read or tested without it is, under \
      the state directory's lock. Nothing moves without --fire.

      Exit codes: 0 done or well, 1 refused, warnings or differences, 2 failures or a bad file, \
      3 cannot tell or out of reach, 64 a wrong command line.
      """,
    version: Product.version,
    subcommands: [
      StatusCommand.self, DoctorCommand.self, TestCommand.self, OrdersCommand.self,
      OrderCommand.self, RefundCommand.self, ResolveCommand.self, ServiceCommand.self,
      FaultsCommand.self, RefillCommand.self, LanesCommand.self,
      LaneCommand.self, PriceCommand.self, WatchCommand.self, ConfigCommand.self, AuditCommand.self,
      DisputeCommand.self, CountersCommand.self, ExportCommand.self, VerifyCommand.self,
      BundleCommand.self, PaymentCommand.self, DisplayCommand.self,
      RelaysOffCommand.self, OutOfServiceCommand.self, VersionCommand.self,
    ])
}

/// `vendctl version`.
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version.")

  func run() { StandardOutput.write("vendctl \(Product.version)\n") }
}
