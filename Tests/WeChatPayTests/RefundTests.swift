import LoopbackTLS
import Money
import NetworkClient
import Ordering
import Testing
import WeChatPay

@Suite struct RefundTests {
  private let authority: CertificateAuthority
  private let account: WeChatPayV2.Account

  init() throws {
    authority = try CertificateAuthority()
    let own = try authority.issue(name: Shop.merchantID)
    account = try Shop.account(
      certificate: HTTPClient.ClientCertificate(
        certificateFile: own.certificateFile, keyFile: own.keyFile))
  }

  private func provider(_ fields: [Field]) throws -> WeChatPayV2 {
    WeChatPayV2(account, exchange: ScriptedPlatform(try Answer.signed(fields)))
  }

  @Test func aRefundShowsTheCertificateAndCarriesBothAmounts() throws {
    let platform = ScriptedPlatform(try Answer.signed(Answer.refundAccepted()))
    let answer = WeChatPayV2(account, exchange: platform).refund(try Shop.refund())
    #expect(answer == .accepted)
    let call = try #require(platform.calls.first)
    #expect(call.path == "/secapi/pay/refund")
    #expect(call.showingCertificate)
    #expect(Signature.verify(call.message.fields, key: try Shop.key()))
    for (name, value) in [
      ("out_trade_no", Shop.number), ("out_refund_no", "\(Shop.number)R1"), ("total_fee", "350"),
      ("refund_fee", "350"), ("refund_desc", "未出货"), ("refund_fee_type", "CNY"),
    ] {
      #expect(call.message[name] == value, "\(name)")
    }
  }

  @Test func anAcceptanceOfSomethingElseIsUnknown() throws {
    for (name, value) in [
      ("out_trade_no", "VM0001202601010000000002"), ("out_trade_no", nil),
      ("out_refund_no", "\(Shop.number)R2"), ("out_refund_no", nil), ("refund_fee", "349"),
      ("refund_fee", nil), ("total_fee", "351"), ("total_fee", nil), ("appid", "wx1"),
      ("mch_id", "1"),
    ] {
      let answer = try provider(Answer.refundAccepted().with(name, value)).refund(try Shop.refund())
      guard case .unknown(let doubt) = answer else {
        Issue.record("\(name)=\(value ?? "nil"): \(answer)")
        continue
      }
      #expect(doubt.cause == .mismatch)
    }
  }

  @Test func eachRefundStateHasItsMeaning() throws {
    let request = try Shop.refund()
    #expect(
      try provider(Answer.refundState("PROCESSING")).queryRefund(request) == .processing)
    #expect(try provider(Answer.refundState("SUCCESS")).queryRefund(request) == .arrived)
    for status in ["CHANGE", "REFUNDCLOSE"] {
      guard
        case .stuck(let words) = try provider(Answer.refundState(status)).queryRefund(request)
      else {
        Issue.record("\(status) is not stuck")
        continue
      }
      #expect(!words.isEmpty)
    }
    for status in ["", "success", "NEW"] {
      guard case .unknown = try provider(Answer.refundState(status)).queryRefund(request) else {
        Issue.record("\(status) was taken for something")
        continue
      }
    }
  }

  @Test func theStateOfAnotherRefundIsNotOurs() throws {
    let request = try Shop.refund()
    let arrived = Answer.refundState("SUCCESS")
    for (name, value) in [
      ("out_refund_no_0", "\(Shop.number)R2"), ("out_refund_no_0", nil), ("refund_fee_0", "349"),
      ("refund_fee_0", nil), ("out_trade_no", "VM0001202601010000000002"), ("out_trade_no", nil),
    ] {
      guard
        case .unknown(let doubt) = try provider(arrived.with(name, value)).queryRefund(request)
      else {
        Issue.record("\(name)=\(value ?? "nil") was believed")
        continue
      }
      #expect(doubt.cause == .mismatch)
    }
    // Among several it is found by its number, not by its place.
    let second = arrived.map { Field($0.name.replacing("_0", with: "_1"), $0.value) }
    let first = [
      Field("out_refund_no_0", "X1"), Field("refund_fee_0", "350"),
      Field("refund_status_0", "PROCESSING"),
    ]
    #expect(try provider(second + first).queryRefund(request) == .arrived)
  }

  @Test func anAmountThatCannotGoBackDoesNotLeave() throws {
    let platform = ScriptedPlatform(try Answer.signed(Answer.refundAccepted()))
    let provider = WeChatPayV2(account, exchange: platform)
    for (total, refund) in [(350, 351), (350, 0), (350, -1), (0, 0)] as [(Int64, Int64)] {
      var request = try Shop.refund()
      (request.total, request.refund) = (Amount(fen: total), Amount(fen: refund))
      guard case .refused(let refusal) = provider.refund(request) else {
        Issue.record("\(refund) of \(total)")
        continue
      }
      #expect(refusal.reaction == .oweAndAlarm)
    }
    #expect(platform.calls.isEmpty)
  }
}
