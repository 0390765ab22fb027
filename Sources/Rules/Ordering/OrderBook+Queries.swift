internal import Money
internal import Timing

// What a query's answer means, by who asked.
extension OrderBook {
  mutating func queryAnswered(
    _ number: OrderNumber, _ answer: QueryAnswer, _ now: Instant
  ) -> [Effect] {
    let question = waiting.removeValue(forKey: number) ?? .lateCheck
    guard let order = orders[number] else {
      return question == .stranger ? strangerCancelled(number, answer) : []
    }
    if case .settlement(let outcome) = question, !order.state.isUnpaid {
      // The money was noticed while we asked: the verdict goes the usual way.
      return settleAsked(number, outcome, now)
    }
    if case .refundRefused(let words) = question {
      return refusedRefundJudged(order, answer, words)
    }
    if question == .personsRefund { return personsRefundJudged(order, answer, now) }
    switch answer {
    case .paid(let payment):
      return paymentSeen(order, payment, question, now)
    case .refunded(let payment):
      return refundSeen(order, payment, question, now)
    case .closed:
      return closedSeen(order, question, now)
    case .pending, .notFound:
      return pendingSeen(order, question, now)
    case .refused(let refusal):
      return nothingLearnt(order, Doubt(.tryLater, refusal.code), question, now)
    case .unknown(let doubt):
      return nothingLearnt(order, doubt, question, now)
    }
  }

  mutating func paymentNoticed(_ payment: Payment, _ now: Instant) -> [Effect] {
    guard let order = orders[payment.order] else { return [] }
    return paymentSeen(order, payment, .lateCheck, now)
  }

  // MARK: Money

