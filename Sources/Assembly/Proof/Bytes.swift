internal import Audit
internal import Money
internal import NetworkClient
internal import Ordering
internal import PaymentPlatform
internal import Timing
internal import Vending
internal import WeChatPay

/// What a world with bytes has more: WeChat Pay's platform with its XML and signatures, the
/// shipped client before it, and the panel's pixels.
struct Bytes {
  var platform: PlatformModel
  var panel: PanelBytes
  private let signType: SignType
  private static let merchant = "1900000109"
  private static let key = "192006250b4c09247ec02edce69f6a2d"
  private static let app = "wxd930ea5d5a258f4f"
  /// Cashiers that are open, by payer.
  private(set) var cashiers: [Int: OrderNumber] = [:]

  init(seed: UInt64, settings: World.Settings) {
    var dice = Dice(seed: seed, stream: 5)
    signType = dice.happens(5000) ? .md5 : .hmacSHA256
    panel = PanelBytes(isWeAct: seed % 2 == 0)
    var policy = PlatformPolicy()
    func drawn(_ kind: FaultKind) -> Bool { settings.weather.rates[kind.rawValue] > 0 }
    if drawn(.coupon) { policy.couponFen = 50 }
    if drawn(.queryLags) { policy.queryLag = .milliseconds(1500) }
    if drawn(.refundSlow) { policy.refundDelay = .seconds(600) }
    if drawn(.refundNotReady) { policy.refundNotBefore = .seconds(120) }
    if drawn(.refundNeverArrives) { policy.refundEnd = .change }
    if drawn(.requestLost) { policy.keepsOldCodes = true }
    policy.usesLongCodes = dice.happens(3000)
    policy.closesAtExpiry = dice.happens(3000)
    platform = PlatformModel(policy: policy, seed: seed)
    platform.add(
      PlatformMerchant(
        id: Self.merchant, appID: Self.app, apiKey: Self.key, name: "World",
        balance: Amount(fen: 1_000_000)))
  }

  /// The shipped client, over this world's network.
  func client(of wire: Wire) -> (any PaymentProvider)? {
    do {
      let account = try WeChatPayV2.Account(
        appID: Self.app, merchantID: Self.merchant, key: APIKey(Self.key), signType: signType,
        notifyURL: "https://example.org/notify", terminalAddress: "192.0.2.1")
      let exchange = ByteExchange(wire: wire)
      let nonces = Nonces(seed: UInt64(wire.run))
      return WeChatPayV2(
        account, exchange: exchange, now: { [unowned world = wire.world] in world.now },
        nonce: { nonces.next() })
    } catch {
      return nil
    }
  }

  var numbers: [OrderNumber] { platform.orders.compactMap { OrderNumber($0.number) } }

  func total(_ number: OrderNumber) -> Amount { platform.order(number.text)?.total ?? .zero }

  /// Whose code a text is.
  func owner(of code: String) -> World.CodeOwner {
    for order in platform.orders {
      guard let place = order.codes.firstIndex(where: { $0.url == code }),
        let number = OrderNumber(order.number)
      else { continue }
      return place == order.codes.count - 1 || order.codes[place].isLive
        ? .newest(number) : .unaskedReplaced
    }
    return .nobody
  }

  // MARK: Payers

  mutating func scan(_ code: String, payer: Int, at now: WallTime) -> OrderNumber? {
    guard case .success(let cashier) = platform.scan(code, payer: "payer\(payer)", at: now) else {
      return nil
    }
    return OrderNumber(cashier.order)
  }

  mutating func pay(_ number: OrderNumber, payer: Int, at now: WallTime) -> Bool {
    if case .success = platform.confirm(number.text, payer: "payer\(payer)", at: now) {
      return true
    }
    return false
  }

  mutating func setShortOfMoney(_ isShort: Bool) {
    platform.withdrawBalance(of: Self.merchant, isShort)
  }

  // MARK: Calls

