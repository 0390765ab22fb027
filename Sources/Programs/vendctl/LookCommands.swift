import ArgumentParser
import MachineFiles
import Control
import Diagnostics
import Inspection
import Platform

/// `vendctl status`.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "How the machine is, as the daemon says.")

  @OptionGroup var machine: MachineOption
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let bench = try machine.bench()
    try report { () throws(BenchError) in
      let status = try bench.status()
      return json ? JSONLines.pretty(status) : MachineText().status(status)
    }
  }
}

/// `vendctl doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check everything once, and say what to do about what is not well.",
    discussion: "Exit codes: 0 well, 1 warnings, 2 failures, 3 cannot tell. Nothing is moved.")

  @OptionGroup var machine: MachineOption
  @Flag(help: "Print JSON (schema 1).") var json = false

  func run() throws {
    let report: DoctorReport
    do throws(SystemError) {
      report = try Doctor().examine(at: machine.path, site: .here)
    } catch {
      StandardError.write("vendctl: \(error)\n")
      throw ExitCode(3)
    }
    let isColoured = Terminal.isOutput && Environment["NO_COLOR"] == nil
    StandardOutput.write(json ? report.json : DoctorText(isColoured: isColoured).text(report))
    throw ExitCode(report.exitCode)
  }
}

/// `vendctl config check FILE`.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Look at machine files.", subcommands: [Check.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say everything that is wrong with a machine file and its board file; exit 2.")
    @Argument(help: "The machine file.") var file: String

    func run() throws {
      do throws(ConfigurationError) {
        let machine = try MachineConfiguration.load(path: file)
        StandardOutput.write(
          "\(file) is well: machine \(machine.name), \(machine.lanes.count) lanes, "
            + "board \(machine.board.name)\n")
      } catch {
        StandardError.write("\(error)\n")
        throw ExitCode(2)
      }
    }
  }
}
