public import PaymentPlatform
public import MachineFiles
internal import Control
internal import Glibc
internal import Money
internal import Platform
internal import Synchronization
internal import Timing

/// A whole vending machine in software: the emulated board, the simulated payment platform, a
/// customer's phone, and between them the very `vendd` that ships, as a process of its own.
public final class SimulatedMachine: Sendable {
  /// What a machine is made of.
  public struct Settings: Sendable {
    /// Its folder; made when it is missing.
    public var folder: String
    /// The daemon's program.
    public var daemon: String
    /// The board file: one with remote lines, which this machine then serves.
    public var boardFile: String
    /// `zh-Hans` or `en`.
    public var language = "zh-Hans"
    public var platformPort = 0
    /// The API that the daemon is paid by.
    public var api = PlatformAPI.v2
    /// By what the platform signs; for v3 alone.
    public var keyMode = PlatformKeyMode.publicKey
    public var policy = PlatformPolicy()
    public var behaviour = BoardBehaviour()
    public var pace = MachinePace()
    /// What the platform's chance begins with; nil for a fresh one.
    public var seed: UInt64?
    /// How long the QR code is shown.
    public var paymentTimeout = Duration.seconds(120)
    /// The fleet that it belongs to, whose service it is paid through; nil for an account of its
    /// own, at a platform of its own.
    var fleet: Fleet?
    /// The display's font file.
    public var font = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"

    /// What a machine shares with others.
    struct Fleet: Sendable {
      /// The machine's name; of equal length in all, since an order's number begins with it.
      var name: String
      var platform: WeChatPlatform
      /// The service's address, and who signed its certificate.
      var service: String
      var caFile: String
    }

    /// Describes a machine.
    public init(folder: String = "", daemon: String, boardFile: String) {
      self.folder = folder.isEmpty ? MachineFolder.temporary() : folder
      (self.daemon, self.boardFile) = (daemon, boardFile)
    }
  }

