import Control
import Core
import FoundationEssentials
import Glibc
import Inspection
import MachineFiles
import Money
import Ordering
import Platform
import Storage
import Testing
import Timing
import Vending

@testable import Diagnostics

@Suite("The records, out of the machine")
struct RecordsTests {
  private static let numbers = ["M01AAAAAAAA0001", "M01AAAAAAAA0002", "M01AAAAAAAA0003"]

  private static func filled() throws -> StateDirectory {
    let state = try StateDirectory()
    try state.fill(
      journal: numbers.map { ($0, $0.hasSuffix("2") ? .failed(.noDrop) : .delivered(.dropSensed)) })
    return state
  }

  private static func export(
    _ state: StateDirectory, _ book: StoreName, _ format: JournalExport.Format,
    after sequence: Int64 = 0, limit: Int = 1000
  ) throws -> String {
    var text = ""
    try state.bench.export(book, as: format, after: sequence, limit: limit) { text += $0 }
    return text
  }

  @Test("are lines of JSON, each a record with its body")
  func lines() throws {
    struct Line: Decodable {
      struct Body: Decodable { var verdict: JSONAny? }
      struct JSONAny: Decodable { init(from decoder: any Decoder) {} }
      var sequence: Int64
      var at: String
      var book: String
      var order: String
      var kind: String
      var body: Body
    }
    let state = try Self.filled()
    let lines = try Self.export(state, .board, .jsonl).split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    #expect(lines.map(\.sequence) == Array(1...12))
    #expect(lines.filter { $0.kind == "verdict" }.map(\.order) == Self.numbers)
    #expect(lines.filter { $0.body.verdict != nil }.count == 3)
    #expect(Set(lines.map(\.book)) == ["board"])
    #expect(try Self.export(state, .core, .jsonl).contains(#""book":"core""#))
  }

  @Test("go on where they stopped, and no further than they are told")
  func pages() throws {
    let state = try Self.filled()
    let whole = try Self.export(state, .board, .jsonl)
    let parts = try [(0, 5), (5, 5), (10, 500)].map {
      try Self.export(state, .board, .jsonl, after: Int64($0.0), limit: $0.1)
    }
    #expect(parts.joined() == whole)
    #expect(parts.map { $0.split(separator: "\n").count } == [5, 5, 2])
  }

