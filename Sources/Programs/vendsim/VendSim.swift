import ArgumentParser

/// `vendsim`: a whole vending machine and a whole payment platform in software.
@main
struct VendSim: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vendsim",
    abstract: "A vending machine and a payment platform in software.",
    discussion: """
      The daemon is the real vendd, run as a process; only what it is wired to is simulated. \
      Nothing leaves 127.0.0.1.
      """,
    subcommands: [
      DemoCommand.self, TerminalCommand.self, PlatformCommand.self, KillPointsCommand.self,
      CutPointsCommand.self,
    ],
    defaultSubcommand: DemoCommand.self)
}
