import ArgumentParser
import Control
import Diagnostics
import FoundationEssentials
import MachineFiles
import Platform
import Timing
import Vending

/// `vendctl dispute NO`.
struct DisputeCommand: DeskCommand {
  static let configuration = CommandConfiguration(
    commandName: "dispute",
    abstract: "The whole story of one order: for a customer, a bank or a court.",
    discussion: """
      Both books' records, with the pulse as it was measured, the drop as it was seen, the screens \
      as they were shown, and the platform's numbers. Works beside vendd and without it.
      """)

  @OptionGroup var machine: MachineOption
  @OptionGroup var language: LanguageOption
  @Argument(help: "The order's number, or its last characters as the customer reads them.")
  var number: String
  @Flag(help: "Print JSON (schema 1), in both languages.") var json = false

  func run(at desk: Desk) throws {
    let bench = try machine.bench(at: desk)
    try desk.tell(in: language.chosen) { () throws(BenchError) in
      let dispute = try bench.dispute(number)
      return json
        ? JSONLines.pretty(dispute)
        : DisputeText(language.chosen, clock: desk.clock).text(dispute)
    }
  }
}

/// `vendctl counters`.
struct CountersCommand: DeskCommand {
  static let configuration = CommandConfiguration(
    commandName: "counters", abstract: "What has been sold, failed, tested and refunded so far.",
    discussion: "Counted since the journal began; nothing sets them back. Amounts in fen.")

  @OptionGroup var machine: MachineOption
  @OptionGroup var language: LanguageOption
  @Flag(help: "Print JSON.") var json = false

  func run(at desk: Desk) throws {
    let bench = try machine.bench(at: desk)
    try desk.tell(in: language.chosen) { () throws(BenchError) in
      let counters = try bench.counters()
      return json ? JSONLines.pretty(counters) : CountersText(language.chosen).text(counters)
    }
  }
}

/// `vendctl export`.
struct ExportCommand: DeskCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a book's records out, as JSON lines or CSV.",
    discussion: """
      To standard output, the oldest first. To go on later, name the last sequence with --after. \
      Works beside vendd and without it, and changes nothing.
      """)

  enum Book: String, ExpressibleByArgument, CaseIterable { case board, core }
  enum Form: String, ExpressibleByArgument, CaseIterable { case jsonl, csv }

  @OptionGroup var machine: MachineOption
  @Option(help: "The board's journal or the core's order book.") var book = Book.board
  @Option(help: "The form.") var format = Form.jsonl
  @Option(help: "Only records after this sequence.") var after: Int64 = 0
  @Option(help: "How many at most.") var limit = 1_000_000

  func validate() throws {
    guard after >= 0, limit > 0 else { throw ValidationError("--after and --limit count forward") }
  }

  func run(at desk: Desk) throws {
    let bench = try machine.bench(at: desk)
    try desk.tell(in: LanguageOption.terminal) { () throws(BenchError) in
      try bench.export(
        book == .board ? .board : .core, as: format == .csv ? .csv : .jsonl, after: after,
        limit: limit
      ) { desk.write($0) }
      return ""
    }
  }
}

/// `vendctl verify`.
struct VerifyCommand: DeskCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Show that nothing in the books was changed or lost.",
    discussion: """
      Reads every record of both books along its chain of sums, and seals the history with \
      SHA-256. Whoever keeps the JSON elsewhere can hold the books against it later: --against \
      then says whether a record of that time was changed, even by somebody who can compute the \
      sums.

      Exit codes: 0 whole and unchanged, 2 damaged or changed.
      """)

  @OptionGroup var machine: MachineOption
  @OptionGroup var language: LanguageOption
  @Option(
    help: ArgumentHelp(
      "A state directory or a copy of one (default: the machine's).", valueName: "directory"))
  var directory: String?
  @Option(help: ArgumentHelp("The JSON of an earlier run.", valueName: "file")) var against: String?
  @Flag(help: "Print JSON (schema 1).") var json = false

  func run(at desk: Desk) throws {
    let place = try directory ?? machine.configuration(at: desk).stateDirectory
    let verification = BooksVerification(
      directory: place, against: try earlier(desk), at: desk.now())
    desk.write(
      json ? JSONLines.pretty(verification) : VerificationText(language.chosen).text(verification))
    if !verification.isWell { throw ExitCode(2) }
  }

  private func earlier(_ desk: Desk) throws -> BooksVerification? {
    guard let against else { return nil }
    do {
      return try JSONDecoder().decode(BooksVerification.self, from: Data(try Files.read(against)))
    } catch {
      desk.complain("vendctl: \(against): \(error)\n")
      throw ExitCode(2)
    }
  }
}

/// `vendctl bundle FILE`.
struct BundleCommand: DeskCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle", abstract: "Write one support file, without any secret, to be sent.",
    discussion: """
      Versions, the doctor's report, both configuration files, faults, counters, the last orders, \
      the end of the journal and of the log, in plain text of less than a megabyte: read it before \
      you send it. Works beside vendd and without it.
      """)

  @OptionGroup var machine: MachineOption
  @Argument(help: "Where it is written.") var file: String

  func run(at desk: Desk) throws {
    let bytes = Array(desk.bundle(machine.path).utf8)
    do throws(SystemError) {
      try desk.save(file, bytes)
    } catch {
      desk.complain("vendctl: \(error)\n")
      throw ExitCode(2)
    }
    desk.write("\(file): \(bytes.count) bytes\n")
  }
}