  @Test("are CSV that quotes what a table would take for its own")
  func table() throws {
    let state = try Self.filled()
    let lines = try Self.export(state, .board, .csv, limit: 1).split(separator: "\r\n")
    #expect(lines.count == 2)
    #expect(lines[0] == "sequence,at,book,order,kind,body")
    #expect(
      lines[1].hasPrefix("1,2026-11-18T11:07:00.000Z,board,M01AAAAAAAA0001,sale-began,\"{\"\""))
    #expect(lines[1].hasSuffix("}\""))
  }

  @Test("list orders as CSV, with what a customer may have written quoted")
  func orders() {
    var order = OrderSummary(
      number: "M01AAAAAAAA0001", lane: "11", title: "可乐 \"Cola\", cold", amountFen: 435,
      state: "held", isOpen: true, madeAtMilliseconds: 1_795_000_000_000,
      updatedAtMilliseconds: 1_795_000_009_000, transaction: "4200", note: "")
    var wanted = "order,made,updated,lane,product,fen,state,open,transaction,note\r\n"
    #expect(OrdersTable.csv([]) == wanted)
    wanted += "M01AAAAAAAA0001,2026-11-18T11:06:40.000Z,2026-11-18T11:06:49.000Z,11,"
    wanted += "\"可乐 \"\"Cola\"\", cold\",435,held,yes,4200,\r\n"
    #expect(OrdersTable.csv([order]) == wanted)
    (order.isOpen, order.transaction, order.note) = (false, nil, "line\nend")
    #expect(OrdersTable.csv([order]).hasSuffix(",held,no,,\"line\nend\"\r\n"))
  }

  @Test("are whole, and a seal shows what was changed after it")
  func seal() throws {
    let state = try Self.filled()
    let first = BooksVerification(directory: state.path)
    #expect(first.isWell)
    #expect(first.books.map(\.records) == [12, 5])
    #expect(first.books.map(\.seal?.last) == [12, 5])
    // More is written: the old records are what they were.
    try state.fill(journal: [("M01AAAAAAAA0004", .delivered(.dropSensed))])
    let second = BooksVerification(directory: state.path, against: first)
    #expect(second.isWell)
    #expect(second.books.map(\.isUnchanged) == [true, true])
    #expect(second.books.map(\.seal?.last) == [16, 6])
    #expect(second.books[0].seal?.sha256 != first.books[0].seal?.sha256)
    // Another history of the same length, with sums that add up: a forger's.
    let other = try StateDirectory()
    try other.fill(journal: Self.numbers.map { ($0, .delivered(.dropSensed)) })
    let forged = BooksVerification(directory: other.path, against: first)
    #expect(!forged.isWell)
    #expect(forged.books[0].isUnchanged == false)
    #expect(forged.books[0].damage == nil, "its own sums add up")
    // Cut off: fewer than were sealed.
    let short = try StateDirectory()
    try short.fill(journal: [(Self.numbers[0], .delivered(.dropSensed))])
    #expect(BooksVerification(directory: short.path, against: first).books[0].isUnchanged == false)
  }

  @Test("that are damaged are named, in both languages")
  func damage() throws {
    let state = try Self.filled()
    let sealed = BooksVerification(directory: state.path)
    for language in Bilingual.Language.allCases {
      let text = VerificationText(language).text(sealed)
      #expect(text.contains("12") && text.contains("sha256"))
    }
    let path = "\(state.path)/core.db"
    unlink("\(path)-wal")
    unlink("\(path)-shm")
    try Files.replace(path, with: Array("no database at all, but long enough".utf8))
    let broken = BooksVerification(directory: state.path)
    #expect(!broken.isWell)
    #expect(broken.books[1].damage != nil)
    #expect(VerificationText(.english).text(broken).contains("the order book: "))
    #expect(VerificationText(.chinese).text(broken).contains("订单簿："))
  }

  @Test("count what was sold and what went back, without a daemon as beside one")
  func counters() throws {
    let state = try StateDirectory()
    let journal = try RecordStore(path: "\(state.path)/board.db", role: .board)
    var ledger = Ledger()
    let number = StateDirectory.number(Self.numbers[0])
    for entry in [
      StateDirectory.sale(number), StateDirectory.intent(number),
      .verdict(number, .delivered(.dropSensed)), .testVend(lane: "12"),
    ] { ledger.apply(entry, laneFailureLimit: 2, at: Healthy.time) }
    try journal.commit([], values: [(Ledger.storageKey, try JSONText.encode(ledger))])
    _ = try RecordStore(path: "\(state.path)/core.db", role: .core)
    let counters = try state.bench.counters()
    #expect(counters["vends"] == 1)
    #expect(counters["valueFen"] == 435)
    #expect(counters["testVends"] == 1)
    #expect(counters["refunds"] == 0)
    for language in Bilingual.Language.allCases {
      try Golden.expect(
        CountersText(language).text(counters), is: "counters.\(language.rawValue).txt")
    }
    let daemon = try EmulatedDaemon(state.bench.configuration.controlSocket) { _ in
      .status(Healthy.status())
    }
    #expect(try state.bench.counters() == ["vends": 41, "failures": 2])
    withExtendedLifetime(daemon) {}
  }
}

@Suite("What leaves a machine for support")
struct RedactionTests {
  /// Secrets as they are, and as they stand in files: none may be in what is sent.
  static let secrets = [
    "8934e7d15453e97507ef794cf7b0519d",
    "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
    "weixin://wxpay/bizpayurl?pr=NwY5Mz9&group=00",
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7",
    "C380BEC2BFD727A4B6845133519F3AD6",
    "hunter2hunter2", "s3cr3t-token-of-mine", "4200002026112800000000001234",
    "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4",
  ]

