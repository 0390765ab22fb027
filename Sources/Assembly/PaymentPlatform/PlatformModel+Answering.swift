public import Timing

extension PlatformModel {
  /// Whether a fault delays the next such call before anything is done, and for how long.
  ///
  /// The server waits first and calls `answer` then, so that a late request acts late.
  public func delayBeforeNext(_ call: PlatformCall) -> Int {
    var script = faults
    guard let fault = script.take(for: call), fault.kind == .delayed, !fault.commits else {
      return 0
    }
    return fault.milliseconds
  }

  /// Answers one call: reads the layers in the platform's order, acts, signs, and lets the script
  /// of faults have its way.
  public mutating func answer(
    _ call: PlatformCall, body: [UInt8], from client: PlatformClient, at now: WallTime
  ) -> PlatformReply {
    pass(to: now)
    let fault = faults.take(for: call)
    var request = PlatformDocument()
    do throws(PlatformDocument.Failure) {
      request = try PlatformDocument(reading: body)
    } catch {
      return refuse(Self.words(for: error), call, request, at: now)
    }
    guard let merchant = merchants[request["mch_id"] ?? ""] else {
      return refuse("签名错误", call, request, at: now)
    }
    guard let signature = PlatformSignature(rawValue: request.value("sign_type") ?? "MD5") else {
      return refuse("签名类型错误", call, request, at: now)
    }
    guard signature.sign(request, key: merchant.apiKey) == request["sign"] else {
      return refuse("签名错误", call, request, at: now)
    }
    var outcome: PlatformOutcome
    if let fault {
      note(.fault, request["out_trade_no"] ?? "", "\(fault.kind.rawValue) on \(call.path)", at: now)
    }
    if let fault, !fault.commits, fault.kind != .delayed {
      outcome = .failed(code: "SYSTEMERROR", words: "系统超时")
    } else {
      outcome = act(on: request, call, merchant, signature, client, at: now)
    }
    if fault?.kind == .systemError { outcome = .failed(code: "SYSTEMERROR", words: "系统超时") }
    if fault?.kind == .rateLimited {
      outcome = .failed(code: "FREQUENCY_LIMITED", words: "频率限制")
    }
    var reply = write(outcome, call, request, merchant, signature, fault, at: now)
    fault?.travel(with: &reply)
    return reply
  }

  private mutating func act(
    on request: PlatformDocument, _ call: PlatformCall, _ merchant: PlatformMerchant,
    _ signature: PlatformSignature, _ client: PlatformClient, at now: WallTime
  ) -> PlatformOutcome {
    if isTooOften(merchant.id, at: now) {
      return .failed(code: "FREQUENCY_LIMITED", words: "频率限制，请稍后再试")
    }
    if let offence = firstOffence(request, call) { return offence }
    guard request["appid"] == merchant.appID else {
      return .failed(code: "APPID_MCHID_NOT_MATCH", words: "appid和mch_id不匹配")
    }
    return switch call {
    case .create: create(request, merchant, signature, at: now)
    case .query: query(request, merchant, at: now)
    case .close: close(request, merchant, at: now)
    case .refund: acceptRefund(request, merchant, client, at: now)
    case .refundQuery: queryRefund(request, merchant, at: now)
    case .bill: downloadBill(request, merchant, at: now)
    }
  }

  mutating func isTooOften(_ merchant: String, at now: WallTime) -> Bool {
    guard let limit = policy.callsPerSecond else { return false }
    var times = (callTimes[merchant] ?? []).filter { now - $0 < .seconds(1) }
    defer { callTimes[merchant] = times }
    guard times.count < limit else { return true }
    times.append(now)
    return false
  }

  private mutating func refuse(
    _ words: String, _ call: PlatformCall, _ request: PlatformDocument, at now: WallTime
  ) -> PlatformReply {
    note(.callRefused, request["out_trade_no"] ?? "", "\(call.path): \(words)", at: now)
    return .refused(words)
  }

