import ArgumentParser
import Audit
import Diagnostics
import Platform
import Timing

/// `vendctl audit [books|dts]`.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Hold the platform's bill against the books; write the machine's audit file.",
    subcommands: [Books.self, DTS.self], defaultSubcommand: Books.self)

  struct Books: DeskCommand {
    static let configuration = CommandConfiguration(
      commandName: "books",
      abstract: "Hold the platform's bill against a machine's journal, to the fen.",
      discussion: """
        Every fen that was paid must be delivered, refunded or in an open case; each order of \
        which that is not true is named with a sentence. The bill is what the platform gives for a \
        day (type ALL, unpacked). The files may be copies, of a machine that runs or not; with a \
        copy of a journal or a book belongs the -wal file that lies beside it. Nothing in them is \
        changed; beside a machine's own journal the last day that added up is noted.

        Without --book the core's word is missing: a person's refund after a delivery looks like a \
        mistake then.

        Exit codes: 0 everything adds up, 1 there are differences, 2 a file cannot be read.
        """)

    @OptionGroup var language: LanguageOption
    @Option(help: ArgumentHelp("The board's journal (board.db).", valueName: "file"))
    var journal: String
    @Option(
      help: ArgumentHelp("The platform's bill; repeated, one for each day.", valueName: "file"))
    var bill: [String]
    @Option(help: ArgumentHelp("The core's book (core.db).", valueName: "file"))
    var book: String?
    @Option(
      help: ArgumentHelp(
        "The bill's day in Beijing; needed when it has no lines.", valueName: "yyyy-mm-dd"))
    var day: String?
    @Flag(help: "Print JSON (schema 1, amounts in fen).") var json = false

    func validate() throws {
      guard !bill.isEmpty else { throw ValidationError("name the bill with --bill") }
      if let day, BeijingDay(day) == nil {
        throw ValidationError("--day \(day) is no day: write it as 2026-11-23")
      }
    }

    func run(at desk: Desk) throws {
      let audit = BooksAudit(
        journal: journal, book: book, bills: bill, day: day.flatMap { BeijingDay($0) })
      do throws(BooksAuditError) {
        let result = try audit.reconcile()
        desk.write(
          json
            ? AuditReport(result).json
            : AuditText(language.chosen, clock: desk.clock).text(result))
        if result.addsUp { return note(result.days.max()) }
      } catch {
        desk.complain("vendctl: \(error)\n")
        throw ExitCode(2)
      }
      throw ExitCode(1)
    }

    /// For the doctor, which tells when a machine was not reconciled for long.
    private func note(_ day: BeijingDay?) {
      guard let day else { return }
      do throws(SystemError) {
        try Reconciled.note(day, journal: journal)
      } catch {
        StandardError.write("vendctl: the day is not noted: \(error)\n")
      }
    }
  }

  struct DTS: DeskCommand {
    static let configuration = CommandConfiguration(
      commandName: "dts", abstract: "Write the audit file of EVA-DTS 6.1.",
      discussion: """
        Identification, sales since the journal began, sales and levels of each lane, faults under \
        the trade's event codes. Works beside vendd and without it; nothing is reset by reading.
        """)

    @OptionGroup var machine: MachineOption
    @Argument(help: "Where it is written (default: standard output).") var file: String?

    func run(at desk: Desk) throws {
      let bench = try machine.bench(at: desk)
      try desk.tell(in: LanguageOption.terminal) { () throws(BenchError) in
        let text = try bench.auditFile(at: desk.now(), clock: desk.clock)
        guard let file else { return text }
        do throws(SystemError) {
          try Files.replace(file, with: Array(text.utf8), durable: false)
        } catch {
          throw .refused(.both("\(error)"))
        }
        return "\(file): \(text.utf8.count) bytes\n"
      }
    }
  }
}
