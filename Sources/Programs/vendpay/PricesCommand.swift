import ArgumentParser
import Core
import FleetService
import Platform

/// `vendpay prices set|show|take-back`.
struct PricesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prices", abstract: "What lanes cost, where the service says so.",
    discussion: """
      A machine goes by its own list, else by the whole fleet's, whose name is '*', else by its \
      machine file. A lane that is not in the list that holds is not sold.
      """,
    subcommands: [Set.self, Show.self, TakeBack.self])

  struct Set: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a list: lines such as 11 = 3.50, in yuan.")

    @OptionGroup var service: ServiceOption
    @Argument(help: "The machine's name, or '*'.") var name: String
    @Argument(help: "The list's file.") var file: String

    func run() throws {
      let list = try read()
      try service.atDesk { desk throws(ServiceFailure) in
        let version = try desk.setPrices(name, list)
        return "\(name): version \(version), \(list.lanes.count) lanes\n"
      }
    }

    private func read() throws -> CoreCall.PriceList {
      do {
        let text = try Files.readText(file)
        return try PriceFile.read(text, name: file)
      } catch {
        StandardError.write("vendpay: \(error)\n")
        throw ExitCode(2)
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The list that was written for a name.")

    @OptionGroup var service: ServiceOption
    @Argument(help: "The machine's name, or '*'.") var name = "*"

    func run() throws {
      try service.atDesk { desk throws(ServiceFailure) in
        guard let (document, list) = try desk.prices(name) else {
          throw ServiceFailure(.refused, "\(name) has no price list")
        }
        return PriceFile.text(list, of: document)
      }
    }
  }

  struct TakeBack: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "take-back", abstract: "Let the next list hold again: the fleet's, or none.")

    @OptionGroup var service: ServiceOption
    @Argument(help: "The machine's name, or '*'.") var name: String

    func run() throws {
      try service.atDesk { desk throws(ServiceFailure) in
        _ = try desk.setPrices(name, nil)
        return "\(name): taken back\n"
      }
    }
  }
}
