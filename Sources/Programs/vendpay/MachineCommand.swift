import ArgumentParser
import FleetService
import Platform
import Timing

/// `vendpay machine enrol|list|revoke`.
struct MachineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "machine", abstract: "Take machines into the fleet, list them, shut them out.",
    subcommands: [Enrol.self, List.self, Revoke.self])

  struct Enrol: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a machine in by the code that its display shows.")

    @OptionGroup var service: ServiceOption
    @Argument(help: "The machine's name.") var name: String
    @Argument(help: "The code, as ABCD-EFGH.") var code: String

    func run() throws {
      try service.atDesk { desk throws(ServiceFailure) in
        if let refusal = try desk.enrol(name, code: code) {
          throw ServiceFailure(.refused, refusal)
        }
        return "\(name) is in the fleet\n"
      }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "All machines with their last word.")

    @OptionGroup var service: ServiceOption
    @Flag(help: "Print JSON, a line for each machine.") var json = false

    func run() throws {
      try service.atDesk { desk throws(ServiceFailure) in
        let now = Clock.wallTime()
        let machines = try desk.machines().map { MachineFacts($0, at: now) }
        return json ? JSONOutput.lines(machines) : MachineFacts.text(machines)
      }
    }
  }

  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a machine's tokens back.",
      discussion: "It can sell nothing any more a few seconds later; its orders are looked after.")

    @OptionGroup var service: ServiceOption
    @Argument(help: "The machine's name.") var name: String

    func run() throws {
      try service.atDesk { desk throws(ServiceFailure) in
        if let refusal = try desk.revoke(name) { throw ServiceFailure(.refused, refusal) }
        return "\(name) is shut out\n"
      }
    }
  }
}
