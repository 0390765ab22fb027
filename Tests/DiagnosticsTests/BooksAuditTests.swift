import Audit
import Glibc
import Money
import Ordering
import Platform
import Storage
import Testing
import Timing
import Vending

@testable import Diagnostics

@Suite("vendctl audit")
struct BooksAuditTests {
  private static let day = BeijingDay(of: Healthy.time)
  private static let sold = "M01AAAAAAAA0001"
  private static let jammed = "M01AAAAAAAA0002"

  /// A machine's two files and the bill of a day on which it sold once and jammed once, written by
  /// the types that the daemon writes with.
  private struct Files3 {
    let directory: StateDirectory
    var journal: String { "\(directory.path)/board.db" }
    var book: String { "\(directory.path)/core.db" }
    var bill: String { "\(directory.path)/screen.png" }

    func audit(
      book: Bool = true, bills: [String]? = nil, day: BeijingDay? = nil
    ) throws -> Reconciliation {
      try BooksAudit(
        journal: journal, book: book ? self.book : nil, bills: bills ?? [bill], day: day
      ).reconcile()
    }
  }

  private func files() throws -> Files3 {
    let files = Files3(directory: try StateDirectory())
    try files.directory.fill(journal: [
      (Self.sold, .delivered(.dropSensed)), (Self.jammed, .failed(.noDrop)),
    ])
    try write(Self.bill(), to: files.bill)
    return files
  }

  private func write(_ text: String, to path: String) throws {
    try Files.replace(path, with: Array(text.utf8), durable: false)
  }

  private func words(_ body: () throws -> Reconciliation) -> String {
    do {
      return "\(try body().differenceCount) differences"
    } catch {
      return "\(error)"
    }
  }

  // MARK: The bill

  private static func bill(
    rows: [String] = [payment(sold), payment(jammed), refund(jammed)],
    summary: String = "`3.0,`8.7,`4.35,`0.0,`0.03,`8.7,`4.35"
  ) -> String {
    let header =
      "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
      + "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
      + "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
    let end = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
    return (["\u{FEFF}\(header)"] + rows + [end, summary, ""]).joined(separator: "\r\n")
  }

  private static func payment(_ number: String, device: String = "M01") -> String {
    "`\(moment),`wx01,`19,`0,`\(device),`42,`\(number),`o,`NATIVE,`SUCCESS,`OTHERS,`CNY,`4.35,`0.00"
      + ",`0,`0,`0.00,`0.00,`,`,`可乐 Cola,`,`0.03000,`0.60%,`4.35,`0.00,`"
  }

  private static func refund(_ number: String, status: String = "SUCCESS") -> String {
    "`\(moment),`wx01,`19,`0,`M01,`42,`\(number),`o,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`503"
      + ",`\(number)R1,`4.35,`0.00,`ORIGINAL,`\(status),`可乐 Cola,`,`-0.03000,`0.60%,`0.00,`4.35,`"
  }

  private static var moment: String {
    let fields = Healthy.time.fields(offsetSeconds: WallTime.beijingOffsetSeconds)
    return "\(fields.date(separator: "-")) \(fields.time(separator: ":"))"
  }

  // MARK: What is said

