import Glibc
import Money
import Platform
import Storage
import Testing
import Timing

@testable import Audit

/// Journals and books as they lie on a disk, and what is wrong with them.
@Suite struct StoryReadingTests {
  private static let number = "VM01AAAA0001"

  private func refusal(_ kind: String, _ body: String, subject: String = number) -> String? {
    var story = JournalStory()
    do throws(StorageError) {
      try story.add(Record(at: Shop.noon, subject: subject, kind: kind, body: body))
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func everyKindOfVerdictIsRead() throws {
    let table: [(String, Verdict)] =
      Verdict.Evidence.allCases.map { (#"{"delivered":{"_0":"\#($0)"}}"#, .delivered($0)) }
      + Verdict.Failure.allCases.map { (#"{"failed":{"_0":"\#($0)"}}"#, .failed($0)) }
      + [
        (#"{"unsure":{"_0":"refund"}}"#, .unsureRefund),
        (#"{"unsure":{"_0":"hold"}}"#, .unsureHold),
        (#"{"unsure":{"_0":"assumeDelivered"}}"#, .assumedDelivered),
      ]
    for (outcome, verdict) in table {
      var shop = Shop()
      shop.begin(Self.number)
      shop.judge(Self.number, outcome)
      var story = JournalStory()
      for record in shop.journal { try story.add(record) }
      #expect(story.orders[Self.number]?.verdict == verdict)
    }
  }

  @Test func recordsAboutNoOrderAreNoMatter() {
    for kind in ["test-vend", "refilled", "faults-cleared", "service-locked"] {
      #expect(refusal(kind, "{}", subject: "") == nil)
    }
  }

  @Test func whatNoRecordCanSayIsNamed() {
    let table = [
      ("verdict", "not JSON"), ("verdict", "{}"), ("verdict", #"{"verdict":{"_0":"X"}}"#),
      ("verdict", #"{"verdict":{"_0":"OTHER0000001","_1":{"unsure":{"_0":"hold"}}}}"#),
      ("verdict", #"{"verdict":{"_0":"VM01AAAA0001","_1":{"unsure":{"_0":"maybe"}}}}"#),
      (
        "verdict",
        #"{"verdict":{"_0":"VM01AAAA0001","_1":{"unsure":{"_0":"hold"},"failed":{"_0":"noDrop"}}}}"#
      ),
      ("intent", #"{"intent":{"_0":"OTHER0000001","_1":{"total":1,"currency":"CNY"}}}"#),
      ("intent", #"{"intent":{"_0":"VM01AAAA0001","_1":{"total":1.5,"currency":"CNY"}}}"#),
      ("sale-began", #"{"saleBegan":{"_0":{"number":"VM01AAAA0001"}}}"#),
      ("sale-began", "{}"),
    ]
    for (kind, body) in table {
      #expect(refusal(kind, body)?.contains("record 0 (\(kind))") == true, "\(kind) \(body)")
    }
    #expect(
      refusal("sold-again", "{}")?.contains("the kind sold-again, which this program") == true)
  }

  @Test func whatNoBookCanSayIsNamed() {
    let body = #"{"request":\#(Shop().request(Self.number, 435)),"note":""}"#
    func refusal(_ key: String, _ state: String, _ body: String) -> String? {
      var book = BookStory()
      do throws(StorageError) {
        try book.add(
          Item(key: key, isOpen: false, updatedAt: Shop.noon, state: state, body: body))
        return nil
      } catch {
        return "\(error)"
      }
    }
    #expect(refusal(Self.number, "delivered", body) == nil)
    for (key, state, body) in [
      (Self.number, "sold", body), ("OTHER0000001", "delivered", body),
      (Self.number, "delivered", "{}"), (Self.number, "delivered", "nothing"),
    ] {
      #expect(refusal(key, state, body)?.contains("order \(key)") == true)
    }
  }

  // MARK: Files

  @Test func aStoreIsReadWhole() throws {
    let folder = try Folder()
    var shop = Shop()
    for index in 0..<600 { shop.sell("VM01\(index + 10_000)") }
    do {
      let journal = try RecordStore(path: folder.journal, role: .board)
      for start in stride(from: 0, to: shop.journal.count, by: 500) {
        try journal.commit(Array(shop.journal[start..<min(start + 500, shop.journal.count)]))
      }
      let book = try RecordStore(path: folder.book, role: .core)
      try book.commit(shop.history, items: shop.items)
    }
    let journal = try JournalStory(
      reading: RecordStore(path: folder.journal, role: .board, mode: .readOnly))
    let book = try BookStory(
      reading: RecordStore(path: folder.book, role: .core, mode: .readOnly))
    #expect(journal.orderCount == 600 && book.orderCount == 600)
    let result = Reconciliation(
      journal: journal, book: book, bill: shop.bill, days: [Shop.day])
    #expect(result.addsUp && result.sums.delivered == Amount(fen: 600 * 435))
  }

  @Test func aJournalIsReadBesideItsWriter() throws {
    let folder = try Folder()
    let writer = try RecordStore(path: folder.journal, role: .board)
    var shop = Shop()
    shop.sell(Self.number)
    try writer.commit(shop.journal)
    let reader = try RecordStore(path: folder.journal, role: .board, mode: .readOnly)
    #expect(try JournalStory(reading: reader).orderCount == 1)
  }

  @Test func aDamagedJournalIsReportedWhereverItIsDamaged() throws {
    let folder = try Folder()
    var shop = Shop()
    for index in 0..<40 { shop.sell("VM01\(index + 10_000)") }
    do {
      let writer = try RecordStore(path: folder.journal, role: .board)
      try writer.commit(shop.journal)
    }
    let whole = try Files.read(folder.journal)
    let truth = try Self.story(folder.journal)
    for offset in stride(from: 0, to: whole.count, by: 211) {
      var damaged = whole
      damaged[offset] ^= 0x40
      try Files.replace(folder.journal, with: damaged, durable: false)
      // What is not found to be damaged says what it said before.
      guard let story = try? Self.story(folder.journal) else { continue }
      #expect(story == truth, "byte \(offset)")
    }
    try Files.replace(folder.journal, with: Array(whole[..<8192]), durable: false)
    #expect(throws: StorageError.self) { try Self.story(folder.journal) }
  }

  private static func story(_ path: String) throws -> JournalStory {
    try JournalStory(reading: RecordStore(path: path, role: .board, mode: .readOnly))
  }
}

/// A folder for two stores, removed in the end.
private final class Folder {
  private let path = "/tmp/vend-audit-\(RandomBits.text(count: 12))"
  var journal: String { "\(path)/board.db" }
  var book: String { "\(path)/core.db" }

  init() throws {
    guard mkdir(path, 0o700) == 0 else { throw SystemError.last("mkdir", path) }
  }

  deinit {
    for file in [journal, book] {
      for suffix in ["", "-wal", "-shm"] { unlink(file + suffix) }
    }
    rmdir(path)
  }
}
