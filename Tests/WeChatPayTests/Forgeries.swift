import NetworkClient
import Timing

@testable import BackOffice
@testable import WeChatPay

/// A message of v3 whose seal is tampered with: headers as they come, any number of times, and a
/// body.
struct TamperedMessage: Sendable {
  var name: String
  var headers: [(name: String, value: String)]
  var body: [UInt8]

  /// As the client of HTTP would hand it over.
  func response(_ status: Int) -> HTTPResponse {
    let notice = notice
    return HTTPResponse(
      status: status, headers: notice.headers, body: body, receivedAt: V3Shop.moment,
      repeatedHeaders: notice.repeated)
  }

  var notice: NoticeMessage { NoticeMessage(headers: headers, body: body) }
}

/// Every way to tamper with a sealed message that we can think of.
struct Forger {
  var shop: V3Shop

  private static let signature = "wechatpay-signature"
  private static let names = [
    "wechatpay-timestamp", "wechatpay-nonce", "wechatpay-serial", "wechatpay-signature",
  ]

  /// The forgeries of a good message, all to be refused.
  func forgeries(of text: String) throws -> [TamperedMessage] {
    let body = Array(text.utf8)
    let good = shop.publicKey.headers(body)
    return headerForgeries(body, good) + signatureForgeries(body, good)
      + (try keyForgeries(body)) + timeForgeries(body) + bodyForgeries(body, good)
  }

  private func message(
    _ name: String, _ headers: [String: String], _ body: [UInt8]
  ) -> TamperedMessage {
    TamperedMessage(name: name, headers: headers.map { ($0.key, $0.value) }, body: body)
  }

  private func headerForgeries(_ body: [UInt8], _ good: [String: String]) -> [TamperedMessage] {
    var all: [TamperedMessage] = []
    for name in Self.names {
      var headers = good
      headers[name] = nil
      all.append(message("without \(name)", headers, body))
      headers[name] = ""
      all.append(message("empty \(name)", headers, body))
      headers[name] = "\(good[name] ?? "") x"
      all.append(message("blank in \(name)", headers, body))
      headers[name] = String(repeating: "1", count: 2000)
      all.append(message("endless \(name)", headers, body))
      var doubled = message("\(name) twice", good, body)
      doubled.headers.append((name, good[name] ?? ""))
      all.append(doubled)
      var other = message("\(name) twice, another first", good, body)
      other.headers.insert((name.uppercased(), "0"), at: 0)
      all.append(other)
    }
    var headers = good
    headers["wechatpay-signature-type"] = "WECHATPAY2-SM2-WITH-SM3"
    all.append(message("another scheme", headers, body))
    return all
  }

  private func signatureForgeries(_ body: [UInt8], _ good: [String: String]) -> [TamperedMessage] {
    let signature = good[Self.signature] ?? ""
    let bytes = Base64.decode(signature) ?? []
    var flipped = bytes
    flipped[100] ^= 4
    let texts = [
      "WECHATPAY/SIGNTEST/\(signature)", "WECHATPAY/SIGNTEST/", "WECHATPAY/SIGNTEST/不",
      String(signature.dropLast()), String(signature.dropLast(4)), signature + "AAAA",
      signature + "=", "!" + signature.dropFirst(), signature.lowercased(), "AAAA", "====",
      Base64.encode([UInt8](repeating: 0, count: 256)), Base64.encode(flipped),
      Base64.encode(Array(bytes.reversed())), Base64.encode(bytes + bytes),
      Digest.hexadecimal(bytes),
    ]
    return texts.enumerated().map { index, text in
      var headers = good
      headers[Self.signature] = text
      return message("signature \(index)", headers, body)
    }
  }

  private func keyForgeries(_ body: [UInt8]) throws -> [TamperedMessage] {
    let keys = shop.vectors.v3_keys
    let hands = [
      (
        "the other key's serial",
        try SealHand(keys.wxp_private_key_pem, serial: keys.platform_serial)
      ),
      ("the other key", try SealHand(keys.platform_key_pem, serial: keys.public_key_id)),
      ("our own key", try SealHand(keys.merchant_key_pem, serial: keys.public_key_id)),
      ("our own serial", try SealHand(keys.merchant_key_pem, serial: keys.merchant_serial)),
      (
        "the vendor's test key",
        try SealHand(shop.vectors.official.private_key_pem, serial: keys.public_key_id)
      ),
      ("a strange serial", try SealHand(keys.wxp_private_key_pem, serial: "PUB_KEY_ID_1")),
      (
        "a serial in lower case",
        try SealHand(keys.platform_key_pem, serial: keys.platform_serial.lowercased())
      ),
    ]
    return hands.map { message($0.0, $0.1.headers(body), body) }
  }

  private func timeForgeries(_ body: [UInt8]) -> [TamperedMessage] {
    var all = [-86_400, -301, 301, 86_400].map { (seconds: Int64) in
      message(
        "signed at \(seconds) s",
        shop.publicKey.headers(body, at: V3Shop.moment + .seconds(seconds)),
        body)
    }
    let good = shop.publicKey.headers(body)
    let seconds = V3Shop.moment.seconds
    // A recorded message whose time is made to fit: the signature no longer does.
    for text in [
      "\(seconds + 1)", "\(seconds)000", "-\(seconds)", "+\(seconds)", "0x1", "now",
      "\(seconds).0", "９",
    ] {
      var headers = good
      headers["wechatpay-timestamp"] = text
      all.append(message("time \(text)", headers, body))
    }
    var headers = good
    headers["wechatpay-nonce"] = "d824f2e086d3c1df967785d13fcd22ee"
    all.append(message("another nonce", headers, body))
    return all
  }

  private func bodyForgeries(_ body: [UInt8], _ good: [String: String]) -> [TamperedMessage] {
    var bodies: [(String, [UInt8])] = [
      ("a space more", body + [0x20]), ("a line feed more", body + [0x0A]),
      ("a mark before it", [0xEF, 0xBB, 0xBF] + body),
    ]
    if !body.isEmpty {
      let text = String(decoding: body, as: UTF8.self)
      bodies += [
        ("empty", []), ("half", Array(body.prefix(body.count / 2))),
        ("cut by a byte", Array(body.dropLast())), ("twice", body + body),
        ("written anew", Array(text.replacing(":", with: ": ").utf8)),
        ("with another amount", Array(text.replacing("350", with: "351").utf8) + [0x20]),
        ("escaped", Array(text.replacing("S", with: "\\u0053").utf8) + [0x20]),
        ("in capitals", Array(text.uppercased().utf8) + [0x20]),
      ]
      for index in stride(from: 0, to: body.count, by: max(1, body.count / 8)) {
        var altered = body
        altered[index] ^= 1
        bodies.append(("byte \(index) altered", altered))
      }
    }
    return bodies.map { message($0.0, good, $0.1) }
  }
}
