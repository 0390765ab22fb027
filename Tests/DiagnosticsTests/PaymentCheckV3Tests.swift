import FoundationEssentials
import MachineFiles
import NetworkClient
import Ordering
import Platform
import Synchronization
import Testing
import Vending
import Timing
import WeChatPay

@testable import Diagnostics

/// `vendctl payment check` of a merchant of API v3, over a scripted wire.
@Suite struct PaymentCheckV3Tests {
  private static let notThere = #"{"code":"ORDER_NOT_EXIST","message":"订单不存在"}"#

  private let shop: V3Counter

  init() throws { shop = try V3Counter() }

  @Test func aRefusalWithoutASignatureProvesOurSideOnly() throws {
    let report = try shop.check(.questionsOnly) { _ in (404, Self.notThere, isSigned: false) }
    #expect(report.exitCode == 0, "\(report.rows)")
    let signed = try #require(report.row("payment.signed")?.words.english)
    #expect(signed.hasPrefix("GET /v3/pay/transactions/out-trade-no/CHECK"))
    #expect(signed.contains("?mchid=1900000001, ") && signed.contains("serial 3775B6A4"))
    #expect(report.row("payment.question")?.words.english.contains("took our signature") == true)
    #expect(report.row("payment.answer")?.words.english.contains("TLS alone vouches") == true)
    #expect(
      report.row("payment.platform")?.words.english.contains("--charge 1 proves them") == true)
  }

  @Test func aRefusalWithASignatureProvesBothSides() throws {
    let report = try shop.check(.questionsOnly) { _ in (404, Self.notThere, isSigned: true) }
    #expect(report.exitCode == 0)
    #expect(
      report.row("payment.answer")?.words.english.hasPrefix("all of it, by PUB_KEY_ID_") == true)
    #expect(report.row("payment.platform")?.words.english == "they verify")
  }

  @Test(arguments: [
    "商户证书序列号有误。请使用签名私钥匹配的证书序列号", "签名错误",
    "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟",
  ])
  func aSignatureErrorIsExplainedStepByStep(words: String) throws {
    let body = #"{"code":"SIGN_ERROR","message":"\#(words)"}"#
    let report = try shop.check(.questionsOnly) { _ in (401, body, isSigned: false) }
    #expect(report.exitCode == 2)
    #expect(report.row("payment.question")?.words.english.contains(words) == true)
    for name in ["key", "pair", "serial", "lines", "path", "clock"] {
      #expect(report.row("payment.checklist/\(name)")?.verdict == .ok, "\(name)")
    }
    #expect(report.row("payment.checklist/rest")?.verdict == .failure)
  }

  @Test func theChecklistIsSaidInBothLanguagesAsItWasReviewed() throws {
    let body = #"{"code":"SIGN_ERROR","message":"签名错误"}"#
    var report = try shop.check(.questionsOnly) { _ in (401, body, isSigned: false) }
    report.rows.removeAll { $0.group != .payment }
    for language in Bilingual.Language.allCases {
      let text = DoctorText(isColoured: false, language: language).text(report)
        .replacing(/CHECK[0-9A-Za-z]{16}/, with: "CHECKNUMBER")
        .replacing(/\d{10}, [0-9A-Za-z]{32}/, with: "TIME, NONCE")
        .replacing(/\/tmp\/[^ 。]*\//, with: "/etc/vend/").replacing(
          /用时 \d+ 毫秒|in \d+ ms/, with: "in TIME")
      try Golden.expect(text, is: "payment-v3-checklist.\(language.rawValue).txt")
    }
  }

  @Test func aClockThatIsTooFarOffIsTheCauseThatIsNamed() throws {
    shop.skew = .seconds(-301)
    let report = try shop.check(.questionsOnly) { _ in
      (401, #"{"code":"SIGN_ERROR","message":"timestamp"}"#, isSigned: false)
    }
    let row = try #require(report.row("payment.checklist/clock"))
    #expect(row.verdict == .failure)
    #expect(row.fix.english.hasPrefix("sudo timedatectl set-ntp true"))
    #expect(report.row("payment.checklist/rest") == nil, "nothing is left to guess")
  }

  @Test func aSerialOfAnotherCertificateIsTheCauseThatIsNamed() throws {
    shop.serial = "0000B6A45ACD588826D15E583A95F5DD5A1B2C3D"
    let report = try shop.check(.questionsOnly) { _ in
      (401, #"{"code":"SIGN_ERROR","message":"签名错误"}"#, isSigned: false)
    }
    let row = try #require(report.row("credentials.certificate/serial"))
    #expect(row.verdict == .failure)
    #expect(row.words.english.hasSuffix("but the certificate's is \(V3Counter.ownSerial)"))
    #expect(row.fix.english.hasPrefix("set payment.merchant_serial to \(V3Counter.ownSerial)"))
    #expect(report.row("payment.question")?.verdict == .skipped)
  }

  @Test func theKeyOfAnotherCertificateIsTheCauseThatIsNamed() throws {
    shop.usesPlatformsCertificate = true
    let report = try shop.check(.questionsOnly) { _ in
      (401, #"{"code":"SIGN_ERROR","message":"签名错误"}"#, isSigned: false)
    }
    #expect(report.row("payment.checklist/pair")?.verdict == .failure)
  }

  @Test func aFenGoesThereAndBackAndProvesThePlatformsKeys() throws {
    let orders = Mutex((number: "", refunds: 0))
    let report = try shop.check(.charge) { sent in
      let number = orders.withLock { orders in
        if sent.path == "/v3/pay/transactions/native" {
          let text = String(decoding: sent.body ?? [], as: UTF8.self)
          orders.number =
            text.split(separator: "\"").map(String.init).first {
              $0.hasPrefix("CHECK")
            } ?? ""
        }
        if sent.path == "/v3/refund/domestic/refunds" { orders.refunds += 1 }
        return orders.number
      }
      switch sent.path {
      case "/v3/pay/transactions/native":
        return (200, #"{"code_url":"weixin://wxpay/bizpayurl?pr=aBcDeFgHz"}"#, isSigned: true)
      case "/v3/refund/domestic/refunds":
        return (200, V3Counter.refund(number, "PROCESSING"), isSigned: true)
      case let path where path.hasPrefix("/v3/refund/"):
        return (200, V3Counter.refund(number, "SUCCESS"), isSigned: true)
      case let path where !number.isEmpty && path.contains(number):
        return (200, V3Counter.paid(number), isSigned: true)
      default: return (404, Self.notThere, isSigned: false)
      }
    }
    #expect(report.exitCode == 0, "\(report.rows)")
    #expect(report.row("payment.refund")?.words.english == "the fen is back with the payer, signed")
    #expect(orders.withLock { $0.refunds } == 1)
  }
}

/// A merchant of v3 with the throw-away keys of the vectors, and the platform's hand.
private final class V3Counter {
  static let ownSerial = "3775B6A45ACD588826D15E583A95F5DD5A1B2C3D"
  static let merchant = "1900000001"
  static let app = "wxd678efh567hg6787"

  struct Keys: Decodable {
    struct Pem: Decodable {
      var apiv3_key, public_key_id: String
      var merchant_key_pem, merchant_cert_pem: String
      var wxp_private_key_pem, wxp_public_key_pem, platform_cert_pem: String
    }
    var v3_keys: Pem
  }

  var skew = Duration.zero
  var serial = ownSerial
  var usesPlatformsCertificate = false
  private let keys: Keys.Pem
  private let folder = "/tmp/vend-v3check-\(RandomBits.text(count: 8))"

  init() throws {
    let file =
      Files.directory(of: #filePath) + "/../WeChatPayTests/Resources/wechatpay_vectors.json"
    keys = try JSONDecoder().decode(Keys.self, from: Data(Files.read(file))).v3_keys
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  static func paid(_ number: String) -> String {
    #"{"appid":"\#(app)","mchid":"\#(merchant)","out_trade_no":"\#(number)","#
      + #""transaction_id":"4200000000202601010000000001","trade_type":"NATIVE","#
      + #""trade_state":"SUCCESS","trade_state_desc":"x","#
      + #""success_time":"2026-11-18T17:46:41+08:00","#
      + #""amount":{"total":1,"payer_total":1,"currency":"CNY","payer_currency":"CNY"}}"#
  }

  static func refund(_ number: String, _ status: String) -> String {
    #"{"refund_id":"50300000002026010100000000001","out_refund_no":"\#(number)R1","#
      + #""transaction_id":"4200000000202601010000000001","out_trade_no":"\#(number)","#
      + #""channel":"ORIGINAL","status":"\#(status)","#
      + #""amount":{"total":1,"refund":1,"currency":"CNY"}}"#
  }

  typealias Script = @Sendable (Outgoing) -> (status: Int, body: String, isSigned: Bool)

  func check(
    _ trial: PaymentCheck.Trial, _ script: @escaping Script
  ) throws -> DoctorReport {
    let certificate = "\(folder)/certificate.pem"
    let text = usesPlatformsCertificate ? keys.platform_cert_pem : keys.merchant_cert_pem
    try Files.replace(certificate, with: Array(text.utf8), durable: false)
    var machine = Healthy.machine()
    machine.payment?.certificateFile = certificate
    machine.payment?.v3 = MachineConfiguration.Payment.V3(
      merchantSerial: serial, platformKeyFile: nil, platformKeyID: nil,
      platformCertificateFiles: [])
    machine.payment?.merchantID = Self.merchant
    let platformKey = try VerifyingKey(pem: Array(keys.wxp_public_key_pem.utf8), named: "public")
    let named = try #require(PlatformKey(publicKey: platformKey, id: keys.public_key_id))
    let account = try WeChatPayV3.Account(
      appID: Self.app, merchantID: Self.merchant, serial: serial,
      keys: WeChatPayV3.Account.Keys(
        signing: try SigningKey(pem: Array(keys.merchant_key_pem.utf8), named: "merchant"),
        secret: try APIKey(keys.apiv3_key), platform: [named]),
      notifyURL: "https://example.com/notify", terminalAddress: "127.0.0.1")
    let wire = ScriptedWire(
      hand: try SigningKey(pem: Array(keys.wxp_private_key_pem.utf8), named: "platform"),
      serial: keys.public_key_id, skew: skew, script: script)
    var site = Healthy.site
    site.read = { [read = site.read] in
      $0 == Healthy.machine().account.certificateKeyFile ? .success([]) : read($0)
    }
    let check = PaymentCheck(
      site: site,
      surroundings: PaymentCheck.Surroundings(
        wallTime: { Healthy.time }, pause: { _ in }, say: { _ in },
        makeProvider: { _, tap in
          .success(
            WeChatPayV3(account, exchange: tap(wire), wallTime: { Healthy.time }))
        }))
    return try check.run(
      Examination(
        path: Healthy.path, configuration: .success(machine), daemon: .absent, site: site,
        time: Healthy.time), trial)
  }
}

private struct ScriptedWire: Exchange {
  let hand: SigningKey
  let serial: String
  let skew: Duration
  let script: V3Counter.Script
  var hasCertificate: Bool { false }
  var hasSpare: Bool { false }

  func send(_ message: Outgoing, to host: PlatformHost) throws(HTTPFailure) -> HTTPResponse {
    let answer = script(message)
    let body = Array(answer.body.utf8)
    var headers = ["date": (Healthy.time + skew).httpDate]
    if answer.isSigned {
      let nonce = "d824f2e086d3c1df967785d13fcd22ef"
      let signed = Array("\(Healthy.time.seconds)\n\(nonce)\n".utf8) + body + [0x0A]
      headers["wechatpay-timestamp"] = "\(Healthy.time.seconds)"
      headers["wechatpay-nonce"] = nonce
      headers["wechatpay-serial"] = serial
      headers["wechatpay-signature"] = Base64.encode(hand.sign(signed) ?? [])
    }
    return HTTPResponse(
      status: answer.status, headers: headers, body: body, receivedAt: Healthy.time)
  }
}
