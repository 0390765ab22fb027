import ArgumentParser
import Diagnostics
import MachineFiles
import Platform

/// `vendctl display`.
struct DisplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "display", abstract: "Find the display.", subcommands: [Scan.self])

  struct Scan: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what displays are attached, with the lines for the board file.",
      discussion: """
        Serial ports of USB devices that can be a panel are asked who they are. A plain serial \
        line or an adapter is asked only with --all or --port, since anything may be behind it; a \
        port that vendd or another program has open is never asked.

        Exit codes: 0 a display was found, 1 none was, 3 none was but something may be one that \
        was not asked or gave no answer.
        """)
    @OptionGroup var machine: MachineOption
    @Flag(help: "Ask plain serial lines and adapters, too.") var all = false
    @Option(help: ArgumentHelp("Ask this port alone, whatever it is.", valueName: "path"))
    var port: String?

    func run() throws {
      let sightings = DisplayScan(
        asksAll: all, onlyPort: port, daemonsPort: Bench.portInUse(machineFile: machine.path)
      ).look()
      for sighting in sightings where sighting.verdict != .other || port != nil || all {
        StandardOutput.write("\(sighting.text)\n\n")
      }
      let displays = sightings.count { $0.verdict == .display }
      let doubtful = sightings.count { $0.verdict == .perhaps }
      StandardOutput.write(
        "displays: \(displays); may be one, not asked or silent: \(doubtful)\n")
      if displays == 0 { throw ExitCode(doubtful == 0 ? 1 : 3) }
    }
  }
}
