internal import PaymentPlatform
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import NIOSSL
internal import Platform
internal import Synchronization
internal import Timing

/// Where calls arrive: the model behind a lock, the platform's clock, and bytes in and out.
final class PlatformDesk: Sendable {
  private struct State {
    var model: PlatformModel
    var clockAhead = Duration.zero
  }
  private let state: Mutex<State>
  private let bell: Bell
  private let clients: [NIOSSLCertificate: String]

  init(model: PlatformModel, bell: Bell, clients: [NIOSSLCertificate: String]) {
    state = Mutex(State(model: model))
    (self.bell, self.clients) = (bell, clients)
  }

  func withModel<Result>(
    _ body: (inout PlatformModel, WallTime) throws -> sending Result
  ) rethrows -> sending Result {
    var hasNews = false
    defer { if hasNews { bell.ring() } }
    return try state.withLock { state in
      let before = state.model.eventCount
      defer { hasNews = state.model.eventCount != before }
      return try body(&state.model, Clock.wallTime() + state.clockAhead)
    }
  }

  func advance(by duration: Duration) { state.withLock { $0.clockAhead += duration } }

  func router() -> Router<PlatformContext> {
    let router = Router(context: PlatformContext.self)
    for call in PlatformCall.allCases {
      router.post("\(call.path)") { [self] request, context in
        try await respond(to: call, request, context)
      }
      router.get("\(call.path)") { _, _ in
        Self.response(.refused("请使用post方法"))
      }
    }
    // What is of v3 is the model's to say, and to refuse.
    for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete] {
      router.on("/v3/**", method: method) { [self] request, context in
        try await respond(request, context)
      }
    }
    router.get("**") { _, _ in Self.response(.page(status: 404, title: "404 Not Found")) }
    router.post("**") { _, _ in Self.response(.page(status: 404, title: "404 Not Found")) }
    return router
  }

  private func respond(
    to call: PlatformCall, _ request: Request, _ context: PlatformContext
  ) async throws -> Response {
    let body = try await request.body.collect(upTo: 1 << 20)
    let certificate = try? await context.channel.nioSSL_peerCertificate().get()
    let client = certificate.flatMap { clients[$0] }.map(PlatformClient.merchant) ?? .anonymous
    let lateness = withModel { model, _ in model.delayBeforeNext(call) }
    if lateness > 0 { await pause(.milliseconds(lateness)) }
    let reply = withModel { model, now in
      model.answer(call, body: Array(body.readableBytesView), from: client, at: now)
    }
    return await deliver(reply, context)
  }

  /// Answers a call of v3.
  private func respond(_ request: Request, _ context: PlatformContext) async throws -> Response {
    let body = try await request.body.collect(upTo: 1 << 20)
    let call = PlatformRequest(
      method: request.method.rawValue, target: request.head.path ?? "/",
      headers: request.headers.map { .init($0.name.rawName, $0.value) },
      body: Array(body.readableBytesView))
    let lateness = withModel { model, _ in model.delayBeforeNext(call) }
    if lateness > 0 { await pause(.milliseconds(lateness)) }
    return await deliver(withModel { model, now in model.answer(call, at: now) }, context)
  }

  private func deliver(_ reply: PlatformReply, _ context: PlatformContext) async -> Response {
    if reply.delayMilliseconds > 0 { await pause(.milliseconds(reply.delayMilliseconds)) }
    if reply.delivery == .nothing { await Self.cut(context.channel) }
    return Self.response(reply, channel: context.channel)
  }

  /// Ends a connection below TLS, as a broken network does: without a goodbye.
  private static func cut(_ channel: any Channel) async {
    try? await channel.eventLoop.submit {
      try channel.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        .close(promise: nil)
    }.get()
  }

  private static func response(_ reply: PlatformReply, channel: (any Channel)? = nil) -> Response {
    let body: ResponseBody
    switch reply.delivery {
    case .whole, .nothing: body = ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body))
    case .cut:
      body = ResponseBody(contentLength: reply.body.count) { writer in
        try await writer.write(ByteBuffer(bytes: reply.body.prefix(reply.body.count / 2)))
        if let channel { await cut(channel) }
        throw CancellationError()
      }
    case .slow(let milliseconds):
      body = ResponseBody(contentLength: reply.body.count) { writer in
        let size = max(1, reply.body.count / 20)
        for start in stride(from: 0, to: reply.body.count, by: size) {
          let end = min(start + size, reply.body.count)
          try await writer.write(ByteBuffer(bytes: reply.body[start..<end]))
          await pause(.milliseconds(milliseconds / 20))
        }
        try await writer.finish(nil)
      }
    }
    var headers = HTTPFields()
    if !reply.contentType.isEmpty { headers[.contentType] = reply.contentType }
    for header in reply.headers {
      guard let name = HTTPField.Name(header.name) else { continue }
      headers.append(HTTPField(name: name, value: header.value))
    }
    return Response(status: .init(code: reply.status), headers: headers, body: body)
  }
}

/// A request's context with its connection.
struct PlatformContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}
