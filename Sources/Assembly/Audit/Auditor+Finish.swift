public import Money
public import Timing

extension Auditor {
  /// What others say of the same money, each since the auditor began; nil where nobody says.
  public struct Books: Hashable, Sendable {
    /// The machine's own counter of the value that it sold.
    public var soldByMachine: Amount?
    /// What the core's book has as delivered.
    public var deliveredByCore: Amount?
    /// What came in by the provider's bill.
    public var receivedByProvider: Amount?
    /// What went back by the provider's bill.
    public var returnedByProvider: Amount?

    /// Books of which nobody says anything.
    public init() {}
  }

  /// Demands an end of everything, and that every book adds up.
  ///
  /// To be called after `faultsStopped`, once nothing is left to do or the bound has passed. What
  /// has not ended by then never will (I10); money that lies with nobody's knowledge is a fourth
  /// end (I3); and the books agree to the fen (I11). Faults may go on afterwards.
  public mutating func finish(at now: Instant, books: Books = Books()) -> [Violation] {
    missDeadlines(now)
    for place in orders.indices { demandEnd(place, now) }
    for relay in relays {
      object(.relayIsCapped, relay.place, now, "lane \(relay.lane) is still on")
    }
    compare(books, now)
    faultsStoppedAt = nil
    return takeFound()
  }

  private mutating func demandEnd(_ place: Int, _ now: Instant) {
    let order = orders[place]
    guard order.marks.contains(.selected) else { return }
    if !order.isEnded {
      return object(.everyOrderEnds, place, now, "has no end in the journal")
    }
    if order.verdict != nil, !order.marks.contains(.settled) {
      object(.everyOrderEnds, place, now, "the core never took its verdict over")
    }
    if order.canBePaid(at: now) {
      object(.everyOrderEnds, place, now, "can still be paid")
    }
    guard order.kept > .zero, !order.isDelivered, !order.isOpenCase else { return }
    if order.verdict?.owesRefund == true || order.marks.contains(.personRefunded) {
      object(.everyOrderEnds, place, now, "\(order.kept) are owed and have not gone back")
    } else {
      object(
        .oneEnd, place, now,
        "is paid, and neither delivered nor refunded nor told to anybody")
    }
  }

  private mutating func compare(_ books: Books, _ now: Instant) {
    var sums = forgotten
    for order in orders { sums.add(order) }
    // One order that does not count leaves no sum to compare.
    if sums.isExcused { return }
    let pairs = [
      ("the machine says that it sold", books.soldByMachine, sums.sold),
      ("the core says that were delivered", books.deliveredByCore, sums.delivered),
      ("the provider says that came in", books.receivedByProvider, sums.received),
      ("the provider says that went back", books.returnedByProvider, sums.returned),
    ]
    for (words, said, seen) in pairs {
      guard let said, said != seen else { continue }
      object(.sumsAgree, nil, now, "\(words) \(said), but it was \(seen)")
    }
  }

  /// What all orders come to.
  struct Sums: Hashable, Sendable {
    var sold = Amount.zero
    var delivered = Amount.zero
    var received = Amount.zero
    var returned = Amount.zero
    var isExcused = false

    mutating func add(_ order: AuditedOrder) {
      if order.excused.contains(.sumsAgree) { isExcused = true }
      received += order.received
      returned += order.returned
      if order.verdict?.isDelivery == true { sold += order.price }
      if order.isDelivered { delivered += order.price }
    }
  }
}
