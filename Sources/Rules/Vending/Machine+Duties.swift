internal import Ordering
internal import Timing

// Start, stop, faults, timers, and what the core must be told in the background.
extension Machine {
  // MARK: Start and stop

  mutating func started(_ moment: Moment) -> [Effect] {
    if ledger.isServiceLocked { faults.raise(Fault(.serviceLock), at: moment.instant) }
    barAfterStart(moment.instant)
    let effects =
      [Effect.show(.blank), .probe] + closedLaneFaults(moment) + failedSalesFault(moment)
      + overtakenPrices(moment)
    guard let open = ledger.sale else {
      return effects + tellCore() + [.show(restingScreen)]
    }
    var sale = Sale(request: open.request, lane: open.lane)
    sale.payment = open.payment
    if open.payment != nil {
      // The relay may have been on; it is never switched on again.
      return effects + [.show(.sorry(.unclear, orderTail: sale.number.tail))]
        + judge(sale, unsureOutcome(hasIntent: true, moment), moment) + tellCore()
    }
    state = .closing(
      sale, Closing(reason: .restarted, since: moment.instant, attempts: 0))
    return effects + [
      .show(.sorry(.unclear, orderTail: sale.number.tail)), .cancel(sale.number),
    ]
  }

  /// How long a stop waits for the present sale before it parks it: the journal has all that the
  /// next start needs.
  static let stopPatience: Duration = .seconds(12)

  mutating func stopAsked(_ moment: Moment) -> [Effect] {
    guard !isStopping else { return [] }
    isStopping = true
    let timers = [arm(.stop, after: Self.stopPatience)] + endService()
    switch state {
    case .opening(let sale, _):
      return timers + close(sale, .stopping, moment.instant)
    case .awaitingPayment(let sale, _):
      return timers + close(sale, .stopping, moment.instant)
    case .idle, .selecting, .message, .beginning, .closing, .permitting, .intending, .pulsing,
      .watching, .judging, .ending:
      return timers + stopIfDone()
    }
  }

  mutating func stopIfDone() -> [Effect] {
    guard isStopping, recordings.isEmpty, telling == nil, trial == nil else { return [] }
    switch state {
    case .idle, .selecting, .message:
      return [.show(.blank), .stopped]
    case .beginning, .opening, .awaitingPayment, .closing, .permitting, .intending, .pulsing,
      .watching, .judging, .ending:
      return []
    }
  }

  // MARK: Timers

  mutating func timerFired(_ timer: Timer, _ moment: Moment) -> [Effect] {
    switch timer {
    case .selection: return selectionPaused(moment)
    case .message:
      guard case .message = state else { return [] }
      return backToIdle()
    case .open:
      guard case .opening(let sale, _) = state else { return [] }
      let effects = lastDoubt.map { coreFailed($0, moment.instant) } ?? []
      return effects + close(sale, .notOpened, moment.instant)
    case .poll: return poll(moment)
    case .countdown: return countdown(moment.instant)
    case .cancel: return cancelAgain()
    case .permit: return askPermitAgain()
    case .drop: return dropMissing(moment)
    case .obligation: return tellCore()
    case .probe: return [.probe]
    case .stop: return [.show(.blank), .stopped]
    case .service: return endService() + (state == .idle ? backToIdle() : [])
    }
  }

  // MARK: Faults

  mutating func raise(_ fault: Fault, _ moment: Moment) -> [Effect] {
    let isNew = faults.raise(fault, at: moment.instant)
    if fault.code == .linesLost { isWatchBlind = true }
    // Its detail is on the screen: another code is another picture.
    if !isNew, fault.code == .notEnrolled, case .idle = state { return [.show(restingScreen)] }
    guard isNew, fault.severity == .stopsSelling else { return [] }
    return sellingStopped(moment.instant)
  }

  private mutating func sellingStopped(_ now: Instant) -> [Effect] {
    switch state {
    case .idle, .selecting:
      return backToIdle()
    case .opening(let sale, _):
      return close(sale, .fault, now)
    case .awaitingPayment(let sale, _):
      return close(sale, .fault, now)
    case .beginning, .closing, .permitting, .intending, .pulsing, .watching, .judging, .ending,
      .message:
      return []
    }
  }

