internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
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
  static let farewell: Duration = .seconds(10)

  /// Starts; throws when the port cannot be had.
  ///
  /// With `isForMany` a connection costs as little memory as it can, at the price of more reads. A
  /// connection whose next request is not whole after `patience` is closed: one that says nothing,
  /// and one that trickles.
  init<Context: InitializableFromSource & RequestContext>(
    _ router: Router<Context>, on listener: WebListener, isForMany: Bool = false,
    patience: Duration = .seconds(75)
  ) async throws where Context.Source == ApplicationRequestContextSource {
    let (ports, found) = AsyncThrowingStream<Int, any Error>.makeStream()
    let quiet = Logger(label: "vendpay") { _ in SwiftLogNoOpLogHandler() }
    let server = try Self.builder(listener, isForMany, patience).buildServer(
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
    lifecycle.maximumGracefulShutdownDuration = Self.farewell
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
    _ listener: WebListener, _ isForMany: Bool, _ patience: Duration
  ) throws -> HTTPServerBuilder {
    let http = HTTP1Channel.Configuration(
      additionalChannelHandlers: [Admission(readsSmall: isForMany, patience)],
      httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
        maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 100))
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
  /// `farewell`.
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

/// What a connection may take: reads of half a kilobyte, as much as a board asks in, where ten
/// thousand keep the buffer of their last; and so long for a whole request.
private final class Admission: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let readsSmall: Bool
  private let patience: TimeAmount
  private var deadline: Scheduled<Void>?

  init(readsSmall: Bool, _ patience: Duration) {
    self.readsSmall = readsSmall
    self.patience = .nanoseconds(patience.wholeNanoseconds)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if readsSmall {
      let allocator = FixedSizeRecvByteBufferAllocator(capacity: 512)
      // A kind of channel that cannot be told so reads as it always did.
      try? context.channel.syncOptions?.setOption(.recvAllocator, value: allocator)
    }
    wait(context)
  }

  private func wait(_ context: ChannelHandlerContext) {
    let channel = context.channel
    deadline = context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
  }

  private func end() {
    deadline?.cancel()
    deadline = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .end = unwrapInboundIn(data) { end() }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) {
      end()
      wait(context)
    }
    context.write(data, promise: promise)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }
}
