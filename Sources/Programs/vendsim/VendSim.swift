import ArgumentParser

/// `vendsim`: a whole vending machine and a whole payment platform in software.
@main
struct VendSim: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vendsim",
    abstract: "A vending machine and a payment platform in software.",
    discussion: """
      In a demo the daemon is the real vendd, run as a process; only what it is wired to is \
      simulated, and nothing leaves 127.0.0.1. A soak runs its rules in virtual time.
      """,
    subcommands: [
      DemoCommand.self, FleetTrialCommand.self, TerminalCommand.self, PlatformCommand.self,
      KillPointsCommand.self,
      CutPointsCommand.self, PullPointsCommand.self, SoakCommand.self, ReplayCommand.self,
      CrashPointsCommand.self, GalleryCommand.self, WireCommand.self, PanelCommand.self,
    ],
    defaultSubcommand: DemoCommand.self)
}
