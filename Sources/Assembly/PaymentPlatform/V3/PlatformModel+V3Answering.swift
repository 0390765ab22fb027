public import Timing

/// What v3 says to one call, before it becomes bytes.
enum PlatformV3Outcome {
  /// 200 with an object, signed.
  case object(PlatformJSON)
  /// 204 with nothing, signed.
  case nothing
  /// 200 with a file, not signed.
  case file([UInt8])
}

extension PlatformModel {
  /// Whether a fault delays the next such call before anything is done, and for how long.
  ///
  /// The server waits first and calls `answer` then, so that a late request acts late.
  public func delayBeforeNext(_ request: PlatformRequest) -> Int {
    guard case .found(let route) = PlatformRoute.find(request) else { return 0 }
    var script = faults
    guard let fault = script.take(for: route.call), fault.kind == .delayed, !fault.commits else {
      return 0
    }
    return fault.milliseconds
  }

  /// Answers one call of v3: checks who asks, acts, signs, and lets the script of faults have its
  /// way.
  public mutating func answer(_ request: PlatformRequest, at now: WallTime) -> PlatformReply {
    pass(to: now)
    let route: PlatformRoute
    switch PlatformRoute.find(request) {
    case .found(let found): route = found
    // Both come without a body (facts: WeChat Pay B.4).
    case .wrongMethod: return PlatformReply(status: 405, contentType: "", body: [])
    case .nowhere: return PlatformReply(status: 404, contentType: "", body: [])
    }
    let fault = faults.take(for: route.call)
    var reply: PlatformReply
    do throws(PlatformRefusal) {
      try checkCourtesy(request, route.call)
      let merchant = try authorize(request, route.call, at: now)
      reply = answer(request, route, merchant, fault, at: now)
    } catch {
      reply = refuse(error, request, route, at: now)
    }
    fault?.travel(with: &reply, isV3: true)
    return reply
  }

  private func checkCourtesy(
    _ request: PlatformRequest, _ call: PlatformV3Call
  ) throws(PlatformRefusal) {
    guard call.wantsCourtesy, request["Accept"] == nil || request["User-Agent"] == nil else {
      return
    }
    throw PlatformRefusal(400, "INVALID_REQUEST", "Http头缺少Accept或User-Agent")
  }

  private mutating func answer(
    _ request: PlatformRequest, _ route: PlatformRoute, _ merchant: PlatformMerchant,
    _ fault: PlatformFault?, at now: WallTime
  ) -> PlatformReply {
    if let fault {
      note(.fault, route.number, "\(fault.kind.rawValue) on v3 \(route.call.rawValue)", at: now)
    }
    var outcome: Result<PlatformV3Outcome, PlatformRefusal>
    if let fault, !fault.commits, fault.kind != .delayed {
      outcome = .failure(.systemError)
    } else {
      outcome = Result { () throws(PlatformRefusal) in
        try act(on: request, route, merchant, at: now)
      }
    }
    if fault?.kind == .systemError { outcome = .failure(.systemError) }
    if fault?.kind == .rateLimited { outcome = .failure(.tooOften) }
    switch outcome {
    case .failure(let refusal):
      var reply = refuse(refusal, request, route, at: now)
      if policy.signsRefusals { seal(&reply, request, merchant, fault, at: now) }
      return reply
    case .success(.file(let bytes)):
      return PlatformReply(contentType: "application/octet-stream", body: bytes)
    case .success(.nothing):
      var reply = PlatformReply(status: 204, contentType: "", body: [])
      seal(&reply, request, merchant, fault, at: now)
      return reply
    case .success(.object(var object)):
      fault?.distort(&object)
      var reply = PlatformReply(contentType: Self.jsonType, body: object.bytes)
      seal(&reply, request, merchant, fault, at: now)
      return reply
    }
  }

  private mutating func act(
    on request: PlatformRequest, _ route: PlatformRoute, _ merchant: PlatformMerchant,
    at now: WallTime
  ) throws(PlatformRefusal) -> PlatformV3Outcome {
    if isTooOften(merchant.id, at: now) { throw .tooOften }
    switch route.call {
    case .create: return try createV3(try body(of: request), merchant, at: now)
    case .query, .queryByTransaction:
      return try queryV3(request, route, merchant, at: now)
    case .close: return try closeV3(route.number, try body(of: request), merchant, at: now)
    case .refund: return try refundV3(try body(of: request), merchant, at: now)
    case .refundQuery: return try queryRefundV3(route.number, merchant, at: now)
    case .tradeBill, .fundFlowBill: return try announceBill(request, route.call, merchant, at: now)
    case .billFile: return try handOutBill(request, merchant, at: now)
    case .certificates: return try listCertificates(request, merchant, at: now)
    }
  }

  private func body(of request: PlatformRequest) throws(PlatformRefusal) -> PlatformJSON {
    guard let body = PlatformJSON(reading: request.body), case .object = body else {
      throw .notJSON
    }
    return body
  }

  static let jsonType = "application/json; charset=utf-8"

  private mutating func refuse(
    _ refusal: PlatformRefusal, _ request: PlatformRequest, _ route: PlatformRoute,
    at now: WallTime
  ) -> PlatformReply {
    note(
      .callRefused, route.number,
      "v3 \(route.call.rawValue): \(refusal.status) \(refusal.code) \(refusal.words)", at: now)
    var reply = PlatformReply(
      status: refusal.status, contentType: Self.jsonType, body: refusal.object.bytes)
    reply.headers = frontHeaders(inner: refusal.inner)
    return reply
  }

  // MARK: The seal

