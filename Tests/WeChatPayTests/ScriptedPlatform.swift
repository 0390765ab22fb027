import Money
import NetworkClient
import Ordering
import Synchronization
import Timing
import WeChatPay

/// The merchant of all these tests: the classic key of the vendor's documents.
enum Shop {
  static let keyText = "192006250b4c09247ec02edce69f6a2d"
  static let appID = "wxd930ea5d5a258f4f"
  static let merchantID = "10000100"

  static func key() throws -> APIKey { try APIKey(keyText) }

  static func account(
    _ type: SignType = .md5, certificate: HTTPClient.ClientCertificate? = nil
  ) throws -> WeChatPayV2.Account {
    try WeChatPayV2.Account(
      appID: appID, merchantID: merchantID, key: key(), signType: type,
      notifyURL: "https://pay.example.com/wx/notify", terminalAddress: "10.0.0.1",
      certificate: certificate)
  }

  /// A client of v2 for whom nobody answers.
  static func provider(_ type: SignType) throws -> WeChatPayV2 {
    WeChatPayV2(try account(type), exchange: ScriptedPlatform(Answer.raw("", status: 404)))
  }

  static let number = "VM0001202601010000000001"

  static func order(
    title: String = "可乐 330ml & <冰>", fen: Int64 = 350, seconds: Int64 = 600
  ) throws -> OrderRequest {
    let number = try known(OrderNumber(number))
    let madeAt = try known(WallTime(beijingCompact: "20260101000000"))
    return OrderRequest(
      number: number, machine: "VM-0001", lane: "A1", title: title, amount: Amount(fen: fen),
      madeAt: madeAt, expiresAt: madeAt + .seconds(seconds))
  }

  static func refund(fen: Int64 = 350) throws -> RefundRequest {
    RefundRequest(
      whole: try known(OrderNumber(number)), paid: Amount(fen: fen), reason: "未出货")
  }

  struct Missing: Error {}

  static func known<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
  }
}

/// A platform that answers as a test says, and remembers what it was asked.
final class ScriptedPlatform: Exchange {
  /// One call as it came.
  struct Call: Sendable {
    var host: PlatformHost
    var outgoing: Outgoing

    var path: String { outgoing.path }
    var showingCertificate: Bool { outgoing.showsCertificate }
    /// The call as XML of v2.
    var message: FlatXML { (try? FlatXML(outgoing.body ?? [])) ?? FlatXML([Field]()) }
    /// The body as text.
    var text: String { String(decoding: outgoing.body ?? [], as: UTF8.self) }
  }

  typealias Script = @Sendable (Call) throws(HTTPFailure) -> HTTPResponse

  let hasSpare: Bool
  let hasCertificate: Bool
  private let script: Script
  private let seen = Mutex<[Call]>([])

  init(hasSpare: Bool = false, hasCertificate: Bool = true, _ script: @escaping Script) {
    (self.hasSpare, self.hasCertificate, self.script) = (hasSpare, hasCertificate, script)
  }

  /// A platform with one answer for everything.
  convenience init(_ response: HTTPResponse) { self.init { _ in response } }

  var calls: [Call] { seen.withLock { $0 } }

  func send(
    _ message: Outgoing, to host: PlatformHost
  ) throws(HTTPFailure) -> HTTPResponse {
    let call = Call(host: host, outgoing: message)
    seen.withLock { $0.append(call) }
    return try script(call)
  }
}

/// Answers as the platform writes them.
enum Answer {
  /// What every signed answer begins with.
  static func head(_ result: String = "SUCCESS") -> [Field] {
    [
      Field("return_code", "SUCCESS"), Field("return_msg", "OK"), Field("appid", Shop.appID),
      Field("mch_id", Shop.merchantID), Field("nonce_str", "IITRi8Iabbblz1Jc"),
      Field("result_code", result),
    ]
  }

  static func created(_ codeURL: String = "weixin://wxpay/bizpayurl?pr=aBcDeFgHz") -> [Field] {
    head() + [
      Field("trade_type", "NATIVE"), Field("prepay_id", "wx20260101000000000000000000000000"),
      Field("code_url", codeURL),
    ]
  }

  static func state(_ state: String) -> [Field] {
    head() + [Field("out_trade_no", Shop.number), Field("trade_state", state)]
  }

  static func paid(_ state: String = "SUCCESS") -> [Field] {
    Self.state(state) + [
      Field("total_fee", "350"), Field("fee_type", "CNY"), Field("cash_fee", "300"),
      Field("coupon_fee", "50"), Field("transaction_id", "4200000000202601010000000001"),
      Field("time_end", "20260101000123"), Field("openid", "oUpF8uN95-Ptaags6E_roPHg7AG0"),
    ]
  }

  static func refundAccepted() -> [Field] {
    head() + [
      Field("out_trade_no", Shop.number), Field("out_refund_no", "\(Shop.number)R1"),
      Field("refund_id", "50300000002026010100000000001"), Field("refund_fee", "350"),
      Field("total_fee", "350"), Field("cash_fee", "350"),
    ]
  }

  static func refundState(_ status: String) -> [Field] {
    head() + [
      Field("out_trade_no", Shop.number), Field("total_fee", "350"), Field("refund_count", "1"),
      Field("out_refund_no_0", "\(Shop.number)R1"), Field("refund_fee_0", "350"),
      Field("refund_status_0", status),
    ]
  }

  static func failed(_ code: String, _ words: String = "") -> [Field] {
    head("FAIL") + [Field("err_code", code), Field("err_code_des", words)]
  }

  /// The fields with the right signature, as a response.
  static func signed(_ fields: [Field], _ type: SignType = .md5) throws -> HTTPResponse {
    let sign = Signature.sign(fields, key: try Shop.key(), type: type)
    return raw(FlatXML(fields + [Field("sign", sign)]).bytes)
  }

  static func raw(
    _ body: [UInt8], status: Int = 200, headers: [String: String] = ["content-type": "text/plain"]
  ) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: headers, body: body, receivedAt: WallTime(seconds: 1_767_196_800))
  }

  static func raw(_ body: String, status: Int = 200) -> HTTPResponse {
    raw(Array(body.utf8), status: status)
  }
}

extension [Field] {
  /// The same fields with one of them changed, added, or, with nil, left out.
  func with(_ name: String, _ value: String?) -> [Field] {
    filter { $0.name != name } + (value.map { [Field(name, $0)] } ?? [])
  }
}
