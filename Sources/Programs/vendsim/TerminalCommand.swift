import ArgumentParser
import Platform
import Simulation

/// `vendsim terminal`: the machine for people without a browser.
struct TerminalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "terminal", abstract: "Run a machine in this terminal.",
    discussion: """
      Type a lane's code on the keyboard, then # or Return; p scans the display and pays; * or \
      Escape cancels; q ends. The rest is on the screen.
      """)

  @OptionGroup var options: MachineOptions

  func run() async throws {
    try await options.withMachine { machine in
      let panel = try TerminalPanel(machine)
      try await machine.powerOn()
      _ = try await Interruption.race { await panel.run() }
      panel.leave()
    }
  }
}
