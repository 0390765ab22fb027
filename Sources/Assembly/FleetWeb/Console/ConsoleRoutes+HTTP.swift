internal import HTTPTypes
public import Hummingbird
internal import HummingbirdCore
public import NIOCore

/// A request's context that knows where the request comes from: logins are bounded by address.
public struct ConsoleContext: RequestContext, RemoteAddressRequestContext {
  public var coreContext: CoreRequestContextStorage
  public let remoteAddress: SocketAddress?

  /// The context of a request on a channel.
  public init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    remoteAddress = source.channel.remoteAddress
  }
}

extension ConsoleRoutes {
  /// Puts the console's paths into a router: `/console`, `/api/v1` and `/metrics`, with all that is
  /// below the first two.
  public func add<Context: RemoteAddressRequestContext>(
    to router: Router<Context>
  ) {
    let answer: @Sendable (Request, Context) async -> Response = { request, context in
      await self.answer(request, from: context.remoteAddress?.ipAddress ?? "local")
    }
    for path: RouterPath in ["/console", "/console/**", "/api/v1/**", "/metrics"] {
      router.get(path) { request, context in await answer(request, context) }
      router.post(path) { request, context in await answer(request, context) }
    }
  }

  func answer(_ request: Request, from peer: String) async -> Response {
    var headers: [String: String] = [:]
    for field in request.headers {
      // Of a field that comes twice no part may be overlooked.
      let name = field.name.canonicalName
      let comma = name == "cookie" ? "; " : ", "
      headers[name] = headers[name].map { $0 + comma + field.value } ?? field.value
    }
    headers["host"] = request.head.authority ?? headers["host"]
    let method: Visit.Method = request.method == .post ? .post : .get
    var visit = Visit(
      method, request.uri.string, headers: headers, address: address(peer, headers))
    if method == .post {
      guard let body = try? await request.body.collect(upTo: Self.bodyMax) else {
        return Self.response(answer(tooLarge: visit))
      }
      visit.form = FormText.fields(String(buffer: body))
    }
    return Self.response(await answer(visit))
  }

  /// Behind a proxy the last entry of `X-Forwarded-For` is the proxy's own; those before it are
  /// anybody's.
  func address(_ peer: String, _ headers: [String: String]) -> String {
    guard options.isBehindProxy,
      let last = headers["x-forwarded-for"]?.split(separator: ",").last
    else { return peer }
    return String(last.filter { $0 != " " }.prefix(64))
  }

  private static func response(_ reply: Reply) -> Response {
    var fields = HTTPFields()
    fields[.contentType] = reply.type
    for (name, value) in reply.headers {
      guard let name = HTTPField.Name(name) else { continue }
      fields.append(HTTPField(name: name, value: value))
    }
    return Response(
      status: .init(code: reply.status), headers: fields,
      body: .init(byteBuffer: ByteBuffer(string: reply.body)))
  }
}