  /// Why there is no machine.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public var words: String
    public var description: String { words }
  }

  /// The merchant who owns the machine.
  public static let merchant = PlatformMerchant(
    id: "1900000109", appID: "wx0123456789abcdef", apiKey: "8934e7d15453e97507ef794cf7b0519d",
    name: "好再来自动售货", balance: Amount(fen: 20_000))

  /// The merchant's APIv3 key.
  public static let secret = "V3x0123456789abcdefghijklmnopqrs"

  /// The machine file, as the daemon reads it.
  public let configuration: MachineConfiguration
  public let board: EmulatedBoard
  public let platform: WeChatPlatform
  public let daemon: DaemonProcess
  public let phone: CustomerPhone
  public let log: MachineLog
  /// Where its files are.
  public let folder: String
  /// Whether the drop sensor was made blind.
  let sensor = Mutex(false)
  var isSensorDead: Bool { sensor.withLock { $0 } }
  private let ownsPlatform: Bool
  private let notify: NotifySocket
  private let told: Told
  private let follower: Task<Void, Never>

  /// What the daemon told its service manager.
  final class Told: Sendable {
    struct State {
      var isReady = false
      var status = ""
    }
    let state = Mutex(State())
  }

  /// Builds everything but starts no daemon: `powerOn` does.
  public init(_ settings: Settings) async throws {
    let folder = try MachineFolder(at: settings.folder)
    let log = MachineLog()
    let platform: WeChatPlatform
    if let fleet = settings.fleet {
      platform = fleet.platform
    } else {
      platform = try await WeChatPlatform(
        Self.platformSettings(settings, directory: folder.credentials))
    }
    ownsPlatform = settings.fleet == nil
    let configuration = try Self.write(settings, folder, platform)
    let stopwatch = Stopwatch()
    let board = try EmulatedBoard(configuration.board, behaviour: settings.behaviour) { event in
      if let words = event.words { log.add(.board, words) }
      if let words = stopwatch.words(event) { log.add(.board, words) }
      log.bell.ring()
    }
    let told = Told()
    notify = try NotifySocket(at: folder.notifySocket) { name, value in
      told.state.withLock { state in
        if name == "READY" { state.isReady = true }
        if name == "STATUS" { state.status = value }
      }
      if name != "WATCHDOG" { log.add(.daemon, "\(name)=\(value)") }
    }
    daemon = DaemonProcess(
      program: settings.daemon, arguments: ["--config", folder.machineFile],
      environment: [
        "NOTIFY_SOCKET": folder.notifySocket, "VEND_SIM_SOCKET": folder.boardSocket,
        "STATE_DIRECTORY": folder.state,
      ], logFile: folder.daemonLog
    ) { log.add(.daemon, $0) }
    phone = CustomerPhone(
      payer: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", platform: platform,
      reader: QRReader(directory: folder.pictures), log: log)
    (self.configuration, self.board, self.platform) = (configuration, board, platform)
    (self.log, self.told, self.folder) = (log, told, folder.path)
    follower = Task { await Self.follow(platform, into: log) }
  }

  /// The platform that a machine, or a fleet of such, is paid at.
  static func platformSettings(
    _ settings: Settings, directory: String
  ) -> WeChatPlatform.Settings {
    var platform = WeChatPlatform.Settings(
      directory: directory, merchants: [merchant], seed: settings.seed ?? RandomBits.next())
    platform.port = settings.platformPort
    platform.policy = settings.policy
    // Whoever looks at a simulated day does not wait for its morning after.
    platform.policy.makesBillsAtOnce = true
    platform.noticeSpeed = 1
    if settings.api == .v3 {
      platform.v3[merchant.id] = .init(secret: secret, mode: settings.keyMode)
    }
    return platform
  }

  /// The machine's own orders at the platform, which others may be paid at as well.
  var platformOrders: [PlatformOrder] {
    platform.model.orders.filter { $0.number.hasPrefix(configuration.name) }
  }

  private static func write(
    _ settings: Settings, _ folder: MachineFolder, _ platform: WeChatPlatform
  ) throws -> MachineConfiguration {
    // The daemon gets the socket's name from its environment; we have another one.
    // The file names its socket by a variable of the daemon's environment, which is not ours.
    let board = try Files.readText(settings.boardFile)
      .replacing("${VEND_SIM_SOCKET}", with: folder.boardSocket)
    try Files.replace(folder.boardFile, with: Array(board.utf8), durable: false)
    let channels = try BoardConfiguration.load(path: folder.boardFile).relays.map(\.channel)
    try Files.replace(
      folder.keyFile, with: Array((settings.api == .v3 ? secret : merchant.apiKey).utf8),
      permissions: 0o600, durable: false)
    let machine = MachineText(
      name: settings.fleet?.name ?? "SIM01",
      service: settings.fleet.map { ($0.service, $0.caFile) },
      language: settings.language, merchant: merchant, origin: platform.origin,
      authority: platform.authority, v3: platform.keys[merchant.id], keyMode: settings.keyMode,
      paymentTimeoutSeconds: Int(settings.paymentTimeout.wholeSeconds),
      channels: channels, font: settings.font, pace: settings.pace)
    try Files.replace(
      folder.machineFile, with: Array(machine.text(in: folder).utf8), durable: false)
    return try MachineConfiguration.load(path: folder.machineFile)
  }

  private static func follow(_ platform: WeChatPlatform, into log: MachineLog) async {
    var seen = 0
    while !Task.isCancelled {
      let rings = platform.bell.rings
      let (events, last) = platform.withModel { model, now in
        model.pass(to: now)
        return (model.events.filter { $0.index > seen }, model.eventCount)
      }
      seen = last
      for event in events {
        let number = event.order.isEmpty ? "" : " \(event.order)"
        log.add(.platform, "\(event.kind.rawValue)\(number): \(event.words)")
      }
      await platform.bell.wait(after: rings, atMost: .seconds(1))
    }
  }

  // MARK: Power

  /// Switches the machine on: the display gets power, and the daemon starts.
  public func powerOn() async throws {
    if !board.snapshot.isDisplayPlugged { board.replugDisplay() }
    told.state.withLock { $0 = Told.State() }
    try await daemon.start()
  }

  /// Pulls the plug: the daemon dies in the middle of whatever it does, and the display goes dark.
  public func pullPower() async {
    log.add(.person, "pulls the power")
    await daemon.kill()
    board.unplugDisplay()
    told.state.withLock { $0 = Told.State() }
  }

  /// Kills the daemon (`kill -9`) while the power stays on, and starts it again as systemd does.
  public func restartDaemon() async throws {
    await daemon.kill()
    told.state.withLock { $0 = Told.State() }
    try await daemon.start()
  }

  /// Starts a daemon that has ended, as systemd does; `held` as `DaemonProcess.start` has it.
  func startDaemon(held: Bool = false) async throws {
    told.state.withLock { $0 = Told.State() }
    try await daemon.start(held: held)
  }

  /// Whether the daemon has told that it is ready.
  public var isReady: Bool { told.state.withLock { $0.isReady } }

  /// The daemon's own line on how it is.
  public var statusLine: String { told.state.withLock { $0.status } }

  /// Asks the daemon over its control socket; nil when it does not answer.
  func ask(_ request: ControlRequest) async -> ControlReply? {
    let client = ControlClient(path: configuration.controlSocket)
    return await withCheckedContinuation { continuation in
      control.enqueue {
        continuation.resume(returning: try? client.ask(request, within: .seconds(2)))
      }
    }
  }
  private let control = Worker(name: "control")

  /// Ends daemon, board and platform; the folder stays.
  public func stop() async {
    await daemon.end()
    follower.cancel()
    if ownsPlatform { await platform.stop() }
    board.stop()
    await follower.value
  }

  /// Removes the folder with everything in it; only after `stop`.
  public func removeFolder() async {
    _ = try? await ChildProcess.run(["rm", "-r", "--", folder])
  }
}

extension BoardEvent {
  /// The event in words for the log; nil for what happens too often to be told.
  var words: String? {
    switch self {
    case .keyDown(let legend, _): "key \(legend)"
    case .keyUp, .displayWritten, .displayPainted, .displayLit, .laneTurned: nil
    case .relayOn(let channel, _): "\(channel) on"
    case .relayOff(let channel, let time, _): "\(channel) off after \(time.wholeMilliseconds) ms"
    case .productFell(let channel, _): "product of \(channel) fell"
    case .doorMoved(let isOpen, _): isOpen ? "door open" : "door closed"
    case .displayUnplugged: "display unplugged"
    case .displayPlugged: "display plugged in"
    case .linesTaken(let consumer, _): "lines taken by \(consumer)"
    case .linesReleased(let consumer, _): "lines released by \(consumer)"
    case .displayTaken: "display opened"
    case .displayReleased: "display released"
    }
  }
}
