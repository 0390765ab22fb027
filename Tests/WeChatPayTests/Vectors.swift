import Foundation
import WeChatPay

/// The vectors that three independent libraries agreed on.
struct Vectors: Decodable {
  struct Sign: Decodable {
    var name: String
    var alg: String
    var key: String
    var params: [String: String]
    var canonical: String
    var sign: String
    var xml: String

    var fields: [Field] { params.map { Field($0.key, $0.value) } }
  }

  struct RefundNotify: Decodable {
    var apikey: String
    var plaintext: String
    var req_info: String
  }

  /// A request of v3 with what it signs.
  struct Request: Decodable {
    var name: String
    var method: String
    var url: String
    var timestamp: String
    var nonce: String
    var body: String
    var message: String
    var signature: String
    var authorization: String
  }

  /// An answer of v3.
  struct Response: Decodable {
    var name: String
    var status: Int
    var headers: [String: String]
    var body: String
  }

  /// A notice of v3.
  struct Notification: Decodable {
    var name: String
    var headers: [String: String]
    var body: String
    var apiv3_key: String
    var plaintext: String
  }

  struct Keys: Decodable {
    var mchid: String
    var apiv3_key: String
    var merchant_serial: String
    var platform_serial: String
    var public_key_id: String
    var merchant_key_pem: String
    var merchant_cert_pem: String
    var platform_key_pem: String
    var platform_cert_pem: String
    var wxp_private_key_pem: String
    var wxp_public_key_pem: String
  }

  struct Official: Decodable {
    struct Signed: Decodable {
      var name: String
      var message: String
      var signature: String
    }

    struct Verified: Decodable {
      var public_key_pem: String
      var message: String
      var signature: String
    }

    var private_key_pem: String
    var signatures: [Signed]
    var response_verify: Verified
  }

  var v2_sign: [Sign]
  var v2_refund_notify: RefundNotify
  var v3_requests: [Request]
  var v3_responses: [Response]
  var v3_notifications: [Notification]
  var v3_keys: Keys
  var official: Official

  static func load() throws -> Vectors {
    guard
      let url = Bundle.module.url(
        forResource: "wechatpay_vectors", withExtension: "json", subdirectory: "Resources")
    else { throw CocoaError(.fileNoSuchFile) }
    return try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: url))
  }
}
