import Core
import Glibc
import LoopbackDatabase
import NetworkClient
@testable import PaymentPlatform
import Platform
import Synchronization
import Testing
import Timing

@testable import Simulation

/// The built `vendpay` in a folder of its own, with a simulated platform that posts its notices to
/// it by TLS.
final class FleetShop: Sendable {
  /// What is other than usual.
  struct Plan: Sendable {
    var api = PlatformAPI.v3
    var usesPostgres = false
    var policy = PlatformPolicy()
    /// Replacements in the service's file.
    var file: [(String, String)] = []
    /// What stands before the service's own command.
    var wrapper: [String] = []
    /// Whether a database's schema is made beforehand.
    var isMigrated = true

    init() { policy.refundDelay = .milliseconds(300) }
  }

  private final class Notes: Sendable {
    let lines = Mutex<[String]>([])
  }

  struct Late: Error, CustomStringConvertible {
    var description: String
  }

  let folder: String
  let platform: WeChatPlatform
  let machinesPort: Int
  let noticesPort: Int
  private let process = Mutex<ChildProcess?>(nil)
  private let notified = Notes()
  private let socket: NotifySocket
  private let wrapper: [String]

  var file: String { "\(folder)/vendpay.toml" }
  var storeFile: String { "\(folder)/fleet.db" }
  var logFile: String { "\(folder)/vendpay.log" }
  var log: String { (try? Files.readText(logFile, limit: 16 << 20)) ?? "" }
  var child: ChildProcess? { process.withLock { $0 } }

  init(_ plan: Plan) async throws {
    let folder = "/tmp/vend-fleet-\(RandomBits.text(count: 8))"
    (self.folder, wrapper) = (folder, plan.wrapper)
    guard mkdir(folder, 0o700) == 0 else { throw SystemError.last("mkdir", folder) }
    (machinesPort, noticesPort) = (try Self.freePort(), try Self.freePort())
    let merchant = SimulatedMachine.merchant
    var settings = WeChatPlatform.Settings(
      directory: "\(folder)/platform", merchants: [merchant], seed: 1)
    settings.policy = plan.policy
    if plan.api == .v3 {
      settings.v3[merchant.id] = .init(secret: SimulatedMachine.secret, mode: .publicKey)
    }
    platform = try await WeChatPlatform(settings)
    let notes = notified
    socket = try NotifySocket(at: "\(folder)/notify.sock") { name, value in
      notes.lines.withLock { $0.append("\(name)=\(value)") }
    }
    try Files.replace(
      "\(folder)/api-key", with: Array(merchant.apiKey.utf8), permissions: 0o600, durable: false)
    var text = Self.text(
      plan, folder: folder, platform, machines: machinesPort, notices: noticesPort)
    for (old, new) in plan.file {
      try #require(text.contains(old), "nothing to change: \(old)")
      text.replace(old, with: new.replacing("FOLDER", with: folder))
    }
    try Files.replace("\(folder)/vendpay.toml", with: Array(text.utf8), durable: false)
  }

  private static func text(
    _ plan: Plan, folder: String, _ platform: WeChatPlatform, machines: Int, notices: Int
  ) -> String {
    let merchant = SimulatedMachine.merchant
    let files = platform.authority
    let account: String
    if plan.api == .v3 {
      let keys = platform.keys[merchant.id]
      account = """
        api = "v3"
        key_file = "\(keys?.secretFile ?? "")"
        merchant_serial = "\(keys?.serial ?? "")"
        platform_key_file = "\(keys?.publicKeyFile ?? "")"
        platform_key_id = "\(keys?.publicKeyID ?? "")"
        notify_url = "https://127.0.0.1:\(notices)/notify/v3"
        """
    } else {
      account = """
        api = "v2"
        key_file = "\(folder)/api-key"
        notify_url = "https://127.0.0.1:\(notices)/notify/v2"
        """
    }
    let schema = "shop_\(RandomBits.text(count: 8).lowercased())"
    let store =
      plan.usesPostgres
      ? "postgres = \"\(DatabaseServer.shared.parameters)\"\nschema = \"\(schema)\""
      : "file = \"\(folder)/fleet.db\""
    return """
      [store]
      \(store)

      [payment]
      app_id = "\(merchant.appID)"
      merchant_id = "\(merchant.id)"
      \(account)
      certificate_file = "\(files.certificateFile(of: merchant.id))"
      certificate_key_file = "\(files.keyFile(of: merchant.id))"
      endpoint = "\(platform.origin)"
      ca_file = "\(files.authorityFile)"
      connections = 3

      [listen]
      machines = "127.0.0.1:\(machines)"
      notices = "127.0.0.1:\(notices)"
      certificate_file = "\(files.serverFile)"
      key_file = "\(files.serverKeyFile)"

      [duties]
      reconcile = false

      """
  }

