import ArgumentParser
import Control
import Platform

/// `vendpay`: the payment core as a service for a fleet of machines, and what its operator types.
@main
struct VendPay: ParsableCommand {
  /// It holds the merchant's keys.
  static func main() {
    Process.forbidCoreDumps()
    main(nil)
  }

  static let configuration = CommandConfiguration(
    commandName: "vendpay",
    abstract: "The payment core as a service: orders, notices, refunds and bills of a fleet.",
    discussion: """
      Every command works beside a running service and without it: they share the store.

      Exit codes: 0 done or well, 1 refused, warnings or differences, 2 failures or a bad file, \
      3 out of reach, 64 a wrong command line. serve: 0 ended by a signal, 70 a port was lost, \
      74 the store can no longer be written, 75 out of reach, 78 something must be put right first.
      """,
    version: Product.version,
    subcommands: [
      ServeCommand.self, CheckCommand.self, MigrateCommand.self, MachineCommand.self,
      OrderCommand.self, RefundCommand.self, ResolveCommand.self, ReconcileCommand.self,
      PricesCommand.self, SettingsCommand.self, OperatorCommand.self, BackupCommand.self,
      RestoreCommand.self,
    ])
}
