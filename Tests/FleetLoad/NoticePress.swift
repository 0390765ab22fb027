import Crypto
import Foundation
import NetworkClient
import Ordering
import Platform
import Synchronization
import Timing
import WeChatPay

/// Makes signed notices, as the platform would send them.
final class NoticePress: Sendable {
  static let serial = "PUB_KEY_ID_0119000000012026010100000000000001"
  static let appID = "wxd678efh567hg6787"
  static let merchantID = "1900000001"
  static let secret = "0123456789abcdefghijklmnopqrstuv"
  static let fen: Int64 = 350

  private let hand: SigningKey

  init(corpus: String) throws {
    hand = try SigningKey(
      pem: try Files.read("\(corpus)/keys/platform-key.pem"), named: "platform")
  }

  /// The account whose notices these are.
  static func account(corpus: String) throws -> WeChatPayV3.Account {
    func key(_ name: String) throws -> [UInt8] { try Files.read("\(corpus)/keys/\(name)") }
    let verifying = try VerifyingKey(pem: key("public-key.pem"), named: "public")
    guard let platform = PlatformKey(publicKey: verifying, id: serial) else {
      throw HTTPLoad.Failure(words: "no platform key")
    }
    return try WeChatPayV3.Account(
      appID: appID, merchantID: merchantID, serial: "3775B6A45ACD588826D15E583A95F5DD5A1B2C3D",
      keys: WeChatPayV3.Account.Keys(
        signing: SigningKey(pem: key("merchant-key.pem"), named: "merchant"),
        secret: APIKey(secret), platform: [platform]),
      notifyURL: "https://pay.example.com/notify/v3", terminalAddress: "10.0.0.1")
  }

  static var accountV2: WeChatPayV2.Account {
    get throws {
      try WeChatPayV2.Account(
        appID: appID, merchantID: merchantID, key: APIKey(secret), signType: .hmacSHA256,
        notifyURL: "https://pay.example.com/notify/v2", terminalAddress: "10.0.0.1",
        endpoint: nil, spareEndpoint: nil, certificate: nil, caFile: nil)
    }
  }

  /// Requests of notices for orders, made on two threads.
  func requests(_ numbers: [OrderNumber], api: String) throws -> [[UInt8]] {
    let made = Mutex([[UInt8]](repeating: [], count: numbers.count))
    DispatchQueue.concurrentPerform(iterations: 2) { part in
      for index in stride(from: part, to: numbers.count, by: 2) {
        let request = api == "v2" ? v2(numbers[index]) : v3(numbers[index])
        made.withLock { $0[index] = request }
      }
    }
    return made.withLock { $0 }
  }

  private func v3(_ number: OrderNumber) -> [UInt8] {
    let plain =
      #"{"mchid":"\#(Self.merchantID)","appid":"\#(Self.appID)","out_trade_no":"\#(number)","#
      + #""transaction_id":"42\#(number)","trade_type":"NATIVE","trade_state":"SUCCESS","#
      + #""trade_state_desc":"支付成功","bank_type":"OTHERS","attach":"","#
      + #""success_time":"\#(Clock.wallTime().beijingRFC3339)","payer":{"openid":"o1"},"#
      + #""amount":{"total":\#(Self.fen),"payer_total":\#(Self.fen),"currency":"CNY","#
      + #""payer_currency":"CNY"}}"#
    let nonce = "abcdefghijkl"
    guard
      let box = try? AES.GCM.seal(
        Data(plain.utf8), using: SymmetricKey(data: Data(Self.secret.utf8)),
        nonce: AES.GCM.Nonce(data: Data(nonce.utf8)),
        authenticating: Data("transaction".utf8))
    else { preconditionFailure("AES-GCM") }
    let hidden = Base64.encode(Array(box.ciphertext + box.tag))
    let body = Array(
      (#"{"id":"EV-\#(number)","create_time":"2026-01-01T08:01:24+08:00","#
        + #""resource_type":"encrypt-resource","event_type":"TRANSACTION.SUCCESS","#
        + #""summary":"支付成功","resource":{"original_type":"transaction","#
        + #""algorithm":"AEAD_AES_256_GCM","ciphertext":"\#(hidden)","#
        + #""associated_data":"transaction","nonce":"\#(nonce)"}}"#).utf8)
    let stamp = "\(Clock.wallTime().seconds)"
    let seal = RandomBits.text(count: 32)
    guard let signature = hand.sign(Array("\(stamp)\n\(seal)\n".utf8) + body + [0x0A]) else {
      preconditionFailure("RSA")
    }
    return HTTPLoad.post(
      "/notify/v3",
      [
        ("Content-Type", "application/json"), ("Wechatpay-Timestamp", stamp),
        ("Wechatpay-Nonce", seal), ("Wechatpay-Serial", Self.serial),
        ("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"),
        ("Wechatpay-Signature", Base64.encode(signature)),
      ], body)
  }

  private func v2(_ number: OrderNumber) -> [UInt8] {
    let fields = [
      ("appid", Self.appID), ("bank_type", "OTHERS"), ("cash_fee", "\(Self.fen)"),
      ("fee_type", "CNY"), ("is_subscribe", "N"), ("mch_id", Self.merchantID),
      ("nonce_str", RandomBits.text(count: 32)), ("openid", "o1"), ("out_trade_no", number.text),
      ("result_code", "SUCCESS"), ("return_code", "SUCCESS"),
      ("time_end", Clock.wallTime().beijingCompact), ("total_fee", "\(Self.fen)"),
      ("trade_type", "NATIVE"), ("transaction_id", "42\(number)"),
    ]
    let canonical = fields.map { "\($0)=\($1)" }.joined(separator: "&") + "&key=\(Self.secret)"
    let sign = Digest.hmacSHA256Hex(
      key: Array(Self.secret.utf8), Array(canonical.utf8))
    let inner = (fields + [("sign", sign)]).map { "<\($0)><![CDATA[\($1)]]></\($0)>" }.joined()
    return HTTPLoad.post(
      "/notify/v2", [("Content-Type", "text/xml")], Array("<xml>\(inner)</xml>".utf8))
  }
}
