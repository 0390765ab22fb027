internal import PaymentPlatform
internal import Displays
internal import FoundationEssentials
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

/// The front of a simulated machine as a web page on 127.0.0.1, and the JSON that the page uses.
///
/// | request | what it does |
/// |---|---|
/// | `GET /` | the page; it needs nothing from elsewhere |
/// | `GET /api/state` | the machine, lanes, phone and orders |
/// | `GET /api/events` | the same as server-sent events, at every change |
/// | `GET /api/display.png` | the display's pixels |
/// | `GET /api/log?after=N` | the lines of the log after line N |
/// | `POST /api/key` `{"key":"A"}` | presses a key |
/// | `POST /api/phone/scan`, `pay`, `away` | the customer's phone; `{"trouble":"balance"}` fails |
/// | `POST /api/trouble/NAME` `{"on":true}` | trouble and its end |
/// | `POST /api/refill` `{"lane":"A1"}` | fills a lane, and frees what hangs in it |
public final class FrontPanel: Sendable {
  /// The page's address.
  public let url: String
  private let server: LoopbackServer

  /// Serves a machine's front at `port`, or at a free one when it is zero.
  public init(_ machine: SimulatedMachine, port: Int = 0) async throws {
    let routes = PanelRoutes(machine: machine)
    server = try await LoopbackServer(
      routes.router(), server: .http1(), port: port, name: "front panel")
    url = "http://127.0.0.1:\(server.port)/"
  }

  /// Ends the page.
  public func stop() async { await server.stop() }
}

/// What the page asks for.
private struct PanelRoutes: Sendable {
  let machine: SimulatedMachine

  func router() -> Router<BasicRequestContext> {
    let router = Router()
    router.get("/") { _, _ in
      Response(
        status: .ok,
        headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
        body: .init(byteBuffer: ByteBuffer(string: FrontPanelPage.text)))
    }
    let api = router.group("api").add(middleware: SameOrigin())
    api.get("state") { _, _ in try Self.json(machine.view) }
    api.get("events") { _, _ in events() }
    api.get("display.png") { _, _ in picture() }
    api.get("log") { request, _ in
      let after = request.uri.queryParameters.get("after").flatMap { Int($0) } ?? 0
      return try Self.json(machine.log.lines(after: after).suffix(300).map(\.self))
    }
    api.post("key") { request, _ in
      let key = try await read(KeyPress.self, request).key
      guard machine.board.press(key) else { throw HTTPError(.badRequest, message: "no such key") }
      return try Self.json(machine.view)
    }
    api.post("phone/:act") { request, context in
      try await usePhone(context.parameters.get("act") ?? "", request)
    }
    api.post("trouble/:name") { request, context in
      let wanted = try await read(Switch.self, request)
      try await machine.trouble(
        context.parameters.get("name") ?? "", isOn: wanted.on, lane: wanted.lane)
      return try Self.json(machine.view)
    }
    api.post("refill") { request, _ in
      try await machine.refill(lane: try await read(LaneChoice.self, request).lane)
      return try Self.json(machine.view)
    }
    return router
  }

  private struct KeyPress: Codable { var key: String }
  private struct LaneChoice: Codable { var lane: String }
  private struct Switch: Codable {
    var on: Bool
    var lane: String?
  }
  private struct Attempt: Codable { var trouble: String? }

  private func usePhone(_ act: String, _ request: Request) async throws -> Response {
    switch act {
    case "scan": await machine.phone.scan(machine.board.displayFrame())
    case "pay":
      let attempt = try? await read(Attempt.self, request)
      let trouble: PayerTrouble? = attempt?.trouble == "balance" ? .balance : nil
      machine.phone.pay(trouble: trouble)
    case "away": machine.phone.putAway()
    default: throw HTTPError(.notFound)
    }
    return try Self.json(machine.view)
  }

  private func read<Value: Decodable>(_: Value.Type, _ request: Request) async throws -> Value {
    let body = try await request.body.collect(upTo: 4096)
    do {
      return try JSONDecoder().decode(Value.self, from: Data(body.readableBytesView))
    } catch {
      throw HTTPError(.badRequest, message: "not the JSON that belongs here")
    }
  }

  private static func json(_ value: some Encodable) throws -> Response {
    Response(
      status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(bytes: try JSONEncoder().encode(value))))
  }

  private func picture() -> Response {
    guard let frame = machine.board.displayFrame() else { return Response(status: .noContent) }
    return Response(
      status: .ok, headers: [.contentType: "image/png", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(bytes: PNG.encode(frame))))
  }

  /// The machine's view whenever it has changed, and a comment now and then so that a page that has
  /// gone is noticed.
  private func events() -> Response {
    let body = ResponseBody { writer in
      var last: PanelView?
      while !Task.isCancelled {
        let rings = machine.log.bell.rings
        var view = machine.view
        let milliseconds = view.milliseconds
        view.milliseconds = 0
        if view == last {
          try await writer.write(ByteBuffer(string: ":\n\n"))
        } else {
          last = view
          view.milliseconds = milliseconds
          let text = String(decoding: try JSONEncoder().encode(view), as: UTF8.self)
          try await writer.write(ByteBuffer(string: "data: \(text)\n\n"))
        }
        // A painting display rings often; the page need not have more than 25 pictures a second.
        await pause(.milliseconds(40))
        await machine.log.bell.wait(after: rings, atMost: .seconds(2))
      }
      try await writer.finish(nil)
    }
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: body)
  }
}

/// Refuses what another site's page sends to this computer.
struct SameOrigin: RouterMiddleware {
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