  private static let text = """
    key = "8934e7d15453e97507ef794cf7b0519d"
    {"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o","transaction":"4200002026112800000000001234"}
    payer oUpF8uMuAJO_M2pxb1Q9zNjWeS6o paid 4200002026112800000000001234 for it
    sign=C380BEC2BFD727A4B6845133519F3AD6
    {"codeURL":"weixin://wxpay/bizpayurl?pr=NwY5Mz9&group=00","order":"M011RSQ7YC0ABCDEF7F3K"}
    password = "hunter2hunter2"
      remote_token: s3cr3t-token-of-mine
    notify_url = "https://user:hunter2hunter2@example.com/notify?token=s3cr3t-token-of-mine"
    signature Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4
    -----BEGIN PRIVATE KEY-----
    MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7
    shortend
    -----END PRIVATE KEY-----
    key_file = "/etc/vend/credentials/api-key"
    certificate = "/etc/vend/credentials/certificate-key.pem"
    it said: password=hunter2hunter2, user=vend; {"a":1,"token":"s3cr3t-token-of-mine","b":2}
    refund M011RSQ7YC0ABCDEF7F3KR1 of 4.35 CNY, vendd-out-of-service.service
    2026-11-18T11:06:40.000Z
    """

  @Test("has none of its secrets, and keeps what helps")
  func scrub() throws {
    let scrubbed = Redaction().scrub(Self.text)
    for secret in Self.secrets { #expect(!scrubbed.contains(secret), "\(secret)") }
    for kept in [
      "M011RSQ7YC0ABCDEF7F3KR1", "M011RSQ7YC0ABCDEF7F3K", "4.35 CNY", "001234",
      "/etc/vend/credentials/api-key", "certificate-key.pem", "vendd-out-of-service.service",
      "2026-11-18T11:06:40.000Z", "example.com/notify", "user=vend; {\"a\":1,", "\"b\":2}",
    ] { #expect(scrubbed.contains(kept), "\(kept)") }
    try Golden.expect(scrubbed + "\n", is: "redacted.txt")
  }

  @Test("has none of the very texts that the key files hold, whatever they look like")
  func known() {
    let redaction = Redaction(knowing: ["a plain-looking key\n", "-----BEGIN X-----\nabcdefgh12\n"])
    let text = "x=a plain-looking key, abcdefgh12 and -----BEGIN"
    #expect(!redaction.scrub(text).contains("plain-looking"))
    #expect(!redaction.scrub("it is abcdefgh12.").contains("abcdefgh12"))
    #expect(Redaction(knowing: ["ab"]).scrub("cab") == "cab", "too short to be a secret")
  }

  @Test("is less than a megabyte with every part there, and holds no secret of the machine")
  func bundle() throws {
    let folder = "/tmp/vend-bundle-\(RandomBits.text(count: 12))"
    try #require(mkdir(folder, 0o750) == 0)
    let state = "\(folder)/state"
    try #require(mkdir(state, 0o750) == 0)
    let key = "8934e7d15453e97507ef794cf7b0519d"
    let root = Files.directory(of: Files.directory(of: Files.directory(of: #filePath)))
    let sample = try Files.readText("\(root)/board/samples/with-drop-sensor.toml")
    let text = sample + "\n# a note of the operator's: password = hunter2hunter2\n"
    try Files.replace("\(folder)/machine.toml", with: Array(text.utf8))
    defer { _ = try? FileManager.default.removeItem(atPath: folder) }
    var site = Healthy.site
    let read = site.read
    site.read = { path in
      switch path {
      case "\(folder)/machine.toml": .success(Array(text.utf8))
      case let path where path.hasSuffix("api-key"): .success(Array("\(key)\n".utf8))
      default: read(path)
      }
    }
    let long = (1...5000).map { "line \($0) key \(key) openid oUpF8uMuAJO_M2pxb1Q9zNjWeS6o\n" }
    site.run = { program, _ in
      .success(Command.Output(code: 0, text: program == "journalctl" ? long.joined() : "Linux\n"))
    }
    let bundle = SupportBundle(path: "\(folder)/machine.toml", site: site).text()
    #expect(bundle.utf8.count < 1_000_000)
    for part in ["versions", "doctor", "machine file", "log"] {
      #expect(bundle.contains("\n==== \(part) ====\n"), "\(part)")
    }
    #expect(bundle.contains("line 5000"))
    #expect(bundle.contains("bytes left out"))
    for secret in Self.secrets { #expect(!bundle.contains(secret), "\(secret)") }
  }
}
