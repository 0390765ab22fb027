import ArgumentParser
import Diagnostics
import Inspection
import Ordering
import Platform

/// `vendctl payment check|code`.
struct PaymentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "payment", abstract: "Prove the merchant's account; explain an error code.",
    subcommands: [Check.self, Code.self])

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
      let isQuiet = json
      let check = PaymentCheck(
        site: .here,
        surroundings: .here {
          isQuiet ? StandardError.write($0) : StandardOutput.write($0)
        })
      let report: DoctorReport
      do throws(SystemError) {
        report = try check.run(path: machine.path, trial)
      } catch {
        StandardError.write("vendctl: \(error)\n")
        throw ExitCode(3)
      }
      let isColoured = Terminal.isOutput && Environment["NO_COLOR"] == nil
      StandardOutput.write(json ? report.json : DoctorText(isColoured: isColoured).text(report))
      throw ExitCode(report.exitCode)
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
