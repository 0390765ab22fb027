import ArgumentParser
import Control
import Diagnostics
import Inspection
import MachineFiles
import Money
import Platform
import Timing
import Vending

/// `vendctl lanes`.
struct LanesCommand: DeskCommand {
  static let configuration = CommandConfiguration(
    commandName: "lanes", abstract: "Prices, stock and par levels, and who set a price and when.")

  @OptionGroup var machine: MachineOption
  @OptionGroup var language: LanguageOption
  @Flag(help: "Print JSON.") var json = false

  func run(at desk: Desk) throws {
    let bench = try machine.bench(at: desk)
    try desk.tell(in: language.chosen) { () throws(BenchError) in
      let lanes = try bench.lanes()
      return json
        ? JSONLines.pretty(lanes)
        : LanesText(language.chosen, clock: desk.clock).text(lanes)
    }
  }
}

/// `vendctl lane LANE --par N|--off|--on`.
struct LaneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lane", abstract: "Set a lane's par level; take it out of use, or back.")

  @OptionGroup var machine: MachineOption
  @Argument(help: "The lane's code.") var lane: String
  @Option(help: ArgumentHelp("A refill fills it to so many; 0: its capacity.", valueName: "pieces"))
  var par: Int?
  @Flag(name: .customLong("off"), help: "Out of use.") var isOff = false
  @Flag(name: .customLong("on"), help: "Back into use.") var isOn = false

  func validate() throws {
    guard [par != nil, isOff, isOn].count(where: { $0 }) == 1 else {
      throw ValidationError("one of --par, --off and --on")
    }
  }

  func run() throws {
    let bench = try machine.bench()
    try report { () throws(BenchError) in
      let wish: Wish =
        par.map { .par(lane: lane, pieces: $0 == 0 ? nil : $0) } ?? .lane(lane, isOn: isOn)
      return try bench.grant(wish) + "\n"
    }
  }
}

/// `vendctl price LANE YUAN`.
struct PriceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "price", abstract: "Set a lane's price, from the next order on.",
    discussion: """
      It stands until the machine file itself says another price than now. Who set it and when \
      is in the journal.
      """)

  @OptionGroup var machine: MachineOption
  @Argument(help: "The lane's code.") var lane: String
  @Argument(help: "The price in yuan, as 4.50.") var yuan: String

  func validate() throws {
    do throws(AmountError) {
      _ = try Amount(yuan: yuan)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func run() throws {
    let bench = try machine.bench()
    guard let price = try? Amount(yuan: yuan) else { return }
    try report { () throws(BenchError) in
      try bench.grant(.price(lane: lane, price)) + "\n"
    }
  }
}

extension TestCommand {
  /// `vendctl test lane LANE...`.
  struct Lane: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Try lanes without a sale: one, several, all in turn, many times.",
      discussion: """
        Each try pulses the lane's relay and is counted as a test vend; with --whole the drop is \
        awaited and the stock counted, and it is counted as a vend without money. vendd must be \
        locked for service or its door open; without the door open say --fire.
        """)

    @OptionGroup var machine: MachineOption
    @Argument(help: "The lanes' codes.") var lanes: [String] = []
    @Flag(help: "All lanes in turn.") var all = false
    @Option(help: "How often each (1 to 1000).") var times = 1
    @Flag(help: "A whole vend without money: the drop counts.") var whole = false
    @Flag(help: "Go on after a failure.") var keepGoing = false
    @Flag(help: "Really move them, also with the door closed.") var fire = false

    func validate() throws {
      guard lanes.isEmpty == all else { throw ValidationError("name lanes, or say --all") }
      guard (1...1000).contains(times) else { throw ValidationError("--times is 1 to 1000") }
    }

    func run() throws {
      let bench = try machine.bench()
      try report { () throws(BenchError) in
        let codes = all ? bench.laneCodes : lanes
        for code in codes { StandardOutput.write("\(try bench.relayPlan(lane: code))\n") }
        let isOpen = try bench.isOpen()
        guard fire || isOpen else {
          throw .refused(
            "nothing moved; open the door, or say --fire to do it",
            "未动作：请打开机门，或加 --fire")
        }
        return try bench.tryLanes(codes, times: times, isWhole: whole, goesOn: keepGoing) {
          StandardOutput.write("\($0)\n")
        } + "\n"
      }
    }
  }
}

extension ServiceCommand {
  /// `vendctl service code`.
  struct Code: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set the code that opens the menu at the keypad, with the door open.",
      discussion: """
        Asks for it twice, or reads one line when nobody sits there. Only a salted hash is \
        written, to the file that the machine file's [service] table names.
        """)

    @OptionGroup var machine: MachineOption

    func run() throws {
      let bench = try machine.bench()
      try report { () throws(BenchError) in
        guard let code = Self.ask("service code (4 to 12 digits): ") else {
          throw .refused("no code", "没有输入密码")
        }
        if Terminal.isInput, Self.ask("again: ") != code {
          throw .refused("they differ", "两次输入不一致")
        }
        return try bench.setServiceCode(code) + "\n"
      }
    }

    private static func ask(_ question: String) -> String? {
      guard Terminal.isInput else { return readLine() }
      StandardError.write(question)
      let answer = StandardInput.withoutEcho { readLine() }
      StandardError.write("\n")
      return answer
    }
  }
}

/// `vendctl watch`.
struct WatchCommand: DeskCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "The machine live: inputs, outputs, sale, network, faults, lanes.",
    discussion: """
      For a terminal of 80 by 24; it ends with Ctrl-C. Where standard output is no terminal it \
      prints the page once, as plain text, and ends with 3 when vendd does not answer.
      """)

  @OptionGroup var machine: MachineOption
  @OptionGroup var language: LanguageOption
  @Option(help: "Milliseconds between two looks (200 to 10000).") var every = 1000

  func validate() throws {
    guard (200...10_000).contains(every) else { throw ValidationError("--every is 200 to 10000") }
  }

  func run(at desk: Desk) throws {
    let bench = try machine.bench(at: desk)
    let sight = bench.watch()
    desk.write(page(of: sight, bench, desk).map { "\($0)\n" }.joined())
    if case .silent = sight { throw ExitCode(3) }
  }

  private func page(of sight: WatchText.Sight, _ bench: Bench, _ desk: Desk) -> [String] {
    WatchText(language.chosen, clock: desk.clock).lines(
      sight, machine: bench.configuration.name, at: desk.now())
  }

  func run() throws {
    guard Terminal.isOutput else { return try run(at: .here) }
    let bench = try machine.bench()
    // Home, each line cleared behind itself, what is left below cleared: nothing flickers.
    let loop = try EventLoop()
    StandardOutput.write("\u{1B}[2J")
    while true {
      StandardOutput.write(
        "\u{1B}[H"
          + page(of: bench.watch(), bench, .here).map { "\($0)\u{1B}[K" }.joined(separator: "\r\n")
          + "\u{1B}[J")
      loop.turn(waiting: .milliseconds(every))
    }
  }
}