  private mutating func paymentSeen(
    _ order: Order, _ payment: Payment, _ question: Question, _ now: Instant
  ) -> [Effect] {
    let number = order.number
    guard payment.order == number, payment.total == order.request.amount,
      payment.currency == "CNY"
    else { return disputed(order, payment, question) }
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
    case .status(permit: nil), .beforeClose, .afterClose, .paidSaid, .lateCheck, .stranger,
      .refundRefused, .personsRefund, .personsWord:
      due(number, at: now + Self.permitPatience)
      let status = StatusAnswer.paid(payment, isPermitted: false)
      return move(number, to: .paid, .paid, then: answers(status, question)) {
        $0.payment = payment
      }
    }
  }

  /// Verified money that is not the money we asked for: no rule may decide that.
  private mutating func disputed(
    _ order: Order, _ payment: Payment, _ question: Question
  ) -> [Effect] {
    let words =
      "paid \(payment.total) (\(payment.currency)) instead of \(order.request.amount)"
    return hold(order.number, payment, words, question)
  }

  /// Leaves the order to a person, with what the machine saw if it has just told us.
  mutating func hold(
    _ number: OrderNumber, _ payment: Payment, _ words: String, _ question: Question
  ) -> [Effect] {
    dropDuty(number)
    return move(
      number, to: .held, .held, then: [.alarm(number, words)] + answers(.held, question)
    ) {
      $0.payment = payment
      $0.note = words
      if case .settlement(let outcome) = question {
        $0.note += "; the board says: \(outcome.words)"
      }
    }
  }

  private mutating func refundSeen(
    _ order: Order, _ payment: Payment, _ question: Question, _ now: Instant
  ) -> [Effect] {
    switch order.state {
    case .refundOwed, .refunding:
      // Ours, most likely: `queryRefund` tells how far it is.
      due(order.number, at: now)
      return answers(.refunding, question)
    case .refunded, .held, .delivered:
      return answers(Self.status(of: order), question)
    case .opening, .notOpened, .open, .closing, .closed, .paid, .permitted:
      return hold(order.number, payment, Self.outsideRefund, question)
    }
  }

  // MARK: No money

  private mutating func closedSeen(
    _ order: Order, _ question: Question, _ now: Instant
  ) -> [Effect] {
    let number = order.number
    if case .settlement(let outcome) = question {
      return settledUnpaid(order, outcome, isClosed: true, now)
    }
    switch order.state {
    case .opening, .open, .closing:
      return close(number, answers(.closed, question), now)
    case .closed:
      return lateCheckMade(order, now)
    case .paid, .permitted, .refundOwed, .refunding, .held, .notOpened, .delivered, .refunded:
      return answers(Self.status(of: order), question)
    }
  }

  private mutating func pendingSeen(
    _ order: Order, _ question: Question, _ now: Instant
  ) -> [Effect] {
    let number = order.number
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
      return closingFailed(order, Doubt(.tryLater, "paid, but not yet to be seen"), asked, now)
    case .lateCheck:
      return order.state == .closed ? lateCheckMade(order, now) : []
    case .settlement(let outcome):
      return settledUnpaid(order, outcome, isClosed: false, now)
    case .stranger, .refundRefused, .personsRefund, .personsWord:
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
  mutating func close(
    _ number: OrderNumber, _ effects: [Effect], _ now: Instant
  ) -> [Effect] {
    let checks = Self.lateCheckPauses.count
    due(number, at: now + Self.lateCheckPause(left: checks))
    return move(number, to: .closed, .closed, then: effects) { $0.lateChecksLeft = checks }
  }

  private mutating func lateCheckMade(_ order: Order, _ now: Instant) -> [Effect] {
    guard order.lateChecksLeft > 0 else { return [] }
    let number = order.number
    let left = order.lateChecksLeft - 1
    if left > 0 { due(number, at: now + Self.lateCheckPause(left: left)) }
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
    _ order: Order, _ outcome: Outcome, isClosed: Bool, _ now: Instant
  ) -> [Effect] {
    let number = order.number
    switch outcome {
    case .failed:
      // Nothing fell. What can still be paid is not over; what cannot owes nobody anything.
      let accepted = [Effect.answer(.settle(.accepted))]
      switch order.state {
      case .closed, .notOpened: return accepted
      case .opening, .open, .closing, .paid, .permitted, .delivered, .refundOwed, .refunding,
        .refunded, .held:
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
    _ order: Order, _ doubt: Doubt, _ question: Question, _ now: Instant
  ) -> [Effect] {
    let number = order.number
    switch question {
    case .status:
      return [.answer(.status(.unknown(doubt)))]
    case .beforeClose(let asked):
      // The intention to end it must survive a crash, even if the provider cannot be asked now.
      retryLater(order, now)
      let effects: [Effect] = asked ? [.answer(.cancel(.unknown(doubt)))] : []
      if order.state == .closing { return effects }
      return move(number, to: .closing, .closing, then: effects)
    case .afterClose(let asked), .paidSaid(let asked):
      return closingFailed(order, doubt, asked, now)
    case .lateCheck:
      // An answer that nobody asked for must not hurry an order on.
      if order.state == .closed { retryLater(order, now) }
      return []
    case .settlement:
      return [.answer(.settle(.unknown(doubt)))]
    case .stranger, .refundRefused, .personsRefund, .personsWord:
      return []
    }
  }

  /// The answers that a new status gives to whoever asked.
  private func answers(_ status: StatusAnswer, _ question: Question) -> [Effect] {
    switch question {
    case .status: [.answer(.status(status))]
    case .beforeClose(true), .afterClose(true), .paidSaid(true):
      [.answer(.cancel(Self.cancel(status)))]
    case .beforeClose(false), .afterClose(false), .paidSaid(false), .lateCheck, .stranger,
      .refundRefused, .personsWord:
      []
    case .personsRefund:
      [.answer(.decision(refusal: "\(Self.outsideRefund): see the provider's console"))]
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
    case .pending, .unknown: .unknown(Doubt(.tryLater, "not ended yet"))
    }
  }
}
