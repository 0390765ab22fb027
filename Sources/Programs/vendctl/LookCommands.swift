import ArgumentParser
import MachineFiles
import Control
import Diagnostics
import Inspection
import Platform
import Vending

/// `vendctl status`.
struct StatusCommand: DeskCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "How the machine is, as the daemon says.")

  @OptionGroup var machine: MachineOption
  @OptionGroup var language: LanguageOption
  @Flag(help: "Print JSON.") var json = false

  func run(at desk: Desk) throws {
    let bench = try machine.bench(at: desk)
    try desk.tell(in: language.chosen) { () throws(BenchError) in
      let status = try bench.status()
      return json
        ? JSONLines.pretty(status)
        : MachineText(language.chosen, clock: desk.clock).status(status)
    }
  }
}

/// `vendctl doctor`.
struct DoctorCommand: DeskCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check everything once, and say what to do about what is not well.",
    discussion: """
      What is the cause of the most comes first; what only comes of it is counted, not told. Works \
      with a daemon that sells, with none, and with a machine file that is broken; as an ordinary \
      user it says what it could not see. Nothing is moved, and no sale is disturbed.

      Exit codes: 0 well, 1 warnings, 2 failures, 3 cannot tell.
      """)

  @OptionGroup var machine: MachineOption
  @Flag(help: "Print JSON in both languages (schema 2, board/doctor.schema.json).") var json = false
  @Option(
    help: ArgumentHelp(
      "The language, en or zh (default: the machine file's).", valueName: "language"),
    transform: DoctorCommand.language)
  var language: Bilingual.Language?
  @Option(
    help: ArgumentHelp(
      "How long it may take in all; a slow network wants more.", valueName: "seconds"))
  var limit: Int?

  static func language(_ text: String) throws -> Bilingual.Language {
    guard let language = Bilingual.Language(rawValue: text) else {
      throw ValidationError("--language is en or zh")
    }
    return language
  }

  func validate() throws {
    if let limit, !(1...120).contains(limit) { throw ValidationError("--limit is 1 to 120") }
  }

  func run(at desk: Desk) throws {
    let report: DoctorReport
    do throws(SystemError) {
      report = try desk.report(
        machine.path, limit.map { .seconds($0) } ?? Doctor.usualLimit)
    } catch {
      desk.complain("vendctl: \(error)\n")
      throw ExitCode(3)
    }
    let isColoured = Terminal.isOutput && Environment["NO_COLOR"] == nil
    let text = DoctorText(isColoured: isColoured, language: language ?? report.language)
    desk.write(json ? report.json : text.text(report))
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
