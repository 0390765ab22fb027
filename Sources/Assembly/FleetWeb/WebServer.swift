internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Platform
internal import ServiceLifecycle
internal import Timing

/// A running server of one router.
///
/// Routes and requests are Hummingbird's; what its `Application` puts between server and router (a
/// logger for each request) is left out, since it costs each of ten thousand polls three kilobytes.
final class WebServer: Sendable {
  /// The port that it has.
  let port: Int
  private let task: Task<Void, any Error>
  private let group: ServiceGroup

  /// How long those who are being answered may take when the server ends.
  static let patience: Duration = .seconds(10)

  /// Starts; throws when the port cannot be had.
  ///
  /// With `isForMany` a connection costs as little memory as it can, at the price of more reads.
  init<Context: InitializableFromSource & RequestContext>(
    _ router: Router<Context>, on listener: WebListener, isForMany: Bool = false,
    idle: Duration = .seconds(75)
  ) async throws where Context.Source == ApplicationRequestContextSource {
    let (ports, found) = AsyncThrowingStream<Int, any Error>.makeStream()
    let quiet = Logger(label: "vendpay") { _ in SwiftLogNoOpLogHandler() }
    let server = try Self.builder(listener, isForMany, idle).buildServer(
      configuration: ServerConfiguration(
        address: .hostname(listener.place.host, port: listener.place.port), serverName: "vendpay",
        backlog: 4096, reuseAddress: true),
      eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: quiet,
      responder: Self.responder(router.buildResponder(), quiet),
      onServerRunning: { channel in
        found.yield(channel.localAddress?.port ?? 0)
        found.finish()
      })
    var lifecycle = ServiceGroupConfiguration(services: [server], logger: quiet)
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

  private static func builder(
    _ listener: WebListener, _ isForMany: Bool, _ idle: Duration
  ) throws -> HTTPServerBuilder {
    let http = HTTP1Channel.Configuration(
      additionalChannelHandlers: isForMany ? [SmallReads()] : [],
      idleTimeout: .nanoseconds(idle.wholeNanoseconds))
    guard let tls = listener.tls else { return .http1(configuration: http) }
    return try .tls(.http1(configuration: http), tlsConfiguration: tls)
  }

  private static func responder<Routes: HTTPResponder>(
    _ routes: Routes, _ logger: Logger
  ) -> HTTPChannelHandler.Responder
  where Routes.Context: RequestContext, Routes.Context.Source == ApplicationRequestContextSource {
    { request, writer, channel in
      let context = Routes.Context(
        source: ApplicationRequestContextSource(channel: channel, logger: logger))
      var response: Response
      do {
        response = try await routes.respond(to: request, context: context)
      } catch let error as HTTPParserError {
        // The server answers it, and closes the connection.
        throw error
      } catch {
        response = Response(status: .internalServerError)
      }
      response.headers[.date] = Clock.wallTime().httpDate
      response.headers[.server] = "vendpay"
      try await writer.write(response: response.head, body: response.body)
    }
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

/// Lets a connection read half a kilobyte at a time, as much as a board asks in; each keeps the
/// buffer of its last read, and there may be ten thousand.
private final class SmallReads: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  func handlerAdded(context: ChannelHandlerContext) {
    let allocator = FixedSizeRecvByteBufferAllocator(capacity: 512)
    // A kind of channel that cannot be told so reads as it always did.
    try? context.channel.syncOptions?.setOption(.recvAllocator, value: allocator)
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }
}
