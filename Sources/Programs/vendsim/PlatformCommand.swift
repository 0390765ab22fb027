import PaymentPlatform
import ArgumentParser
import Platform
import Simulation
import Timing

/// `vendsim platform`: the payment platform alone.
struct PlatformCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "platform", abstract: "Run only the payment platform, of v2 and v3.",
    discussion: """
      It is for a merchant's own client, in any language. What a client needs is printed as TOML, \
      then what happens, a line each. The page shows orders and lets you pay, fail, close, drop, \
      delay, forge and change keys; the same can be done by HTTP (GET /api/state, POST /api/pay \
      and so on; see PlatformConsole). Notices go to 127.0.0.1 alone, over https:// to whoever has \
      a certificate of the folder's ca.pem. Bills can be had while their day still runs. It ends \
      with a signal, or by --for.
      """)

  @Option(help: "The port on 127.0.0.1; a free one when 0.")
  var port = 0

  @Option(help: "How clients reach 127.0.0.1: a name or address for certificate and URLs.")
  var host = "127.0.0.1"

  @Option(help: "The port of the page; a free one when 0.")
  var page = 0

  @Option(help: "A folder for certificates and keys; made when it is missing.")
  var folder: String

  @Option(help: "By what v3 is signed: \(Keys.allCases.map(\.rawValue).joined(separator: ", ")).")
  var keys = Keys.publicKey

  @Option(help: "The pauses between repeated notices are divided by this.")
  var noticeSpeed: Int64 = 1

  @Option(name: .customLong("for"), help: "End after so many seconds; 0 for never.")
  var lifetime = 0

  @Option(name: .customLong("switch"), help: "NAME=VALUE, as the page lists them; may be repeated.")
  var switches: [String] = []

  /// The names of the key modes.
  enum Keys: String, ExpressibleByArgument, CaseIterable {
    case certificates, changing, publicKey

    var mode: PlatformKeyMode {
      switch self {
      case .certificates: .certificates
      case .changing: .changing(noticePercent: 50)
      case .publicKey: .publicKey
      }
    }
  }

  func run() async throws {
    let platform = try await WeChatPlatform(try settings())
    let console = try await PlatformConsole(platform, port: page)
    StandardOutput.write(Self.text(platform, console))
    let end = lifetime > 0 ? Clock.now() + .seconds(lifetime) : nil
    _ = try await Interruption.race { await Self.follow(platform, until: end) }
    await console.stop()
    await platform.stop()
  }

  private func settings() throws -> WeChatPlatform.Settings {
    let merchant = SimulatedMachine.merchant
    var settings = WeChatPlatform.Settings(
      directory: folder, merchants: [merchant], seed: RandomBits.next())
    settings.port = port
    settings.host = host
    settings.hasSpareHost = true
    settings.noticeSpeed = noticeSpeed
    settings.v3[merchant.id] = .init(secret: SimulatedMachine.secret, mode: keys.mode)
    settings.policy.makesBillsAtOnce = true
    // Notices do not leave this computer, and here nobody has a certificate.
    settings.policy.allowsPlainNotices = true
    for text in switches {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let choice = PlatformSwitch.all.first(where: { $0.name == parts[0] })
      else { throw ValidationError("no switch \(text); the page lists them") }
      guard choice.set(parts[1], in: &settings.policy) else {
        throw ValidationError("\(choice.name) can be: \(choice.values)")
      }
    }
    return settings
  }

  /// What a client needs, as a machine file has it.
  private static func text(_ platform: WeChatPlatform, _ console: PlatformConsole) -> String {
    let merchant = SimulatedMachine.merchant
    let files = platform.authority
    let keys = platform.keys[merchant.id]
    return """
      console = "\(console.url)"
      endpoint = "\(platform.origin)"
      spare_endpoint = "\(platform.spareOrigin ?? "")"
      ca_file = "\(files.authorityFile)"
      app_id = "\(merchant.appID)"
      merchant_id = "\(merchant.id)"
      certificate_file = "\(files.certificateFile(of: merchant.id))"
      certificate_key_file = "\(files.keyFile(of: merchant.id))"
      v2_key = "\(merchant.apiKey)"
      v3_key = "\(keys?.secret ?? "")"
      v3_key_file = "\(keys?.secretFile ?? "")"
      merchant_serial = "\(keys?.serial ?? "")"
      platform_key_file = "\(keys?.publicKeyFile ?? "")"
      platform_key_id = "\(keys?.publicKeyID ?? "")"
      # what happens:

      """
  }

  private static func follow(_ platform: WeChatPlatform, until end: Instant?) async {
    var seen = 0
    while !Task.isCancelled, end.map({ Clock.now() < $0 }) ?? true {
      let rings = platform.bell.rings
      for event in platform.model.events where event.index > seen {
        seen = event.index
        StandardOutput.write(
          "\(event.at.rfc3339) \(event.kind.rawValue) \(event.order) \(event.words)\n")
      }
      await platform.bell.wait(after: rings, atMost: .seconds(1))
    }
  }
}
