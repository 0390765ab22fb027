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
    subcommands: [DemoCommand.self, TerminalCommand.self, PlatformCommand.self],
    defaultSubcommand: DemoCommand.self)

  static func main() async {
    // Signals are blocked before any other thread starts, so that all threads inherit it.
    let interruption = Interruption()
    await Interruption.$current.withValue(interruption) {
      do {
        var command = try parseAsRoot()
        if var asynchronous = command as? any AsyncParsableCommand {
          try await asynchronous.run()
        } else {
          try command.run()
        }
      } catch {
        exit(withError: error)
      }
    }
  }
}
