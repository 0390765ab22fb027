internal import Timing

// Money that goes back: the provider's answers, until it is there or a person must act.
extension OrderBook {
  static let outsideRefund = "a refund was started outside this machine"

  mutating func refundAnswered(
    _ number: OrderNumber, _ answer: RefundAnswer, _ now: Instant
  ) -> [Effect] {
    guard let order = orders[number], order.state == .refundOwed else { return [] }
    switch answer {
    case .accepted:
      due(number, at: now + Self.pause(afterAttempt: 0, from: .seconds(5)))
      return move(number, to: .refunding, .refundAccepted, then: [])
    case .refused(let refusal):
      retryLater(order, now)
      let words = "refund refused: \(refusal.code) \(refusal.words)"
      switch refusal.reaction {
      case .retrySame:
        return []
      case .query:
        waiting[number] = .refundRefused(words)
        return [.queryRefund(order.refundRequest)]
      case .newNumber, .stopAndAlarm, .oweAndAlarm:
        // The debt stays under the same number: another number could pay twice.
        return stillOwed(order, words)
      }
    case .unknown:
      retryLater(order, now)
      return []
    }
  }

  /// Tells a person why the money is still here; a new reason is recorded, so that it is seen
  /// wherever the book is read, and after a restart.
  private mutating func stillOwed(_ order: Order, _ words: String) -> [Effect] {
    let alarm = Effect.alarm(order.number, words)
    if order.note == words { return [alarm] }
    return move(order.number, to: .refundOwed, .refundOwed, then: [alarm]) { $0.note = words }
  }

  mutating func refundQueryAnswered(
    _ number: OrderNumber, _ answer: RefundQueryAnswer, _ now: Instant
  ) -> [Effect] {
    guard let order = orders[number] else { return [] }
    let question = takeRefundQuestion(number)
    if question == .personsWord { return personsWordJudged(order, answer, now) }
    guard order.state == .refunding || order.state == .refundOwed else { return [] }
    switch answer {
    case .processing:
      retryLater(order, now)
      guard order.state == .refundOwed else { return [] }
      return move(number, to: .refunding, .refundAccepted, then: [])
    case .arrived:
      dropDuty(number)
      return move(number, to: .refunded, .refunded, then: [])
    case .stuck(let words):
      dropDuty(number)
      let note = "the refund did not reach the payer: \(words)"
      return move(number, to: .held, .held, then: [.alarm(number, note)]) { $0.note = note }
    case .notFound:
      // Still owed: the pause after the refusal that led to this query stands. But is there still
      // money to give back? Somebody may have done it in the provider's console.
      if order.state == .refundOwed {
        guard let question else { return [] }
        waiting[number] = question
        return [.query(number)]
      }
      due(number, at: now)
      return move(number, to: .refundOwed, .refundOwed, then: []) {
        $0.note = "the provider knows of no such refund; asked again"
      }
    case .refused, .unknown:
      retryLater(order, now)
      return []
    }
  }

  /// The question that waits for the answer to a refund's query; others wait for an order's.
  private mutating func takeRefundQuestion(_ number: OrderNumber) -> Question? {
    switch waiting[number] {
    case .refundRefused, .personsWord: waiting.removeValue(forKey: number)
    case .status, .beforeClose, .afterClose, .paidSaid, .stranger, .lateCheck, .settlement,
      .personsRefund, nil:
      nil
    }
  }

  /// Looks for money to give back after the provider refused our refund and had none of its number.
  mutating func refusedRefundJudged(
    _ order: Order, _ answer: QueryAnswer, _ words: String
  ) -> [Effect] {
    guard order.state == .refundOwed else { return [] }
    switch answer {
    case .refunded(let payment):
      return hold(
        order.number, payment, "\(Self.outsideRefund); of ours: \(words)",
        .refundRefused(words))
    case .paid:
      return stillOwed(order, words)
    case .pending, .closed, .notFound:
      return stillOwed(order, "\(words); the provider says that nothing was paid")
    case .refused, .unknown:
      // The pause after the refusal stands, and then all of it again.
      return []
    }
  }

