internal import Money
internal import Timing

// What happened to the money, held against what the journal had said before.
extension Auditor {
  /// I5: the provider is asked for the order of the journal, which was on the disk before.
  mutating func asked(_ number: String, _ amount: Amount, _ end: Instant, _ now: Instant) {
    let known = place(of: number)
    let place = known ?? begin(number, lane: "", price: amount)
    let isFirst = !orders[place].marks.contains(.asked)
    orders[place].marks.insert(.asked)
    if isFirst { orders[place].payableUntil = end }
    let price = orders[place].price
    if !orders[place].marks.contains(.selected) {
      object(.sameEverywhere, place, now, "is asked for before its number is on the disk")
    } else if amount != price {
      object(.sameEverywhere, place, now, "is asked for at \(amount) instead of \(price)")
    } else if mustNotSell, isFirst, place == present {
      object(.journalIsPrefix, place, now, "is asked for upon a damaged journal")
    }
  }

  mutating func closed(_ number: String, _ now: Instant) {
    guard let place = place(of: number) else { return }
    orders[place].marks.insert(.closed)
    codeIsOver(place, now)
  }

  /// Money came in; what is wrong with it is the payer's or the provider's doing.
  ///
  /// I5: but for an order that no journal knows, the money of which nobody could ever give back.
  mutating func paid(_ number: String, _ amount: Amount, _ currency: String, _ now: Instant) {
    let known = place(of: number)
    let place = known ?? begin(number, lane: "", price: amount)
    orders[place].received += amount
    if currency != settings.currency { orders[place].marks.insert(.disputed) }
    if known == nil {
      object(.sameEverywhere, place, now, "\(amount) were paid for an order of no journal")
    }
  }

  /// The core's book counts it as paid (I6).
  mutating func countedPaid(_ number: String, _ amount: Amount, _ now: Instant) {
    guard let place = place(of: number) else {
      return object(.paidIsVerified, stranger: number, now, "counts as paid, but nobody knows it")
    }
    if amount != orders[place].price {
      object(.sameEverywhere, place, now, "counts as paid with \(amount)")
    } else {
      mustBePaid(place, amount, "counts as paid in the book", now)
    }
  }

  /// What a person is to decide about must be the truth (I5).
  mutating func held(_ number: String, _ amount: Amount, _ now: Instant) {
    guard let place = place(of: number), orders[place].received != amount else { return }
    let received = orders[place].received
    object(.sameEverywhere, place, now, "is held as paid with \(amount) instead of \(received)")
  }

  mutating func personDecided(_ number: String, _ delivered: Bool, _ now: Instant) {
    guard let place = place(of: number) else { return }
    orders[place].marks.insert(delivered ? .personDelivered : .personRefunded)
    orders[place].marks.remove(delivered ? .personRefunded : .personDelivered)
    // What was decided is to be carried out, or told of again.
    orders[place].marks.remove(.caseOpened)
    advanced(place, now)
  }

  /// Money went back.
  ///
  /// I3: once. I4: not after a drop that the machine knew of, nor while it dispensed, unless a
  /// person says so. I5: all of it.
  mutating func refunded(_ number: String, _ refund: String, _ amount: Amount, _ now: Instant) {
    guard let place = place(of: number) else {
      return object(.sameEverywhere, stranger: number, now, "\(amount) of nobody's went back")
    }
    let order = orders[place]
    orders[place].returned += amount
    advanced(place, now)
    if order.returned > .zero {
      return object(.oneEnd, place, now, "is refunded a second time, as \(refund)")
    }
    if amount != order.received {
      object(.sameEverywhere, place, now, "\(amount) went back of \(order.received)")
    }
    if order.marks.contains(.personRefunded) { return }
    if order.verdict?.isDelivery == true || order.marks.contains(.personDelivered) {
      object(.noRefundAfterDrop, place, now, "is delivered and refunded")
    } else if order.isConfirmed {
      object(.noRefundAfterDrop, place, now, "was seen to fall and is refunded")
    } else if order.verdict == nil, order.pulses > 0 {
      object(.noRefundAfterDrop, place, now, "is refunded while it is dispensed")
    }
  }
}
