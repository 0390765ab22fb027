internal import Money
public import Storage
internal import Timing

/// What a payment core's book says of its orders.
public struct BookStory: Hashable, Sendable {
  /// The orders by number.
  private(set) var orders: [String: BookOrder] = [:]

  /// A book without orders.
  public init() {}

  /// How many orders it has.
  public var orderCount: Int { orders.count }

  /// Reads a whole book, after checking every row of it.
  public init(reading store: RecordStore) throws(StorageError) {
    _ = try store.verify()
    for item in try store.items(limit: .max) { try add(item) }
    var last: Int64 = 0
    while true {
      let page = try store.records(after: last, limit: 1000)
      for record in page { try add(record) }
      guard let end = page.last?.sequence else { return }
      last = end
    }
  }

  /// Takes an order's present state in.
  public mutating func add(_ item: Item) throws(StorageError) {
    let body: BookOrder.Body
    do throws(StorageError) {
      body = try JSONText.decode(BookOrder.Body.self, from: item.body)
    } catch {
      throw .corrupt("order \(item.key): \(error)")
    }
    guard let state = BookOrder.State(rawValue: item.state), body.request.number == item.key else {
      throw .corrupt("order \(item.key) is \(item.state), which this program does not know")
    }
    orders[item.key] = BookOrder(body, state)
  }

  /// Takes a step of an order's history in; of one whose present state is unknown it says nothing.
  public mutating func add(_ record: Record) throws(StorageError) {
    guard var order = orders[record.subject] else { return }
    do throws(StorageError) {
      order.add(
        record.kind, try JSONText.decode(BookOrder.Body.self, from: record.body), at: record.at)
    } catch {
      throw .corrupt("record \(record.sequence) (\(record.kind)): \(error)")
    }
    orders[record.subject] = order
  }
}

/// What a book says of one order.
struct BookOrder: Hashable, Sendable {
  /// Where it stands, in the book's words.
  enum State: String, Hashable, Sendable {
    case opening, notOpened, open, closing, closed, paid, permitted, delivered, refundOwed
    case refunding, refunded, held
  }

  struct Body: Decodable {
    var request: StatedRequest
    var payment: StatedPayment?
    var note: String
  }

  var request: StatedRequest
  var payment: StatedPayment?
  var state: State
  var note: String
  /// When the provider accepted its refund.
  var refundAcceptedAt: WallTime?
  /// A person decided about it.
  var isDecidedByPerson = false
  /// A person said that it was refunded by another way: perhaps in cash, which no bill shows.
  var isRefundedOutside = false

  init(_ body: Body, _ state: State) {
    (request, payment, note) = (body.request, body.payment, body.note)
    self.state = state
    isDecidedByPerson = Self.isDecision(body.note)
  }

  mutating func add(_ kind: String, _ body: Body, at time: WallTime) {
    if kind == "refundAccepted" || (kind == "refunded" && refundAcceptedAt == nil) {
      refundAcceptedAt = time
    }
    if Self.isDecision(body.note) { isDecidedByPerson = true }
    if kind == "refundedOutside" { isRefundedOutside = true }
  }

  /// The book writes a person's decision into the order's note.
  private static func isDecision(_ note: String) -> Bool { note.hasPrefix("a person decided") }

  /// Whether it was found to have come to nothing.
  var isUnpaid: Bool { state == .closed || state == .notOpened }

  /// Why money of it may be nobody's yet, in words; nil when the book has done with it.
  var openReason: String? {
    switch state {
    case .held: "a person must decide: \(note)"
    case .refundOwed: "its refund is owed"
    case .refunding: "its refund is on its way"
    case .paid, .permitted: "it is not settled yet"
    case .opening, .open, .closing: "it can still be paid"
    case .refunded where isRefundedOutside: note
    case .notOpened, .closed, .delivered, .refunded: nil
    }
  }
}
