import COpenSSL
import Money
import NetworkClient
import Ordering
import Synchronization
import Timing

@testable import WeChatPay

/// The merchant and the platform of the v3 tests, with the keys of the vectors.
struct V3Shop {
  let vectors: Vectors
  /// The platform's two ways to sign.
  let publicKey: SealHand
  let certificate: SealHand

  static let appID = "wxd678efh567hg6787"
  static let merchantID = "1900000001"
  /// When everything happens: a second after the vectors' first request.
  static let moment = WallTime(seconds: 1_767_225_601)
  static let transaction = "4200000000202601010000000001"

  /// Which of the platform's keys the machine has.
  enum Mode: CaseIterable { case publicKey, certificate, both, neither }

  init() throws {
    vectors = try Vectors.load()
    let keys = vectors.v3_keys
    publicKey = try SealHand(keys.wxp_private_key_pem, serial: keys.public_key_id)
    certificate = try SealHand(keys.platform_key_pem, serial: keys.platform_serial)
  }

  func account(
    _ mode: Mode = .both, merchantID: String = merchantID, appID: String = appID
  ) throws -> WeChatPayV3.Account {
    let keys = vectors.v3_keys
    var platform: [PlatformKey] = []
    if mode == .publicKey || mode == .both {
      let key = try VerifyingKey(pem: Array(keys.wxp_public_key_pem.utf8), named: "public")
      platform.append(try Shop.known(PlatformKey(publicKey: key, id: keys.public_key_id)))
    }
    if mode == .certificate || mode == .both {
      let key = try VerifyingKey(pem: Array(keys.platform_cert_pem.utf8), named: "certificate")
      platform.append(try Shop.known(PlatformKey(certificate: key)))
    }
    return try WeChatPayV3.Account(
      appID: appID, merchantID: merchantID, serial: keys.merchant_serial,
      keys: WeChatPayV3.Account.Keys(
        signing: try SigningKey(pem: Array(keys.merchant_key_pem.utf8), named: "merchant"),
        secret: try APIKey(keys.apiv3_key), platform: platform),
      notifyURL: "https://pay.example.com/wxv3/notify", terminalAddress: "10.0.0.1")
  }

  func provider(
    _ platform: ScriptedPlatform, _ mode: Mode = .both, clocks: Clocks = Clocks()
  ) throws -> WeChatPayV3 {
    WeChatPayV3(
      try account(mode), exchange: platform, wallTime: { clocks.wallTime }, now: { clocks.now },
      nonce: { "593BEC0C930BF1AFEB40B4A08C8FB242" })
  }
}

/// Clocks that a test moves.
final class Clocks: Sendable {
  private let state = Mutex((wall: V3Shop.moment, now: Instant(nanoseconds: 1_000_000_000)))

  var wallTime: WallTime { state.withLock { $0.wall } }
  var now: Instant { state.withLock { $0.now } }

  func pass(_ time: Duration) {
    state.withLock { $0 = ($0.wall + time, $0.now + time) }
  }
}

/// Who signs as the platform does.
struct SealHand: Sendable {
  let key: SigningKey
  let serial: String

  init(_ pem: String, serial: String) throws {
    key = try SigningKey(pem: Array(pem.utf8), named: serial)
    self.serial = serial
  }

  /// The headers over a body, under their lower-case names.
  func headers(
    _ body: [UInt8], at time: WallTime = V3Shop.moment,
    nonce: String = "d824f2e086d3c1df967785d13fcd22ef"
  ) -> [String: String] {
    let message = Array("\(time.seconds)\n\(nonce)\n".utf8) + body + [0x0A]
    return [
      "wechatpay-timestamp": "\(time.seconds)", "wechatpay-nonce": nonce,
      "wechatpay-serial": serial, "wechatpay-signature-type": "WECHATPAY2-SHA256-RSA2048",
      "wechatpay-signature": Base64.encode(key.sign(message) ?? []),
      "content-type": "application/json; charset=utf-8",
    ]
  }

  func answer(
    _ body: String, status: Int = 200, at time: WallTime = V3Shop.moment
  ) -> HTTPResponse {
    let bytes = Array(body.utf8)
    return HTTPResponse(
      status: status, headers: headers(bytes, at: time), body: bytes, receivedAt: time)
  }
}

/// What the platform says in v3, unsigned as yet.
enum V3Text {
  static let created = #"{"code_url":"weixin://wxpay/bizpayurl?pr=aBcDeFgHz"}"#

  static func state(_ state: String) -> String {
    #"{"appid":"\#(V3Shop.appID)","mchid":"\#(V3Shop.merchantID)","#
      + #""out_trade_no":"\#(Shop.number)","trade_state":"\#(state)","trade_state_desc":"x"}"#
  }

  static func paid(_ state: String = "SUCCESS") -> String {
    #"{"appid":"\#(V3Shop.appID)","mchid":"\#(V3Shop.merchantID)","#
      + #""out_trade_no":"\#(Shop.number)","transaction_id":"\#(V3Shop.transaction)","#
      + #""trade_type":"NATIVE","trade_state":"\#(state)","trade_state_desc":"支付成功","#
      + #""success_time":"2026-01-01T00:01:23+08:00","payer":{"openid":"oUpF8"},"#
      + #""amount":{"total":350,"payer_total":300,"currency":"CNY","payer_currency":"CNY"}}"#
  }

  static func refund(_ status: String) -> String {
    #"{"refund_id":"50300000002026010100000000001","out_refund_no":"\#(Shop.number)R1","#
      + #""transaction_id":"\#(V3Shop.transaction)","out_trade_no":"\#(Shop.number)","#
      + #""channel":"ORIGINAL","status":"\#(status)","#
      + #""amount":{"total":350,"refund":350,"payer_total":300,"payer_refund":300,"#
      + #""currency":"CNY","from":[]}}"#
  }

  static func failure(_ code: String, _ words: String = "说明") -> String {
    #"{"code":"\#(code)","message":"\#(words)"}"#
  }

  static func unsigned(_ status: Int, _ body: String) -> HTTPResponse {
    Answer.raw(
      Array(body.utf8), status: status, headers: ["content-type": "application/json"])
  }
}

/// AES-256-GCM as the platform hides with it.
enum GCMSeal {
  static func seal(
    _ text: String, key: String, nonce: String, data: String
  ) throws -> String {
    let context = try Shop.known(EVP_CIPHER_CTX_new())
    defer { EVP_CIPHER_CTX_free(context) }
    let plain = Array(text.utf8)
    var hidden = [UInt8](repeating: 0, count: plain.count)
    var tag = [UInt8](repeating: 0, count: 16)
    var count: Int32 = 0
    let associated = Array(data.utf8)
    EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, nil, nil)
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, Int32(nonce.utf8.count), nil)
    EVP_EncryptInit_ex(context, nil, nil, Array(key.utf8), Array(nonce.utf8))
    EVP_EncryptUpdate(context, nil, &count, associated, Int32(associated.count))
    EVP_EncryptUpdate(context, &hidden, &count, plain, Int32(plain.count))
    EVP_EncryptFinal_ex(context, &tag, &count)
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag)
    return Base64.encode(hidden + tag)
  }
}
