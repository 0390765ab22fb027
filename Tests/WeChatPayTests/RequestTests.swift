import Money
import NetworkClient
import Ordering
import Testing
import Timing
import WeChatPay

/// What the five calls send.
@Suite struct RequestTests {
  private let silent = ScriptedPlatform(hasCertificate: false) { _ throws(HTTPFailure) in
    throw HTTPFailure(.timeout, "")
  }

  private func provider(_ type: SignType = .md5) throws -> WeChatPayV2 {
    WeChatPayV2(
      try Shop.account(
        type,
        certificate: nil), exchange: silent, nonce: { "5K8264ILTKCH16CQ2502SI8ZNMTM67VS" })
  }

  private func sent(_ path: String) throws -> FlatXML {
    let call = try #require(silent.calls.last)
    #expect(call.path == path)
    #expect(Signature.verify(call.message.fields, key: try Shop.key()))
    return call.message
  }

  @Test func aCreateCarriesAllThatThePlatformWantsAndIsSigned() throws {
    _ = try provider().create(try Shop.order())
    let message = try sent("/pay/unifiedorder")
    let expected = [
      "appid": Shop.appID, "mch_id": Shop.merchantID, "device_info": "VM-0001",
      "nonce_str": "5K8264ILTKCH16CQ2502SI8ZNMTM67VS", "sign_type": "MD5",
      "body": "可乐 330ml & <冰>", "out_trade_no": Shop.number, "fee_type": "CNY",
      "total_fee": "350", "spbill_create_ip": "10.0.0.1", "time_expire": "20260101001000",
      "notify_url": "https://pay.example.com/wx/notify", "trade_type": "NATIVE",
      "product_id": "A1",
    ]
    for (name, value) in expected { #expect(message[name] == value, "\(name)") }
    #expect(Set(message.fields.map(\.name)) == Set(expected.keys).union(["sign"]))
    #expect(silent.calls.last?.showingCertificate == false)
  }

  @Test func theOtherCallsCarryTheirNumbers() throws {
    let number = try #require(OrderNumber(Shop.number))
    let provider = try provider(.hmacSHA256)
    _ = provider.query(number)
    let query = try sent("/pay/orderquery")
    #expect(query["out_trade_no"] == Shop.number)
    #expect(query["transaction_id"] == nil)
    #expect(query["sign_type"] == "HMAC-SHA256")
    #expect(query["sign"]?.utf8.count == 64)
    _ = provider.close(number)
    #expect(try sent("/pay/closeorder")["out_trade_no"] == Shop.number)
    _ = provider.queryRefund(try Shop.refund())
    #expect(try sent("/pay/refundquery")["out_refund_no"] == "\(Shop.number)R1")
    #expect(silent.calls.allSatisfy { !$0.showingCertificate })
  }

  @Test func aRepetitionSaysTheSameButForItsNonce() throws {
    let provider = WeChatPayV2(try Shop.account(), exchange: silent)
    for _ in 0..<3 { _ = provider.create(try Shop.order()) }
    let messages = silent.calls.map(\.message)
    let frozen = messages.map { message in
      message.fields.filter { $0.name != "nonce_str" && $0.name != "sign" }
    }
    #expect(frozen.allSatisfy { $0 == frozen[0] })
    let nonces = messages.compactMap { $0["nonce_str"] }
    #expect(Set(nonces).count == 3)
    #expect(nonces.allSatisfy { $0.utf8.count == 32 })
  }

  @Test func theTimeToPayIsNeverShorterThanThePlatformTakes() throws {
    for (seconds, expiry) in [
      (600, "20260101001000"), (361, "20260101000601"), (360, "20260101000600"),
      (300, "20260101000600"), (60, "20260101000600"), (-5, "20260101000600"),
    ] as [(Int64, String)] {
      _ = try provider().create(try Shop.order(seconds: seconds))
      #expect(try sent("/pay/unifiedorder")["time_expire"] == expiry)
    }
  }

  @Test func longAndStrangeTextsAreMadeFit() throws {
    let order = try Shop.order()
    _ = try provider().create(
      OrderRequest(
        number: order.number, machine: String(repeating: "M", count: 40), lane: "A\n1",
        title: String(repeating: "可", count: 60) + "😀", amount: order.amount,
        madeAt: order.madeAt, expiresAt: order.expiresAt))
    let message = try sent("/pay/unifiedorder")
    #expect(message["body"] == String(repeating: "可", count: 42))
    #expect(message["device_info"] == String(repeating: "M", count: 32))
    #expect(message["product_id"] == "A1")
    _ = try provider().create(try Shop.order(title: "😀"))
    #expect(try sent("/pay/unifiedorder")["body"] == Shop.number)
  }

  @Test func anAmountThatIsNoneIsRefusedBeforeItLeaves() throws {
    for fen: Int64 in [0, -1, .min] {
      let answer = try provider().create(try Shop.order(fen: fen))
      guard case .refused(let refusal) = answer else {
        Issue.record("\(answer)")
        continue
      }
      #expect(refusal.reaction == .stopAndAlarm)
    }
    #expect(silent.calls.isEmpty)
  }

  @Test func aRefundWithoutACertificateIsOwedAndDoesNotLeave() throws {
    let answer = try provider().refund(try Shop.refund())
    guard case .refused(let refusal) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect(refusal.code == "NO_CERTIFICATE")
    #expect(refusal.reaction == .oweAndAlarm)
    #expect(silent.calls.isEmpty)
  }
}
