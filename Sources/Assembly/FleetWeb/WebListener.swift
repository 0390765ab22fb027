internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
internal import NIOCore
public import NIOSSL

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
  public var tls: TLSConfiguration?

  /// A port to listen on.
  public init(_ place: Place, tls: TLSConfiguration? = nil) {
    (self.place, self.tls) = (place, tls)
  }
}

/// A running server of one router.
final class WebServer: Sendable {
  /// The port that it has.
  let port: Int
  private let task: Task<Void, any Error>

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
    task = Task {
      do {
        try await application.run()
      } catch {
        found.finish(throwing: error)
        throw error
      }
    }
    var iterator = ports.makeAsyncIterator()
    guard let first = try await iterator.next() else { throw CancellationError() }
    port = first
  }

  /// Ends the server and waits until it has ended.
  func stop() async {
    task.cancel()
    _ = await task.result
  }
}
