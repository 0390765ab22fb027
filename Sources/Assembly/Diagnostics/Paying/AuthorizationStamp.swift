internal import NetworkClient
internal import WeChatPay

/// What a request of v3 says of its own signature (facts: WeChat Pay B.3).
struct AuthorizationStamp {
  var timestamp: Int64
  var nonce: String
  var serial: String
  var signature: [UInt8]

  /// Reads an `Authorization` header as it is sent; nil when it is not one of v3.
  init?(_ header: String) {
    let scheme = "WECHATPAY2-SHA256-RSA2048 "
    guard header.hasPrefix(scheme) else { return nil }
    var values: [String: String] = [:]
    for pair in header.dropFirst(scheme.count).split(separator: ",") {
      let sides = pair.split(separator: "=", maxSplits: 1)
      guard sides.count == 2 else { return nil }
      values[String(sides[0])] = String(sides[1].dropFirst().dropLast())
    }
    guard let timestamp = values["timestamp"].flatMap({ Int64($0) }),
      let nonce = values["nonce_str"], let serial = values["serial_no"],
      let signature = values["signature"].flatMap(Base64.decode)
    else { return nil }
    (self.timestamp, self.nonce, self.serial) = (timestamp, nonce, serial)
    self.signature = signature
  }

  /// The bytes that are signed.
  func message(of sent: Outgoing) -> [UInt8] {
    let method = sent.body == nil ? "GET" : "POST"
    return Array("\(method)\n\(sent.path)\n\(timestamp)\n\(nonce)\n".utf8) + (sent.body ?? [])
      + [0x0A]
  }
}
