public import NetworkClient
internal import Synchronization

/// The exchange over HTTPS; the client certificate is shown only to calls that need it.
public final class HTTPSExchange: Exchange {
  /// Where the platform is, and how we go there.
  public struct Route: Equatable, Sendable {
    /// Scheme, host and perhaps port.
    public var endpoint: String
    /// The same of the spare host; nil when there is none.
    public var spare: String?
    public var caFile: String?
    public var certificate: HTTPClient.ClientCertificate?
    /// How long name, connection and handshake may take together.
    public var connectDeadline: Duration
    /// How long a call may take, both hosts together.
    public var totalDeadline: Duration

    /// Describes a way.
    public init(
      endpoint: String, spare: String?, caFile: String? = nil,
      certificate: HTTPClient.ClientCertificate? = nil, connectDeadline: Duration = .seconds(5),
      totalDeadline: Duration = .seconds(10)
    ) {
      (self.endpoint, self.spare, self.caFile) = (endpoint, spare, caFile)
      (self.certificate, self.connectDeadline) = (certificate, connectDeadline)
      self.totalDeadline = totalDeadline
    }
  }

  /// WeChat's own hosts (facts: WeChat Pay A.1).
  static let mainEndpoint = "https://api.mch.weixin.qq.com"
  static let spareEndpoint = "https://api2.mch.weixin.qq.com"

  /// The largest file that is fetched: a machine's bill of a day has some kilobytes.
  static let fileLimit = 16 << 20
  /// The largest answer otherwise.
  static let answerLimit = 65_536

  private enum Purpose { case call, certifiedCall, file }

  private let route: Route
  private let calls: [PlatformHost: HTTPClient]
  private let certified: [PlatformHost: HTTPClient]
  private let files = Mutex<[PlatformHost: HTTPClient]>([:])

  /// Prepares the clients; nothing is opened yet.
  public init(_ route: Route) {
    self.route = route
    let hosts: [PlatformHost] = route.spare == nil ? [.main] : [.main, .spare]
    func clients(_ purpose: Purpose) -> [PlatformHost: HTTPClient] {
      Dictionary(uniqueKeysWithValues: hosts.map { ($0, Self.client(route, purpose)) })
    }
    calls = clients(.call)
    certified = route.certificate == nil ? [:] : clients(.certifiedCall)
  }

  /// Prepares the clients for an account.
  public convenience init(
    _ account: WeChatPayV2.Account, connectDeadline: Duration = .seconds(5),
    totalDeadline: Duration = .seconds(10)
  ) {
    self.init(
      Route(
        endpoint: account.endpoint, spare: account.spareEndpoint, caFile: account.caFile,
        certificate: account.certificate, connectDeadline: connectDeadline,
        totalDeadline: totalDeadline))
  }

  /// Prepares the clients for an account of v3, which shows no client certificate.
  public convenience init(_ account: WeChatPayV3.Account) {
    self.init(
      Route(
        endpoint: account.endpoint, spare: account.spareEndpoint, caFile: account.caFile))
  }

  public var hasSpare: Bool { route.spare != nil }

  public var hasCertificate: Bool { route.certificate != nil }

  public func send(
    _ message: Outgoing, to host: PlatformHost
  ) throws(HTTPFailure) -> HTTPResponse {
    guard let endpoint = host == .main ? route.endpoint : route.spare else {
      throw HTTPFailure(.badRequest, "there is no spare host")
    }
    let client = try client(for: message, at: host)
    guard let body = message.body else {
      return try client.get(endpoint + message.path, headers: message.headers)
    }
    let type = message.headers["Content-Type"] ?? "application/octet-stream"
    return try client.post(
      endpoint + message.path, contentType: type, body: body, headers: message.headers)
  }

  private func client(
    for message: Outgoing, at host: PlatformHost
  ) throws(HTTPFailure) -> HTTPClient {
    if message.isForFile {
      return files.withLock { files in
        let client = files[host] ?? Self.client(route, .file)
        files[host] = client
        return client
      }
    }
    guard let client = message.showsCertificate ? certified[host] : calls[host] else {
      throw HTTPFailure(.unusableFile, "no client certificate is configured")
    }
    return client
  }

  private static func client(_ route: Route, _ purpose: Purpose) -> HTTPClient {
    // With a spare, each host has half of the time, so that a call stays within the whole.
    let share = route.spare == nil ? 1 : 2
    var configuration = HTTPClient.Configuration(
      connectDeadline: min(route.connectDeadline, route.totalDeadline / share),
      totalDeadline: route.totalDeadline / share,
      // The platform closes after 8 s of idleness (facts: WeChat Pay C.3).
      idleReuse: .seconds(7), bodyLimit: answerLimit, caFile: route.caFile)
    switch purpose {
    case .call: break
    case .certifiedCall: configuration.clientCertificate = route.certificate
    case .file:
      configuration.bodyLimit = fileLimit
      configuration.totalDeadline = .seconds(60)
    }
    return HTTPClient(configuration)
  }
}
