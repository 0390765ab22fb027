internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import ServiceLifecycle

/// A port that a service answers on, by TLS or, behind a proxy or on the loopback, without.
public struct WebListener: Sendable {
  /// An address and a port.
  public struct Place: Equatable, Sendable, CustomStringConvertible {
    public var host: String
    /// Zero for a free one.
    public var port: Int

    /// A place to listen.
    public init(host: String, port: Int) { (self.host, self.port) = (host, port) }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  }

  public var place: Place
  let tls: TLSConfiguration?

  /// A port to listen on; with `asksClients`, only for those who show a certificate.
  public init(_ place: Place, certificate: WebCertificate? = nil, asksClients: Bool = false) {
    self.place = place
    tls = certificate?.configuration(asksClients: asksClients)
  }
}

/// A running server of one router.
final class WebServer: Sendable {
  /// The port that it has.
  let port: Int
  private let task: Task<Void, any Error>
  private let group: ServiceGroup

  /// How long those who are being answered may take when the server ends.
  static let patience: Duration = .seconds(10)

  /// Starts; throws when the port cannot be had.
  init<Context: InitializableFromSource & RequestContext>(
    _ router: Router<Context>, on listener: WebListener, idle: Duration = .seconds(75)
  ) async throws where Context.Source == ApplicationRequestContextSource {
    let (ports, found) = AsyncThrowingStream<Int, any Error>.makeStream()
    let quiet = Logger(label: "vendpay") { _ in SwiftLogNoOpLogHandler() }
    let idleTime = TimeAmount.nanoseconds(idle.components.seconds * 1_000_000_000)
    let http = HTTP1Channel.Configuration(idleTimeout: idleTime)
    let server: HTTPServerBuilder =
      if let tls = listener.tls {
        try .tls(.http1(configuration: http), tlsConfiguration: tls)
      } else {
        .http1(configuration: http)
      }
    let application = Application(
      router: router, server: server,
      configuration: .init(
        address: .hostname(listener.place.host, port: listener.place.port), serverName: "vendpay",
        backlog: 4096, reuseAddress: true),
      onServerRunning: { channel in
        found.yield(channel.localAddress?.port ?? 0)
        found.finish()
      }, logger: quiet)
    var lifecycle = ServiceGroupConfiguration(services: [application], logger: quiet)
    lifecycle.maximumGracefulShutdownDuration = Self.patience
    let group = ServiceGroup(configuration: lifecycle)
    self.group = group
    task = Task {
      do {
        try await group.run()
      } catch {
        found.finish(throwing: error)
        throw error
      }
    }
    var iterator = ports.makeAsyncIterator()
    guard let first = try await iterator.next() else { throw CancellationError() }
    port = first
  }

  /// Takes no more connections, lets what is being answered end, and waits for it, at most
  /// `patience`.
  func stop() async {
    await group.triggerGracefulShutdown()
    _ = await task.result
  }

  /// Waits until the server has ended, by itself or not; why, if it failed.
  func ended() async -> String? {
    switch await task.result {
    case .success: nil
    case .failure(let error): "\(error)"
    }
  }
}
