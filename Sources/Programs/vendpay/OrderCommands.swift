import ArgumentParser
import Core
import FleetService
import Inspection
import Platform

/// `vendpay order NO`.
struct OrderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "order", abstract: "One order with its history.")

  @OptionGroup var service: ServiceOption
  @Argument(help: "The order's number, or its last characters as the customer reads them.")
  var number: String
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    try service.atDesk { desk throws(ServiceFailure) in
      let order = try desk.order(number)
      return json ? JSONOutput.lines([order]) : order.text
    }
  }
}

/// `vendpay refund NO`.
struct RefundCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refund", abstract: "Give the money of a paid order back.",
    discussion: "It is followed to its end by the service's duties.")

  @OptionGroup var service: ServiceOption
  @Argument(help: "The order's number or its last characters.") var number: String
  @Flag(help: "Do not ask whether it is meant.") var yes = false

  func run() throws { try decide(service, number, .refund, isMeant: yes) }
}

/// `vendpay resolve NO --delivered|--refunded`.
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

  @OptionGroup var service: ServiceOption
  @Argument(help: "The order's number or its last characters.") var number: String
  @Flag var choice: Choice
  @Flag(help: "Do not ask whether it is meant.") var yes = false

  func run() throws { try decide(service, number, choice.decision, isMeant: yes) }
}

/// Asks, unless it is said that it is meant, and has it done.
private func decide(
  _ service: ServiceOption, _ number: String, _ decision: Decision, isMeant: Bool
) throws {
  try service.atDesk { desk throws(ServiceFailure) in
    let order = try desk.order(number)
    let deed =
      switch decision {
      case .delivered: "Take it for delivered"
      case .refund: "Give its money back"
      case .refunded: "Take its money for given back by another way"
      }
    guard isMeant || confirm("\(order.text)\(deed)") else {
      throw ServiceFailure(.refused, "nothing was done")
    }
    if let refusal = try desk.decide(order, decision) {
      throw ServiceFailure(.refused, "\(order.number): \(refusal)")
    }
    return "\(order.number): \(decision.doneWords)\n"
  }
}

/// Whether a person at a terminal says yes.
private func confirm(_ question: String) -> Bool {
  guard Terminal.isInput else {
    StandardError.write("vendpay: nobody to ask; say --yes\n")
    return false
  }
  StandardOutput.write("\(question)? [y/N] ")
  let answer = readLine()?.lowercased()
  return answer == "y" || answer == "yes"
}
