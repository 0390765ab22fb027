@testable import PaymentPlatform
import Foundation
import Money
import Testing
import Timing

/// A merchant's side of v3, small and by hand, with the keys of the shared vectors.
struct PlatformV3Fixture {
  static let keys = PlatformVectors.shared.v3_keys
  static let merchant = PlatformMerchant(
    id: keys.mchid, appID: "wxd678efh567hg6787", apiKey: "0123456789abcdef0123456789ABCDEF",
    name: "Test Vending", balance: Amount(fen: 10_000))

  var model: PlatformModel
  var now = WallTime(seconds: 1_767_225_600)  // 2026-01-01 08:00:00 in Beijing
  var signer: PlatformSigner
  var serial = keys.merchant_serial
  var nonce = "593BEC0C930BF1AFEB40B4A08C8FB242"
  /// The key by which answers are asked for.
  var asksFor: String?

  init(_ mode: PlatformKeyMode = .publicKey, policy: PlatformPolicy = PlatformPolicy()) throws {
    model = PlatformModel(policy: policy, seed: 7)
    model.add(Self.merchant)
    signer = try #require(PlatformSigner(pem: Self.keys.merchant_key_pem))
    let verifier = try #require(signer.verifier)
    model.setAccount(
      PlatformAccount(
        secret: Self.keys.apiv3_key,
        certificates: [PlatformMerchantCertificate(serial: serial, verifier: verifier)],
        mode: mode, platformCertificates: [try Self.certificate(from: now)],
        publicKey: PlatformSealKey(
          serial: Self.keys.public_key_id,
          signer: try #require(PlatformSigner(pem: Self.keys.wxp_private_key_pem)))),
      of: Self.merchant.id)
  }

  static func certificate(
    _ serial: String = keys.platform_serial, from start: WallTime
  ) throws -> PlatformSealKey {
    PlatformSealKey(
      serial: serial, signer: try #require(PlatformSigner(pem: keys.platform_key_pem)),
      certificate: .init(
        pem: keys.platform_cert_pem, notBefore: start, notAfter: start + .seconds(1_000_000),
        signsFrom: start))
  }

  // MARK: Calls

  /// A request with its authorization.
  func request(_ method: String, _ target: String, _ body: String = "") -> PlatformRequest {
    let timestamp = String(now.seconds)
    let message = "\(method)\n\(target)\n\(timestamp)\n\(nonce)\n\(body)\n"
    let authorization =
      "WECHATPAY2-SHA256-RSA2048 mchid=\"\(Self.merchant.id)\",nonce_str=\"\(nonce)\","
      + "signature=\"\(signer.sign(Array(message.utf8)))\",timestamp=\"\(timestamp)\","
      + "serial_no=\"\(serial)\""
    var headers: [PlatformHeader] = [
      .init("authorization", authorization), .init("accept", "application/json"),
      .init("user-agent", "test"),
    ]
    if let asksFor { headers.append(.init("wechatpay-serial", asksFor)) }
    return PlatformRequest(
      method: method, target: target, headers: headers, body: Array(body.utf8))
  }

  mutating func call(_ method: String, _ target: String, _ body: String = "") -> PlatformReply {
    model.answer(request(method, target, body), at: now)
  }

  static let native = "/v3/pay/transactions/native"

  func createBody(_ number: String, fen: Int = 350, _ more: String = "") -> String {
    """
    {"appid":"\(Self.merchant.appID)","mchid":"\(Self.merchant.id)","description":"可乐 330ml",\
    "out_trade_no":"\(number)","notify_url":"https://pay.example.com/v3","attach":"A1",\
    "amount":{"total":\(fen),"currency":"CNY"}\(more)}
    """
  }

  @discardableResult
  mutating func create(
    _ number: String = "ORDER00000001", fen: Int = 350, _ more: String = ""
  ) -> PlatformReply {
    call("POST", Self.native, createBody(number, fen: fen, more))
  }

  mutating func query(_ number: String = "ORDER00000001") -> PlatformReply {
    call("GET", "/v3/pay/transactions/out-trade-no/\(number)?mchid=\(Self.merchant.id)")
  }

  mutating func close(_ number: String = "ORDER00000001") -> PlatformReply {
    call(
      "POST", "/v3/pay/transactions/out-trade-no/\(number)/close",
      "{\"mchid\":\"\(Self.merchant.id)\"}")
  }

  mutating func refund(
    _ number: String = "ORDER00000001", _ refund: String = "ORDER00000001R1", total: Int = 350,
    fen: Int = 350, _ more: String = ",\"notify_url\":\"https://pay.example.com/v3r\""
  ) -> PlatformReply {
    call(
      "POST", "/v3/refund/domestic/refunds",
      """
      {"out_trade_no":"\(number)","out_refund_no":"\(refund)",\
      "amount":{"refund":\(fen),"total":\(total),"currency":"CNY"}\(more)}
      """)
  }

  mutating func refundQuery(_ refund: String = "ORDER00000001R1") -> PlatformReply {
    call("GET", "/v3/refund/domestic/refunds/\(refund)")
  }

  /// Creates, scans and pays.
  mutating func paidOrder(_ number: String = "ORDER00000001") throws {
    let url = try #require(create(number).json["code_url"]?.text)
    let cashier = try model.scan(url, payer: "alice", at: now).get()
    _ = try model.confirm(cashier.order, payer: "alice", at: now).get()
  }

  mutating func pass(_ duration: Duration) { now = now + duration }
}

extension PlatformReply {
  var json: PlatformJSON { PlatformJSON(reading: body) ?? .null }
  var code: String { json["code"]?.text ?? "" }

  subscript(name: String) -> String? { headers.first { $0.name == name }?.value }

  /// Whether the seal is that of a key, over the very bytes.
  func isSealed(by pem: String, serial: String) -> Bool {
    guard let verifier = PlatformVerifier(pem: pem), self["Wechatpay-Serial"] == serial,
      let signature = self["Wechatpay-Signature"].flatMap(Base64.bytes(of:)),
      let timestamp = self["Wechatpay-Timestamp"], let nonce = self["Wechatpay-Nonce"]
    else { return false }
    return verifier.verifies(signature, of: Array("\(timestamp)\n\(nonce)\n".utf8) + body + [10])
  }

  var isSealedByPublicKey: Bool {
    isSealed(
      by: PlatformVectors.shared.v3_keys.wxp_public_key_pem,
      serial: PlatformVectors.shared.v3_keys.public_key_id)
  }

  var isSealedByCertificate: Bool {
    guard let key = PlatformSigner(pem: PlatformVectors.shared.v3_keys.platform_key_pem) else {
      return false
    }
    return isSealed(
      by: key.publicKeyPEM, serial: PlatformVectors.shared.v3_keys.platform_serial)
  }
}

/// The part of the shared vectors that is about v3: three independent libraries agreed on them.
struct PlatformVectors: Decodable {
  struct Keys: Decodable {
    var mchid: String
    var apiv3_key: String
    var merchant_serial: String
    var platform_serial: String
    var public_key_id: String
    var merchant_key_pem: String
    var platform_key_pem: String
    var platform_cert_pem: String
    var wxp_private_key_pem: String
    var wxp_public_key_pem: String
  }
  struct Request: Decodable {
    var name: String
    var method: String
    var url: String
    var timestamp: String
    var nonce: String
    var body: String
    var signature: String
    var authorization: String
  }
  struct Response: Decodable {
    var name: String
    var headers: [String: String]
    var body: String
  }
  struct Notification: Decodable {
    var name: String
    var headers: [String: String]
    var body: String
    var apiv3_key: String
    var plaintext: String
  }
  var v3_keys: Keys
  var v3_requests: [Request]
  var v3_responses: [Response]
  var v3_notifications: [Notification]

  static let shared: PlatformVectors = {
    let folder = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined()
    let file = "\(folder)/WeChatPayTests/Resources/wechatpay_vectors.json"
    do {
      return try JSONDecoder().decode(
        PlatformVectors.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    } catch {
      fatalError("\(file): \(error)")
    }
  }()
}
