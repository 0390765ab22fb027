internal import Hummingbird
internal import Money
internal import PaymentPlatform
internal import Timing

/// The platform's page on 127.0.0.1, and the JSON by which tests and people play payer, platform
/// and bad luck.
///
/// | request | what it does |
/// |---|---|
/// | `GET /` | the page; it needs nothing from elsewhere |
/// | `GET /api/state` | merchants, the newest 200 orders (`?orders=N`), notices, faults, switches,
/// events |
/// | `GET /api/events` | the same as server-sent events, at every change |
/// | `POST /api/scan` `{"code","payer"}` | a payer scans a code |
/// | `POST /api/pay` `{"code" or "order","payer","trouble"}` | scans and pays, or fails to |
/// | `POST /api/close` `{"order"}` | the platform closes an unpaid order |
/// | `POST /api/notify` `{"order"}` | tells of a payment once more |
/// | `POST /api/fault` `{"kind","call","commits","milliseconds","skip","times"}` | spoils calls; a
/// call of v3 alone is named by `v3Call` |
/// | `POST /api/notice-fault` `{"kind","milliseconds","times"}` | spoils notices |
/// | `POST /api/clear` | forgets the faults that lie ahead |
/// | `POST /api/switch` `{"name","value"}` | changes a choice of the policy |
/// | `POST /api/keys` `{"mode","noticePercent"}` | by which keys the platform signs |
/// | `POST /api/rotate` `{"signsAfterSeconds"}` | a new platform certificate |
/// | `POST /api/certificate` `{"state"}` | how the merchant's own certificate stands |
/// | `POST /api/funds` `{"withdrawn"}` or `{"rechargeFen"}` | what refunds can be paid from |
/// | `POST /api/advance` `{"seconds"}` | moves the platform's clock |
/// | `POST /api/network` `{"passage"}` | opens, refuses or swallows connections |
/// | `POST /api/wire` `{"kind","direction","place"}` | spoils one byte of a connection |
public final class PlatformConsole: Sendable {
  /// The page's address.
  public let url: String
  private let server: LoopbackServer

  /// Serves a platform's page at `port`, or at a free one when it is zero.
  public init(_ platform: WeChatPlatform, port: Int = 0) async throws {
    let routes = ConsoleRoutes(platform: platform)
    server = try await LoopbackServer(
      routes.router(), server: .http1(), port: port, name: "platform console")
    url = "http://127.0.0.1:\(server.port)/"
  }

  /// Ends the page.
  public func stop() async { await server.stop() }
}

private struct ConsoleRoutes: Sendable {
  let platform: WeChatPlatform

  func router() -> Router<BasicRequestContext> {
    let (router, api) = LoopbackPage.router(page: PlatformConsolePage.text)
    api.get("state") { request, _ in
      let wanted = request.uri.queryParameters.get("orders")
      guard let count = wanted.map({ Int($0) }) ?? PlatformView.ordersShown else {
        throw Self.wrong("orders is a number")
      }
      return try LoopbackPage.json(platform.view(orders: count))
    }
    api.get("events") { _, _ in
      LoopbackPage.events(platform.bell) { (_: inout PlatformView?) in platform.view() }
    }
    api.post(":act") { request, context in
      let wish = try await LoopbackPage.read(Wish.self, request, whenEmpty: Wish())
      let words = try await perform(context.parameters.get("act") ?? "", wish)
      return try LoopbackPage.json(["done": words])
    }
    return router
  }

  /// What can stand in a request; each act needs its own.
  private struct Wish: Decodable {
    var code: String?
    var order: String?
    var payer: String?
    var trouble: String?
    var kind: String?
    var call: String?
    var v3Call: PlatformV3Call?
    var commits: Bool?
    var milliseconds: Int?
    var skip: Int?
    var times: Int?
    var name: String?
    var value: String?
    var merchant: String?
    var mode: String?
    var noticePercent: Int?
    var signsAfterSeconds: Int64?
    var state: String?
    var withdrawn: Bool?
    var rechargeFen: Int64?
    var seconds: Int64?
    var passage: LoopbackGate.Passage?
    var direction: WireFault.Direction?
    var place: Int?
  }

  private static func wrong(_ words: String) -> HTTPError { HTTPError(.badRequest, message: words) }

  private func perform(_ act: String, _ wish: Wish) async throws -> String {
    switch act {
    case "scan", "pay", "close", "notify": return try play(act, wish)
    case "fault", "notice-fault", "clear": return try spoil(act, wish)
    case "keys", "rotate", "certificate": return try await changeKeys(act, wish)
    case "switch":
      guard let choice = PlatformSwitch.all.first(where: { $0.name == wish.name }) else {
        throw Self.wrong("no such switch")
      }
      let isSet = platform.withModel { model, _ in
        choice.set(wish.value ?? "", in: &model.policy)
      }
      guard isSet else { throw Self.wrong("\(choice.name) can be: \(choice.values)") }
      return choice.name
    case "funds":
      let merchant = merchant(wish)
      platform.withModel { model, _ in
        if let isWithdrawn = wish.withdrawn { model.withdrawBalance(of: merchant, isWithdrawn) }
        if let fen = wish.rechargeFen { model.recharge(merchant, with: Amount(fen: fen)) }
      }
      return "funds"
    case "advance":
      guard let seconds = wish.seconds, seconds >= 0 else { throw Self.wrong("seconds, forward") }
      platform.advance(by: .seconds(seconds))
      return "\(seconds) s later"
    case "network":
      guard let passage = wish.passage else { throw Self.wrong("open, refused or blackholed") }
      try await platform.gate.set(passage)
      return passage.rawValue
    case "wire":
      guard let kind = wish.kind.flatMap(WireFault.Kind.init(rawValue:)), let place = wish.place,
        place > 0
      else { throw Self.wrong("kind is one of \(WireFault.Kind.allCases.map(\.rawValue))") }
      platform.gate.arm(WireFault(kind, wish.direction ?? .down, at: place))
      return kind.rawValue
    default: throw HTTPError(.notFound)
    }
  }

