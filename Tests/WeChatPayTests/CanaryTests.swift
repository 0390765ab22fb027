import NetworkClient
import Ordering
import Platform
import Testing

@testable import BackOffice
@testable import WeChatPay

/// Keys with bytes that anybody would recognise go through everything that becomes text.
@Suite struct CanaryTests {
  private static let key = "CANARYcanaryCANARYcanaryCANARYca"

  private let shop: V3Shop
  private let v2: WeChatPayV2.Account

  init() throws {
    shop = try V3Shop()
    v2 = try WeChatPayV2.Account(
      appID: Shop.appID, merchantID: Shop.merchantID, key: APIKey(Self.key), signType: .md5,
      notifyURL: "https://pay.example.com/wx/notify", terminalAddress: "10.0.0.1")
  }

  /// Everything that Swift can be made to say of a value.
  private func words(of value: Any) -> String {
    var text = "\(value) \(String(reflecting: value))"
    dump(value, to: &text)
    return text
  }

  /// How a text gives a secret away; nil when it does not.
  private func leak(in text: String) -> String? {
    let lower = text.lowercased()
    for secret in [Self.key, shop.vectors.v3_keys.apiv3_key] {
      if lower.contains(secret.lowercased()) { return "as it is" }
      // As an array of bytes prints itself.
      let numbers = secret.utf8.prefix(6).map { "\($0)" }.joined(separator: ", ")
      if text.contains(numbers) { return "as numbers" }
      if lower.contains(Base64.encode(Array(secret.utf8)).lowercased()) { return "as base64" }
    }
    let lines = shop.vectors.v3_keys.merchant_key_pem.split(separator: "\n")
    return lines.dropFirst().dropLast().contains { text.contains($0) } ? "as PEM" : nil
  }

  private func expectNone(_ text: String, _ what: Comment) {
    #expect(leak(in: text) == nil, what)
  }

  @Test func theCanaryIsSeenWhereItIs() {
    // The test itself must be able to fail.
    #expect(leak(in: "key=\(Self.key)") == "as it is")
    #expect(leak(in: "\(Array(Self.key.utf8))") == "as numbers")
    #expect(leak(in: Base64.encode(Array(Self.key.utf8))) == "as base64")
    #expect(leak(in: shop.vectors.v3_keys.merchant_key_pem) == "as PEM")
  }

  @Test func noValueThatHoldsAKeySaysIt() throws {
    let v3 = try shop.account()
    let signing = v3.keys.signing
    let values: [(String, Any)] = [
      ("key", try APIKey(Self.key)), ("account", v2), ("account of v3", v3),
      ("keys of v3", v3.keys), ("signing key", signing),
      ("client", WeChatPayV2(v2, exchange: ScriptedPlatform(Answer.raw("")))),
      ("client of v3", try shop.provider(ScriptedPlatform(Answer.raw("")))),
    ]
    for (name, value) in values { expectNone(words(of: value), Comment(rawValue: name)) }
  }

  @Test func noErrorQuotesTheFileThatItIsAbout() throws {
    let spoilt = [
      String(Self.key.dropLast()), Self.key + "x", " " + Self.key, Self.key + " ",
      "\u{FEFF}" + Self.key, Self.key.replacing("c", with: "-"), Self.key + "\n\n",
    ]
    for text in spoilt {
      let error = #expect(throws: APIKeyError.self) { try APIKey(text) }
      if let error { expectNone(words(of: error), "\(error)") }
    }
    let pem = shop.vectors.v3_keys.merchant_key_pem
    for text in [String(pem.dropLast(200)), pem.replacing("PRIVATE", with: "PUBLIC"), "x" + pem] {
      do {
        expectNone(words(of: try SigningKey(pem: Array(text.utf8), named: "key.pem")), "taken")
      } catch {
        expectNone(words(of: error), "\(error)")
      }
      let error = #expect(throws: CertificateError.self) {
        try VerifyingKey(pem: Array(text.utf8), named: "key.pem")
      }
      if let error { expectNone(words(of: error), "\(error)") }
    }
  }

  @Test func noMessageAndNoAnswerToAForgerCarriesAKey() throws {
    // A platform that says back whatever it is told, in every way that it can be said.
    let echo = ScriptedPlatform { call in
      let text = call.text.replacing("<xml>", with: "").prefix(4000)
      return Answer.raw(
        "<xml><return_code>FAIL</return_code><return_msg>签名错误 \(text.filter { $0 != "<" })"
          + "</return_msg></xml>")
    }
    let echoV3 = ScriptedPlatform { call in
      let told = call.outgoing.headers.description.filter { $0 != "\"" && $0 != "\\" }
      return Answer.raw(
        #"{"code":"SIGN_ERROR","message":"\#(call.path) \#(told)"}"#, status: 401)
    }
    let order = try Shop.order()
    let providers: [(any WeChatProvider, ScriptedPlatform)] = [
      (WeChatPayV2(v2, exchange: echo), echo), (try shop.provider(echoV3), echoV3),
    ]
    for (provider, platform) in providers {
      let answers: [Any] = [
        provider.create(order), provider.query(order.number), provider.close(order.number),
        provider.refund(try Shop.refund()), provider.queryRefund(try Shop.refund()),
      ]
      for answer in answers { expectNone(words(of: answer), "an answer") }
      #expect(platform.calls.count >= 5)
      for call in platform.calls {
        expectNone("\(call.path) \(call.outgoing.headers) \(call.text)", "a message")
      }
    }
  }
}