  // MARK: A person

  mutating func personDecided(
    _ number: OrderNumber, _ delivered: Bool, _ now: Instant
  ) -> [Effect] {
    guard let order = orders[number] else { return refuse("no order \(number)") }
    let done = [Effect.answer(.decision(refusal: nil))]
    switch (order.state, delivered) {
    case (.held, true), (.permitted, true):
      return deliver(number, "a person decided: delivered", done)
    case (.held, false), (.permitted, false), (.paid, false), (.delivered, false),
      (.notOpened, false), (.closed, false):
      guard order.payment != nil else {
        // A payment that came after the last look for it, or that the provider did not show then.
        waiting[number] = .personsRefund
        return [.query(number)]
      }
      return owe(number, Self.personsRefund, done, now)
    case (.refundOwed, false), (.refunding, false), (.refunded, false):
      // Pressing twice is not paying twice; a debt is tried again at once.
      due(number, at: now)
      return done
    case (.opening, _), (.notOpened, true), (.open, _), (.closing, _), (.closed, true),
      (.paid, true), (.delivered, true), (.refundOwed, true), (.refunding, true),
      (.refunded, true):
      return refuse("order \(number) is \(order.state.rawValue)")
    }
  }

  private static let personsRefund = "a person decided: refund"

  private func refuse(_ words: String) -> [Effect] { [.answer(.decision(refusal: words))] }

  /// The provider's word on money that a person wants back and the book has never seen.
  mutating func personsRefundJudged(
    _ order: Order, _ answer: QueryAnswer, _ now: Instant
  ) -> [Effect] {
    let number = order.number
    switch answer {
    case .paid(let payment):
      // Whatever was paid goes back, also when it is not what was asked for.
      change(number) { $0.payment = payment }
      return owe(number, Self.personsRefund, [.answer(.decision(refusal: nil))], now)
    case .refunded(let payment):
      return hold(number, payment, Self.outsideRefund, .personsRefund)
    case .pending, .closed, .notFound:
      return refuse("the provider says that nothing was paid for it")
    case .refused(let refusal):
      return refuse("the provider refuses to say whether it was paid: \(refusal.code)")
    case .unknown(let doubt):
      return refuse("nobody knows now whether it was paid: \(doubt.detail)")
    }
  }

  /// A person says that the money is back; only then it is not to be asked for any more.
  ///
  /// Our own refund may have gone through with its answer lost: the provider is asked first.
  mutating func personRefunded(_ number: OrderNumber) -> [Effect] {
    guard let order = orders[number] else { return refuse("no order \(number)") }
    switch order.state {
    case .paid, .permitted, .delivered, .refundOwed, .refunding, .held:
      waiting[number] = .personsWord
      return [.queryRefund(order.refundRequest)]
    case .refunded:
      return [.answer(.decision(refusal: nil))]
    case .opening, .notOpened, .open, .closing, .closed:
      return refuse("order \(number) is \(order.state.rawValue)")
    }
  }

  private mutating func personsWordJudged(
    _ order: Order, _ answer: RefundQueryAnswer, _ now: Instant
  ) -> [Effect] {
    let number = order.number
    let done = [Effect.answer(.decision(refusal: nil))]
    switch answer {
    case .arrived:
      return move(number, to: .refunded, .refunded, then: done)
    case .stuck, .notFound:
      return move(number, to: .refunded, .refundedOutside, then: done) {
        $0.note = "a person decided: refunded by another way (before: \($0.note))"
      }
    case .processing:
      due(number, at: now + Self.pause(afterAttempt: 0, from: .seconds(5)))
      let words = "our own refund is on its way and is followed to its end"
      return move(number, to: .refunding, .refundAccepted, then: refuse(words))
    case .refused(let refusal):
      // A refusal to answer says nothing of the money: an accepted refund may still arrive.
      return refuse(
        "the provider refuses to say whether our own refund went through: \(refusal.code)")
    case .unknown(let doubt):
      return refuse("nobody knows now whether our own refund went through: \(doubt.detail)")
    }
  }
}
