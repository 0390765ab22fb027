import ArgumentParser
import Control
import Diagnostics
import Platform
import Vending

/// In which language a command speaks.
struct LanguageOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The language, en or zh (default: that of $LC_ALL, $LC_MESSAGES or $LANG).",
      valueName: "language"))
  var language: Name?

  /// A language's name on the command line.
  enum Name: String, ExpressibleByArgument, CaseIterable { case en, zh }

  /// The language that was asked for, or the terminal's.
  var chosen: Bilingual.Language {
    language.map { $0 == .zh ? .chinese : .english } ?? Self.terminal
  }

  /// The terminal's language.
  static var terminal: Bilingual.Language {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { Environment[$0] }
    return names.first { !$0.isEmpty }?.hasPrefix("zh") == true ? .chinese : .english
  }
}

/// `vendctl faults [clear|explain]`.
struct FaultsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "faults", abstract: "What is wrong, why, and what to do; what has been wrong.",
    subcommands: [List.self, Clear.self, Explain.self], defaultSubcommand: List.self)

  struct List: DeskCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the faults, causes before what comes of them.",
      discussion: "Without vendd: those of the journal, as it was left.")
    @OptionGroup var machine: MachineOption
    @OptionGroup var language: LanguageOption
    @Flag(help: "Those that have gone, too.") var all = false
    @Flag(help: "Print JSON, in both languages.") var json = false

    func run(at desk: Desk) throws {
      let bench = try machine.bench(at: desk)
      try desk.tell(in: language.chosen) { () throws(BenchError) in
        let (faults, isLive) = try bench.faults(all: all)
        return json
          ? JSONLines.pretty(faults)
          : FaultText(language.chosen, clock: desk.clock).text(faults, isLive: isLive)
      }
    }
  }

  struct Clear: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take back what a person has mended: closed lanes, relays, refunds seen to.",
      discussion: """
        Faults that end with their cause are left. A relay that stuck is read again, and where the \
        door has a switch it must have been open since: exit code 1 until then.
        """)
    @OptionGroup var machine: MachineOption

    func run() throws {
      let bench = try machine.bench()
      try report { () throws(BenchError) in try bench.command(.clearFaults) + "\n" }
    }
  }

  struct Explain: DeskCommand {
    static let configuration = CommandConfiguration(
      abstract: "What a fault's code means, what the machine does and what a person does.",
      discussion: "Needs neither a machine nor its file.")
    @OptionGroup var language: LanguageOption
    @Argument(help: "A code, as N1; all without one.") var code: String?
    @Flag(help: "The journal's catalogue, in one language.") var journal = false

    func run(at desk: Desk) throws {
      if journal { return desk.write(CatalogueText.journal(in: language.chosen)) }
      let codes = code.map { text in
        Fault.Code(rawValue: text.uppercased()).map { [$0] } ?? []
      }
      guard codes?.isEmpty != true else {
        let words = Bilingual("no fault has the code", "没有故障代码")[language.chosen]
        desk.complain("vendctl: \(words) \(code ?? "")\n")
        throw ExitCode(1)
      }
      desk.write(
        CatalogueText.explanation(of: codes ?? Fault.Code.allCases, in: language.chosen))
    }
  }
}
