internal import Money
public import Storage
internal import Timing

/// What a board's journal says of its orders, read record by record.
///
/// It reads the bodies by their shape on the disk and not by the types that wrote them: whoever
/// audits must be able to find that those are wrong.
public struct JournalStory: Hashable, Sendable {
  /// The orders by number.
  private(set) var orders: [String: JournalOrder] = [:]
  /// The order that began last: it alone may still be under way.
  private(set) var newest: String?
  /// Names of the machines whose sales are in it; one, unless it was renamed.
  private(set) var machines: Set<String> = []

  /// A journal without records.
  public init() {}

  /// How many sales began.
  public var orderCount: Int { orders.count }

  /// Reads a whole journal, after checking every row of it.
  public init(reading store: RecordStore) throws(StorageError) {
    _ = try store.verify()
    var last: Int64 = 0
    while true {
      let page = try store.records(after: last, limit: 1000)
      for record in page { try add(record) }
      guard let end = page.last?.sequence else { return }
      last = end
    }
  }

  /// Takes the next record in; `.corrupt` when it says what no record of its kind can say.
  public mutating func add(_ record: Record) throws(StorageError) {
    guard let kind = Kind(rawValue: record.kind) else {
      throw .corrupt(
        "record \(record.sequence) has the kind \(record.kind), which this program does not know")
    }
    if kind.isAboutNoOrder { return }
    do throws(StorageError) {
      try add(kind, try JSONText.decode(Body.self, from: record.body), record)
    } catch {
      throw .corrupt("record \(record.sequence) (\(record.kind)): \(error)")
    }
  }

  private mutating func add(
    _ kind: Kind, _ body: Body, _ record: Record
  ) throws(StorageError) {
    if kind == .saleBegan {
      guard let request = body.saleBegan?.first, request.number == record.subject else {
        throw .corrupt("no sale of order \(record.subject)")
      }
      // A number that begins twice is two sales of one name; the second is kept as a contradiction.
      let isAgain = orders[request.number] != nil
      if isAgain {
        orders[request.number]?.beganTwice = true
      } else {
        orders[request.number] = JournalOrder(request)
      }
      newest = request.number
      machines.insert(request.machine)
      return
    }
    var order = orders[record.subject] ?? JournalOrder(beginningLost: record.subject)
    try order.add(kind, body, record)
    orders[record.subject] = order
  }

  /// The words for records in the journal's table.
  enum Kind: String {
    case saleBegan = "sale-began"
    case cancelling
    case endedUnpaid = "ended-unpaid"
    case intent
    case verdict
    case settled
    case lateDrop = "late-drop"
    case testVend = "test-vend"
    case refilled
    // What persons have done to stock, prices and lanes, and vends without money.
    case stocked, priced
    case parSet = "par-set"
    case laneSwitched = "lane-switched"
    case codeTried = "code-tried"
    case serviceEntered = "service-entered"
    case serviceVend = "service-vend"
    case serviceVendMissed = "service-vend-missed"
    case faultsCleared = "faults-cleared"
    case serviceLocked = "service-locked"
    /// What the board saw beside what it decided; no money hangs on either.
    case trace
    case fault

    var isAboutNoOrder: Bool {
      switch self {
      case .testVend, .refilled, .faultsCleared, .serviceLocked, .trace, .fault, .stocked,
        .priced, .parSet, .laneSwitched, .codeTried, .serviceEntered, .serviceVend,
        .serviceVendMissed:
        true
      case .saleBegan, .cancelling, .endedUnpaid, .intent, .verdict, .settled, .lateDrop: false
      }
    }
  }

  /// What a record's JSON may hold; the fields that matter here.
  struct Body: Decodable {
    var saleBegan: First<StatedRequest>?
    var intent: Pair<StatedPayment>?
    var verdict: Pair<StatedVerdict>?

    struct First<Value: Decodable>: Decodable {
      var first: Value
      enum CodingKeys: String, CodingKey { case first = "_0" }
    }

    struct Pair<Value: Decodable>: Decodable {
      var number: String
      var second: Value
      enum CodingKeys: String, CodingKey {
        case number = "_0"
        case second = "_1"
      }
    }

    struct StatedVerdict: Decodable {
      var delivered: First<String>?
      var failed: First<String>?
      var unsure: First<String>?

      /// The one verdict that it is; nil when it is none or several.
      var verdict: Verdict? {
        switch (delivered?.first, failed?.first, unsure?.first) {
        case (let word?, nil, nil): Verdict.Evidence(rawValue: word).map { .delivered($0) }
        case (nil, let word?, nil): Verdict.Failure(rawValue: word).map { .failed($0) }
        case (nil, nil, "refund"): .unsureRefund
        case (nil, nil, "hold"): .unsureHold
        case (nil, nil, "assumeDelivered"): .assumedDelivered
        default: nil
        }
      }
    }
  }
}
