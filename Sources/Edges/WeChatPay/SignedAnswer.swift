internal import NetworkClient
package import Ordering

/// An answer that got through all layers: parsed, its signature verified, of our app and merchant.
package struct SignedAnswer {
  let message: FlatXML

  /// What an answer comes to, its layers read in the platform's order (facts: WeChat Pay A.2).
  enum Reading {
    /// `result_code` SUCCESS.
    case success(SignedAnswer)
    /// `result_code` FAIL, with its code and words.
    case failure(code: String, words: String)
    case unknown(Doubt)
  }

  static func read(_ response: HTTPResponse, account: WeChatPayV2.Account) -> Reading {
    // 1. An answer of the API at all?
    guard response.status == 200 else {
      return .unknown(Doubt(.notAnAnswer, "HTTP \(response.status)"))
    }
    let message: FlatXML
    do throws(XMLRefusal) {
      message = try FlatXML(response.body)
    } catch {
      let type = PayerText.line(response.headers["content-type"] ?? "no type", limit: 40)
      return .unknown(Doubt(.notAnAnswer, "\(error) (\(type), \(response.body.count) bytes)"))
    }
    // 2. The communication layer, which is unsigned when it fails.
    switch message["return_code"] {
    case "SUCCESS": break
    case "FAIL": return .unknown(UnsignedFailure.doubt(message["return_msg"] ?? ""))
    default: return .unknown(Doubt(.notAnAnswer, "no return_code"))
    }
    // 3. Whose words these are, and to whom.
    if let doubt = checkOrigin(message, account) { return .unknown(doubt) }
    // 4. The business layer.
    switch message["result_code"] {
    case "SUCCESS": return .success(SignedAnswer(message: message))
    case "FAIL":
      return .failure(
        code: PayerText.line(message["err_code"] ?? "", limit: 32),
        words: PayerText.line(message["err_code_des"] ?? ""))
    default: return .unknown(Doubt(.notAnAnswer, "no result_code"))
    }
  }

  /// Why a message is not from the platform to us; nil when it is.
  package static func checkOrigin(_ message: FlatXML, _ account: WeChatPayV2.Account) -> Doubt? {
    guard let sign = message["sign"], !sign.isEmpty else {
      return Doubt(.badSignature, "no signature")
    }
    guard Signature.verify(message.fields, key: account.key) else {
      return Doubt(.badSignature, "the signature is wrong")
    }
    return mismatch(message, "appid", account.appID)
      ?? mismatch(message, "mch_id", account.merchantID)
  }

  /// Why a field is not what we expect; nil when it is, to the byte.
  package static func mismatch(_ message: FlatXML, _ name: String, _ expected: String) -> Doubt? {
    let value = message[name] ?? ""
    // Swift calls canonically equivalent texts equal; a number is a row of bytes.
    if value.utf8.elementsEqual(expected.utf8) { return nil }
    return Doubt(.mismatch, "\(name) is \(PayerText.line(value, limit: 80)), not \(expected)")
  }

  subscript(name: String) -> String? { message[name] }

  func mismatch(_ name: String, _ expected: String) -> Doubt? {
    Self.mismatch(message, name, expected)
  }

  /// A whole number of fen in the platform's own writing; nil for anything else.
  package static func fen(_ text: String?) -> Int64? {
    guard let text, (1...15).contains(text.utf8.count),
      text.utf8.allSatisfy({ (48...57).contains($0) }),
      text.utf8.count == 1 || text.utf8.first != 48
    else { return nil }
    return Int64(text)
  }
}