  /// What every answer of v3 has, signed or not (facts: WeChat Pay B.4).
  private mutating func frontHeaders(inner: Int) -> [PlatformHeader] {
    [
      .init("Request-ID", "08\(random.text(count: 26, of: PlatformRandom.digits))-\(inner)"),
      .init("Content-Language", "zh-CN"), .init("Cache-Control", "no-cache, must-revalidate"),
      .init("X-Content-Type-Options", "nosniff"), .init("Keep-Alive", "timeout=8"),
    ]
  }

  private mutating func seal(
    _ reply: inout PlatformReply, _ request: PlatformRequest, _ merchant: PlatformMerchant,
    _ fault: PlatformFault?, at now: WallTime
  ) {
    if reply.headers.isEmpty { reply.headers = frontHeaders(inner: 0) }
    let account = accounts[merchant.id]
    guard let key = account?.answerKey(asked: request["Wechatpay-Serial"], at: now) else { return }
    var seal = PlatformSeal(
      key: key, nonce: random.text(count: 32, of: "0123456789abcdef"), at: now)
    if isProbed(merchant.id) { seal.flaw = .probe }
    if let flaw = fault?.sealFlaw { seal.flaw = flaw }
    seal.otherKey = account?.otherKey(than: key)
    reply.headers += seal.headers(over: reply.body)
    if fault?.kind == .changedBody { reply.body.append(UInt8(ascii: " ")) }
  }

  /// Whether the next seal of a merchant is made wrong on purpose; never twice running.
  mutating func isProbed(_ merchant: String) -> Bool {
    guard policy.probesPerThousand > 0, !probed.contains(merchant),
      random.next() % 1000 < UInt64(policy.probesPerThousand)
    else {
      probed.remove(merchant)
      return false
    }
    probed.insert(merchant)
    return true
  }
}

/// The platform's signature over an answer or a notice, and how it can be wrong.
struct PlatformSeal {
  /// What is wrong with it.
  enum Flaw: Hashable {
    /// No header of it is there.
    case missing
    /// Bytes that are not the signature.
    case wrong
    /// `WECHATPAY/SIGNTEST/`: wrong on purpose, to see whether we look.
    case probe
    case notBase64
    /// Signed by another key of the platform than it says.
    case otherKey
    /// Signed by a key that nobody has.
    case strangeSerial
    /// So many seconds away from now.
    case shifted(Int64)
    /// The header is there twice.
    case repeated
  }

  var key: PlatformSealKey
  var nonce: String
  var at: WallTime
  var flaw: Flaw?
  var otherKey: PlatformSealKey?

  init(key: PlatformSealKey, nonce: String, at: WallTime) {
    (self.key, self.nonce, self.at) = (key, nonce, at)
  }

  func headers(over body: [UInt8]) -> [PlatformHeader] {
    var (moment, serial, signer) = (at, key.serial, key.signer)
    switch flaw {
    case .missing: return []
    case .shifted(let seconds): moment = at + .seconds(seconds)
    case .strangeSerial: serial = String(serial.map { $0 == "0" ? "1" : $0 == "1" ? "0" : $0 })
    case .otherKey: if let otherKey { signer = otherKey.signer }
    case .wrong, .probe, .notBase64, .repeated, nil: break
    }
    let head = "\(moment.seconds)\n\(nonce)\n"
    var signature = signer.sign(Array(head.utf8) + body + [0x0A])
    switch flaw {
    case .wrong: signature = String(signature.dropLast(2).reversed()) + "=="
    case .probe: signature = "WECHATPAY/SIGNTEST/\(signature.dropLast(3))"
    case .notBase64: signature = "%\(signature.dropFirst())"
    case .otherKey where otherKey == nil:
      signature = String(signature.dropLast(2).reversed()) + "=="
    case .missing, .otherKey, .strangeSerial, .shifted, .repeated, nil: break
    }
    let value = PlatformHeader("Wechatpay-Signature", signature)
    return [
      .init("Wechatpay-Timestamp", String(moment.seconds)), .init("Wechatpay-Nonce", nonce),
      .init("Wechatpay-Serial", serial),
      .init("Wechatpay-Signature-Type", PlatformModel.scheme), value,
    ] + (flaw == .repeated ? [value] : [])
  }
}

extension PlatformFault {
  /// What is wrong with the seal; nil when it is good.
  var sealFlaw: PlatformSeal.Flaw? {
    switch kind {
    case .unsigned: .missing
    case .badSignature: .wrong
    case .probe: .probe
    case .notBase64: .notBase64
    case .otherKey: .otherKey
    case .strangeSerial: .strangeSerial
    case .staleTime: .shifted(-301)
    case .aheadTime: .shifted(301)
    case .repeatedHeader: .repeated
    default: nil
    }
  }

  /// Changes what is said before it is signed.
  func distort(_ object: inout PlatformJSON) {
    func more(_ value: PlatformJSON) -> PlatformJSON {
      value.whole.map { .number(String($0 + 1)) } ?? value
    }
    switch kind {
    case .wrongAmount:
      for name in ["total", "payer_total", "refund"] {
        object.replace(["amount", name], with: more)
      }
    case .wrongCurrency: object.replace(["amount", "currency"]) { _ in .text("USD") }
    case .wrongMerchant: object.replace(["mchid"]) { _ in .text("1900000999") }
    case .wrongApp: object.replace(["appid"]) { _ in .text("wx0000000000000000") }
    case .wrongOrder: object.replace(["out_trade_no"]) { _ in .text("SOMEBODYELSE0001") }
    case .extraFields:
      if case .object(let members) = object {
        object = .object(
          members + [
            .init("zz_future_field", "未来"), .init("Aa_future_field", .list([.null, .flag(true)])),
          ])
      }
    default: break
    }
  }
}
