import Money
import Storage
import Timing

@testable import Audit

/// A day of one machine as bill, journal and book tell it, for tests to spoil.
struct Shop {
  static let noon = WallTime(beijingCompact: "20261123120000") ?? WallTime(seconds: 0)
  static let day = BeijingDay(of: noon)

  var journal: [Record] = []
  var items: [Item] = []
  var history: [Record] = []
  var bill: [BillLine] = []
  var days: Set<BeijingDay> = [day]
  var hasBook = true
  /// The board's and the provider's clock.
  var now = noon
  var machine = "VM01"

  // MARK: Judging

  func reconciliation() throws -> Reconciliation {
    var story = JournalStory()
    for record in journal { try story.add(record) }
    var book = BookStory()
    for item in items { try book.add(item) }
    for record in history { try book.add(record) }
    return Reconciliation(journal: story, book: hasBook ? book : nil, bill: bill, days: days)
  }

  // MARK: Selling

  /// Sold, paid and delivered.
  mutating func sell(_ number: String, fen: Int64 = 435) {
    begin(number, fen)
    pay(number, fen)
    judge(number, #"{"delivered":{"_0":"dropSensed"}}"#)
    keep(number, fen, state: "delivered", note: "delivered (dropSensed)", kinds: ["delivered"])
  }

  /// Sold, paid, jammed and given back.
  mutating func jam(_ number: String, fen: Int64 = 435) {
    begin(number, fen)
    pay(number, fen)
    judge(number, #"{"failed":{"_0":"noDrop"}}"#)
    keep(
      number, fen, state: "refunded", note: "noDrop",
      kinds: ["refundOwed", "refundAccepted", "refunded"])
    refund(number, fen)
  }

  /// Cancelled before anybody paid.
  mutating func cancel(_ number: String, fen: Int64 = 435) {
    begin(number, fen)
    write(number, "ended-unpaid", #"{"endedUnpaid":{"_0":"\#(number)"}}"#)
    keep(number, fen, isPaid: false, state: "closed", note: "", kinds: ["closed"])
  }

  // MARK: Steps

  mutating func begin(_ number: String, _ fen: Int64 = 435) {
    write(
      number, "sale-began",
      #"{"saleBegan":{"_0":\#(request(number, fen)),"_1":{"code":"11","price":\#(fen)}}}"#)
  }

  /// The money comes, and the journal has its intent.
  mutating func pay(_ number: String, _ fen: Int64 = 435) {
    bill.append(line(.payment, number, fen))
    write(
      number, "intent", #"{"intent":{"_0":"\#(number)","_1":\#(payment(number, fen))}}"#)
  }

  mutating func judge(_ number: String, _ outcome: String) {
    write(number, "verdict", #"{"verdict":{"_0":"\#(number)","_1":\#(outcome)}}"#)
    write(number, "settled", #"{"settled":{"_0":"\#(number)"}}"#)
  }

  mutating func refund(_ number: String, _ fen: Int64 = 435, as name: String? = nil) {
    bill.append(line(.refund(trouble: nil), number, fen, refund: name ?? "\(number)R1"))
  }

  mutating func write(_ number: String, _ kind: String, _ body: String) {
    journal.append(Record(at: now, subject: number, kind: kind, body: body))
    now = now + .seconds(1)
  }

  /// The book's present state of an order, and the words that led to it.
  mutating func keep(
    _ number: String, _ fen: Int64 = 435, isPaid: Bool = true, state: String, note: String,
    kinds: [String] = []
  ) {
    items.removeAll { $0.key == number }
    let money = isPaid ? #","payment":\#(payment(number, fen))"# : ""
    let body =
      #"{"request":\#(request(number, fen))\#(money),"note":"\#(note)","state":"\#(state)"}"#
    items.append(
      Item(key: number, isOpen: false, updatedAt: now, state: state, body: body))
    for kind in kinds {
      history.append(Record(at: now, subject: number, kind: kind, body: body))
    }
  }

  func request(_ number: String, _ fen: Int64) -> String {
    #"{"number":"\#(number)","machine":"\#(machine)","amount":\#(fen),"#
      + #""madeAt":{"milliseconds":\#(now.milliseconds)}}"#
  }

  func payment(_ number: String, _ fen: Int64) -> String {
    #"{"order":"\#(number)","total":\#(fen),"currency":"CNY","#
      + #""paidAt":{"milliseconds":\#(now.milliseconds)}}"#
  }

  func line(
    _ kind: BillLine.Kind, _ number: String, _ fen: Int64, refund: String = "",
    device: String? = nil
  ) -> BillLine {
    BillLine(
      line: bill.count + 2, kind: kind, order: number, refund: refund,
      device: device ?? machine, amount: Amount(fen: fen), currency: "CNY",
      fee: FineAmount(thousandthsOfFen: kind == .payment ? 2610 : -2610), at: now)
  }
}
