internal import Timing

/// Who asks: the checks of `Authorization` in the platform's order (facts: WeChat Pay B.3).
extension PlatformModel {
  /// The header's scheme.
  static let scheme = "WECHATPAY2-SHA256-RSA2048"

  /// The merchant that signed a request; throws 401 for everybody else.
  func authorize(
    _ request: PlatformRequest, _ call: PlatformV3Call, at now: WallTime
  ) throws(PlatformRefusal) -> PlatformMerchant {
    let claim = try claim(of: request, call)
    guard let seconds = Int64(claim.timestamp) else { throw Self.wrongForm }
    let age = WallTime(seconds: now.seconds) - WallTime(seconds: seconds)
    guard age <= .seconds(300), .zero - age <= .seconds(300) else {
      throw .unsigned("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
    }
    guard let merchant = merchants[claim.merchant] else { throw Self.wrongSerial }
    guard let account = accounts[merchant.id], !account.certificates.isEmpty else {
      throw .unsigned("商户未申请过证书。")
    }
    guard let certificate = account.certificates.first(where: { $0.serial == claim.serial }) else {
      throw Self.wrongSerial
    }
    switch certificate.state {
    case .valid: break
    case .expired: throw .unsigned("商户证书已过期")
    case .revoked: throw .unsigned("商户证书已作废")
    case .replaced: throw .unsigned("已更换证书，请使用新证书")
    }
    let message = Self.signedMessage(request, claim)
    guard let signature = Base64.bytes(of: claim.signature),
      certificate.verifier.verifies(signature, of: message)
    else { throw Self.wrongSignature(request, message) }
    return merchant
  }

  /// The five lines, each ended by a line feed, over the bytes as they came.
  private static func signedMessage(_ request: PlatformRequest, _ claim: Claim) -> [UInt8] {
    let head = "\(request.method)\n\(request.target)\n\(claim.timestamp)\n\(claim.nonce)\n"
    return Array(head.utf8) + request.body + [0x0A]
  }

  /// What the header says.
  private struct Claim {
    var merchant = ""
    var nonce = ""
    var signature = ""
    var timestamp = ""
    var serial = ""
  }

  private func claim(
    of request: PlatformRequest, _ call: PlatformV3Call
  ) throws(PlatformRefusal) -> Claim {
    let header = request["Authorization"] ?? ""
    let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == Self.scheme else {
      if header.isEmpty || header.hasPrefix("Bearer ") {
        throw call.isOfTransactions ? .unsigned("签名信息错误，验签失败") : Self.wrongForm
      }
      throw parts.count == 2 ? .unsigned("HTTP头Authorization认证类型不正确") : Self.wrongForm
    }
    var pairs: [Substring: String] = [:]
    for pair in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, sides[1].count >= 3, sides[1].first == "\"", sides[1].last == "\"",
        pairs.updateValue(String(sides[1].dropFirst().dropLast()), forKey: sides[0]) == nil
      else { throw Self.wrongForm }
    }
    guard let merchant = pairs["mchid"], let nonce = pairs["nonce_str"],
      let signature = pairs["signature"], let timestamp = pairs["timestamp"],
      let serial = pairs["serial_no"], pairs.count == 5, nonce.utf8.count <= 32
    else { throw Self.wrongForm }
    return Claim(
      merchant: merchant, nonce: nonce, signature: signature, timestamp: timestamp, serial: serial)
  }

  private static let wrongForm = PlatformRefusal.unsigned(
    "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》")
  private static let wrongSerial = PlatformRefusal.unsigned(
    "商户证书序列号有误。请使用签名私钥匹配的证书序列号")

  /// With what was signed over here, as far as the real one shows it.
  private static func wrongSignature(
    _ request: PlatformRequest, _ message: [UInt8]
  ) -> PlatformRefusal {
    .unsigned(
      "签名错误",
      detail: .object([
        .init("detail", .object([.init("issue", "sign not match")])), .init("field", "signature"),
        .init("location", "authorization"),
        .init(
          "sign_information",
          .object([
            .init("method", request.method), .init("url", request.target),
            .init("truncated_sign_message", String(decoding: message.prefix(120), as: UTF8.self)),
            .init("sign_message_length", Int64(message.count)),
          ])),
      ]))
  }
}
