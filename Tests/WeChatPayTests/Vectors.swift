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

  var v2_sign: [Sign]
  var v2_refund_notify: RefundNotify

  static func load() throws -> Vectors {
    guard
      let url = Bundle.module.url(
        forResource: "v2_vectors", withExtension: "json", subdirectory: "Resources")
    else { throw CocoaError(.fileNoSuchFile) }
    return try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: url))
  }
}
