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
  private let service: Mutex<ChildProcess>
  private let program: String
  private let notify: NotifySocket
  private let isReady: ReadyMark

  /// Whether the service has said that it is ready.
  private final class ReadyMark: Sendable {
    private let value = Mutex(false)
    var isSet: Bool {
      get { value.withLock { $0 } }
      set { value.withLock { $0 = newValue } }
    }
  }

  /// The service's file.
  public var serviceFile: String { "\(folder)/vendpay.toml" }

  /// Starts the platform and the service, and builds the machines; `powerOn` starts them.
  public init(_ settings: Settings) async throws {
    folder = settings.machine.folder
    program = settings.service
    try MachineFolder.make(folder)
    platform = try await WeChatPlatform(
      SimulatedMachine.platformSettings(settings.machine, directory: "\(folder)/platform"))
    let ports = try Self.freePorts(3)
    consoleURL = "http://127.0.0.1:\(ports[2])/console"
    password = RandomBits.text(count: 12)
    try Self.write(settings, platform, ports, to: "\(folder)/vendpay.toml")
    let isReady = ReadyMark()
    self.isReady = isReady
    notify = try NotifySocket(at: "\(folder)/notify.sock") { name, _ in
      if name == "READY" { isReady.isSet = true }
    }
    service = Mutex(try Self.serve(program, in: folder))
    do {
      machines = try await Self.machines(settings, platform, servicePort: ports[0])
    } catch {
      // Nobody would end what is already running.
      await service.withLock { $0 }.end(patience: .seconds(12))
      await platform.stop()
      throw error
    }
    try await awaitService()
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

  private static func serve(_ program: String, in folder: String) throws -> ChildProcess {
    let output = Descriptor(
      adopting: open("\(folder)/vendpay.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600))
    var environment = ["NOTIFY_SOCKET": "\(folder)/notify.sock"]
    for name in ["PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR"] {
      environment[name] = Environment[name]
    }
    return try ChildProcess(
      [program, "serve", "--config", "\(folder)/vendpay.toml"], environment: environment,
      output: output.number, errors: output.number)
  }

  private func awaitService() async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while !isReady.isSet, service.withLock({ $0.exit }) == nil, ContinuousClock.now < deadline {
      await pause(.milliseconds(20))
    }
    guard isReady.isSet else {
      await stop()
      throw Failure(words: "vendpay is not ready: see \(folder)/vendpay.log")
    }
  }

  /// Kills the service (`kill -9`) and starts it again, as systemd does.
  public func restartService() async throws {
    let old = service.withLock { $0 }
    old.send(SIGKILL)
    _ = await old.wait(atMost: .seconds(3))
    isReady.isSet = false
    let fresh = try Self.serve(program, in: folder)
    service.withLock { $0 = fresh }
    try await awaitService()
  }

  private static func write(
    _ settings: Settings, _ platform: WeChatPlatform, _ ports: [Int], to file: String
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
      file = "\(settings.machine.folder)/fleet.db"

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
    let last = service.withLock { $0 }
    await last.end(patience: .seconds(12))
    await platform.stop()
  }

  /// Removes the folder with everything in it; only after `stop`.
  public func removeFolder() async {
    _ = try? await ChildProcess.run(["rm", "-r", "--", folder])
  }
}