  /// A port that nobody has, below those that the kernel gives to whoever connects.
  private static func freePort() throws -> Int {
    for _ in 0..<100 {
      let port = Int(15_000 + RandomBits.next() % 15_000)
      if let claim = try? PortClaim(port) { return claim.port }
    }
    throw Late(description: "no free port")
  }

  // MARK: The process

  /// Starts the service and waits until it serves.
  func start() async throws {
    let output = open(logFile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    defer { close(output) }
    var environment = ["NOTIFY_SOCKET": socket.path]
    for name in ["PATH", "LD_LIBRARY_PATH", "HOME"] { environment[name] = Environment[name] }
    let readies = told("READY=1")
    let child = try ChildProcess(
      wrapper + [Programs.service, "serve", "--config", file], environment: environment,
      output: output,
      errors: output)
    process.withLock { $0 = child }
    try await until("READY") {
      if let exit = child.exit { throw Late(description: "vendpay ended: \(exit)\n\(log)") }
      return told("READY=1") > readies
    }
  }

  /// How often systemd was told so.
  func told(_ line: String) -> Int { notified.lines.withLock { $0.count { $0 == line } } }

  /// Ends it as a crash would.
  func kill() async {
    child?.send(SIGKILL)
    _ = await child?.wait(atMost: .seconds(10))
  }

  /// Ends it politely; how it ended.
  func terminate() async -> ChildProcess.Exit? {
    child?.send(SIGTERM)
    return await child?.wait(atMost: .seconds(20))
  }

  /// Runs a command beside it.
  func command(_ arguments: String...) async throws -> (code: Int32, output: String, errors: String)
  {
    try await run([Programs.service] + arguments, arguments)
  }

  /// A command that reads a line from whoever types.
  func command(
    typing line: String, _ arguments: String...
  ) async throws -> (code: Int32, output: String, errors: String) {
    let pipe = ["/bin/sh", "-c", #"printf '%s\n' "$0" | "$@""#, line, Programs.service]
    return try await run(pipe + arguments, arguments)
  }

  private func run(
    _ command: [String], _ arguments: [String]
  ) async throws -> (code: Int32, output: String, errors: String) {
    let outcome = try await ChildProcess.run(command + ["--config", file])
    guard case .status(let code)? = outcome.exit else {
      throw Late(description: "\(arguments) did not end: \(outcome)")
    }
    return (
      code, String(decoding: outcome.output, as: UTF8.self),
      String(decoding: outcome.errors, as: UTF8.self)
    )
  }

  func until(
    _ words: String, within limit: Duration = .seconds(30),
    every step: Duration = .milliseconds(20),
    _ condition: () async throws -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
      guard ContinuousClock.now < deadline else {
        throw Late(description: "waited in vain for: \(words)\n\(log)")
      }
      await pause(step)
    }
  }

  /// The state of an order, as the command line tells it.
  func state(_ number: String) async throws -> String {
    let order = try await command("order", number)
    let line = order.output.split(separator: "\n").first { $0.hasPrefix("state") } ?? ""
    let words = line.split(separator: " ").dropFirst().first ?? ""
    return String(words.prefix { $0 != "," })
  }

  // MARK: Machines

  /// A machine that was taken in by its code.
  func machine(
    _ name: String, certificate: HTTPClient.ClientCertificate? = nil
  ) async throws -> ScriptedMachine {
    let machine = ScriptedMachine(
      name, origin: "https://127.0.0.1:\(machinesPort)",
      authority: platform.authority.authorityFile, certificate: certificate)
    let asked = try await machine.enrol()
    try #require(asked.answer == "waiting", "\(asked)")
    let done = try await command("machine", "enrol", name, machine.code)
    try #require(done.code == 0, "\(done)")
    try #require(try await machine.enrol().answer == "enrolled")
    return machine
  }

  func leave() async {
    await child?.end(patience: .seconds(15))
    await platform.stop()
    _ = try? await ChildProcess.run(["rm", "-rf", folder])
  }
}

/// Does something with a service, and clears up after it.
func withFleet(
  _ plan: FleetShop.Plan = FleetShop.Plan(), _ body: (FleetShop) async throws -> Void
) async throws {
  let shop = try await FleetShop(plan)
  do {
    if plan.usesPostgres, plan.isMigrated {
      let made = try await shop.command("migrate")
      try #require(made.code == 0, "\(made)")
    }
    try await body(shop)
  } catch {
    await shop.leave()
    throw error
  }
  await shop.leave()
}
