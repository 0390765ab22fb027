internal import MachineFiles
internal import Core
internal import Glibc
internal import PaymentPlatform
internal import Platform
internal import Synchronization
internal import Timing

/// Machines in software that are paid through one `vendpay`, the very program that ships: each has
/// its daemon and its board, and they share a payment platform.
public final class SimulatedFleet: Sendable {
  /// What a fleet is made of.
  public struct Settings: Sendable {
    /// What its machines have in common; the folder is the fleet's.
    public var machine: SimulatedMachine.Settings
    /// The service's program.
    public var service: String
    /// How many machines, 1 to 99.
    public var count: Int
    /// Whether the service keeps its books in a PostgreSQL server of the fleet's own, and not in
    /// a file.
    public var usesPostgres = false

    /// Describes a fleet.
    public init(machine: SimulatedMachine.Settings, service: String, count: Int) {
      (self.machine, self.service, self.count) = (machine, service, count)
    }
  }

  /// Why there is no fleet.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public var words: String
    public var description: String { words }
  }

  public let machines: [SimulatedMachine]
  public let platform: WeChatPlatform
  /// Where operators look; the name is `demo`.
  public let consoleURL: String
  public let password: String
  /// Where its files are.
  public let folder: String
  /// The network between the machines and the service.
  public let gate: LoopbackGate
  /// The service as a process.
  public let service: DaemonProcess
  /// The service's database; nil where its books are a file.
  let database: DatabaseServer?
  let program: String
  private let notify: NotifySocket
  let told: Told

  /// What the service said, and who hears of it.
  final class Told: Sendable {
    let isReady = Mutex(false)
    let logs = Mutex<[MachineLog]>([])

    func tell(_ words: String) {
      for log in logs.withLock({ $0 }) { log.add(.service, words) }
    }
  }

  /// The service's file.
  public var serviceFile: String { "\(folder)/vendpay.toml" }

  /// Starts the platform and the service, and builds the machines; `powerOn` starts them.
  public init(_ settings: Settings) async throws {
    folder = settings.machine.folder
    program = settings.service
    try MachineFolder.make(folder)
    database = settings.usesPostgres ? try await Self.makeDatabase() : nil
    platform = try await WeChatPlatform(
      SimulatedMachine.platformSettings(settings.machine, directory: "\(folder)/platform"))
    let ports = try Self.freePorts(4)
    consoleURL = "http://127.0.0.1:\(ports[2])/console"
    password = RandomBits.text(count: 12)
    let store = database.map { "postgres = \"\($0.parameters)\"" }
    try Self.write(
      settings, platform, ports, store: store ?? "file = \"\(folder)/fleet.db\"",
      to: "\(folder)/vendpay.toml")
    let told = Told()
    self.told = told
    notify = try NotifySocket(at: "\(folder)/notify.sock") { name, _ in
      if name == "READY" { told.isReady.withLock { $0 = true } }
    }
    service = DaemonProcess(
      program: program, arguments: ["serve", "--config", "\(folder)/vendpay.toml"],
      environment: ["NOTIFY_SOCKET": "\(folder)/notify.sock"],
      logFile: "\(folder)/vendpay.log"
    ) { told.tell($0) }
    gate = try await LoopbackGate(port: ports[3], to: ports[0])
    do {
      machines = try await Self.machines(settings, platform, servicePort: gate.port)
    } catch {
      // Nobody would end what is already running.
      await gate.close()
      await platform.stop()
      throw error
    }
    told.logs.withLock { $0 = machines.map(\.log) }
    do {
      if settings.usesPostgres { try await vendpay(["migrate"], input: "") }
      try await startService()
      try await awaitService()
    } catch {
      await stop()
      throw error
    }
  }

  private static func machines(
    _ settings: Settings, _ platform: WeChatPlatform, servicePort: Int
  ) async throws -> [SimulatedMachine] {
    var machines: [SimulatedMachine] = []
    for number in 1...settings.count {
      var one = settings.machine
      one.folder = "\(settings.machine.folder)/\(number)"
      one.fleet = SimulatedMachine.Settings.Fleet(
        name: number < 10 ? "SIM0\(number)" : "SIM\(number)", platform: platform,
        service: "https://127.0.0.1:\(servicePort)", caFile: platform.authority.authorityFile)
      machines.append(try await SimulatedMachine(one))
    }
    return machines
  }

  private static func write(
    _ settings: Settings, _ platform: WeChatPlatform, _ ports: [Int], store: String,
    to file: String
  ) throws {
    let (merchant, authority) = (SimulatedMachine.merchant, platform.authority)
    let isV3 = settings.machine.api == .v3
    let keyFile = "\(settings.machine.folder)/api-key"
    try Files.replace(
      keyFile, with: Array((isV3 ? SimulatedMachine.secret : merchant.apiKey).utf8),
      permissions: 0o600, durable: false)
    let account = MachineText(
      language: "en", merchant: merchant, origin: platform.origin, authority: authority,
      v3: platform.keys[merchant.id], keyMode: settings.machine.keyMode,
      paymentTimeoutSeconds: 0, channels: [], font: ""
    ).account(
      keyFile: keyFile, notifyURL: "https://127.0.0.1:\(ports[1])/notify/\(isV3 ? "v3" : "v2")")
    let text = """
      # Written by vendsim; its next start writes it again.
      [store]
      \(store)

      [payment]
      \(account)

      [listen]
      machines = "127.0.0.1:\(ports[0])"
      notices = "127.0.0.1:\(ports[1])"
      console = "http://127.0.0.1:\(ports[2])"
      metrics = true
      certificate_file = "\(authority.serverFile)"
      key_file = "\(authority.serverKeyFile)"

      """
    try Files.replace(file, with: Array(text.utf8), permissions: 0o600, durable: false)
  }

  /// Ports that nobody has just now.
  private static func freePorts(_ count: Int) throws -> [Int] {
    // All are held until the last is found, so that no two are the same.
    try (0..<count).map { _ in try PortClaim(0) }.map(\.port)
  }

  // MARK: Beginning and ending

  /// Switches the machines on, takes each in by the code that its display shows, and lets one
  /// person into the console.
  public func powerOn() async throws {
    try await vendpay(["operator", "add", "demo", "admin"], input: password)
    for machine in machines {
      try await machine.powerOn()
      let code = try await enrolmentCode(of: machine)
      machine.log.add(.person, "types \(code) at the console")
      try await vendpay(["machine", "enrol", machine.configuration.name, code], input: "")
    }
  }

  /// The code on a machine's display; read from where the board keeps what it follows from.
  private func enrolmentCode(of machine: SimulatedMachine) async throws -> String {
    guard case .service(let core) = machine.configuration.core else {
      throw Failure(words: "\(machine.configuration.name) has an account of its own")
    }
    let tokens = TokenFiles(path: core.tokenFile)
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
      let ring = try tokens.load()
      if let token = (ring.next ?? ring.current)?.token {
        // The board has to have asked before a code can be typed.
        await pause(.milliseconds(500))
        return EnrolmentCode.shown(token.enrolmentCode)
      }
      await pause(.milliseconds(50))
    }
    throw Failure(words: "\(machine.configuration.name) makes no token")
  }

  /// Runs a command of the service's, again for a while when it is refused.
  private func vendpay(_ arguments: [String], input: String) async throws {
    let script = #"printf '%s\n' "$0" | "$@""#
    let whole = ["/bin/sh", "-c", script, input, program] + arguments + ["--config", serviceFile]
    var words = ""
    for _ in 0..<40 {
      let outcome = try await ChildProcess.run(whole)
      if outcome.exit == .status(0) { return }
      words = String(decoding: outcome.errors, as: UTF8.self)
      await pause(.milliseconds(250))
    }
    throw Failure(words: "vendpay \(arguments.joined(separator: " ")): \(words)")
  }

  /// Ends machines, service and platform; the folder stays.
  public func stop() async {
    for machine in machines { await machine.stop() }
    await gate.close()
    await service.end(patience: .seconds(12))
    await endDatabase()
    await platform.stop()
  }

  /// Removes the folder with everything in it; only after `stop`.
  public func removeFolder() async {
    _ = try? await ChildProcess.run(["rm", "-r", "--", folder])
  }
}
