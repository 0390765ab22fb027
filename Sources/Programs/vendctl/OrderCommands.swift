import ArgumentParser
import Control
import Core
import Diagnostics
import Inspection
import Platform

/// `vendctl orders`.
struct OrdersCommand: DeskCommand {
  static let configuration = CommandConfiguration(
    commandName: "orders", abstract: "The newest orders.")

  @OptionGroup var machine: MachineOption
  @OptionGroup var language: LanguageOption
  @Flag(help: "Only those about which something is still to be done.") var open = false
  @Option(help: "How many at most (1 to 1000).") var limit = 20
  @Flag(help: "Print JSON.") var json = false
  @Flag(help: "Print CSV, with amounts in fen.") var csv = false

  func validate() throws {
    guard !json || !csv else { throw ValidationError("either --json or --csv") }
    guard (1...1000).contains(limit) else { throw ValidationError("--limit is 1 to 1000") }
  }

  func run(at desk: Desk) throws {
    let bench = try machine.bench(at: desk)
    try desk.tell(in: language.chosen) { () throws(BenchError) in
      let orders = try bench.orders(openOnly: open, limit: limit)
      if csv { return OrdersTable.csv(orders) }
      return json
        ? JSONLines.pretty(orders)
        : MachineText(language.chosen, clock: desk.clock).orders(orders)
    }
  }
}

/// `vendctl order NO`.
struct OrderCommand: DeskCommand {
  static let configuration = CommandConfiguration(
    commandName: "order", abstract: "One order with its history in both books.")

  @OptionGroup var machine: MachineOption
  @OptionGroup var language: LanguageOption
  @Argument(help: "The order's number, or its last characters as the customer reads them.")
  var number: String
  @Flag(help: "Print JSON.") var json = false

  private struct Whole: Encodable {
    var order: OrderSummary
    var history: [HistoryLine]
  }

  func run(at desk: Desk) throws {
    let bench = try machine.bench(at: desk)
    try desk.tell(in: language.chosen) { () throws(BenchError) in
      let (order, history) = try bench.order(number)
      return json
        ? JSONLines.pretty(Whole(order: order, history: history))
        : MachineText(language.chosen, clock: desk.clock).order(order, history: history)
    }
  }
}

/// `vendctl refund NO`.
struct RefundCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refund", abstract: "Give the money of a paid order back.")

  @OptionGroup var machine: MachineOption
  @Argument(help: "The order's number or its last characters.") var number: String
  @Flag(help: "Do not ask whether it is meant.") var yes = false

  func run() throws {
    try decide(machine, number, .refund, isMeant: yes)
  }
}

/// `vendctl resolve NO --delivered|--refund|--refunded`.
struct ResolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve", abstract: "Close an open case as a person has found it.")

  enum Choice: String, EnumerableFlag {
    case delivered, refund, refunded

    static func help(for value: Choice) -> ArgumentHelp? {
      switch value {
      case .delivered: "The customer has the product."
      case .refund: "The customer gets the money back: it is asked for now."
      case .refunded:
        "The customer has the money back by another way: the merchant platform, or cash."
      }
    }

    var decision: Decision {
      switch self {
      case .delivered: .delivered
      case .refund: .refund
      case .refunded: .refunded
      }
    }
  }

  @OptionGroup var machine: MachineOption
  @Argument(help: "The order's number or its last characters.") var number: String
  @Flag var choice: Choice
  @Flag(help: "Do not ask whether it is meant.") var yes = false

  func run() throws {
    try decide(machine, number, choice.decision, isMeant: yes)
  }
}

/// Asks, unless it is said that it is meant, and has it done.
private func decide(
  _ machine: MachineOption, _ text: String, _ decision: Decision, isMeant: Bool
) throws {
  let bench = try machine.bench()
  try report { () throws(BenchError) in
    let (order, _) = try bench.order(text)
    let deed =
      switch decision {
      case .delivered: "Take it for delivered"
      case .refund: "Give its money back"
      case .refunded: "Take its money for given back by another way"
      }
    let question = MachineText(LanguageOption.terminal).orders([order]) + deed
    guard isMeant || confirm(question) else { throw .refused("nothing was done", "未作任何处理") }
    return try bench.decide(order.number, decision) + "\n"
  }
}

/// Whether a person at a terminal says yes.
private func confirm(_ question: String) -> Bool {
  guard Terminal.isInput else {
    StandardError.write("vendctl: nobody to ask; say --yes\n")
    return false
  }
  StandardOutput.write("\(question)? [y/N] ")
  let answer = readLine()?.lowercased()
  return answer == "y" || answer == "yes"
}
