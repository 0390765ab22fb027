public import PaymentPlatform
internal import Hummingbird
internal import HummingbirdTLS
internal import NIOCore
internal import NIOSSL
internal import Platform
internal import Synchronization
public import Timing

/// A WeChat Pay platform of v2 and v3 as an HTTPS server on the loopback, with a network that can
/// be barred.
///
/// `PlatformModel` decides; this carries bytes, keeps the clock and sends the notices.
public final class WeChatPlatform: Sendable {
  /// What a platform is made of.
  public struct Settings: Sendable {
    /// Where certificates and keys are written; made when it is missing.
    public var directory: String
    /// The port; zero for a free one.
    public var port = 0
    /// How clients reach the loopback: a name or an address, such as a virtual machine's host has.
    ///
    /// The certificate and every URL in an answer have it.
    public var host = "127.0.0.1"
    public var merchants: [PlatformMerchant]
    public var policy = PlatformPolicy()
    /// The pauses between repeated notices are divided by this.
    public var noticeSpeed: Int64 = 1
    public var seed: UInt64
    /// Which of the merchants speak v3 too, by `mchid`.
    public var v3: [String: V3] = [:]
    /// Whether there is a second host, with the same books behind it (facts: WeChat Pay D.32).
    public var hasSpareHost = false

    /// What makes a merchant one of v3.
    public struct V3: Sendable {
      /// The APIv3 key, 32 characters.
      public var secret: String
      public var mode: PlatformKeyMode

      /// Describes a merchant of v3; new ones have the public key alone.
      public init(secret: String, mode: PlatformKeyMode = .publicKey) {
        (self.secret, self.mode) = (secret, mode)
      }
    }

    /// Describes a platform with merchants.
    public init(directory: String, merchants: [PlatformMerchant], seed: UInt64) {
      (self.directory, self.merchants, self.seed) = (directory, merchants, seed)
    }
  }

  /// The API's scheme, host and port.
  public let origin: String
  /// The spare host's scheme, host and port.
  public let spareOrigin: String?
  /// Where certificates and keys are.
  public let authority: PlatformAuthority
  /// The network before the platform.
  public let gate: LoopbackGate
  /// The network before the spare host; nil when there is none.
  public let spareGate: LoopbackGate?
  /// What merchants of v3 hold, by `mchid`.
  public let keys: [String: PlatformMerchantKeys]
  /// Rung whenever something happened on the platform.
  public let bell: Bell
  private let desk: PlatformDesk
  private let server: LoopbackServer
  private let postman: Task<Void, Never>

  /// Makes certificates, starts the server and opens the network.
  public init(_ settings: Settings) async throws {
    try MachineFolder.make(settings.directory)
    let authority = try await PlatformAuthority(
      in: settings.directory, merchants: settings.merchants.map(\.id), rsa: Set(settings.v3.keys),
      host: settings.host, seed: settings.seed)
    var model = PlatformModel(policy: settings.policy, seed: settings.seed)
    for merchant in settings.merchants { model.add(merchant) }
    var keys: [String: PlatformMerchantKeys] = [:]
    for (merchant, v3) in settings.v3 {
      let (account, held) = try await authority.openAccount(
        of: merchant, secret: v3.secret, mode: v3.mode, seed: settings.seed, at: Clock.wallTime())
      model.setAccount(account, of: merchant)
      keys[merchant] = held
    }
    let bell = Bell()
    let clients = try settings.merchants.map { merchant in
      (try NIOSSLCertificate.fromPEMFile(authority.certificateFile(of: merchant.id)), merchant.id)
    }
    let desk = PlatformDesk(
      model: model, bell: bell,
      clients: Dictionary(clients.compactMap { pair in pair.0.first.map { ($0, pair.1) } }) {
        first, _ in first
      })
    (self.authority, self.bell, self.desk) = (authority, bell, desk)
    self.keys = keys
    server = try await LoopbackServer(
      desk.router(),
      server: .tls(
        // The real one closes idle connections after 8 s (facts: WeChat Pay D.38).
        .http1(
          configuration: .init(
            additionalChannelHandlers: [PlatformDate { desk.withModel { $1 } }],
            idleTimeout: .seconds(8))),
        tlsConfiguration: try authority.serverConfiguration()),
      port: 0, name: "platform")
    gate = try await LoopbackGate(port: settings.port, to: server.port)
    spareGate =
      settings.hasSpareHost ? try await LoopbackGate(port: 0, to: server.port) : nil
    let origin = "https://\(settings.host):\(gate.port)"
    desk.withModel { model, _ in model.origin = origin }
    self.origin = origin
    spareOrigin = spareGate.map { "https://\(settings.host):\($0.port)" }
    let postman = try PlatformPostman(
      desk: desk, speed: settings.noticeSpeed, authority: authority)
    self.postman = Task { await postman.run() }
  }

  /// Looks into the platform or changes it, at its present moment.
  @discardableResult
  public func withModel<Result>(
    _ body: (inout PlatformModel, WallTime) throws -> sending Result
  ) rethrows -> sending Result {
    try desk.withModel(body)
  }

  /// A copy of the platform's books.
  public var model: PlatformModel {
    withModel { model, now in
      model.pass(to: now)
      return model
    }
  }

  /// Moves the platform's clock forward.
  public func advance(by duration: Duration) { desk.advance(by: duration) }

  /// A payer's phone scans a code.
  public func scan(
    _ codeURL: String, payer: String
  ) -> Result<PlatformCashier, PayerRefusal> {
    withModel { $0.scan(codeURL, payer: payer, at: $1) }
  }

  /// A payer confirms what he scanned.
  public func confirm(
    _ number: String, payer: String, trouble: PayerTrouble? = nil
  ) -> Result<PlatformOrder.Payment, PayerRefusal> {
    withModel { $0.confirm(number, payer: payer, trouble: trouble, at: $1) }
  }

  /// A payer scans and confirms at once.
  public func pay(
    _ codeURL: String, payer: String
  ) -> Result<PlatformOrder.Payment, PayerRefusal> {
    scan(codeURL, payer: payer).flatMap { confirm($0.order, payer: payer) }
  }

  /// What the platform answers now when a merchant asks for today's bill: a bill, or that there is
  /// none.
  public func todaysBill(of merchant: String) -> [UInt8] {
    withModel { model, now in
      model.pass(to: now)
      return model.bill(of: merchant, onDayOf: now)?.bytes ?? PlatformModel.noBill
    }
  }

  /// Adds a fault to the script.
  public func inject(_ fault: PlatformFault) { withModel { model, _ in model.inject(fault) } }

  /// Makes a new platform certificate for a merchant, which signs after a while; its serial.
  @discardableResult
  public func rotateCertificate(
    of merchant: String, signsAfter pause: Duration = .zero
  ) async throws -> String {
    var random = PlatformRandom(seed: RandomBits.next())
    let (serial, now) = (random.serial(), withModel { $1 })
    let key = try await authority.platformCertificate(
      of: merchant, serial, signsFrom: now + pause, at: now)
    withModel { model, _ in model.rotate(to: key, of: merchant) }
    return serial
  }

  /// Ends the server.
  public func stop() async {
    postman.cancel()
    await gate.close()
    await spareGate?.close()
    await server.stop()
    await postman.value
  }
}