  mutating func clear(
    _ code: Fault.Code, _ subject: String, _ moment: Moment
  ) -> [Effect] {
    guard faults.clear(code, subject) else { return [] }
    // Whoever closes the door has left, wherever in the menu he was.
    let timers = code == .doorOpen ? endService() : []
    guard case .idle = state else { return timers }
    return timers + [.show(restingScreen)]
  }

  mutating func faultClearingAsked(_ moment: Moment) -> [Effect] {
    for entry in faults.standing {
      switch entry.fault.code.clearing {
      case .byPerson: faults.clear(entry.fault.code, entry.fault.subject)
      case .byVisit where entry.isVisited || !plan.hasDoorSwitch:
        faults.clear(entry.fault.code, entry.fault.subject)
      case .byVisit, .byItself: break
      }
    }
    let effects = write(.faultsCleared, moment)
    guard case .idle = state else { return effects }
    return effects + [.show(restingScreen)]
  }

  mutating func serviceAsked(_ locked: Bool, _ moment: Moment) -> [Effect] {
    guard locked != ledger.isServiceLocked else { return [] }
    let entry = write(.serviceLocked(locked), moment)
    return entry
      + (locked ? raise(Fault(.serviceLock), moment) : clear(.serviceLock, "", moment))
  }

  /// Raises the faults of lanes that the ledger has closed.
  mutating func closedLaneFaults(_ moment: Moment) -> [Effect] {
    let closed = plan.lanes.compactMap { lane in
      ledger.lanes[lane.code].map { (code: lane.code, record: $0) }
    }.filter(\.record.isClosed)
    for (code, record) in closed {
      faults.raise(
        Fault(.laneClosed, code, "\(record.failures) failures in a row"), at: moment.instant)
    }
    guard !plan.lanes.isEmpty, closed.count == plan.lanes.count else { return [] }
    return raise(Fault(.allLanesClosed), moment)
  }

  /// Raises the fault of a machine that takes money again and again and delivers nothing: what its
  /// lanes share is broken, and the next customer would stand there like the last.
  mutating func failedSalesFault(_ moment: Moment) -> [Effect] {
    let failed = ledger.salesFailed ?? 0
    guard failed >= plan.policy.machineFailureLimit else { return [] }
    return raise(Fault(.salesFail, "", "\(failed) failures in a row"), moment)
  }

  // MARK: The core's health

  /// A doubt about the core becomes the fault that names the leg which failed.
  static func fault(of doubt: Doubt) -> Fault {
    let code: Fault.Code =
      switch doubt.cause {
      case .nameNotResolved: .nameNotResolved
      case .unreachable: .coreUnreachable
      case .tls: .coreUntrusted
      case .timeout, .broken, .tryLater: .coreSilent
      case .notAnAnswer, .unsigned, .badSignature, .mismatch: .coreAnswersBadly
      }
    return Fault(code, "", doubt.detail)
  }

  static let coreFaults: [Fault.Code] = [
    .nameNotResolved, .coreUnreachable, .coreUntrusted, .coreSilent, .coreAnswersBadly,
  ]

  mutating func coreFailed(_ doubt: Doubt, _ now: Instant) -> [Effect] {
    let fault = Self.fault(of: doubt)
    for code in Self.coreFaults where code != fault.code { faults.clear(code) }
    let isNew = faults.raise(fault, at: now)
    probeAttempts += 1
    let pause = min(.seconds(5) * (1 << min(probeAttempts - 1, 4)), Duration.seconds(60))
    let effects = [arm(.probe, after: pause)]
    guard isNew, case .idle = state else { return effects }
    return effects + [.show(restingScreen)]
  }

  /// Clears what was held against the core; the next resting screen shows it.
  mutating func coreAnswered() {
    lastDoubt = nil
    probeAttempts = 0
    guard !faults.standing.isEmpty else { return }
    for code in Self.coreFaults { faults.clear(code) }
  }

