internal import Money
internal import Timing

// What a query's answer means, by who asked.
extension OrderBook {
  mutating func queryAnswered(
    _ number: OrderNumber, _ answer: QueryAnswer, _ now: Instant
  ) -> [Effect] {
    let question = waiting.removeValue(forKey: number) ?? .lateCheck
    guard orders[number] != nil else {
      return question == .stranger ? strangerCancelled(number, answer) : []
    }
    switch answer {
    case .paid(let payment):
      return paymentSeen(number, payment, question, now)
    case .refunded(let payment):
      return refundSeen(number, payment, question, now)
    case .closed:
      return closedSeen(number, question, now)
    case .pending:
      return pendingSeen(number, question, exists: true, now)
    case .notFound:
      return pendingSeen(number, question, exists: false, now)
    case .refused(let refusal):
      return nothingLearnt(number, Doubt(.tryLater, refusal.code), question, now)
    case .unknown(let doubt):
      return nothingLearnt(number, doubt, question, now)
    }
  }

  mutating func paymentNoticed(_ payment: Payment, _ now: Instant) -> [Effect] {
    guard orders[payment.order] != nil else { return [] }
    return paymentSeen(payment.order, payment, .lateCheck, now)
  }

  // MARK: Money

  private mutating func paymentSeen(
    _ number: OrderNumber, _ payment: Payment, _ question: Question, _ now: Instant
  ) -> [Effect] {
    guard let order = orders[number] else { return [] }
    guard payment.order == number, payment.total == order.request.amount,
      payment.currency == "CNY"
    else { return disputed(number, payment, question) }
    switch order.state {
    case .opening, .open, .closing:
      return firstPayment(number, payment, question, now)
    case .closed, .notOpened:
      if case .settlement(let outcome) = question {
        change(number) { $0.payment = payment }
        return settle(number, outcome, now)
      }
      // The customer has gone; a stranger must not get the product.
      due(number, at: now)
      return move(number, to: .refundOwed, .refundOwed, then: answers(.refunding, question)) {
        $0.payment = payment
        $0.lateChecksLeft = 0
        $0.note = "paid after the order was closed"
      }
    case .paid, .permitted, .delivered, .refundOwed, .refunding, .refunded, .held:
      return answers(Self.status(of: order), question)
    }
  }

  private mutating func firstPayment(
    _ number: OrderNumber, _ payment: Payment, _ question: Question, _ now: Instant
  ) -> [Effect] {
    switch question {
    case .status(permit: .some(let nonce)):
      dropDuty(number)
      let answer = Answer.status(.paid(payment, isPermitted: true))
      return move(number, to: .permitted, .permitted, then: [.answer(answer)]) {
        $0.payment = payment
        $0.permitNonce = nonce
      }
    case .settlement(let outcome):
      change(number) { $0.payment = payment }
      return settle(number, outcome, now)
    case .status(permit: nil), .beforeClose, .afterClose, .paidSaid, .lateCheck, .stranger:
      due(number, at: now + Self.permitPatience)
      let status = StatusAnswer.paid(payment, isPermitted: false)
      return move(number, to: .paid, .paid, then: answers(status, question)) {
        $0.payment = payment
      }
    }
  }

  /// Verified money that is not the money we asked for: no rule may decide that.
  private mutating func disputed(
    _ number: OrderNumber, _ payment: Payment, _ question: Question
  ) -> [Effect] {
    let words =
      "paid \(payment.total) (\(payment.currency)) instead of "
      + "\(orders[number]?.request.amount.description ?? "?")"
    dropDuty(number)
    return move(
      number, to: .held, .held, then: [.alarm(number, words)] + answers(.held, question)
    ) {
      $0.payment = payment
      $0.note = words
    }
  }

  private mutating func refundSeen(
    _ number: OrderNumber, _ payment: Payment, _ question: Question, _ now: Instant
  ) -> [Effect] {
    guard let order = orders[number] else { return [] }
    switch order.state {
    case .refundOwed, .refunding:
      // Ours, most likely: `queryRefund` tells how far it is.
      due(number, at: now)
      return answers(.refunding, question)
    case .refunded, .held, .notOpened, .delivered:
      return answers(Self.status(of: order), question)
    case .opening, .open, .closing, .closed, .paid, .permitted:
      let words = "a refund was started outside this machine"
      dropDuty(number)
      return move(
        number, to: .held, .held, then: [.alarm(number, words)] + answers(.held, question)
      ) {
        $0.payment = payment
        $0.note = words
      }
    }
  }

  // MARK: No money

  private mutating func closedSeen(
    _ number: OrderNumber, _ question: Question, _ now: Instant
  ) -> [Effect] {
    guard let order = orders[number] else { return [] }
    if case .settlement(let outcome) = question, !order.state.hasMoney {
      return settledUnpaid(number, outcome, isClosed: true, now)
    }
    switch order.state {
    case .opening, .open, .closing:
      return close(number, answers(.closed, question), now)
    case .closed:
      return lateCheckMade(number, now)
    case .paid, .permitted, .refundOwed, .refunding, .held, .notOpened, .delivered, .refunded:
      return answers(Self.status(of: order), question)
    }
  }

