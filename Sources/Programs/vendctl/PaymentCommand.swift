import ArgumentParser
import Diagnostics
import Inspection
import MachineFiles
import Ordering
import Platform
import Timing
import Vending

/// `vendctl payment check|code`.
struct PaymentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "payment", abstract: "Prove the merchant's account; explain an error code.",
    subcommands: [Check.self, Bill.self, Code.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prove the merchant's credentials, without money or with one fen.",
      discussion: """
        Asks the payment platform for an order that nobody made: only the right merchant with the \
        right keys is told that there is none. A signature error is explained step by step. Works \
        beside the running vendd, and changes nothing of it.

        With --charge 1 an order of one fen is made and its code shown here; once it is paid the \
        fen is given back, and followed until it is there. --give-back ends such a check that was \
        interrupted.

        Exit codes: 0 well, 1 warnings, 2 failures, 3 cannot tell.
        """)

    @OptionGroup var machine: MachineOption
    @OptionGroup var language: LanguageOption
    @Option(help: ArgumentHelp("Take and give back so many fen; only 1.", valueName: "fen"))
    var charge: Int?
    @Option(
      help: ArgumentHelp(
        "The order of an earlier --charge: give its fen back.", valueName: "order"))
    var giveBack: String?
    @Flag(help: "Print JSON (schema 1); the code goes to standard error.") var json = false

    func validate() throws {
      guard charge == nil || charge == 1 else { throw ValidationError("--charge is 1") }
      guard charge == nil || giveBack == nil else {
        throw ValidationError("either --charge or --give-back")
      }
      if let giveBack, OrderNumber(giveBack) == nil {
        throw ValidationError("--give-back \(giveBack) is no order number")
      }
    }

    private var trial: PaymentCheck.Trial {
      if let number = giveBack.flatMap({ OrderNumber($0) }) { return .giveBack(number) }
      return charge == nil ? .questionsOnly : .charge
    }

    func run() throws {
      let (isQuiet, language) = (json, language.chosen)
      let check = PaymentCheck(
        site: .here,
        surroundings: .here {
          isQuiet ? StandardError.write($0[language]) : StandardOutput.write($0[language])
        })
      let report: DoctorReport
      do throws(SystemError) {
        report = try check.run(path: machine.path, trial)
      } catch {
        StandardError.write("vendctl: \(error)\n")
        throw ExitCode(3)
      }
      let isColoured = Terminal.isOutput && Environment["NO_COLOR"] == nil
      let text = DoctorText(isColoured: isColoured, language: language)
      StandardOutput.write(json ? report.json : text.text(report))
      throw ExitCode(report.exitCode)
    }
  }

  struct Bill: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fetch the platform's bill of a day, for vendctl audit.",
      discussion: """
        The bill is made from 10:00 of the next day on (Beijing) and kept for three months. It is \
        written only when it is whole: its rows and its summary agree.

        Exit codes: 0 written, 1 no trades on that day or not ready yet, 2 failures.
        """)

    @OptionGroup var machine: MachineOption
    @Argument(help: ArgumentHelp("The day in Beijing.", valueName: "yyyy-mm-dd")) var day: String
    @Option(help: ArgumentHelp("Where it is written (default: DAY.csv).", valueName: "file"))
    var output: String?

    func validate() throws {
      guard BeijingDay(day) != nil else {
        throw ValidationError("\(day) is no day: write it as 2026-11-23")
      }
    }

    func run() throws {
      guard let day = BeijingDay(day) else { return }
      let path = output ?? "\(day).csv"
      guard let payment = try machine.configuration().payment else {
        StandardError.write(
          "vendctl: the account is the payment service's: fetch the bill there\n")
        throw ExitCode(2)
      }
      switch BillFetch(payment).fetch(day) {
      case .bill(let bytes, let rows):
        do throws(SystemError) {
          try Files.replace(path, with: bytes, permissions: 0o600, durable: true)
        } catch {
          StandardError.write("vendctl: \(error)\n")
          throw ExitCode(2)
        }
        StandardOutput.write("\(path): \(rows) rows\n")
      case .noTrades:
        StandardOutput.write("no trades on \(day)\n")
        throw ExitCode(1)
      case .notReady:
        StandardOutput.write("not ready yet: it is made from 10:00 of the next day on\n")
        throw ExitCode(1)
      case .failed(let words, let fix):
        StandardError.write("vendctl: \(words)\n  fix: \(fix[LanguageOption.terminal])\n")
        throw ExitCode(2)
      }
    }
  }

  struct Code: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what an error code of WeChat Pay means, and who does what about it.",
      discussion: "In English and Chinese. Exit codes: 0 known, 1 not in the tables.")

    @Argument(help: "The code, as NOTENOUGH or NOT_ENOUGH.") var code: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let advice = Advice(code: code)
      StandardOutput.write(json ? JSONLines.pretty(advice) : AdviceText().text(advice))
      if !advice.isKnown { throw ExitCode(1) }
    }
  }
}
