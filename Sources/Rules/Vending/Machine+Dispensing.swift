internal import Ordering
internal import Timing

// From the permit to the verdict, and what a crash in between means.
extension Machine {
  /// Faults that keep a paid product in the machine.
  ///
  /// A dark display does not.
  private static let dispenseStoppers: [Fault.Code] = [
    .journalCorrupt, .journalUnwritable, .linesLost, .relayStuckOn, .sensorBlocked, .doorOpen,
    .serviceLock,
  ]

  func canDispense(_ sale: Sale) -> Bool {
    !faults.standing.contains { Self.dispenseStoppers.contains($0.fault.code) }
      && !faults.stands(.relayRefused, sale.lane.code)
  }

  mutating func intend(_ sale: Sale, _ payment: Payment, _ moment: Moment) -> [Effect] {
    var sale = sale
    sale.payment = payment
    state = .intending(sale)
    return write(.intent(sale.number, payment), moment)
  }

  mutating func pulseEnded(_ number: OrderNumber, _ moment: Moment) -> [Effect] {
    guard case .pulsing(let sale, let dropSeen) = state, sale.number == number else { return [] }
    guard plan.hasDropSensor else {
      return judge(sale, .delivered(.relayPulsed), moment)
    }
    if dropSeen { return judge(sale, .delivered(.dropSensed), moment) }
    state = .watching(sale)
    return [arm(.drop, after: plan.policy.dropTimeout)]
  }

  mutating func pulseRefused(
    _ number: OrderNumber, _ words: String, _ moment: Moment
  ) -> [Effect] {
    guard case .pulsing(let sale, let dropSeen) = state, sale.number == number else { return [] }
    faults.raise(Fault(.relayRefused, sale.lane.code, words), at: moment.instant)
    return judge(sale, dropSeen ? .delivered(.dropSensed) : .failed(.relayRefused), moment)
  }

  mutating func pulseDoubtful(
    _ number: OrderNumber, _ words: String, _ moment: Moment
  ) -> [Effect] {
    guard case .pulsing(let sale, let dropSeen) = state, sale.number == number else { return [] }
    faults.raise(Fault(.relayRefused, sale.lane.code, words), at: moment.instant)
    if dropSeen { return judge(sale, .delivered(.dropSensed), moment) }
    guard plan.hasDropSensor else {
      return judge(sale, unsureOutcome(hasIntent: true, moment), moment)
    }
    state = .watching(sale)
    return [arm(.drop, after: plan.policy.dropTimeout)]
  }

  mutating func dropSensed(_ moment: Moment) -> [Effect] {
    if let effects = trialDrop(moment) { return effects }
    switch state {
    case .pulsing(let sale, _):
      state = .pulsing(sale, dropSeen: true)
      return []
    case .watching(let sale):
      return disarm(.drop) + judge(sale, .delivered(.dropSensed), moment)
    case .judging(let sale, .failed(.noDrop)):
      // Nobody has been told yet, and a drop is a drop: the verdict is corrected (I4).
      return judge(sale, .delivered(.dropSensed), moment)
    case .idle, .selecting, .beginning, .opening, .awaitingPayment, .closing, .permitting,
      .intending, .judging, .ending, .message:
      guard let number = lastMissing else { return [] }
      return tooLateDrop(number, moment)
    }
  }

  /// The money is on its way back already; the journal and a person learn that the goods went too.
  private mutating func tooLateDrop(_ number: OrderNumber, _ moment: Moment) -> [Effect] {
    lastMissing = nil
    faults.raise(Fault(.lateDrop, number.tail, "\(number)"), at: moment.instant)
    return write(.lateDrop(number), moment)
  }

  mutating func dropMissing(_ moment: Moment) -> [Effect] {
    if let effects = trialDropMissing(moment) { return effects }
    guard case .watching(let sale) = state else { return [] }
    // A sensor that was gone has not seen that nothing fell.
    let outcome = isWatchBlind ? unsureOutcome(hasIntent: true, moment) : .failed(.noDrop)
    return judge(sale, outcome, moment)
  }

  mutating func judge(_ sale: Sale, _ outcome: Outcome, _ moment: Moment) -> [Effect] {
    lastMissing = outcome == .failed(.noDrop) ? sale.number : nil
    state = .judging(sale, outcome)
    return disarm(.drop, .permit, .cancel) + write(.verdict(sale.number, outcome), moment)
  }

  /// What the machine's policy makes of an order whose pulse nobody can vouch for.
  ///
  /// Without an intent in this journal nothing speaks for a delivery: it is never assumed then.
  func unsureOutcome(hasIntent: Bool, _ moment: Moment) -> Outcome {
    let isWithinCap = ledger.unsureRefunds(on: moment.wallTime) < plan.policy.unsureRefundsPerDay
    switch plan.policy.unsure {
    case .refund: return .unsure(isWithinCap ? .refund : .hold)
    case .hold: return .unsure(.hold)
    case .assumeDelivered where hasIntent: return .unsure(.assumeDelivered)
    case .assumeDelivered: return .unsure(isWithinCap ? .refund : .hold)
    }
  }

  // MARK: After the disk

  /// What follows an entry that is on disk now.
  mutating func settledDown(_ entry: Entry, _ moment: Moment) -> [Effect] {
    switch entry {
    case .saleBegan:
      guard case .beginning(let sale) = state else { return [] }
      guard stopper == nil, !isStopping else {
        // A fault or a stop came while this was written; the core has not heard of the order.
        return end(sale, .paymentUnavailable, .endedUnpaid(sale.number), moment)
      }
      state = .opening(sale, attempts: 0)
      return [.open(sale.request), arm(.open, after: plan.policy.openTimeout)]
    case .intent:
      guard case .intending(let sale) = state else { return [] }
      // The door may have been opened while this was written.
      guard canDispense(sale) else { return judge(sale, .failed(.machineFault), moment) }
      state = .pulsing(sale, dropSeen: false)
      isWatchBlind = false
      return [.show(.dispensing(sale.lane.product)), .pulse(sale.number, sale.lane)]
    case .verdict(let number, let outcome):
      return closedLaneFaults(moment) + failedSalesFault(moment)
        + verdictRecorded(number, outcome) + tellCore() + stopIfDone()
    case .endedUnpaid, .cancelling:
      return endRecorded() + tellCore() + stopIfDone()
    case .settled, .lateDrop:
      // What the core must be told about the order had to wait for this.
      return tellCore() + stopIfDone()
    case .testVend, .deed(.serviceVend, _):
      return trialRecorded()
    case .deed, .refilled, .faultsCleared, .serviceLocked:
      return stopIfDone()
    }
  }

  private mutating func verdictRecorded(
    _ number: OrderNumber, _ outcome: Outcome
  ) -> [Effect] {
    guard case .judging(let sale, outcome) = state, sale.number == number else { return [] }
    switch outcome {
    case .delivered, .unsure(.assumeDelivered):
      return showMessage(.thanks(sale.lane.product), following: nil)
    case .failed, .unsure(.refund):
      return showMessage(.sorry(.refundComing, orderTail: number.tail), following: number)
    case .unsure(.hold):
      return showMessage(.sorry(.held, orderTail: number.tail), following: nil)
    }
  }

  private mutating func endRecorded() -> [Effect] {
    guard case .ending(let sale, let reason) = state else { return [] }
    return showMessage(.sorry(reason, orderTail: sale.number.tail), following: nil)
  }
}
