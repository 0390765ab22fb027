internal import Money
internal import Timing

// What does not fit, each as a sentence.
extension OrderCase {
  var differences: [Difference] {
    guard isOfTheseDays else { return [] }
    return knowledge + paymentDifferences + amountDifferences + refundDifferences + endDifferences
  }

  /// Money that is nobody's.
  var noEnd: Difference {
    let words =
      book?.isUnpaid == true
      ? "it is paid, but the book has it as unpaid, and nobody gave it back"
      : "it is paid, and neither delivered nor refunded nor an open case"
    return Difference(.noEnd, words)
  }

  // MARK: Who knows of it

  private var knowledge: [Difference] {
    var found: [Difference] = []
    if journal?.request == nil {
      if let payment = payments.first {
        found.append(
          .init(
            .notInJournal,
            "\(payment.amount) were paid at the provider, but the journal does not know the order"))
      } else if let refund = refunds.first {
        found.append(
          .init(
            .refundOfUnknown,
            "\(refund.amount) went back at the provider, but the journal does not know the order"))
      } else {
        found.append(.init(.notInJournal, "the journal does not know its beginning"))
      }
    }
    if hasBook, book == nil, journal?.isPaid == true {
      found.append(.init(.notInBook, "the journal has it as paid, but the book does not know it"))
    }
    if journal?.beganTwice == true {
      found.append(.init(.twoEnds, "its number begins two sales in the journal"))
    }
    return found
  }

  // MARK: Payments

  private var paymentDifferences: [Difference] {
    var found: [Difference] = []
    if payments.isEmpty, isPaymentExpected {
      let sum = knownPayment?.total ?? journal?.request?.amount ?? .zero
      let who = journal?.isPaid == true ? "the journal" : "the book"
      found.append(
        .init(.notOnBill, "\(who) has it as paid with \(sum), but the bill has no payment"))
    }
    if payments.count > 1 {
      found.append(.init(.paidTwice, "the bill has \(payments.count) payments of it"))
    }
    for line in bill where line.currency != "CNY" {
      found.append(.init(.currency, "line \(line.line) of the bill is in \(line.currency)"))
    }
    return found
  }

  private var amountDifferences: [Difference] {
    guard let payment = payments.first else { return [] }
    let said: [(String, Amount?)] = [
      ("the journal's price is", journal?.request?.amount),
      ("the journal has it as paid with", journal?.intent?.total),
      ("the book's price is", book?.request.amount),
      ("the book has it as paid with", book?.payment?.total),
    ]
    // A wrong sum that the book holds for a person is his to decide.
    if book?.state == .held, book?.payment?.total == payment.amount { return [] }
    return said.compactMap { words, amount in
      guard let amount, amount != payment.amount else { return nil }
      return .init(.amountsDiffer, "the bill says \(payment.amount), but \(words) \(amount)")
    }
  }

  // MARK: Refunds

  private var refundDifferences: [Difference] {
    var found: [Difference] = []
    let due = payments.isEmpty ? knownPayment?.total ?? journal?.request?.amount : paid
    if refunds.count > 1 {
      let names = refunds.map { "\($0.amount) as \($0.refund)" }.joined(separator: ", ")
      found.append(.init(.refundedTwice, "it was refunded more than once: \(names)"))
    } else if let refund = refunds.first, let due, refund.amount != due {
      found.append(.init(.amountsDiffer, "\(refund.amount) went back of \(due)"))
    }
    // What the book holds a person has seen, or will.
    if !refunds.isEmpty, isDelivered, !isRefundOfPerson, book?.state != .held {
      found.append(
        .init(.deliveredAndRefunded, "it was delivered and refunded, and no person decided that"))
    }
    for refund in refunds {
      if case .refund(let trouble?) = refund.kind, book?.state != .held {
        found.append(
          .init(
            .refundFailed, "its refund did not reach the payer (\(trouble)), and no case is open"))
      }
    }
    if !refunds.isEmpty, !isDelivered, !owesRefund, !isHeld, journal?.isEndedUnpaid != true {
      found.append(.init(.refundUnexplained, "it was refunded, but nobody owed a refund"))
    }
    if refunds.isEmpty, isRefundExpected {
      let sum = due ?? .zero
      found.append(.init(.refundMissing, "\(sum) are owed back, but the bill has no refund"))
    }
    return found
  }

  private var isHeld: Bool { book?.state == .held || journal?.verdict == .unsureHold }

  // MARK: Ends

  private var endDifferences: [Difference] {
    var found: [Difference] = []
    if journal?.hasTwoEnds == true {
      found.append(.init(.twoEnds, "the journal gives it two ends"))
    }
    if let words = disagreement { found.append(.init(.booksDisagree, words)) }
    let isRefunded = !refunds.isEmpty || isRefundExpected || owesRefund
    if !payments.isEmpty, !isDelivered, !isRefunded, openReason == nil {
      found.append(noEnd)
    }
    return found
  }

  /// Where journal and book contradict each other about the end; a person may overrule both.
  private var disagreement: String? {
    guard let journal, journal.request != nil, let book, !book.isDecidedByPerson else { return nil }
    switch (journal.verdict, book.state) {
    case (let verdict?, .delivered) where !verdict.isDelivery:
      return "the journal does not have it as delivered, the book has"
    case (let verdict?, .refundOwed), (let verdict?, .refunding), (let verdict?, .refunded):
      return verdict.isDelivery ? "the journal has it as delivered, the book as refunded" : nil
    case (let verdict?, .closed), (let verdict?, .notOpened):
      return verdict.isDelivery ? "the journal has it as delivered, the book as unpaid" : nil
    case (nil, .delivered):
      return "the book has it as delivered, but the journal has no verdict"
    default:
      return nil
    }
  }
}
