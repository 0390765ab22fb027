internal import Imaging
internal import PaymentPlatform
internal import Displays
internal import Hummingbird
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
    let (router, api) = LoopbackPage.router(page: FrontPanelPage.text)
    api.get("state") { _, _ in try LoopbackPage.json(machine.view) }
    api.get("events") { _, _ in events() }
    api.get("display.png") { _, _ in picture() }
    api.get("log") { request, _ in
      let after = request.uri.queryParameters.get("after").flatMap { Int($0) } ?? 0
      return try LoopbackPage.json(machine.log.lines(after: after).suffix(300).map(\.self))
    }
    api.post("key") { request, _ in
      let key = try await LoopbackPage.read(KeyPress.self, request).key
      guard machine.board.press(key) else { throw HTTPError(.badRequest, message: "no such key") }
      return try LoopbackPage.json(machine.view)
    }
    api.post("phone/:act") { request, context in
      try await usePhone(context.parameters.get("act") ?? "", request)
    }
    api.post("trouble/:name") { request, context in
      let wanted = try await LoopbackPage.read(Switch.self, request)
      try await machine.trouble(
        context.parameters.get("name") ?? "", isOn: wanted.on, lane: wanted.lane)
      return try LoopbackPage.json(machine.view)
    }
    api.post("refill") { request, _ in
      try await machine.refill(lane: try await LoopbackPage.read(LaneChoice.self, request).lane)
      return try LoopbackPage.json(machine.view)
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
      let attempt = try? await LoopbackPage.read(Attempt.self, request)
      let trouble: PayerTrouble? = attempt?.trouble == "balance" ? .balance : nil
      machine.phone.pay(trouble: trouble)
    case "away": machine.phone.putAway()
    default: throw HTTPError(.notFound)
    }
    return try LoopbackPage.json(machine.view)
  }

  private func picture() -> Response {
    guard let frame = machine.board.displayFrame() else { return Response(status: .noContent) }
    return LoopbackPage.answer(
      "image/png", .init(byteBuffer: ByteBuffer(bytes: PNG.encode(frame))))
  }

  /// The machine's view whenever it has changed but for its clock.
  private func events() -> Response {
    LoopbackPage.events(machine.log.bell) { (last: inout PanelView?) in
      let view = machine.view
      var timeless = view
      timeless.milliseconds = 0
      guard timeless != last else { return nil }
      last = timeless
      return view
    }
  }
}
