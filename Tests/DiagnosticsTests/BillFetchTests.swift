import FoundationEssentials
import MachineFiles
import NetworkClient
import Ordering
import Platform
import Synchronization
import Testing
import Timing
import WeChatPay

@testable import Diagnostics

/// A bill is fetched whole, or not at all.
@Suite struct BillFetchTests {
  private static let key = "8934e7d15453e97507ef794cf7b0519d"
  private let day: BeijingDay

  init() throws { day = try #require(BeijingDay("2026-11-23")) }

  private func fetch(
    key: String = key, _ answer: Result<HTTPResponse, HTTPFailure>
  ) throws -> (BillFetch.Result, Outgoing?) {
    let file = "/tmp/vend-bill-key-\(RandomBits.text(count: 8))"
    try Files.replace(file, with: Array(key.utf8), permissions: 0o600, durable: false)
    defer { try? FileManager.default.removeItem(atPath: file) }
    var payment = Healthy.machine().payment
    payment.keyFile = file
    let sent = Mutex<Outgoing?>(nil)
    let result = BillFetch(payment).fetchV2(day) { message in
      sent.withLock { $0 = message }
      return answer
    }
    return (result, sent.withLock { $0 })
  }

  private func text(_ text: String, status: Int = 200) -> Result<HTTPResponse, HTTPFailure> {
    .success(HTTPResponse(status: status, body: Array(text.utf8), receivedAt: Healthy.time))
  }

  private func refusal(_ words: String) -> Result<HTTPResponse, HTTPFailure> {
    text(
      "<xml><return_code><![CDATA[FAIL]]></return_code>"
        + "<return_msg><![CDATA[\(words)]]></return_msg></xml>")
  }

  private func bill() throws -> [UInt8] {
    try Files.read(
      "\(Files.directory(of: #filePath))/../WeChatPayTests/Resources/corpus/bill/taken-day")
  }

  @Test func theQuestionIsSignedAndNamesTheDay() throws {
    let (result, sent) = try fetch(refusal("No Bill Exist"))
    #expect(result == .noTrades)
    let message = try FlatXML(#require(sent?.body))
    #expect(message["bill_date"] == "20261123" && message["bill_type"] == "ALL")
    #expect(Signature.verify(message.fields, key: try APIKey(Self.key)))
    #expect(sent?.path == "/pay/downloadbill" && sent?.isForFile == true)
  }

  @Test func aWholeBillComesAsItIs() throws {
    let bytes = try bill()
    let response = HTTPResponse(status: 200, body: bytes, receivedAt: Healthy.time)
    #expect(try fetch(.success(response)).0 == .bill(bytes, rows: 2))
    #expect(BillFetch.judge(.bill(bytes)) == .bill(bytes, rows: 2))
  }

  @Test func aCutBillAndEveryOtherAnswerIsNone() throws {
    let cut = String(decoding: try bill().dropLast(40), as: UTF8.self)
    let answers: [(Result<HTTPResponse, HTTPFailure>, String)] = [
      (text(cut), "summary"), (refusal("SIGN ERROR"), "SIGN ERROR"), (text("<html>"), "no trade"),
      (text("", status: 502), "HTTP 502"), (.failure(HTTPFailure(.timeout, "late")), "late"),
    ]
    for (answer, words) in answers {
      guard case .failed(let said, let fix) = try fetch(answer).0 else {
        Issue.record("taken: \(words)")
        continue
      }
      #expect(said.contains(words) && !fix.isEmpty, "\(said)")
    }
    #expect(try fetch(refusal("Bill Creating")).0 == .notReady)
  }

  @Test func aKeyThatIsNoneAsksNothing() throws {
    let (result, sent) = try fetch(key: "short", refusal("x"))
    guard case .failed(let words, _) = result else {
      Issue.record("asked")
      return
    }
    #expect(words == "the API key: it has 5 characters, not 32" && sent == nil)
  }

  @Test func answersOfV3AreToldApart() {
    #expect(BillFetch.judge(.noTrades) == .noTrades)
    #expect(BillFetch.judge(.notReady) == .notReady)
    let refusal = Refusal(code: "NO_AUTH", words: "x", reaction: .stopAndAlarm)
    let doubt = Doubt(.badSignature, "not the one that was announced")
    for answer in [BillAnswer.refused(refusal), .unknown(doubt)] {
      guard case .failed(_, let fix) = BillFetch.judge(answer) else {
        Issue.record("\(answer)")
        continue
      }
      #expect(!fix.isEmpty)
    }
  }
}
