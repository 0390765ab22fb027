internal import Money
internal import Timing

/// One order with everything that is said about it, to be judged.
struct OrderCase {
  let number: String
  let journal: JournalOrder?
  let book: BookOrder?
  /// Whether there is a book at all.
  let hasBook: Bool
  /// Whether its sale is the journal's last, and may still be under way.
  let isNewest: Bool
  let bill: [BillLine]
  let days: Set<BeijingDay>

  /// Around midnight the board's clock and the provider's may not agree on the day, and a refund
  /// may need a while.
  static let margin: Duration = .seconds(600)

  var payments: [BillLine] { bill.filter { $0.kind == .payment } }
  var refunds: [BillLine] { bill.filter { $0.kind != .payment } }
  var paid: Amount { payments.reduce(.zero) { $0 + $1.amount } }
  var refunded: Amount { refunds.reduce(.zero) { $0 + $1.amount } }

  /// What was paid, on whichever day.
  var knownPayment: StatedPayment? { book?.payment ?? journal?.intent }

  /// The order's line; nil when it has nothing to do with these days.
  var line: Reconciliation.OrderLine? {
    var line = Reconciliation.OrderLine(number: number)
    line.madeAt = journal?.request?.madeAt ?? book?.request.madeAt
    line.fee = bill.reduce(into: .zero) { $0 += $1.fee }
    line.differences = differences
    line.paid = paid
    if payments.isEmpty {
      line.refundedOfEarlier = refunded
    } else {
      share(&line)
    }
    if line.unexplained != .zero, line.differences.isEmpty { line.differences = [noEnd] }
    return bill.isEmpty && line.differences.isEmpty ? nil : line
  }

  /// Whether the order has anything to do with these days.
  var isOfTheseDays: Bool {
    if !bill.isEmpty || isPaymentExpected || isRefundExpected { return true }
    let times = [journal?.request?.madeAt, journal?.lastAt].compactMap(\.self)
    return times.contains { days.contains(BeijingDay(of: $0)) }
  }

  /// Says where each fen that was paid has gone.
  private func share(_ line: inout Reconciliation.OrderLine) {
    line.refunded = refunded
    var rest = paid - refunded
    if rest > .zero, isRefundedElsewhere {
      line.refunded = paid
      rest = .zero
    }
    if rest > .zero, isDelivered, !isRefundOfPerson {
      // What was paid a second time was paid for nothing.
      line.delivered = min(rest, payments[0].amount)
      line.unexplained = rest - line.delivered
    } else if rest > .zero, let reason = openReason {
      (line.open, line.openReason) = (rest, reason)
    } else {
      line.unexplained = rest
    }
  }

  // MARK: What became of it

  /// Whether the goods went, as far as anybody says.
  var isDelivered: Bool {
    journal?.verdict?.isDelivery == true || book?.state == .delivered
  }

  /// Whether the money is due back.
  var owesRefund: Bool {
    if let book { return [.refundOwed, .refunding, .refunded].contains(book.state) }
    return journal?.verdict?.owesRefund == true
  }

  /// A delivery that a person gave back: goods and money are gone, and somebody meant it.
  var isRefundOfPerson: Bool {
    guard let book, book.isDecidedByPerson else { return false }
    return [.refundOwed, .refunding, .refunded].contains(book.state)
  }

  /// The book says that the money went back on a day of which this is not the bill.
  private var isRefundedElsewhere: Bool {
    guard let book, book.state == .refunded || book.state == .refunding,
      let time = book.refundAcceptedAt
    else { return false }
    return !isSurelyWithin(time)
  }

  /// Why its money may be nobody's yet; nil when it should be somebody's.
  var openReason: String? {
    if let book {
      // What the provider accepted is on its bill, or something is wrong.
      if book.state == .refunding, let time = book.refundAcceptedAt, isSurelyWithin(time) {
        return nil
      }
      return book.openReason
    }
    if hasBook { return nil }
    guard let journal else { return nil }
    switch journal.verdict {
    case .unsureHold: return "a person must decide"
    case .failed, .unsureRefund:
      guard let time = journal.settledAt else { return "the core does not know its verdict yet" }
      return isSurelyWithin(time) ? nil : "its refund may be on the next day's bill"
    case .delivered, .assumedDelivered: return nil
    case nil:
      if journal.isEndedUnpaid, payments.contains(where: { !isSurelyWithin($0.at) }) {
        return "its refund may be on the next day's bill"
      }
      if journal.isEndedUnpaid || journal.settledAt != nil { return nil }
      if journal.isCancelling { return "it is being ended" }
      return isNewest ? "its sale is under way" : nil
    }
  }

  // MARK: Days

  /// Whether a moment of the board's clock lies on these days by any clock.
  func isSurelyWithin(_ time: WallTime) -> Bool {
    [.zero - Self.margin, Self.margin].allSatisfy { days.contains(BeijingDay(of: time + $0)) }
  }

  /// Whether the payment must be on this bill.
  var isPaymentExpected: Bool {
    guard journal?.isPaid == true || book?.payment != nil else { return false }
    // The provider's own time is exact.
    if let time = knownPayment?.paidAt { return days.contains(BeijingDay(of: time)) }
    guard let made = journal?.request?.madeAt ?? book?.request.madeAt else { return false }
    return isSurelyWithin(made) && isSurelyWithin(journal?.lastAt ?? made)
  }

  /// Whether the refund must be on this bill.
  var isRefundExpected: Bool {
    guard owesRefund else { return false }
    if let book {
      return book.state != .refundOwed && book.refundAcceptedAt.map(isSurelyWithin) == true
    }
    return !hasBook && journal?.settledAt.map(isSurelyWithin) == true
  }
}