  /// The platform answers a message; the auditor hears what that changed.
  mutating func answer(
    _ path: String, _ body: [UInt8], _ isCertified: Bool, _ fault: PlatformFault?, _ world: World
  ) -> PlatformReply? {
    guard let call = PlatformCall(rawValue: path) else { return nil }
    let name = Self.orderName(in: body)
    let before = name.flatMap { platform.order($0) }
    platform.clearFaults()
    if let fault { platform.inject(fault) }
    let reply = platform.answer(
      call, body: body, from: isCertified ? .merchant(Self.merchant) : .anonymous,
      at: world.trueWall)
    tell(before, name.flatMap { platform.order($0) }, world)
    return reply
  }

  private func tell(_ before: PlatformOrder?, _ after: PlatformOrder?, _ world: World) {
    guard let after else { return }
    if after.codes.count > before?.codes.count ?? 0 {
      let left = after.expiresAt.map { $0 - world.trueWall } ?? .seconds(7200)
      world.witness(
        .asked(order: after.number, amount: after.total, payableUntil: world.now + left))
    }
    if after.state == .closed, before?.state != .closed {
      world.witness(.closed(order: after.number))
    }
    for refund in after.refunds.dropFirst(before?.refunds.count ?? 0) {
      world.witness(
        .refunded(order: after.number, refund: refund.number, amount: refund.amount))
    }
  }

  /// The order that a message is about.
  static func orderName(in body: [UInt8]) -> String? {
    guard let document = try? PlatformDocument(reading: body) else { return nil }
    return document["out_trade_no"]
  }
}

/// Random text of 32 characters, the same for the same seed.
private final class Nonces: @unchecked Sendable {
  private var random: PlatformRandom

  init(seed: UInt64) { random = PlatformRandom(seed: seed) }

  func next() -> String { random.text(count: 32) }
}

/// The network as the shipped client sees it.
struct ByteExchange: Exchange {
  let wire: Wire

  var hasCertificate: Bool { true }
  var hasSpare: Bool { false }

  func send(_ message: Outgoing, to host: PlatformHost) throws(HTTPFailure) -> HTTPResponse {
    let (path, body) = (message.path, message.body ?? [])
    let showingCertificate = message.showsCertificate
    let world = wire.world
    let gone = HTTPFailure(.broken, "gone", mayHaveArrived: true)
    guard wire.halfStep() else { throw gone }
    let began = world.now
    let call = Straggler.bytes(path: path, body: body, certified: showingCertificate)
    let isAct =
      switch PlatformCall(rawValue: path) {
      case .create, .close, .refund: true
      default: false
      }
    switch world.courseOfExchange(isAct ? call : nil) {
    case .lost(let cause, let after):
      guard world.wait(after, asCoreOf: wire.run), wire.halfStep() else { throw gone }
      return try lost(cause, world)
    case .arrives(let kind):
      guard world.wait(world.latency(kind), asCoreOf: wire.run) else { throw gone }
      var reply = world.answerBytes(path, body, showingCertificate, kind?.faultAtPlatform)
      if let kind, let honest = reply { reply = world.forged(honest, kind, path, body) }
      if kind == .requestDoubled { _ = world.answerBytes(path, body, showingCertificate, nil) }
      guard world.wait(world.latency(kind), asCoreOf: wire.run), wire.halfStep(), let reply else {
        throw gone
      }
      return try deliver(reply, kind, path, body, took: world.now - began)
    }
  }

  private func lost(
    _ cause: Doubt.Cause, _ world: World
  ) throws(HTTPFailure) -> HTTPResponse {
    switch cause {
    case .nameNotResolved: throw HTTPFailure(.nameNotResolved, "no address")
    case .unreachable: throw HTTPFailure(.unreachable, "refused")
    case .tls: throw HTTPFailure(.tls, "certificate")
    case .timeout: throw HTTPFailure(.timeout, "no answer", mayHaveArrived: true)
    case .broken: throw HTTPFailure(.broken, "reset", mayHaveArrived: true)
    case .notAnAnswer, .mismatch:
      return response(
        Array("<html><body>Please log in</body></html>".utf8), status: 200, took: .zero)
    case .unsigned, .badSignature, .tryLater:
      let text = "<xml><return_code>FAIL</return_code><return_msg>System Error</return_msg></xml>"
      return response(Array(text.utf8), status: 200, took: .zero)
    }
  }

