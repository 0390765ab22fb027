import ArgumentParser
import CoreService
import FleetService
import Platform
import Timing

/// `vendpay operator add|list|role|password|disable|enable`.
struct OperatorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operator", abstract: "Who may use the console, and what for.",
    discussion: """
      A viewer looks; a clerk also gives money back and ends cases; an admin also manages \
      machines, prices and people. Whoever is changed is logged out everywhere.
      """,
    subcommands: [
      Add.self, List.self, Role.self, Password.self, Disable.self, Enable.self,
    ])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a person; the password is one line of standard input.")

    @OptionGroup var service: ServiceOption
    @Argument(help: "The name, as wang.fang.") var name: String
    @Argument(help: "viewer, clerk or admin.", transform: readRole) var role: OperatorRole

    func run() throws {
      let password = try readPassword(of: name)
      try service.atDesk { desk throws(ServiceFailure) in
        try desk.addPerson(name, role, password: password)
        return "\(name) may log in as \(role.rawValue)\n"
      }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Everybody.")

    @OptionGroup var service: ServiceOption

    func run() throws {
      try service.atDesk { desk throws(ServiceFailure) in
        try desk.people().map { person in
          let state = person.isDisabled ? "disabled" : person.role.rawValue
          return "\(person.name)  \(state)  since \(person.changedAt.rfc3339) by "
            + "\(person.changedBy)\n"
        }.joined()
      }
    }
  }

  struct Role: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Give a person another role.")

    @OptionGroup var service: ServiceOption
    @Argument(help: "The name.") var name: String
    @Argument(help: "viewer, clerk or admin.", transform: readRole) var role: OperatorRole

    func run() throws {
      try service.atDesk { desk throws(ServiceFailure) in
        try desk.setRole(of: name, to: role)
        return "\(name) is \(role.rawValue)\n"
      }
    }
  }

  struct Password: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give a person another password: one line of standard input.")

    @OptionGroup var service: ServiceOption
    @Argument(help: "The name.") var name: String

    func run() throws {
      let password = try readPassword(of: name)
      try service.atDesk { desk throws(ServiceFailure) in
        try desk.setPassword(of: name, to: password)
        return "\(name) has another password\n"
      }
    }
  }

  struct Disable: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let a person in no more.")

    @OptionGroup var service: ServiceOption
    @Argument(help: "The name.") var name: String

    func run() throws {
      try service.atDesk { desk throws(ServiceFailure) in
        try desk.setDisabled(true, name)
        return "\(name) is shut out\n"
      }
    }
  }

  struct Enable: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let a person in again.")

    @OptionGroup var service: ServiceOption
    @Argument(help: "The name.") var name: String

    func run() throws {
      try service.atDesk { desk throws(ServiceFailure) in
        try desk.setDisabled(false, name)
        return "\(name) may log in again\n"
      }
    }
  }
}

private func readRole(_ text: String) throws -> OperatorRole {
  guard let role = OperatorRole(rawValue: text) else {
    throw ValidationError("'\(text)' is no role: viewer, clerk or admin")
  }
  return role
}

/// A line from whoever types or from a pipe; a terminal does not show it.
private func readPassword(of name: String) throws -> String {
  guard let line = Terminal.readHidden("password of \(name): "), !line.isEmpty else {
    StandardError.write("vendpay: no password on standard input\n")
    throw ExitCode(2)
  }
  return line
}
