import ArgumentParser
import Control
import Diagnostics
import Platform
import Vending

/// `vendctl test`.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Test one part.",
    subcommands: [Keypad.self, Display.self, Relay.self, Lane.self, Sensor.self])

  struct Keypad: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say which key or wire of the keypad is wrong.",
      discussion: """
        Press every key once, from left to right and from top to bottom, and leave none out: what \
        does not come, comes twice, together or in another order names the wire. Exit code 1 when \
        something is wrong.
        """)
    @OptionGroup var machine: MachineOption
    @OptionGroup var language: LanguageOption
    @Option(help: "How long to listen (1 to 300).") var seconds = 20

    func run() throws {
      let bench = try machine.bench()
      StandardOutput.write(
        "press every key once, row by row, within \(seconds) s\n\(bench.keypadRows)\n")
      try report { () throws(BenchError) in
        let exam = try bench.testKeypad(seconds: seconds) { StandardOutput.write("\($0)\n") }
        let findings = exam.findings.map { "\($0.words[language.chosen])\n" }.joined()
        guard !exam.findings.contains(where: \.isFailure) else {
          throw .refused(.both(findings))
        }
        return findings + "all \(exam.count) keys were seen\n"
      }
    }
  }

  struct Display: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show test cards on the display.",
      discussion: """
        Cards: \(Bench.cardNames). Without a name the QR code, with the size of its modules and a \
        line to hold a ruler against. What to look for is printed with each card. Beside vendd the \
        card gives way to a customer.
        """)
    @OptionGroup var machine: MachineOption
    @Argument(help: "The card.") var card: String?
    @Option(help: "How long each is shown (1 to 300).") var seconds = 10

    func run() throws {
      let bench = try machine.bench()
      try report { () throws(BenchError) in
        try bench.testDisplay(card: card, seconds: seconds) { StandardOutput.write("\($0)\n") }
          + "\n"
      }
    }
  }

  struct Relay: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Pulse a lane's relay once, without a sale.",
      discussion: "Without --fire it says what it would do, moves nothing and ends with 1.")
    @OptionGroup var machine: MachineOption
    @Argument(help: "The lane's code.") var lane: String
    @Flag(help: "Really move it.") var fire = false

    func run() throws {
      let bench = try machine.bench()
      try report { () throws(BenchError) in
        let plan = try bench.relayPlan(lane: lane)
        guard fire else {
          throw .refused(
            "\(plan)\nnothing moved; say --fire to do it", "\(plan)\n未动作：加 --fire 才会执行")
        }
        StandardOutput.write("\(plan)\n")
        return try bench.testRelay(lane: lane) { StandardOutput.write("\($0)\n") } + "\n"
      }
    }
  }

  struct Sensor: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print what drop sensor and door do.")
    @OptionGroup var machine: MachineOption
    @Option(help: "How long to listen (1 to 300).") var seconds = 15

    func run() throws {
      let bench = try machine.bench()
      try report { () throws(BenchError) in
        try bench.testSensor(seconds: seconds) { StandardOutput.write("\($0)\n") } + "\n"
      }
    }
  }
}

/// `vendctl service lock|unlock`.
struct ServiceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "service", abstract: "Stop selling for service, or sell again.",
    subcommands: [Lock.self, Unlock.self, Code.self])

  struct Lock: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop selling.")
    @OptionGroup var machine: MachineOption

    func run() throws {
      let bench = try machine.bench()
      try report { () throws(BenchError) in try bench.command(.service(locked: true)) + "\n" }
    }
  }

  struct Unlock: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Sell again.")
    @OptionGroup var machine: MachineOption

    func run() throws {
      let bench = try machine.bench()
      try report { () throws(BenchError) in try bench.command(.service(locked: false)) + "\n" }
    }
  }
}

/// `vendctl refill LANE [PIECES]`, `vendctl refill --all`.
struct RefillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refill", abstract: "Say that lanes were filled, and how far.")

  @OptionGroup var machine: MachineOption
  @Argument(help: "The lane's code.") var lane: String?
  @Argument(help: "Pieces in the lane (default: its par level).") var pieces: Int?
  @Flag(help: "Every lane was filled to its par level.") var all = false

  func validate() throws {
    guard (lane == nil) == all else { throw ValidationError("name a lane, or say --all") }
  }

  func run() throws {
    let bench = try machine.bench()
    try report { () throws(BenchError) in
      let wish = lane.map { Wish.fill(lane: $0, pieces: pieces) } ?? .fillAll
      return try bench.grant(wish) + "\n"
    }
  }
}

/// `vendctl relays-off`.
struct RelaysOffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "relays-off",
    abstract: "Request every relay with its off value and let it go: for the unit's ExecStopPost.",
    discussion: "A line that cannot be taken is said and is no failure: its holder minds it.")
  @OptionGroup var machine: MachineOption

  func run() throws {
    for line in try machine.bench().relaysOff() { StandardOutput.write("\(line)\n") }
  }
}

/// `vendctl out-of-service`.
struct OutOfServiceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "out-of-service",
    abstract: "Show the out-of-service screen once: for the unit's OnFailure.")
  @OptionGroup var machine: MachineOption

  func run() throws {
    let bench = try machine.bench()
    try report { () throws(BenchError) in try bench.showOutOfService() + "\n" }
  }
}
