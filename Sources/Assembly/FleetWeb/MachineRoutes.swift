internal import Core
internal import CoreService
internal import FleetStorage
internal import Hummingbird
internal import HummingbirdCore
internal import Imaging
internal import NetworkClient
internal import Ordering
internal import Pixels
internal import Platform
internal import Rendering
internal import Storage
internal import Timing

/// What machines may ask, each with its token and of its own orders only.
struct MachineRoutes {
  let core: FleetCore
  let register: MachineRegister
  let vitals: ServiceVitals

  /// Adds the routes.
  ///
  /// A board keeps its connections for days, and asks little by them: calls are answered apart.
  func add(to router: Router<BasicRequestContext>) {
    router.post("v1/orders/:number/:act") { request, context in
      let number = try number(context)
      guard let act = context.parameters.get("act").flatMap(CoreCall.Act.init) else {
        throw HTTPError(.notFound)
      }
      if act == .status { return try await hold(number, request) }
      return try await apart { try await carryOut(act, number, request) }
    }
    router.post("v1/orders") { request, _ in try await apart { try await open(request) } }
    router.post("v1/heartbeat") { request, _ in try await apart { try await beat(request) } }
    router.get("v1/documents/:name") { request, context in
      try await apart { try await document(request, context) }
    }
    router.post("v1/enrolments") { request, _ in
      let call = try await WebAnswer.read(CoreCall.Enrolment.self, request)
      return try WebAnswer.json(await register.enrol(call))
    }
    router.post("v1/token") { request, _ in try await rotate(request) }
    // The tutorial's two.
    router.get("qr.png") { request, _ in try await picture(request) }
    router.get("orders/:number/status") { request, context in
      let machine = try await machine(request)
      let number = try number(context)
      let answer = await core.status(number, permit: nil, wait: .zero, by: machine)
      return try WebAnswer.json(CoreReply(answer))
    }
  }

  // MARK: Who asks

  /// The machine whose token the request carries.
  private func machine(_ request: Request) async throws -> String {
    let scheme = "Bearer "
    guard let header = request.headers[.authorization], header.hasPrefix(scheme) else {
      core.counters.add(.strangers)
      throw HTTPError(.unauthorized, message: "no token")
    }
    switch await register.identify(token: String(header.dropFirst(scheme.count))) {
    case .machine(let name):
      guard register.mayCall(name) else {
        throw HTTPError(.tooManyRequests, headers: [.retryAfter: "2"], message: "too many calls")
      }
      return name
    case .unknown:
      core.counters.add(.strangers)
      throw HTTPError(.unauthorized, message: "nobody has this token")
    case .revoked(let name):
      core.counters.add(.strangers)
      throw HTTPError(.forbidden, message: "the token of \(name) was revoked")
    case .unavailable(let words):
      throw HTTPError(.serviceUnavailable, headers: [.retryAfter: "2"], message: words)
    }
  }

  private func number(_ context: BasicRequestContext) throws -> OrderNumber {
    guard let number = context.parameters.get("number").flatMap(OrderNumber.init) else {
      throw HTTPError(.notFound, message: "not an order's number")
    }
    return number
  }

  private func timed(
    _ call: ServiceCounters.Call, _ body: () async throws -> Response
  ) async throws -> Response {
    let begin = Clock.now()
    defer { core.counters.add(call, took: Clock.now() - begin) }
    return try await body()
  }

  // MARK: Orders

  private func open(_ request: Request) async throws -> Response {
    try await timed(.open) {
      let machine = try await machine(request)
      let wanted = try await WebAnswer.read(OrderRequest.self, request)
      return try WebAnswer.json(CoreReply(await core.open(wanted, by: machine)))
    }
  }

  /// What a poll asks.
  private struct Question: Sendable {
    var permit: UInt64?
    var wait: Duration
    var machine: String
  }

  private func question(_ request: Request) async throws -> Question {
    let machine = try await machine(request)
    let call = try await WebAnswer.read(CoreCall.Status.self, request)
    return Question(
      permit: call.permit?.value, wait: .milliseconds(max(0, call.waitMilliseconds)),
      machine: machine)
  }

  /// Held on purpose: its time says nothing, and is not counted.
  @inline(never)
  private func hold(_ number: OrderNumber, _ request: Request) async throws -> Response {
    let asked = try await apart { try await question(request) }
    return try Self.words(
      await core.status(number, permit: asked.permit, wait: asked.wait, by: asked.machine))
  }

  /// A function of its own, so that what it needs for the JSON is not held with the poll.
  @inline(never)
  private static func words(_ answer: StatusAnswer) throws -> Response {
    try WebAnswer.json(CoreReply(answer))
  }

  private func carryOut(
    _ act: CoreCall.Act, _ number: OrderNumber, _ request: Request
  ) async throws -> Response {
    switch act {
    case .status: try await hold(number, request)
    case .permit: try await permit(number, request)
    case .settle: try await settle(number, request)
    case .cancel: try await cancel(number, request)
    }
  }

