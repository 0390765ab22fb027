@testable import PaymentPlatform
import Money
import Timing

@testable import Simulation

/// A merchant's side, small and by hand, and a platform at a moment that tests move.
struct PlatformFixture {
  static let merchant = PlatformMerchant(
    id: "1900000109", appID: "wx8888888888888888", apiKey: "0123456789abcdef0123456789ABCDEF",
    name: "Test Vending", balance: Amount(fen: 10_000))

  var model: PlatformModel
  var now = WallTime(seconds: 1_767_196_800)  // 2026-01-01 00:00:00 in Beijing
  var signature = PlatformSignature.md5
  var key = merchant.apiKey
  var client = PlatformClient.merchant(merchant.id)

  init(policy: PlatformPolicy = PlatformPolicy()) {
    model = PlatformModel(policy: policy, seed: 7)
    model.add(Self.merchant)
  }

  /// The parameters of a create, changed by `changes`; nil takes one out.
  func createFields(
    _ number: String = "ORDER00000001", _ changes: [String: String?] = [:]
  ) -> [String: String] {
    var fields = [
      "body": "可乐 330ml", "out_trade_no": number, "total_fee": "350",
      "spbill_create_ip": "127.0.0.1", "notify_url": "http://127.0.0.1:9/wx",
      "trade_type": "NATIVE",
      "product_id": "A1", "device_info": "VM1", "time_expire": (now + .seconds(300)).beijingCompact,
    ]
    for (name, text) in changes { fields[name] = text }
    return fields
  }

  /// Signs and writes a request, with the parameters that all calls have.
  func body(_ fields: [String: String]) -> [UInt8] {
    var all = [
      "appid": Self.merchant.appID, "mch_id": Self.merchant.id, "nonce_str": "5K8264ILTKCH16CQ",
    ].merging(fields) { _, new in new }
    if signature == .hmacSHA256 { all["sign_type"] = "HMAC-SHA256" }
    all = all.filter { $0.value != "-" }
    var document = PlatformDocument(all.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) })
    document.set("sign", signature.sign(document, key: key))
    return document.bytes
  }

  /// Calls and reads the answer; the answer must be a document.
  mutating func call(
    _ call: PlatformCall, _ fields: [String: String]
  ) throws -> PlatformDocument {
    try PlatformDocument(reading: reply(call, fields).body)
  }

  mutating func reply(_ call: PlatformCall, _ fields: [String: String]) -> PlatformReply {
    model.answer(call, body: body(fields), from: client, at: now)
  }

  mutating func create(
    _ number: String = "ORDER00000001", _ changes: [String: String?] = [:]
  ) throws -> PlatformDocument {
    try call(.create, createFields(number, changes))
  }

  mutating func query(_ number: String = "ORDER00000001") throws -> PlatformDocument {
    try call(.query, ["out_trade_no": number])
  }

  mutating func close(_ number: String = "ORDER00000001") throws -> PlatformDocument {
    try call(.close, ["out_trade_no": number])
  }

  mutating func refund(
    _ number: String = "ORDER00000001", refund: String = "ORDER00000001R1", total: Int = 350,
    fen: Int = 350, _ more: [String: String] = [:]
  ) throws -> PlatformDocument {
    try call(
      .refund,
      [
        "out_trade_no": number, "out_refund_no": refund, "total_fee": String(total),
        "refund_fee": String(fen),
      ].merging(more) { $1 })
  }

  mutating func refundQuery(_ fields: [String: String]) throws -> PlatformDocument {
    try call(.refundQuery, fields)
  }

  /// Creates, scans and pays.
  mutating func paidOrder(_ number: String = "ORDER00000001") throws {
    let url = try create(number)["code_url"] ?? ""
    let cashier = try model.scan(url, payer: "alice", at: now).get()
    _ = try model.confirm(cashier.order, payer: "alice", at: now).get()
  }

  mutating func pass(_ duration: Duration) { now = now + duration }
}

extension PlatformDocument {
  /// What a caller acts on: the error's code, or the state, or the result.
  var verdict: String {
    self["err_code"] ?? self["trade_state"] ?? self["result_code"] ?? self["return_msg"] ?? "?"
  }

  /// Whether the answer is rightly signed.
  func isSigned(_ signature: PlatformSignature, key: String) -> Bool {
    self["sign"] == signature.sign(self, key: key)
  }
}
