import ArgumentParser
import Testing

@testable import vendctl

@Suite("vendctl's command line")
struct CommandLineTests {
  private func parse<Command: ParsableCommand>(
    _ words: String, as type: Command.Type
  ) throws -> Command {
    let parsed = try VendCtl.parseAsRoot(words.split(separator: " ").map(String.init))
    return try #require(parsed as? Command, "\(parsed)")
  }

  @Test("takes every command of the manual")
  func commands() throws {
    let table: [(String, any ParsableCommand.Type)] = [
      ("status", StatusCommand.self), ("status --json", StatusCommand.self),
      ("doctor --json --config /x", DoctorCommand.self),
      ("doctor --language zh --limit 20", DoctorCommand.self),
      ("test keypad", TestCommand.Keypad.self), ("test display", TestCommand.Display.self),
      ("test display bars --seconds 60", TestCommand.Display.self),
      ("display scan", DisplayCommand.Scan.self),
      ("display scan --all --port /dev/ttyUSB0", DisplayCommand.Scan.self),
      ("test relay 12", TestCommand.Relay.self), ("test sensor", TestCommand.Sensor.self),
      ("orders --open --limit 5", OrdersCommand.self), ("orders --csv", OrdersCommand.self),
      ("order 7F3K", OrderCommand.self),
      ("refund 7F3K --yes", RefundCommand.self), ("resolve 7F3K --refund", ResolveCommand.self),
      ("service lock", ServiceCommand.Lock.self), ("service unlock", ServiceCommand.Unlock.self),
      ("faults", FaultsCommand.List.self), ("faults clear", FaultsCommand.Clear.self),
      ("faults --all --json --language zh", FaultsCommand.List.self),
      ("faults explain", FaultsCommand.Explain.self),
      ("faults explain n1 --language en", FaultsCommand.Explain.self),
      ("faults explain --journal", FaultsCommand.Explain.self),
      ("refill --all", RefillCommand.self), ("lanes --json --language zh", LanesCommand.self),
      ("lane 11 --par 8", LaneCommand.self), ("lane 11 --off", LaneCommand.self),
      ("price 11 4.50", PriceCommand.self), ("service code", ServiceCommand.Code.self),
      ("watch --every 500 --language en", WatchCommand.self),
      ("test lane 11 --times 50 --whole --fire", TestCommand.Lane.self),
      ("test lane --all --keep-going", TestCommand.Lane.self),
      ("refill 12", RefillCommand.self), ("refill 12 5", RefillCommand.self),
      ("config check /x", ConfigCommand.Check.self), ("relays-off", RelaysOffCommand.self),
      ("out-of-service --config /x", OutOfServiceCommand.self),
      ("audit --journal /j --bill /b", AuditCommand.Books.self),
      (
        "audit --journal /j --bill /b --bill /c --book /k --day 2026-11-23 --json",
        AuditCommand.Books.self
      ),
      ("audit dts", AuditCommand.DTS.self), ("audit dts /x --config /y", AuditCommand.DTS.self),
      ("dispute 7F3K --language zh", DisputeCommand.self),
      ("dispute 7F3K --json", DisputeCommand.self),
      ("counters --json", CountersCommand.self),
      ("export --book core --format csv --after 5 --limit 10", ExportCommand.self),
      ("verify --directory /d --against /s --json", VerifyCommand.self),
      ("bundle /x", BundleCommand.self),
      ("payment check", PaymentCommand.Check.self),
      ("payment check --charge 1 --json", PaymentCommand.Check.self),
      ("payment check --give-back CHECKabcdefgh", PaymentCommand.Check.self),
      ("payment code NOTENOUGH", PaymentCommand.Code.self),
      ("payment bill 2026-11-23 --output /x", PaymentCommand.Bill.self),
      ("resolve 7F3K --refunded", ResolveCommand.self),
      ("version", VersionCommand.self),
    ]
    for (words, type) in table {
      let parsed = try VendCtl.parseAsRoot(words.split(separator: " ").map(String.init))
      #expect(Swift.type(of: parsed) == type, "\(words)")
    }
  }

  @Test("moves nothing and asks first unless told otherwise")
  func careful() throws {
    #expect(try !parse("test relay 12", as: TestCommand.Relay.self).fire)
    #expect(try parse("test relay 12 --fire", as: TestCommand.Relay.self).fire)
    #expect(try !parse("refund 7F3K", as: RefundCommand.self).yes)
  }

  @Test(
    "refuses what it does not understand",
    arguments: [
      "", "sell", "test relay", "orders --limit 0", "orders --limit 1001", "orders --limit x",
      "order", "refund", "resolve 7F3K", "resolve 7F3K --delivered --refund", "service",
      "refill 12 many", "refill", "refill 12 --all", "lane 11", "lane 11 --on --off",
      "price 11 4.505", "price 11 -1", "price 11", "watch --every 1", "test lane",
      "test lane 11 --all", "test lane 11 --times 0", "config", "config check", "doctor --fix",
      "doctor --language fr", "doctor --limit 0",
      "test relay 12 --fire --now",
      "payment check --charge 2", "payment check --charge 1 --give-back CHECKabcdefgh",
      "payment check --give-back x", "payment code", "payment bill", "payment bill today",
      "resolve 7F3K --refund --refunded",
      "orders --csv --json", "faults explain X9", "faults --language fr", "dispute", "bundle",
      "export --format xml", "export --limit 0", "verify --against",
      "audit", "audit --journal /j", "audit --bill /b", "audit --journal /j --bill /b --day today",
    ])
  func refusals(words: String) {
    #expect {
      let parsed = try VendCtl.parseAsRoot(words.split(separator: " ").map(String.init))
      // A command that only groups others asks for help instead of running.
      var command = parsed
      try command.run()
    } throws: { _ in true }
  }

  @Test("finds the machine file by option, then by the environment, then in its usual place")
  func path() throws {
    #expect(try parse("status --config /a", as: StatusCommand.self).machine.path == "/a")
    #expect(
      try parse("status", as: StatusCommand.self).machine.path == "/etc/vend/machine.toml")
  }
}
