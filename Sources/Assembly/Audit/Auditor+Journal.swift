internal import Money
internal import Timing

// What the board's journal says, held against the truth.
extension Auditor {
  /// A sale begins.
  ///
  /// I5: with a new number, in a lane that was keyed. I8: not before a dark screen. I9: not upon a
  /// damaged journal. I12: not before the last one is over.
  mutating func selected(_ number: String, _ lane: String, _ price: Amount, _ now: Instant) {
    journalLength += 1
    let known = place(of: number)
    let place = known ?? begin(number, lane: lane, price: price)
    if orders[place].marks.contains(.selected) {
      return object(.sameEverywhere, place, now, "its number begins a sale for the second time")
    }
    orders[place].marks.insert(.selected)
    (orders[place].lane, orders[place].price) = (lane, price)
    if let darkSince, now > darkSince + settings.recordDelay {
      object(.codeIsPayable, place, now, "begins while the screen is dark")
    }
    if mustNotSell { object(.journalIsPrefix, place, now, "sold upon a damaged journal") }
    if settings.hearsKeys, !fulfils(lane, now) {
      object(.sameEverywhere, place, now, "begins in lane \(lane), which nobody keyed")
    }
    if let present {
      let other = orders[present].number
      object(.oldChangesNothing, place, now, "begins while \(other) has not ended")
    }
    present = place
  }

  /// The customer is let go; what is still to come of it must leave the next sale alone.
  mutating func cancelling(_ number: String, _ now: Instant) {
    guard let place = recorded(number, now) else { return }
    if orders[place].isEnded || orders[place].pulses > 0 {
      object(.oneEnd, place, now, "is cancelled after its pulse or its end")
    }
    orders[place].marks.insert(.cancelling)
    leave(place, now)
  }

  /// The journal counts it as paid and the relay comes next.
  ///
  /// I6: the provider has the money and said so. I5: it is the sum of the sale. I3, I12: the sale
  /// is still the present one.
  mutating func intended(_ number: String, _ amount: Amount, _ now: Instant) {
    guard let place = recorded(number, now) else { return }
    orders[place].marks.insert(.intended)
    codeIsOver(place, now)
    if orders[place].isEnded {
      return object(.oneEnd, place, now, "is to be dispensed after its end")
    }
    if place != present {
      return object(.oldChangesNothing, place, now, "is to be dispensed, but its sale is over")
    }
    let price = orders[place].price
    if amount != price {
      return object(.sameEverywhere, place, now, "intent of \(amount) instead of \(price)")
    }
    mustBePaid(place, amount, "counts as paid in the journal", now)
  }

  /// Whether money may count as paid: it is there, it is that much, and it was rightly stated (I6).
  mutating func mustBePaid(_ place: Int, _ amount: Amount, _ what: String, _ now: Instant) {
    let order = orders[place]
    if order.received != amount || order.marks.contains(.disputed) {
      object(
        .paidIsVerified, place, now, "\(what), \(amount), but \(order.received) were received")
    } else if settings.hearsStatements, !order.marks.contains(.stated) {
      object(.paidIsVerified, place, now, "\(what) before anything rightly signed said so")
    }
  }

  mutating func judged(_ number: String, _ verdict: Verdict, _ now: Instant) {
    guard let place = recorded(number, now) else { return }
    if orders[place].isEnded, !isCorrection(place, verdict) {
      return object(secondEnd, place, now, "has a second end: \(verdict)")
    }
    if verdict.isDelivery {
      weighDelivery(place, verdict, now)
    } else {
      weighRefund(place, verdict, now)
    }
    orders[place].verdict = verdict
    leave(place, now)
    advanced(place, now)
  }

  /// What a second end breaks: upon a damaged journal it is the journal that has lost the first.
  private var secondEnd: Invariant { mustNotSell ? .journalIsPrefix : .oneEnd }

  /// A drop that comes while "no drop" is on its way to the disk corrects it, until somebody is
  /// told.
  private func isCorrection(_ place: Int, _ verdict: Verdict) -> Bool {
    let order = orders[place]
    return order.verdict == .failed(.noDrop) && verdict == .delivered(.dropSensed)
      && order.marks.isDisjoint(with: [.settled, .endedUnpaid])
  }

  /// I3: money is kept only for what was dispensed as far as the machine can know.
  private mutating func weighDelivery(_ place: Int, _ verdict: Verdict, _ now: Instant) {
    let order = orders[place]
    if order.returned > .zero, !order.marks.contains(.personRefunded) {
      return object(.oneEnd, place, now, "is delivered after it was refunded")
    }
    // Evidence that survives a power cut may say so long after; it must be true.
    if order.marks.isSuperset(of: [.unsure, .fell]) { return }
    let isKnown =
      switch verdict {
      case .delivered(.dropSensed): settings.hasDropSensor && order.marks.contains(.evidence)
      case .delivered(.relayPulsed): !settings.hasDropSensor && order.marks.contains(.pulsed)
      case .delivered(.person): order.marks.contains(.personDelivered)
      case .assumedDelivered:
        settings.mayAssumeDelivery && !order.marks.isDisjoint(with: [.unsure, .doubted])
      case .failed, .unsureRefund, .unsureHold: false
      }
    if !isKnown { object(.oneEnd, place, now, "\(verdict), but nothing is known to have come") }
  }