  private mutating func pendingSeen(
    _ number: OrderNumber, _ question: Question, exists: Bool, _ now: Instant
  ) -> [Effect] {
    guard let order = orders[number] else { return [] }
    switch question {
    case .status:
      return answers(Self.status(of: order), question)
    case .beforeClose(let asked):
      waiting[number] = .afterClose(asked: asked)
      if order.state == .closing { return [.close(number)] }
      return move(number, to: .closing, .closing, then: [.close(number)])
    case .afterClose(let asked):
      // Closed (or burnt, when it never existed) and unpaid after that.
      let effects: [Effect] = asked ? [.answer(.cancel(.closed))] : []
      return close(number, effects, now)
    case .paidSaid(let asked):
      // The provider's copies disagree (facts: WeChat Pay D.19): unknown, never unpaid.
      return closingFailed(number, Doubt(.tryLater, "paid, but not yet to be seen"), asked, now)
    case .lateCheck:
      return order.state == .closed ? lateCheckMade(number, now) : []
    case .settlement(let outcome):
      return settledUnpaid(number, outcome, isClosed: false, now)
    case .stranger:
      return []
    }
  }

  /// A cancel of a number that is not in the book: closed when the provider does not know it
  /// either.
  private func strangerCancelled(_ number: OrderNumber, _ answer: QueryAnswer) -> [Effect] {
    func unknown(_ doubt: Doubt) -> Effect { .answer(.cancel(.unknown(doubt))) }
    switch answer {
    case .notFound, .closed:
      return [.answer(.cancel(.closed))]
    case .pending, .paid, .refunded:
      let words = "the provider knows an order that is not in the book"
      return [.alarm(number, words), unknown(Doubt(.mismatch, words))]
    case .refused(let refusal): return [unknown(Doubt(.tryLater, refusal.code))]
    case .unknown(let doubt): return [unknown(doubt)]
    }
  }

  /// Ends the order unpaid, and watches a while for money that was already on its way.
  private mutating func close(
    _ number: OrderNumber, _ effects: [Effect], _ now: Instant
  ) -> [Effect] {
    due(number, at: now + Self.lateCheckPauses[0])
    return move(number, to: .closed, .closed, then: effects) {
      $0.lateChecksLeft = Self.lateCheckPauses.count
    }
  }

  private mutating func lateCheckMade(_ number: OrderNumber, _ now: Instant) -> [Effect] {
    guard let order = orders[number], order.lateChecksLeft > 0 else { return [] }
    let left = order.lateChecksLeft - 1
    if left > 0 {
      due(number, at: now + Self.lateCheckPause(left: left))
    }
    return move(number, to: .closed, .lateCheck, then: []) { $0.lateChecksLeft = left }
  }

  /// When late money is looked for after a close.
  static let lateCheckPauses: [Duration] = [.seconds(30), .seconds(300)]

  /// The pause before the first of the `left` checks that are still to be made.
  static func lateCheckPause(left: Int) -> Duration {
    lateCheckPauses.suffix(left).first ?? .zero
  }

  /// The board dispensed an order for which the provider has no money: I2 is broken, or the query
  /// lags behind.
  ///
  /// A person looks at it.
  private mutating func settledUnpaid(
    _ number: OrderNumber, _ outcome: Outcome, isClosed: Bool, _ now: Instant
  ) -> [Effect] {
    switch outcome {
    case .failed:
      // Nothing fell. What can still be paid is not over; what cannot owes nobody anything.
      let accepted = [Effect.answer(.settle(.accepted))]
      switch orders[number]?.state {
      case .closed, .notOpened: return accepted
      case .opening, .open, .closing, .paid, .permitted, .delivered, .refundOwed, .refunding,
        .refunded, .held, nil:
        if isClosed { return close(number, accepted, now) }
        return [.answer(.settle(.unknown(Doubt(.tryLater, "\(number) is not paid yet"))))]
      }
    case .delivered, .unsure:
      let words = "the board says: \(outcome.words), but the provider says that it is unpaid"
      dropDuty(number)
      return move(
        number, to: .held, .held, then: [.alarm(number, words), .answer(.settle(.accepted))]
      ) { $0.note = words }
    }
  }

  private mutating func nothingLearnt(
    _ number: OrderNumber, _ doubt: Doubt, _ question: Question, _ now: Instant
  ) -> [Effect] {
    guard let order = orders[number] else { return [] }
    switch question {
    case .status:
      return [.answer(.status(.unknown(doubt)))]
    case .beforeClose(let asked):
      // The intention to end it must survive a crash, even if the provider cannot be asked now.
      retryLater(number, now)
      let effects: [Effect] = asked ? [.answer(.cancel(.unknown(doubt)))] : []
      if order.state == .closing { return effects }
      return move(number, to: .closing, .closing, then: effects)
    case .afterClose(let asked), .paidSaid(let asked):
      return closingFailed(number, doubt, asked, now)
    case .lateCheck:
      // An answer that nobody asked for must not hurry an order on.
      if order.state == .closed { retryLater(number, now) }
      return []
    case .settlement:
      return [.answer(.settle(.unknown(doubt)))]
    case .stranger:
      return []
    }
  }

  /// The answers that a new status gives to whoever asked.
  private func answers(_ status: StatusAnswer, _ question: Question) -> [Effect] {
    switch question {
    case .status: [.answer(.status(status))]
    case .beforeClose(true), .afterClose(true), .paidSaid(true):
      [.answer(.cancel(Self.cancel(status)))]
    case .beforeClose(false), .afterClose(false), .paidSaid(false), .lateCheck, .stranger: []
    case .settlement: [.answer(.settle(.accepted))]
    }
  }

  private static func cancel(_ status: StatusAnswer) -> CancelAnswer {
    switch status {
    case .paid(let payment, _): .alreadyPaid(payment)
    case .closed: .closed
    case .refunding: .tooLate(.refunding)
    case .refunded: .tooLate(.refunded)
    case .held: .tooLate(.held)
    case .pending: .unknown(Doubt(.tryLater, "still pending"))
    case .unknown(let doubt): .unknown(doubt)
    }
  }
}
