@testable import PaymentPlatform
import Control
import FoundationEssentials
import Glibc
import Money
import Platform
import Testing

@testable import Simulation

/// A simulated machine around the built `vendd`, changed as a test wants it.
final class Shop: Sendable {
  /// What is other than usual.
  struct Plan: Sendable {
    var policy = PlatformPolicy()
    var behaviour = BoardBehaviour()
    /// The API that the machine is paid by, and what the platform signs by.
    var api = PlatformAPI.v2
    var keyMode = PlatformKeyMode.publicKey
    /// Replacements in the board file.
    var board: [(String, String)] = []
    /// Replacements in the machine file.
    var file: [(String, String)] = []
    /// A program that runs the daemon, given its path as `$VENDD`; empty for the daemon itself.
    var wrapper = ""

    init() {
      // Money that goes back has to be seen to arrive, not to take its time.
      policy.refundDelay = .milliseconds(300)
    }
  }

  /// Something did not happen in its time.
  struct Late: Error, CustomStringConvertible {
    var description: String
  }

  let machine: SimulatedMachine
  let folder: String
  var platform: WeChatPlatform { machine.platform }
  var board: EmulatedBoard { machine.board }
  var machineFile: String { "\(folder)/machine.toml" }
  var stateDirectory: String { "\(folder)/state" }

  init(_ plan: Plan) async throws {
    let folder = "/tmp/vend-process-\(RandomBits.text(count: 8))"
    self.folder = folder
    guard mkdir(folder, 0o700) == 0 else { throw SystemError.last("mkdir", folder) }
    let board = "\(folder)/template.toml"
    try Self.copy(Programs.boardFile, to: board, plan.board.map { ($0, Self.filled($1, folder)) })
    var program = Programs.daemon
    if !plan.wrapper.isEmpty {
      program = "\(folder)/wrapper"
      let text = "#!/bin/sh\nVENDD='\(Programs.daemon)'\n\(plan.wrapper)\n"
      try Files.replace(program, with: Array(text.utf8), permissions: 0o755, durable: false)
    }
    var settings = SimulatedMachine.Settings(folder: folder, daemon: program, boardFile: board)
    settings.policy = plan.policy
    settings.behaviour = plan.behaviour
    (settings.api, settings.keyMode) = (plan.api, plan.keyMode)
    machine = try await SimulatedMachine(settings)
    let file = "\(folder)/machine.toml"
    let changes = [("message_time = \"4s\"", "message_time = \"1s\"")] + plan.file
    try Self.copy(file, to: file, changes.map { ($0, Self.filled($1, folder)) })
  }

  private static func filled(_ text: String, _ folder: String) -> String {
    text.replacing("FOLDER", with: folder)
  }

  private static func copy(
    _ source: String, to target: String, _ changes: [(String, String)]
  ) throws {
    var text = try Files.readText(source)
    for (old, new) in changes {
      try #require(text.contains(old), "nothing to change: \(old)")
      text.replace(old, with: new)
    }
    try Files.replace(target, with: Array(text.utf8), durable: false)
  }

  /// Waits for what must come.
  func until(
    _ words: String, within limit: Duration = .seconds(30),
    _ condition: () async throws -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + limit
    while true {
      let rings = machine.log.bell.rings
      if try await condition() { return }
      guard ContinuousClock.now < deadline else {
        throw Late(description: "waited in vain for: \(words)")
      }
      await machine.log.bell.wait(after: rings, atMost: .milliseconds(50))
    }
  }

  // MARK: The daemon

  /// Switches on and waits for READY.
  func start() async throws {
    try await machine.powerOn()
    try await until("READY") {
      if let exit = machine.daemon.exit { throw Late(description: "vendd ended: \(exit)") }
      return machine.isReady
    }
  }

  /// Switches on and waits until a customer could begin.
  func startSelling() async throws {
    try await start()
    try await untilSelling()
  }

  func untilSelling(within limit: Duration = .seconds(30)) async throws {
    try await until("it sells", within: limit) {
      guard let status = await status() else { return false }
      return status.sells && status.state == "idle" && board.snapshot.paints > 0
    }
  }

  func status() async -> MachineStatus? {
    if case .status(let status) = await machine.ask(.status) { status } else { nil }
  }

  func faults() async -> [String] { await status()?.faults.map(\.code) ?? [] }

  /// Waits until the daemon's own line on how it is begins so.
  func untilStatus(_ beginning: String, within limit: Duration = .seconds(40)) async throws {
    try await until("STATUS=\(beginning)", within: limit) {
      machine.statusLine.hasPrefix(beginning)
    }
  }

  func terminate() throws {
    let number = try #require(machine.daemon.number)
    _ = kill(number, SIGTERM)
  }

  func untilEnded(within limit: Duration = .seconds(20)) async throws -> ChildProcess.Exit {
    try await until("the daemon's end", within: limit) { machine.daemon.exit != nil }
    return try #require(machine.daemon.exit)
  }

  /// What the daemon has written.
  var daemonLog: String { (try? Files.readText("\(folder)/vendd.log")) ?? "" }

  // MARK: The technician

  struct Answer {
    var code: Int32?
    var output: String
    var errors: String

    func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
      try JSONDecoder().decode(type, from: Data(output.utf8))
    }
  }

  func vendctl(_ arguments: String...) async throws -> Answer {
    let outcome = try await ChildProcess.run(
      [Programs.control] + arguments + ["--config", machineFile], limit: .seconds(60))
    let code: Int32? = if case .status(let code) = outcome.exit { code } else { nil }
    return Answer(
      code: code, output: String(decoding: outcome.output, as: UTF8.self),
      errors: String(decoding: outcome.errors, as: UTF8.self))
  }

  func orders(openOnly: Bool = false) async throws -> [OrderSummary] {
    let open = openOnly ? ["--open"] : []
    let outcome = try await ChildProcess.run(
      [Programs.control, "orders", "--json", "--limit", "1000", "--config", machineFile] + open,
      limit: .seconds(60))
    return try JSONDecoder().decode([OrderSummary].self, from: Data(outcome.output))
  }

  /// Ends everything; `isTold` prints what happened.
  func close(isTold: Bool) async {
    if isTold {
      let lines = machine.log.lines().suffix(60).map {
        "\($0.milliseconds) \($0.source.rawValue): \($0.words)"
      }
      Issue.record("what happened:\n\(lines.joined(separator: "\n"))")
    }
    await machine.stop()
    await machine.removeFolder()
  }
}

/// Opens a shop, and closes it whatever happens.
func withShop(
  _ plan: Shop.Plan = Shop.Plan(), _ body: (Shop) async throws -> Void
) async throws {
  let shop = try await Shop(plan)
  do {
    try await body(shop)
  } catch {
    await shop.close(isTold: true)
    throw error
  }
  await shop.close(isTold: false)
}