  @Test("finds that everything adds up, and says so in a page")
  func wellInText() throws {
    let result = try files().audit()
    #expect(
      AuditText(.english, clock: LocalClock { _ in 8 * 3600 }).text(result) == """
        bill of 2026-11-18

        made                       order            paid  delivered  refunded  open  unexplained
        2026-11-18 19:06:41+08:00  M01AAAAAAAA0001  4.35       4.35      0.00  0.00         0.00
        2026-11-18 19:06:42+08:00  M01AAAAAAAA0002  4.35       0.00      4.35  0.00         0.00

                        yuan
        paid            8.70
        delivered       4.35
        refunded        4.35
        open cases      0.00
        unexplained     0.00
        fees         0.03000

        everything adds up

        """)
  }

  @Test("names every order that does not fit, with a sentence")
  func differencesInText() throws {
    let files = try files()
    try write(
      Self.bill(
        rows: [
          Self.payment(Self.jammed), Self.payment("M01XXXXXXXX0009"),
          Self.payment("M02XXXXXXXX0001", device: "M02"),
        ], summary: "`3.0,`13.05,`0.0,`0.0,`0.09,`13.05,`0.0"), to: files.bill)
    #expect(
      AuditText(.english, clock: LocalClock { _ in 8 * 3600 }).text(try files.audit()) == """
        bill of 2026-11-18

        made                       order            paid  delivered  refunded  open  unexplained
        2026-11-18 19:06:41+08:00  M01AAAAAAAA0001  0.00       0.00      0.00  0.00         0.00  !
        2026-11-18 19:06:42+08:00  M01AAAAAAAA0002  4.35       0.00      0.00  0.00         4.35  !
        -                          M01XXXXXXXX0009  4.35       0.00      0.00  0.00         4.35  !

                                    yuan
        paid                        8.70
        delivered                   0.00
        refunded                    0.00
        open cases                  0.00
        unexplained                 8.70
        fees                     0.06000
        other machines paid         4.35
        other machines refunded     0.00

        !  M01AAAAAAAA0001  the journal has it as paid with 4.35 CNY, but the bill has no payment
        !  M01AAAAAAAA0002  4.35 CNY are owed back, but the bill has no refund
        !  M01XXXXXXXX0009  4.35 CNY were paid at the provider, but the journal does not know the \
        order
        !  M01XXXXXXXX0009  it is paid, and neither delivered nor refunded nor an open case
        4 differences

        """)
  }

  @Test("lists an open case with its reason, and a refund of an earlier payment apart")
  func openInText() throws {
    let files = try files()
    try files.directory.hold(Self.sold)
    try write(
      Self.bill(
        rows: [Self.payment(Self.sold), Self.payment(Self.jammed), Self.refund(Self.jammed)]),
      to: files.bill)
    let text = AuditText(.english, clock: LocalClock { _ in 0 }).text(try files.audit())
    #expect(text.contains("open  M01AAAAAAAA0001  a person must decide: the customer calls\n"))
    #expect(text.hasSuffix("everything adds up; 1 not finished\n"))
    let refundAlone = Reconciliation(
      journal: try JournalStory(
        reading: RecordStore(path: files.journal, role: .board, mode: .readOnly)),
      book: nil,
      bill: [
        BillLine(
          line: 2, kind: .refund(trouble: nil), order: Self.jammed, refund: "R1", device: "M01",
          amount: Amount(fen: 435), currency: "CNY", fee: .zero,
          at: Healthy.time + .seconds(2 * 86_400))
      ], days: [BeijingDay(of: Healthy.time + .seconds(2 * 86_400))])
    let page = AuditText(.english, clock: LocalClock { _ in 0 }).text(refundAlone)
    #expect(page.contains("0.00  paid earlier\n"), "\(page)")
    #expect(page.contains("refunded of earlier days     4.35\n"), "\(page)")
  }

  @Test("says the same to programs, in fen")
  func json() throws {
    let files = try files()
    let report = AuditReport(try files.audit())
    #expect(report.addsUp && report.schema == 1 && report.days == ["2026-11-18"])
    #expect(report.paidFen == 870 && report.deliveredFen == 435 && report.refundedFen == 435)
    #expect(report.feeMillifen == 3000 && report.orders.count == 2)
    try write(
      Self.bill(
        rows: [Self.payment(Self.sold), Self.payment(Self.jammed)],
        summary: "`2,`8.70,`0,`0,`0.06,`8.70,`0"), to: files.bill)
    let json = AuditReport(try files.audit()).json
    #expect(
      json.contains(
        """
              "differences" : [
                {
                  "kind" : "refundMissing",
                  "words" : "4.35 CNY are owed back, but the bill has no refund"
                }
              ],
        """), "\(json)")
    #expect(json.contains("\"addsUp\" : false") && json.contains("\"unexplainedFen\" : 435"))
  }

  @Test("does without a book, and reads a day without trades")
  func less() throws {
    let files = try files()
    #expect(try files.audit(book: false).addsUp)
    let answer = """
      <xml><return_code><![CDATA[FAIL]]></return_code>
      <return_msg><![CDATA[No Bill Exist]]></return_msg></xml>
      """
    try write(answer, to: files.bill)
    #expect(
      words { try files.audit() }
        == "bill \(files.bill): there were no trades; say of which day with --day")
    #expect(try files.audit(day: BeijingDay("2026-11-20")).addsUp)
    #expect(try files.audit(day: Self.day).differenceCount == 3, "two payments and a refund")
  }

  // MARK: What cannot be read

  @Test("names the file that cannot be read, and why")
  func refusals() throws {
    let files = try files()
    let there = files.directory.path
    func refusal(
      journal: String? = nil, book: String? = nil, bills: [String]? = nil, day: String? = nil
    ) -> String {
      words {
        try BooksAudit(
          journal: journal ?? files.journal, book: book ?? files.book,
          bills: bills ?? [files.bill], day: day.flatMap { BeijingDay($0) }
        ).reconcile()
      }
    }
    #expect(refusal() == "0 differences")
    #expect(refusal(bills: ["\(there)/none"]) == "bill \(there)/none: No such file or directory")
    #expect(refusal(bills: [there]) == "bill \(there): Is a directory")
    #expect(
      refusal(bills: [files.bill, files.bill])
        == "bill \(files.bill): 2026-11-18 is in \(files.bill) too")
    #expect(
      refusal(day: "2026-11-19") == "bill \(files.bill): it is of 2026-11-18, not of 2026-11-19")
    #expect(
      refusal(journal: "\(there)/none") == "journal \(there)/none: \(there)/none is not there")
    #expect(
      refusal(journal: files.book)
        == "journal \(files.book): \(files.book) is the core's store, not the board's")
    #expect(
      refusal(book: files.journal)
        == "book \(files.journal): \(files.journal) is the board's store, not the core's")
    #expect(refusal(journal: files.bill).hasPrefix("journal \(files.bill): "))
    try write("", to: "\(there)/control")
    #expect(
      refusal(journal: "\(there)/control")
        == "journal \(there)/control: \(there)/control (it is empty) is not there")
    try write(Self.bill(rows: [Self.payment(Self.sold)]), to: files.bill)
    #expect(
      refusal()
        == "bill \(files.bill): line 4: 总交易单数 is 3.0 in the summary, but the rows come to 1")
  }

  @Test("reports a damaged journal instead of reading on")
  func damage() throws {
    let files = try files()
    // A log that stays holds the same pages once more, and would be read instead.
    unlink("\(files.journal)-wal")
    var bytes = try Files.read(files.journal)
    let needle = Array("noDrop".utf8)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: needle) })
    bytes[place] = UInt8(ascii: "N")
    try Files.replace(files.journal, with: bytes, durable: false)
    let said = words { try files.audit() }
    #expect(said.hasPrefix("journal \(files.journal): damaged: "), "\(said)")
  }

  @Test("writes nothing into the stores that it reads")
  func readOnly() throws {
    let files = try files()
    let before = (try Files.read(files.journal), try Files.read(files.book))
    _ = try files.audit()
    #expect(try Files.read(files.journal) == before.0)
    #expect(try Files.read(files.book) == before.1)
  }

  @Test("reads every record that the daemon can write")
  func everyEntry() throws {
    let entries: [Entry] =
      Outcome.Evidence.allCases.map { .verdict(.sample, .delivered($0)) }
      + Outcome.Failure.allCases.map { .verdict(.sample, .failed($0)) }
      + Outcome.UnsureChoice.allCases.map { .verdict(.sample, .unsure($0)) }
      + [
        .cancelling(.sample), .endedUnpaid(.sample), .settled(.sample), .lateDrop(.sample),
        .testVend(lane: "11"), .refilled(lane: "11", pieces: 5), .faultsCleared,
        .serviceLocked(true),
      ]
      + [
        Deed.stocked([Deed.Fill(lane: "11", pieces: 5)]),
        .priced(lane: "11", from: .zero, to: .zero, listed: .zero),
        .parSet(lane: "11", pieces: 5), .switched(lane: "11", isOn: false), .codeTried,
        .serviceEntered, .serviceVend(lane: "11"), .serviceVendMissed(lane: "11"),
      ].map { .deed($0, by: .keypad) }
    for entry in entries {
      var story = JournalStory()
      for entry in [StateDirectory.sale(.sample), StateDirectory.intent(.sample), entry] {
        try story.add(StateDirectory.record(entry))
      }
      #expect(story.orderCount == 1)
    }
  }
}

extension OrderNumber {
  fileprivate static var sample: OrderNumber { StateDirectory.number("M01AAAAAAAA0001") }
}
