import ArgumentParser
import MachineFiles
import Platform
import Simulation

/// `vendsim panel`: an emulated display alone.
struct PanelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "panel", abstract: "Emulate a serial display alone.",
    discussion: """
      The display is the one that the board file describes, of any driver with a serial port. It \
      stands at the end of a pseudo-terminal, for a vendd on this computer or for a virtual one; \
      what can be seen of it is kept in a picture file. It ends with a signal.
      """)

  @Option(help: "The board file.")
  var board: String

  @Option(help: "Where a link to the pseudo-terminal is made.")
  var port: String

  @Option(help: "The file of the picture, a PNG.")
  var picture: String

  func run() async throws {
    let panel = try LonePanel(
      try BoardConfiguration.load(path: board), port: port, picture: picture)
    _ = try await Interruption.race { try await panel.follow() }
  }
}