  private func permit(_ number: OrderNumber, _ request: Request) async throws -> Response {
    try await timed(.permit) {
      let machine = try await machine(request)
      let call = try await WebAnswer.read(CoreCall.Permit.self, request)
      let answer = await core.permit(number, nonce: call.nonce.value, by: machine)
      return try WebAnswer.json(CoreReply(answer))
    }
  }

  private func settle(_ number: OrderNumber, _ request: Request) async throws -> Response {
    try await timed(.settle) {
      let machine = try await machine(request)
      let outcome = try await WebAnswer.read(Outcome.self, request)
      return try WebAnswer.json(CoreReply(await core.settle(number, outcome, by: machine)))
    }
  }

  private func cancel(_ number: OrderNumber, _ request: Request) async throws -> Response {
    try await timed(.cancel) {
      let machine = try await machine(request)
      return try WebAnswer.json(CoreReply(await core.cancel(number, by: machine)))
    }
  }

  // MARK: Heartbeats and documents

  private func beat(_ request: Request) async throws -> Response {
    try await timed(.heartbeat) {
      let machine = try await machine(request)
      let beat = try await WebAnswer.read(CoreCall.Heartbeat.self, request)
      await register.heard(machine, beat)
      return try WebAnswer.json(try await reply(to: machine))
    }
  }

  private func rotate(_ request: Request) async throws -> Response {
    let machine = try await machine(request)
    let call = try await WebAnswer.read(CoreCall.Rotation.self, request)
    if let refusal = await register.rotate(machine, to: call.token) {
      throw HTTPError(.conflict, message: refusal)
    }
    return Response(status: .noContent)
  }

  private func reply(to machine: String) async throws -> CoreCall.HeartbeatReply {
    var documents: [String: Int64] = [:]
    for name in CoreCall.DocumentName.allCases {
      if let document = await core.document(name, for: machine) {
        documents[name.rawValue] = document.version
      }
    }
    return CoreCall.HeartbeatReply(
      time: Clock.wallTime(), documents: documents, doubt: vitals.doubt.map { CoreReply($0) })
  }

  private func document(_ request: Request, _ context: BasicRequestContext) async throws -> Response
  {
    let machine = try await machine(request)
    guard let name = context.parameters.get("name").flatMap(CoreCall.DocumentName.init) else {
      throw HTTPError(.notFound, message: "no such document")
    }
    guard let document = await core.document(name, for: machine) else {
      throw HTTPError(.notFound, message: "no such document")
    }
    if let have = request.uri.queryParameters.get("have").flatMap(Int64.init),
      have == document.version
    {
      return Response(status: .noContent)
    }
    // The token is in this very request; its hash is all that is ever stored.
    let token = request.headers[.authorization]?.dropFirst("Bearer ".count) ?? ""
    let text = CoreCall.SignedDocument.signedText(
      machine: machine, name: name.rawValue, version: document.version, body: document.body)
    let signature = Digest.hmacSHA256Hex(
      key: Array(MachineRegister.hash(String(token)).utf8), Array(text.utf8))
    return try WebAnswer.json(
      CoreCall.SignedDocument(
        name: name.rawValue, version: document.version, body: document.body, signature: signature))
  }

  // MARK: The code

  /// The order's code as a picture, for a display that fetches pictures by itself.
  ///
  /// Only while it can be paid, as on a machine's own screen.
  private func picture(_ request: Request) async throws -> Response {
    let machine = try await machine(request)
    let query = request.uri.queryParameters
    guard let number = query.get("order").flatMap({ OrderNumber($0) }) else {
      throw HTTPError(.badRequest, message: "?order=NUMBER")
    }
    let pixels = query.get("module").flatMap { Int($0) } ?? 8
    guard (1...32).contains(pixels) else {
      throw HTTPError(.badRequest, message: "module is 1 to 32 pixels")
    }
    guard let code = try await core.codeURL(of: number, for: machine) else {
      throw HTTPError(.notFound, message: "no order that can be paid")
    }
    let symbol = try QRCode(Array(code.utf8), level: .medium)
    return WebAnswer.bytes(PNG.encode(symbol.frame(modulePixels: pixels)), type: "image/png")
  }
}

extension QRCode {
  /// The symbol with its quiet zone, dark on light, in whole pixels.
  func frame(modulePixels: Int) -> Frame {
    var frame = Frame(
      width: sideWithQuietZone * modulePixels, height: sideWithQuietZone * modulePixels,
      filledWith: .white)
    for row in 0..<side {
      for column in 0..<side where self[column, row] {
        frame.fill(
          Rectangle(
            x: (column + Self.quietZone) * modulePixels, y: (row + Self.quietZone) * modulePixels,
            width: modulePixels, height: modulePixels), .black)
      }
    }
    return frame
  }
}
