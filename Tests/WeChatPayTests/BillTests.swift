import NetworkClient
import Ordering
import Testing
import Timing

@testable import BackOffice
@testable import WeChatPay

/// Bills of v2: one question, and the file or a refusal as the answer.
@Suite struct BillTests {
  private let text = Array("交易时间,公众账号ID\r\n`2026-01-01 00:01:23,`wx\r\n".utf8)

  private func ask(
    _ kind: BillKind = .trades, hasCertificate: Bool = true,
    _ script: @escaping ScriptedPlatform.Script
  ) throws -> (BillAnswer, ScriptedPlatform) {
    let platform = ScriptedPlatform(hasCertificate: hasCertificate, script)
    let client = WeChatPayV2(try Shop.account(.md5), exchange: platform)
    return (client.bill(kind, ofDay: WallTime(seconds: 1_767_225_601)), platform)
  }

  private static func refusal(_ words: String, code: String = "") -> HTTPResponse {
    Answer.raw(
      "<xml><return_code><![CDATA[FAIL]]></return_code>"
        + "<return_msg><![CDATA[\(words)]]></return_msg>"
        + "<error_code><![CDATA[\(code)]]></error_code></xml>")
  }

  @Test func theQuestionIsSignedAndNamesTheBeijingDay() throws {
    let text = text
    let (answer, platform) = try ask { _ in Answer.raw(text) }
    #expect(answer == .bill(text))
    let call = try #require(platform.calls.first)
    #expect(call.path == "/pay/downloadbill" && call.outgoing.isForFile)
    #expect(!call.showingCertificate)
    #expect(call.message["bill_date"] == "20260101" && call.message["bill_type"] == "ALL")
    #expect(Signature.verify(call.message.fields, key: try Shop.key()))
  }

  @Test func theFundsAreAskedForWithTheCertificateAndNeverByMD5() throws {
    let (_, platform) = try ask(.funds) { _ in Answer.raw("") }
    let call = try #require(platform.calls.first)
    #expect(call.path == "/pay/downloadfundflow" && call.showingCertificate)
    #expect(call.message["account_type"] == "Basic")
    #expect(call.message["sign_type"] == "HMAC-SHA256")
    #expect(Signature.verify(call.message.fields, key: try Shop.key()))
    let (answer, nobody) = try ask(.funds, hasCertificate: false) { _ in Answer.raw("") }
    guard case .refused(let refusal) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect(refusal.code == "NO_CERTIFICATE" && nobody.calls.isEmpty)
  }

  @Test func aPackedBillIsUnpacked() throws {
    let packed = Packed.gzip(text)
    #expect(try ask { _ in Answer.raw(packed) }.0 == .bill(text))
    let cut = Array(packed.dropLast())
    guard case .unknown = try ask(.trades, { _ in Answer.raw(cut) }).0 else {
      Issue.record("a cut file was taken")
      return
    }
  }

  @Test func whatComesInsteadOfABillIsToldApart() throws {
    #expect(try ask { _ in Self.refusal("No Bill Exist") }.0 == .noTrades)
    #expect(try ask { _ in Self.refusal("Bill Creating") }.0 == .notReady)
    let signing = Refusal(code: "20007", words: "SIGN ERROR", reaction: .retrySame)
    #expect(try ask { _ in Self.refusal("SIGN ERROR", code: "20007") }.0 == .refused(signing))
    for (response, cause) in [
      (Answer.raw("<html>"), Doubt.Cause.notAnAnswer), (Answer.raw("", status: 502), .notAnAnswer),
    ] {
      guard case .unknown(let doubt) = try ask(.trades, { _ in response }).0 else {
        Issue.record("\(response)")
        continue
      }
      #expect(doubt.cause == cause)
    }
    let (answer, _) = try ask { _ throws(HTTPFailure) in throw HTTPFailure(.timeout, "late") }
    #expect(answer == .unknown(Doubt(.timeout, "late")))
  }
}