  private mutating func write(
    _ outcome: PlatformOutcome, _ call: PlatformCall, _ request: PlatformDocument,
    _ merchant: PlatformMerchant, _ signature: PlatformSignature, _ fault: PlatformFault?,
    at now: WallTime
  ) -> PlatformReply {
    var document = PlatformDocument([
      .init("return_code", "SUCCESS"), .init("return_msg", "OK"), .init("appid", merchant.appID),
      .init("mch_id", merchant.id),
    ])
    switch outcome {
    case .refused(let words): return refuse(words, call, request, at: now)
    case .text(let bytes):
      let day = request["bill_date"] ?? ""
      note(.queried, "", "the bill of \(day): \(bytes.count) bytes", at: now)
      return PlatformReply(body: bytes)
    case .failed(let code, _) where call == .bill:
      note(.callRefused, "", "\(call.path): \(code)", at: now)
      return PlatformReply(body: Self.billRefusal(code, code: "20003"))
    case .page(let status, let title):
      note(.callRefused, request["out_trade_no"] ?? "", "\(call.path): \(title)", at: now)
      return .page(status: status, title: title)
    case .failed(let code, let words):
      note(.callRefused, request["out_trade_no"] ?? "", "\(call.path): \(code) \(words)", at: now)
      document.fields += [
        .init("result_code", "FAIL"), .init("err_code", code), .init("err_code_des", words),
      ]
    case .succeeded(let fields):
      document.set("result_code", "SUCCESS")
      document.fields += fields
    }
    document.set("nonce_str", random.text(count: 16))
    fault?.distort(&document)
    document.set("sign", signature.sign(document, key: merchant.apiKey))
    fault?.distortSignature(of: &document)
    return PlatformReply(contentType: "text/xml", body: document.bytes)
  }

  private static func words(for failure: PlatformDocument.Failure) -> String {
    switch failure {
    case .empty: "POST数据为空"
    case .notText: "编码格式错误"
    case .tooLarge, .malformed, .duplicate: "XML格式错误"
    }
  }
}

extension PlatformFault {
  /// Changes what is said before it is signed.
  func distort(_ document: inout PlatformDocument) {
    switch kind {
    case .wrongAmount:
      for name in ["total_fee", "cash_fee"] {
        if let fen = document[name].flatMap({ Int64($0) }) { document.set(name, String(fen + 1)) }
      }
    case .wrongMerchant: document.set("mch_id", "1900000999")
    case .wrongCurrency: if document["fee_type"] != nil { document.set("fee_type", "USD") }
    case .wrongApp: document.set("appid", "wx0000000000000000")
    case .wrongOrder:
      if document["out_trade_no"] != nil { document.set("out_trade_no", "SOMEBODYELSE0001") }
    case .extraFields:
      document.fields += [.init("zz_future_field", "未来"), .init("Aa_future_field", "1")]
    case .systemError, .unsignedFailure, .rateLimited, .dropped, .cutBody, .slowBody, .delayed,
      .badGateway, .emptyBody, .unsigned, .badSignature, .entities, .oversized, .accepted, .probe,
      .notBase64, .otherKey, .strangeSerial, .staleTime, .aheadTime, .repeatedHeader, .changedBody:
      break
    }
  }

  /// Changes the signature.
  func distortSignature(of document: inout PlatformDocument) {
    switch kind {
    case .unsigned: document.remove("sign")
    case .badSignature:
      document.set("sign", String((document["sign"] ?? "").reversed()))
    case .systemError, .unsignedFailure, .rateLimited, .dropped, .cutBody, .slowBody, .delayed,
      .badGateway, .emptyBody, .wrongAmount, .wrongMerchant, .wrongApp, .wrongOrder, .extraFields,
      .entities, .oversized, .accepted, .probe, .notBase64, .otherKey, .strangeSerial, .staleTime,
      .aheadTime, .repeatedHeader, .changedBody, .wrongCurrency:
      break
    }
  }

  /// Changes how the answer travels.
  func travel(with reply: inout PlatformReply, isV3: Bool = false) {
    switch kind {
    case .unsignedFailure:
      reply = isV3 ? .unavailable : .refused("System Error")
    case .dropped: reply.delivery = .nothing
    case .cutBody: reply.delivery = .cut
    case .slowBody: reply.delivery = .slow(milliseconds: milliseconds)
    case .delayed: if commits { reply.delayMilliseconds = milliseconds }
    case .badGateway: reply = .page(status: 502, title: "502 Bad Gateway")
    case .emptyBody: reply.body = []
    case .entities:
      let text = """
        <?xml version="1.0"?><!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/hostname">]>
        <xml><return_code>SUCCESS</return_code><return_msg>&x;</return_msg></xml>
        """
      reply.body = Array(text.utf8)
    case .oversized:
      reply.body += Array(repeating: UInt8(ascii: "\n"), count: 70_000)
    case .accepted: if isV3 { reply.status = 202 }
    case .notBase64, .otherKey, .strangeSerial, .staleTime, .aheadTime, .repeatedHeader,
      .changedBody, .probe, .wrongCurrency:
      break
    case .systemError, .rateLimited, .unsigned, .badSignature, .wrongAmount, .wrongMerchant,
      .wrongApp, .wrongOrder, .extraFields:
      break
    }
  }
}
