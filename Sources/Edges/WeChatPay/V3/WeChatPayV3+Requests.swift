internal import Money
internal import NetworkClient
internal import Ordering
internal import Timing

extension WeChatPayV3 {
  /// What a create says of an order.
  ///
  /// All of it derives from the request, so that a repetition says the same: other parameters under
  /// the same number are refused (facts: WeChat Pay B.5, D.11).
  func orderBody(_ order: OrderRequest) -> JSONValue {
    let title = PayerText.cut(order.title, toBytes: 127)
    return .object([
      JSONMember("appid", account.appID), JSONMember("mchid", account.merchantID),
      // A title of nothing but emoji still needs a text.
      JSONMember("description", title.isEmpty ? order.number.text : title),
      JSONMember("out_trade_no", order.number.text),
      JSONMember("time_expire", order.lastPayment.beijingRFC3339),
      JSONMember("attach", PayerText.cut(order.lane, toBytes: 127)),
      JSONMember("notify_url", account.notifyURL),
      JSONMember("amount", Self.amount(["total": order.amount])),
      JSONMember(
        "scene_info",
        .object([
          JSONMember("payer_client_ip", account.terminalAddress),
          JSONMember("device_id", PayerText.cut(order.machine, toBytes: 32)),
        ])),
    ])
  }

  /// What a refund says; equal on every repetition, since another amount or number could pay twice.
  func refundBody(_ request: RefundRequest) -> JSONValue {
    .object([
      JSONMember("out_trade_no", request.order.text),
      JSONMember("out_refund_no", request.number.text),
      JSONMember("reason", PayerText.cut(request.reason, toBytes: 80)),
      // Without it the notice may come as XML of v2 (facts: WeChat Pay B.7).
      JSONMember("notify_url", account.notifyURL),
      JSONMember("amount", Self.amount(["refund": request.refund, "total": request.total])),
    ])
  }

  var closeBody: JSONValue { .object([JSONMember("mchid", account.merchantID)]) }

  private static func amount(_ parts: KeyValuePairs<String, Amount>) -> JSONValue {
    .object(
      parts.map { JSONMember($0.key, .number("\($0.value.fen)")) } + [
        JSONMember("currency", "CNY")
      ])
  }

  // MARK: Authorization

  /// One call, as it is signed and sent.
  package struct Call {
    var method: String
    /// Path and query, percent-encoded.
    var path: String
    /// Serialised once: the bytes that are signed are the bytes that are sent.
    var body: [UInt8]?
    var isForFile = false

    package static func get(_ path: String, isForFile: Bool = false) -> Call {
      Call(method: "GET", path: path, isForFile: isForFile)
    }

    static func post(_ path: String, _ body: JSONValue) -> Call {
      Call(method: "POST", path: path, body: body.bytes)
    }
  }

  /// The call with its signature, which is new each time; nil when OpenSSL cannot sign.
  package func authorized(_ call: Call) -> Outgoing? {
    let moment = wallTime()
    let (timestamp, nonce) = ("\(moment.seconds)", nonce())
    let message =
      Array("\(call.method)\n\(call.path)\n\(timestamp)\n\(nonce)\n".utf8) + (call.body ?? [])
      + [0x0A]
    guard let signature = account.keys.signing.sign(message) else { return nil }
    var headers = [
      "Accept": "application/json",
      "Authorization": "WECHATPAY2-SHA256-RSA2048 mchid=\"\(account.merchantID)\","
        + "nonce_str=\"\(nonce)\",signature=\"\(Base64.encode(signature))\","
        + "timestamp=\"\(timestamp)\",serial_no=\"\(account.serial)\"",
    ]
    if call.body != nil { headers["Content-Type"] = "application/json" }
    // The answer comes signed by the key that is named here (facts: WeChat Pay B.1).
    if let serial = ring.preferred(at: moment) { headers["Wechatpay-Serial"] = serial }
    return Outgoing(
      path: call.path, body: call.body, headers: headers, isForFile: call.isForFile)
  }

  /// A text as one segment of a path or one value of a query (RFC 3986 section 2.3).
  static func encoded(_ text: String) -> String {
    String(
      decoding: text.utf8.flatMap { byte -> [UInt8] in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."),
          UInt8(ascii: "_"), UInt8(ascii: "~"):
          [byte]
        default: Array("%\(Digest.hexadecimal([byte]))".utf8)
        }
      }, as: UTF8.self)
  }
}