  private func merchant(_ wish: Wish) -> String {
    wish.merchant ?? platform.model.merchants.keys.sorted().first ?? ""
  }

  // MARK: Payer and platform

  private func play(_ act: String, _ wish: Wish) throws -> String {
    let payer = wish.payer ?? "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
    let number = wish.order ?? ""
    switch act {
    case "close":
      let isClosed = platform.withModel { $0.close(order: number, at: $1) }
      guard isClosed else { throw Self.wrong("\(number) is not an unpaid order") }
      return "closed"
    case "notify":
      let isTold = platform.withModel { $0.repeatNotice(of: number, at: $1) }
      guard isTold else { throw Self.wrong("\(number) is not a paid order") }
      return "told again"
    default: break
    }
    let orders = platform.view(orders: .max).orders
    guard let code = wish.code ?? orders.first(where: { $0.number == number })?.code
    else { throw Self.wrong("no code that could be scanned") }
    let cashier = try Self.taken(platform.scan(code, payer: payer))
    guard act == "pay" else { return "\(cashier.title) \(cashier.amount)" }
    let trouble = try wish.trouble.map { name in
      guard let trouble = Self.troubles[name] else {
        throw Self.wrong("trouble is one of \(Self.troubles.keys.sorted())")
      }
      return trouble
    }
    return try Self.taken(platform.confirm(cashier.order, payer: payer, trouble: trouble))
      .transaction
  }

  private static let troubles: [String: PayerTrouble] = [
    "balance": .balance, "password": .password, "bank": .bank,
  ]

  private static func taken<Value>(_ result: Result<Value, PayerRefusal>) throws -> Value {
    switch result {
    case .success(let value): return value
    case .failure(let refusal): throw HTTPError(.conflict, message: refusal.words)
    }
  }

  // MARK: Bad luck

  private func spoil(_ act: String, _ wish: Wish) throws -> String {
    switch act {
    case "clear":
      platform.withModel { model, _ in model.clearFaults() }
      return "no faults ahead"
    case "notice-fault":
      guard let kind = wish.kind.flatMap(PlatformNoticeFault.Kind.init(rawValue:)) else {
        throw Self.wrong("kind is one of \(PlatformNoticeFault.Kind.allCases.map(\.rawValue))")
      }
      platform.withModel { model, _ in
        model.inject(
          PlatformNoticeFault(
            kind, milliseconds: wish.milliseconds ?? 0, times: wish.times ?? 1))
      }
      return kind.rawValue
    default:
      guard let kind = wish.kind.flatMap(PlatformFault.Kind.init(rawValue:)) else {
        throw Self.wrong("kind is one of \(PlatformFault.Kind.allCases.map(\.rawValue))")
      }
      let call = wish.call.flatMap { name in
        PlatformCall.allCases.first { $0.rawValue == name || "\($0)" == name }
      }
      if wish.call != nil, call == nil { throw Self.wrong("no such call") }
      platform.inject(
        PlatformFault(
          kind, on: call, v3Call: wish.v3Call, commits: wish.commits ?? true,
          milliseconds: wish.milliseconds ?? 0, skip: wish.skip ?? 0, times: wish.times ?? 1))
      return kind.rawValue
    }
  }

  private func changeKeys(_ act: String, _ wish: Wish) async throws -> String {
    let merchant = merchant(wish)
    guard let keys = platform.keys[merchant] else { throw Self.wrong("no merchant of v3") }
    switch act {
    case "rotate":
      return try await platform.rotateCertificate(
        of: merchant, signsAfter: .seconds(wish.signsAfterSeconds ?? 0))
    case "certificate":
      guard let state = wish.state.flatMap(PlatformMerchantCertificate.State.init(rawValue:))
      else {
        throw Self.wrong(
          "state is one of \(PlatformMerchantCertificate.State.allCases.map(\.rawValue))")
      }
      platform.withModel { model, _ in
        model.setCertificate(keys.serial, state, of: merchant)
      }
      return state.rawValue
    default:
      let mode: PlatformKeyMode
      switch wish.mode {
      case "certificates": mode = .certificates
      case "changing": mode = .changing(noticePercent: wish.noticePercent ?? 50)
      case "publicKey": mode = .publicKey
      default: throw Self.wrong("mode is certificates, changing or publicKey")
      }
      platform.withModel { model, _ in model.setKeyMode(mode, of: merchant) }
      return mode.word
    }
  }
}

extension WeChatPlatform {
  /// The platform as it is now, with its newest orders.
  func view(orders count: Int = PlatformView.ordersShown) -> PlatformView {
    withModel { model, now in
      model.pass(to: now)
      return PlatformView(model, network: gate.passage, orders: count, at: now)
    }
  }
}