  /// I4: money goes back only for what did not come as far as the machine can know.
  private mutating func weighRefund(_ place: Int, _ verdict: Verdict, _ now: Instant) {
    let order = orders[place]
    let isOpen = !order.marks.isDisjoint(with: [.unsure, .doubted])
    let isTrue =
      switch verdict {
      case .failed(.noDrop): settings.hasDropSensor && order.pulses > 0
      case .failed: order.pulses == 0
      // Without a pulse it is a lost permit: nothing fell, and the money goes back.
      case .unsureRefund: order.pulses == 0 || isOpen
      case .unsureHold, .delivered, .assumedDelivered: true
      }
    if !isTrue { object(.noRefundAfterDrop, place, now, "\(verdict), but its relay was on") }
  }

  /// I3: an unpaid end is none after the machine went to dispense.
  mutating func endedUnpaid(_ number: String, _ now: Instant) {
    guard let place = recorded(number, now) else { return }
    if orders[place].isEnded {
      return object(secondEnd, place, now, "has a second end: unpaid")
    }
    if orders[place].marks.contains(.intended) || orders[place].pulses > 0 {
      object(.oneEnd, place, now, "ends as unpaid after its intent")
    } else if orders[place].canBePaid(at: now) {
      object(.oneEnd, place, now, "ends as unpaid, but can still be paid")
    }
    orders[place].marks.insert(.endedUnpaid)
    leave(place, now)
    advanced(place, now)
  }

  mutating func settled(_ number: String, _ now: Instant) {
    guard let place = recorded(number, now) else { return }
    orders[place].marks.insert(.settled)
    advanced(place, now)
    guard let verdict = orders[place].verdict else {
      return object(.oneEnd, place, now, "is settled without a verdict")
    }
    if verdict.owesRefund, orders[place].isConfirmed {
      object(.noRefundAfterDrop, place, now, "was seen to fall and is settled as \(verdict)")
    }
  }

  mutating func lateDropNoted(_ number: String, _ now: Instant) {
    guard let place = recorded(number, now) else { return }
    if orders[place].verdict == nil {
      object(.journalIsPrefix, place, now, "has a late drop without a verdict before it")
    }
  }

  mutating func testVendNoted() {
    journalLength += 1
    testVends += 1
  }

  /// The order of a record that is not the first of its sale (I9: no record without its beginning).
  private mutating func recorded(_ number: String, _ now: Instant) -> Int? {
    journalLength += 1
    if let place = place(of: number), orders[place].marks.contains(.selected) { return place }
    object(.journalIsPrefix, stranger: number, now, "has a record, but its sale never began")
    return nil
  }

  /// The sale has gone from the machine's front.
  private mutating func leave(_ place: Int, _ now: Instant) {
    if present == place { present = nil }
    codeIsOver(place, now)
  }

  // MARK: Power

  /// An intent without a verdict: nobody can know whether the product fell.
  ///
  /// So it is with a drop that came while "no drop" was on its way to the disk: its correction may
  /// be lost.
  mutating func powerFailed() {
    isRunning = false
    darkSince = nil
    testVends = 0
    glassDeadline = .distantFuture
    doubtPresent()
    guard let pulsedLast, orders[pulsedLast].verdict == .failed(.noDrop) else { return }
    if !orders[pulsedLast].marks.contains(.settled) { orders[pulsedLast].marks.insert(.unsure) }
  }

  private mutating func doubtPresent() {
    for place in [present, pulsedLast] {
      guard let place, orders[place].marks.contains(.intended), !orders[place].isEnded else {
        continue
      }
      orders[place].marks.insert(.unsure)
    }
  }

  /// I9: the journal opens to all that was synced and to nothing else.
  ///
  /// I8: a code that the cut left on the glass is blanked soon.
  mutating func restarted(_ sequence: Int64?, _ now: Instant) {
    isRunning = true
    // An intent that the cut caught on its way to the disk.
    doubtPresent()
    if onGlass != nil { glassDeadline = now + settings.blankingTime }
    if journalIsDamaged {
      mustNotSell = true
      return
    }
    guard let sequence else { return }
    let length = journalLength
    if length > 0, sequence != length {
      object(.journalIsPrefix, nil, now, "opens with \(sequence) records instead of \(length)")
    }
    journalLength = sequence
  }

  mutating func journalMended() {
    (journalIsDamaged, mustNotSell, journalLength) = (false, false, 0)
  }

  /// I12, as far as the machine's present sale tells.
  mutating func staleCame(_ number: String, _ changedPresent: Bool, _ now: Instant) {
    guard changedPresent else { return }
    object(.oldChangesNothing, place(of: number), now, "changed the sale that came after it")
  }
}
