internal import FoundationEssentials
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

/// What the simulator's two pages have in common: a document, and the JSON that it works with.
enum LoopbackPage {
  /// A router with a page at `/`, and the group below `api` that only this server's own pages, and
  /// programs, may ask.
  static func router(
    page: String
  ) -> (router: Router<BasicRequestContext>, api: RouterGroup<BasicRequestContext>) {
    let router = Router()
    router.get("/") { _, _ in
      answer("text/html; charset=utf-8", .init(byteBuffer: ByteBuffer(string: page)))
    }
    return (router, router.group("api").add(middleware: SameOrigin()))
  }

  /// Reads a request's JSON; a body that is none is a 400.
  static func read<Value: Decodable>(
    _: Value.Type, _ request: Request, whenEmpty: Value? = nil
  ) async throws -> Value {
    let body = try await request.body.collect(upTo: 4096)
    if let whenEmpty, body.readableBytes == 0 { return whenEmpty }
    do {
      return try JSONDecoder().decode(Value.self, from: Data(body.readableBytesView))
    } catch {
      throw HTTPError(.badRequest, message: "not the JSON that belongs here")
    }
  }

  /// An answer in JSON.
  static func json(_ value: some Encodable) throws -> Response {
    answer(
      "application/json", .init(byteBuffer: ByteBuffer(bytes: try JSONEncoder().encode(value))))
  }

  /// Any other answer, which nobody keeps.
  static func answer(_ type: String, _ body: ResponseBody) -> Response {
    Response(status: .ok, headers: [.contentType: type, .cacheControl: "no-store"], body: body)
  }

  /// A view of something that changes, as server-sent events: at each ring of its bell, and now and
  /// then a comment, so that a page that has gone is noticed.
  ///
  /// `view` gives nil while there is nothing new.
  static func events<View: Encodable>(
    _ bell: Bell, _ view: @escaping @Sendable (inout View?) -> View?
  ) -> Response where View: Sendable {
    let body = ResponseBody { writer in
      var last: View?
      while !Task.isCancelled {
        let rings = bell.rings
        if let view = view(&last) {
          let text = String(decoding: try JSONEncoder().encode(view), as: UTF8.self)
          try await writer.write(ByteBuffer(string: "data: \(text)\n\n"))
        } else {
          try await writer.write(ByteBuffer(string: ":\n\n"))
        }
        // A painting display rings often; a page need not have more than 25 pictures a second.
        await pause(.milliseconds(40))
        await bell.wait(after: rings, atMost: .seconds(2))
      }
      try await writer.finish(nil)
    }
    return answer("text/event-stream", body)
  }
}

/// Refuses what another site's page sends to this computer.
private struct SameOrigin: RouterMiddleware {
  @concurrent func handle(
    _ request: Request, context: BasicRequestContext,
    next: @concurrent (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    let host = request.head.authority ?? ""
    let isLocal = host.hasPrefix("127.0.0.1:") || host.hasPrefix("localhost:")
    let origin = request.headers[.origin]
    guard isLocal, origin == nil || origin == "http://\(host)" else {
      throw HTTPError(.forbidden, message: "only from this server's own page")
    }
    return try await next(request, context)
  }
}
