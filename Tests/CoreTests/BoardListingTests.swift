import Control
import Core
import EmulatedCore
import FoundationEssentials
import Glibc
import Money
import Ordering
import Platform
import Storage
import Testing
import Timing
import Vending

/// Orders as the board's journal alone tells them.
@Suite struct BoardListingTests {
  private let directory: String
  private let journal: RecordStore
  private let lane = Plan.Lane(
    code: "11", channel: "r1", name: "Water", price: Amount(fen: 435), pulse: .milliseconds(700),
    capacity: nil)

  init() throws {
    var template = Array("/tmp/vend-listing-XXXXXX".utf8CString)
    directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    journal = try RecordStore(path: "\(directory)/board.db", role: .board)
  }

  /// Writes entries as the daemon does.
  private func write(_ entries: [Entry]) throws {
    var ledger: Ledger = try journal.decoded(Ledger.storageKey) ?? Ledger()
    for entry in entries {
      let time = WallTime(seconds: 1_800_000_000)
      ledger.apply(entry, laneFailureLimit: 2, at: time)
      try journal.commit(
        [
          Record(
            at: time, subject: entry.order?.text ?? "", kind: entry.kind,
            body: try JSONText.encode(entry))
        ], values: [(Ledger.storageKey, try JSONText.encode(ledger))])
    }
  }

  private func order(_ tail: String) -> OrderRequest { .sample("TEST0000000000000\(tail)") }

  private func sale(_ order: OrderRequest, _ rest: [Entry]) -> [Entry] {
    [.saleBegan(order, lane)] + rest
  }

  private var listing: OrderListing { OrderListing(journal: journal) }

  @Test(
    arguments: [
      ([], "open", true, nil), ([.cancelling], "closing", true, nil),
      ([.ended], "closed", false, nil), ([.intent], "permitted", true, "T"),
      ([.intent, .verdict(.delivered(.dropSensed))], "delivered", true, "T"),
      ([.intent, .verdict(.delivered(.dropSensed)), .settled], "delivered", false, "T"),
      ([.intent, .verdict(.failed(.noDrop)), .settled], "refundAtService", false, "T"),
      ([.intent, .verdict(.unsure(.refund))], "refundAtService", true, "T"),
      ([.intent, .verdict(.unsure(.hold)), .settled], "heldAtService", false, "T"),
      ([.intent, .verdict(.unsure(.assumeDelivered)), .settled], "delivered", false, "T"),
    ] as [([Step], String, Bool, String?)])
  func anOrderIsToldAsFarAsTheBoardKnows(
    steps: [Step], state: String, isOpen: Bool, transaction: String?
  ) throws {
    let order = order("AB1")
    try write(sale(order, steps.map { $0.entry(order) }))
    let found = try #require(try listing.orders(openOnly: false, limit: 9).get().first)
    #expect(found.state == state && found.isOpen == isOpen)
    #expect((found.transaction != nil) == (transaction != nil))
    #expect(found.amountFen == 435 && found.lane == "11")
    #expect((found.note == OrderListing.serviceKnows) == state.hasSuffix("AtService"))
    #expect(try listing.orders(openOnly: true, limit: 9).get().count == (isOpen ? 1 : 0))
    try FileManager.default.removeItem(atPath: directory)
  }

  /// What happens to an order.
  enum Step: Sendable {
    case cancelling, ended, intent, settled
    case verdict(Outcome)

    func entry(_ order: OrderRequest) -> Entry {
      switch self {
      case .cancelling: .cancelling(order.number)
      case .ended: .endedUnpaid(order.number)
      case .intent: .intent(order.number, order.payment)
      case .settled: .settled(order.number)
      case .verdict(let outcome): .verdict(order.number, outcome)
      }
    }
  }

  @Test func oneIsFoundByItsLastCharactersUnlessSeveralEndSo() throws {
    let orders = ["AA1", "AB1", "BB2"].map { order($0) }
    for order in orders { try write(sale(order, [.endedUnpaid(order.number)])) }
    #expect(try listing.order("bb2").get()?.0.number == orders[2].number.text)
    #expect(try listing.order("BB2").get()?.1.map(\.kind) == ["sale-began", "ended-unpaid"])
    #expect(try listing.order(orders[0].number.text).get()?.0.number == orders[0].number.text)
    #expect(try listing.number(named: "B1").get() == orders[1].number.text)
    for text in ["1", "", "ZZ"] { #expect(try listing.order(text).get() == nil, "\(text)") }
    #expect(
      try listing.orders(openOnly: false, limit: 2).get().map(\.number)
        == [orders[2], orders[1]].map(\.number.text), "the newest first")
    #expect(try listing.refunds().get() == RefundCount())
    try FileManager.default.removeItem(atPath: directory)
  }
}