  private func deliver(
    _ reply: PlatformReply, _ kind: FaultKind?, _ path: String, _ body: [UInt8], took: Duration
  ) throws(HTTPFailure) -> HTTPResponse {
    let world = wire.world
    if kind == .answerLost || kind == .partitionBack {
      _ = world.wait(.seconds(10), asCoreOf: wire.run)
      throw HTTPFailure(.timeout, "no answer", mayHaveArrived: true)
    }
    if reply.body.count > 65_536 { throw HTTPFailure(.tooLarge, "too large") }
    switch reply.delivery {
    case .nothing, .cut: throw HTTPFailure(.broken, "closed", mayHaveArrived: true)
    case .whole, .slow: break
    }
    world.skewSeen = world.trueWall - world.wall
    let isWhole = kind?.platformFault == nil || kind == .fieldsExtra
    if isWhole, path == PlatformCall.query.rawValue, let name = Bytes.orderName(in: body),
      world.bytes?.platform.order(name)?.payment != nil
    {
      world.witness(.stated(order: name))
    }
    return response(reply.body, status: reply.status, took: took)
  }

  private func response(_ body: [UInt8], status: Int, took: Duration) -> HTTPResponse {
    HTTPResponse(status: status, body: body, receivedAt: wire.world.wall, took: took)
  }
}

extension World {
  /// The platform's answer; what the auditor hears of it comes while nothing else holds it.
  func answerBytes(
    _ path: String, _ body: [UInt8], _ isCertified: Bool, _ fault: PlatformFault?
  ) -> PlatformReply? {
    guard var taken = bytes else { return nil }
    bytes = nil
    let reply = taken.answer(path, body, isCertified, fault, self)
    bytes = taken
    if fault?.kind == .wrongAmount, let name = Bytes.orderName(in: body),
      let number = OrderNumber(name)
    {
      amountIsLiedAbout(number)
    }
    return reply
  }
}

extension World {
  /// What somebody on the way makes of an answer: an order that is not paid becomes a paid one,
  /// without a signature or with that of other words; or the signature's last digit is another.
  func forged(
    _ reply: PlatformReply, _ kind: FaultKind, _ path: String, _ body: [UInt8]
  ) -> PlatformReply {
    guard kind == .signatureMissing || kind == .signatureWrong,
      var document = try? PlatformDocument(reading: reply.body), let sign = document.value("sign")
    else { return reply }
    let name = Bytes.orderName(in: body) ?? ""
    if path == PlatformCall.query.rawValue, document["trade_state"] == "NOTPAY",
      let order = bytes?.platform.order(name)
    {
      let total = String(order.total.fen)
      document.set("trade_state", "SUCCESS")
      document.set("transaction_id", "4200\(order.total.fen)")
      for field in ["total_fee", "cash_fee"] { document.set(field, total) }
    } else if kind == .signatureWrong {
      document.set("sign", sign.dropLast() + (sign.last == "0" ? "1" : "0"))
    }
    if kind == .signatureMissing { document.remove("sign") }
    var reply = reply
    reply.body = document.bytes
    return reply
  }
}

extension FaultKind {
  /// The fault of the platform's script, but for what is done to an answer on its way.
  var faultAtPlatform: PlatformFault? {
    self == .signatureMissing || self == .signatureWrong ? nil : platformFault
  }

  /// The fault of the platform's script that does the same to bytes.
  var platformFault: PlatformFault? {
    let kind: PlatformFault.Kind? =
      switch self {
      case .bodyCut: .cutBody
      case .badGateway: .badGateway
      case .systemErrorAfter: .systemError
      case .signatureMissing: .unsigned
      case .signatureWrong: .badSignature
      case .amountWrong: .wrongAmount
      case .merchantWrong: .wrongMerchant
      case .appWrong: .wrongApp
      case .orderWrong: .wrongOrder
      case .fieldsExtra: .extraFields
      case .bodyEmpty: .emptyBody
      case .bodyOversized: .oversized
      case .bodyHostile: .entities
      default: nil
      }
    return kind.map { PlatformFault($0) }
  }
}