  mutating func probed(_ doubt: Doubt?, _ moment: Moment) -> [Effect] {
    if let doubt { return coreFailed(doubt, moment.instant) }
    let stood = stopper
    coreAnswered()
    let effects = disarm(.probe) + tellCore()
    guard case .idle = state, stood != stopper || service != nil else { return effects }
    return effects + [.show(restingScreen)]
  }

  // MARK: Obligations

  /// Tells the core what it must know, one thing at a time: the oldest, or what follows the one
  /// that failed last.
  mutating func tellCore() -> [Effect] {
    let ready = ledger.obligations.filter { !isBeingWritten($0.number) }
    let failed = ready.firstIndex { $0.number == lastUntold } ?? ready.endIndex
    guard telling == nil, generations[.obligation] == nil,
      let obligation = ready.dropFirst(failed + 1).first ?? ready.first
    else { return [] }
    telling = obligation.number
    guard let outcome = obligation.outcome else { return [.cancel(obligation.number)] }
    return [.settle(obligation.number, outcome)]
  }

  /// Whether an entry about the order is still on its way to the disk: nothing is told before.
  private func isBeingWritten(_ number: OrderNumber) -> Bool {
    recordings.contains { $0.entry.order == number }
  }

  /// Whether the core is told a verdict, not to end the order: an answer to the other changes
  /// nothing.
  private func isSettlement(_ number: OrderNumber) -> Bool {
    ledger.obligations.first { $0.number == number }?.outcome != nil
  }

  mutating func settleAnswered(
    _ number: OrderNumber, _ answer: SettleAnswer, _ moment: Moment
  ) -> [Effect] {
    guard telling == number, isSettlement(number) else { return [] }
    telling = nil
    switch answer {
    case .accepted:
      obligationAttempts = 0
      var effects = limitObligations(moment)
      if case .message(_, following: number) = state {
        effects.append(arm(.poll, after: .seconds(1)))
      }
      return effects + write(.settled(number), moment)
    case .unknown(let doubt):
      return obligationFailed(number, doubt, moment)
    }
  }

  mutating func obligationCancelled(
    _ number: OrderNumber, _ answer: CancelAnswer, _ moment: Moment
  ) -> [Effect] {
    guard telling == number, !isSettlement(number) else { return [] }
    telling = nil
    switch answer {
    case .tooLate(.permitted):
      // An answer that never reached us gave the permit; nobody but us can settle the order now.
      obligationAttempts = 0
      return write(.verdict(number, unsureOutcome(hasIntent: false, moment)), moment)
    case .closed, .tooLate:
      obligationAttempts = 0
      return limitObligations(moment) + write(.endedUnpaid(number), moment)
    case .alreadyPaid:
      // The customer has gone; the money follows.
      obligationAttempts = 0
      return write(.verdict(number, .failed(.paidTooLate)), moment)
    case .unknown(let doubt):
      return obligationFailed(number, doubt, moment)
    }
  }

  private mutating func obligationFailed(
    _ number: OrderNumber, _ doubt: Doubt, _ moment: Moment
  ) -> [Effect] {
    lastUntold = number
    obligationAttempts += 1
    let pause = min(.seconds(1) * (1 << min(obligationAttempts, 9)), Duration.seconds(300))
    let jitter = Duration.milliseconds(Int64(moment.random % 1000))
    let effects = limitObligations(moment) + [arm(.obligation, after: pause + jitter)]
    guard obligationAttempts >= 3, !doubt.isAboutOneOrder else { return effects + stopIfDone() }
    return effects + coreFailed(doubt, moment.instant) + stopIfDone()
  }

  private mutating func limitObligations(_ moment: Moment) -> [Effect] {
    ledger.obligations.count > plan.policy.unsettledLimit
      ? raise(Fault(.tooManyUnsettled), moment) : clear(.tooManyUnsettled, "", moment)
  }
}

extension Doubt {
  /// Whether the core was reached and only this order has to wait: no reason to stop selling.
  ///
  /// A provider may refuse to close a young order (facts: WeChat Pay D.8).
  var isAboutOneOrder: Bool {
    switch cause {
    case .tryLater, .mismatch: true
    case .nameNotResolved, .unreachable, .tls, .timeout, .broken, .notAnAnswer, .unsigned,
      .badSignature:
      false
    }
  }
}
