import BackOffice
import FoundationEssentials
import MachineFiles
import Ordering
import Platform
import Testing
import Timing
import Vending
import WeChatPay

@testable import Diagnostics

/// A bill is fetched whole, or not at all.
@Suite struct BillFetchTests {
  private func bill() throws -> [UInt8] {
    try Files.read(
      "\(Files.directory(of: #filePath))/../WeChatPayTests/Resources/corpus/bill/taken-day")
  }

  @Test func aWholeBillComesAsItIs() throws {
    let bytes = try bill()
    #expect(BillFetch.judge(.bill(bytes)) == .bill(bytes, rows: 2))
  }

  @Test func aCutBillAndEveryOtherAnswerIsNone() throws {
    let answers: [(BillAnswer, String)] = [
      (.bill(Array(try bill().dropLast(40))), "summary"), (.bill(Array("hello".utf8)), "no trade"),
      (.refused(Refusal(code: "NO_AUTH", words: "x", reaction: .stopAndAlarm)), "NO_AUTH"),
      (.unknown(Doubt(.badSignature, "not the one that was announced")), "announced"),
    ]
    for (answer, words) in answers {
      guard case .failed(let said, let fix) = BillFetch.judge(answer) else {
        Issue.record("taken: \(words)")
        continue
      }
      #expect(said.contains(words) && !fix.english.isEmpty, "\(said)")
    }
    #expect(BillFetch.judge(.noTrades) == .noTrades)
    #expect(BillFetch.judge(.notReady) == .notReady)
  }

  @Test func aKeyThatIsNoneAsksNothing() throws {
    let file = "/tmp/vend-bill-key-\(RandomBits.text(count: 8))"
    try Files.replace(file, with: Array("short".utf8), permissions: 0o600, durable: false)
    defer { try? FileManager.default.removeItem(atPath: file) }
    var payment = Healthy.machine().account
    payment.keyFile = file
    let day = try #require(BeijingDay("2026-11-23"))
    guard case .failed(let words, _) = BillFetch(payment).fetch(day) else {
      Issue.record("asked")
      return
    }
    #expect(words.contains("it has 5 characters, not 32"))
  }
}
