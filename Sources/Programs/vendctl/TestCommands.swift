import ArgumentParser
import Control
import Diagnostics
import Platform

/// `vendctl test`.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Test one part.",
    subcommands: [Keypad.self, Display.self, Relay.self, Sensor.self])

  struct Keypad: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print each key that is pressed.")
    @OptionGroup var machine: MachineOption
    @Option(help: "How long to listen (1 to 300).") var seconds = 15

    func run() throws {
      let bench = try machine.bench()
      StandardOutput.write("press every key within \(seconds) s\n")
      try report { () throws(BenchError) in
        try bench.testKeypad(seconds: seconds) { StandardOutput.write("\($0)\n") } + "\n"
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
        guard fire else { throw .refused("\(plan)\nnothing moved; say --fire to do it") }
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
    subcommands: [Lock.self, Unlock.self])

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

/// `vendctl refill LANE [PIECES]`.
struct RefillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refill", abstract: "Say how many pieces a lane holds now.")

  @OptionGroup var machine: MachineOption
  @Argument(help: "The lane's code.") var lane: String
  @Argument(help: "Pieces in the lane (default: full).") var pieces: Int?

  func run() throws {
    let bench = try machine.bench()
    try report { () throws(BenchError) in
      try bench.command(.refill(lane: lane, pieces: pieces)) + "\n"
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
