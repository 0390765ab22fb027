import ArgumentParser
import FleetService
import MachineFiles
import Platform

/// `vendpay settings set|show|take-back`.
struct SettingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "How machines behave, where the service says so.",
    discussion: """
      TOML as in a machine file: language, and what stands under [policy] but the keys. What it \
      says holds over the machine file; what it does not say is the machine file's. A machine goes \
      by its own settings, else by the whole fleet's, whose name is '*'. It takes them with its \
      next heartbeat, and begins anew as soon as it serves nobody.
      """,
    subcommands: [Set.self, Show.self, TakeBack.self])

  struct Set: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Write settings.")

    @OptionGroup var service: ServiceOption
    @Argument(help: "The machine's name, or '*'.") var name: String
    @Argument(help: "The settings' file.") var file: String

    func run() throws {
      let text = try read()
      try service.atDesk { desk throws(ServiceFailure) in
        "\(name): version \(try desk.setSettings(name, text))\n"
      }
    }

    private func read() throws -> String {
      do {
        let text = try Files.readText(file, limit: 32 << 10)
        try MachineSettings.check(text, named: file)
        return text
      } catch {
        StandardError.write("vendpay: \(error)\n")
        throw ExitCode(2)
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The settings that were written for a name.")

    @OptionGroup var service: ServiceOption
    @Argument(help: "The machine's name, or '*'.") var name = "*"

    func run() throws {
      try service.atDesk { desk throws(ServiceFailure) in
        guard let text = try desk.settings(name) else {
          throw ServiceFailure(.refused, "\(name) has no settings")
        }
        return text
      }
    }
  }

  struct TakeBack: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "take-back", abstract: "Let the next settings hold again: the fleet's, or none.")

    @OptionGroup var service: ServiceOption
    @Argument(help: "The machine's name, or '*'.") var name: String

    func run() throws {
      try service.atDesk { desk throws(ServiceFailure) in
        _ = try desk.setSettings(name, nil)
        return "\(name): taken back\n"
      }
    }
  }
}
