internal import Money
internal import Timing

// From the verdict on: settlement and duties.
extension OrderBook {
  mutating func settleAsked(
    _ number: OrderNumber, _ outcome: Outcome, _ now: Instant
  ) -> [Effect] {
    guard let order = orders[number] else {
      // Finished orders leave the memory; the executor loads them first. Gone is accepted.
      return [.answer(.settle(.unknown(Doubt(.mismatch, "no order \(number)"))))]
    }
    switch order.state {
    case .paid, .permitted:
      return settle(number, outcome, now)
    case .opening, .open, .closing, .closed, .notOpened:
      // The board knows of money that we have not recorded: a crash on our side. Ask first.
      waiting[number] = .settlement(outcome)
      return [.query(number)]
    case .held:
      // The person who decides should know what the machine saw.
      let words = "the board says: \(outcome.words)"
      let accepted = [Effect.answer(.settle(.accepted))]
      guard !order.note.contains(words) else { return accepted }
      return move(number, to: .held, .held, then: accepted) { $0.note += "; \(words)" }
    case .delivered, .refundOwed, .refunding, .refunded:
      // Said before, or decided by a person meanwhile; an end is never changed by a repeat.
      return [.answer(.settle(.accepted))]
    }
  }

  mutating func settle(_ number: OrderNumber, _ outcome: Outcome, _ now: Instant) -> [Effect] {
    let accepted = [Effect.answer(.settle(.accepted))]
    switch outcome {
    case .delivered(let evidence):
      return deliver(number, "delivered (\(evidence.rawValue))", accepted)
    case .unsure(.assumeDelivered):
      return deliver(number, "assumed delivered after an interruption", accepted)
    case .failed(let failure):
      return owe(number, failure.rawValue, accepted, now)
    case .unsure(.refund):
      return owe(number, "unsure after an interruption", accepted, now)
    case .unsure(.hold):
      let words = "interrupted while dispensing; a person must decide"
      dropDuty(number)
      return move(number, to: .held, .held, then: accepted + [.alarm(number, words)]) {
        $0.note = words
      }
    }
  }

  mutating func deliver(
    _ number: OrderNumber, _ note: String, _ effects: [Effect]
  ) -> [Effect] {
    dropDuty(number)
    return move(number, to: .delivered, .delivered, then: effects) { $0.note = note }
  }

  mutating func owe(
    _ number: OrderNumber, _ note: String, _ effects: [Effect], _ now: Instant
  ) -> [Effect] {
    due(number, at: now)
    return move(number, to: .refundOwed, .refundOwed, then: effects) { $0.note = note }
  }

  // MARK: Duties

  mutating func dutyCame(_ number: OrderNumber, _ now: Instant) -> [Effect] {
    dropDuty(number)
    guard let order = orders[number] else { return [] }
    switch order.state {
    case .opening, .open, .closing:
      // Nobody ended it: the board is gone or was away.
      due(number, at: now + .seconds(30))
      waiting[number] = .beforeClose(asked: false)
      return [.query(number)]
    case .closed:
      guard order.lateChecksLeft > 0 else { return [] }
      due(number, at: now + .seconds(30))
      waiting[number] = .lateCheck
      return [.query(number)]
    case .paid:
      return owe(number, "paid, but never dispensed", [], now)
    case .refundOwed:
      due(number, at: now + .seconds(30))
      return [.refund(order.refundRequest)]
    case .refunding:
      due(number, at: now + .seconds(30))
      return [.queryRefund(order.refundRequest)]
    case .held:
      // After a restart: the earlier run may have stopped between its record and its alarm.
      return [.alarm(number, order.note)]
    case .notOpened, .permitted, .delivered, .refunded:
      // Permitted is the board's to settle: its journal knows whether the relay was on.
      return []
    }
  }

  mutating func dropDuty(_ number: OrderNumber) { due(number, at: nil) }

  /// Tries the order's duty again after a pause that grows from 2 s to half an hour.
  mutating func retryLater(_ order: Order, _ now: Instant) {
    change(order.number) { $0.attempts += 1 }
    due(order.number, at: now + Self.pause(afterAttempt: order.attempts + 1, from: .seconds(2)))
  }

  static func pause(afterAttempt attempt: Int, from first: Duration) -> Duration {
    min(first * (1 << min(attempt, 12)), .seconds(1800))
  }
}

extension Outcome {
  /// The outcome in words, for a note.
  var words: String {
    switch self {
    case .delivered(let evidence): "delivered (\(evidence.rawValue))"
    case .failed(let failure): "failed (\(failure.rawValue))"
    case .unsure(let choice): "unsure (\(choice.rawValue))"
    }
  }
}
