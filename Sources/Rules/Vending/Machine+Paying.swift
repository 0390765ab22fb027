internal import Ordering
internal import Timing

// From the order to the money: open, show the code, ask, and end it when no money comes.
extension Machine {
  // MARK: Opening

  mutating func openAnswered(
    _ number: OrderNumber, _ answer: OpenAnswer, _ now: Instant
  ) -> [Effect] {
    guard case .opening(let sale, let attempts) = state, sale.number == number else { return [] }
    switch answer {
    case .opened(let codeURL):
      coreAnswered()
      let qr = QR(
        codeURL: codeURL, since: now, deadline: now + plan.policy.paymentTimeout, polls: 0,
        isAsking: false)
      state = .awaitingPayment(sale, qr)
      return disarm(.open) + [
        .show(paymentScreen(sale, qr, now)), arm(.countdown, after: .seconds(1)),
        arm(.poll, after: .seconds(1)),
      ]
    case .refused(let refusal):
      coreAnswered()
      if refusal.reaction == .stopAndAlarm {
        faults.raise(Fault(.merchantRefused, "", "\(refusal.code) \(refusal.words)"), at: now)
      }
      return close(sale, .notOpened, now)
    case .unknown(let doubt):
      lastDoubt = doubt
      state = .opening(sale, attempts: attempts + 1)
      return [arm(.poll, after: .seconds(1))]
    }
  }

  // MARK: Asking

  mutating func poll(_ moment: Moment) -> [Effect] {
    switch state {
    case .opening(let sale, _):
      return [.open(sale.request)]
    case .awaitingPayment(let sale, var qr):
      guard !qr.isAsking else { return [] }
      qr.isAsking = true
      qr.polls += 1
      state = .awaitingPayment(sale, qr)
      return [.askStatus(sale.number, permit: nonce)]
    case .message(_, let following):
      return following.map { [.askStatus($0, permit: nil)] } ?? []
    case .idle, .selecting, .beginning, .closing, .permitting, .intending, .pulsing, .watching,
      .judging, .ending:
      return []
    }
  }

  /// A second at first, when most people pay; then less often.
  ///
  /// The jitter keeps a thousand machines that lost the network together from coming back together.
  private func pollPause(_ qr: QR, _ moment: Moment) -> Duration {
    let age = moment.instant - qr.since
    let base: Int64 = age < .seconds(30) ? 1000 : age < .seconds(60) ? 2000 : 3000
    return .milliseconds(base * 9 / 10 + Int64(moment.random % UInt64(base / 5)))
  }

  mutating func statusAnswered(
    _ number: OrderNumber, _ answer: StatusAnswer, _ moment: Moment
  ) -> [Effect] {
    if case .message(_, following: number) = state { return followed(number, answer) }
    guard case .awaitingPayment(let sale, var qr) = state, sale.number == number else {
      return statusCameLate(number, answer, moment)
    }
    qr.isAsking = false
    state = .awaitingPayment(sale, qr)
    switch answer {
    case .pending:
      coreAnswered()
      return [arm(.poll, after: pollPause(qr, moment))]
    case .unknown(let doubt):
      lastDoubt = doubt
      return [arm(.poll, after: pollPause(qr, moment) + .seconds(1))]
    case .paid(let payment, let isPermitted):
      coreAnswered()
      return paid(sale, payment, isPermitted: isPermitted, moment)
    case .closed:
      return close(sale, .expired, moment.instant)
    case .refunding, .refunded, .held:
      return movedOn(sale, answer == .held ? .held : .refundComing, moment)
    }
  }

  /// The permit may have come with an answer that was overtaken by a cancel or an expiry.
  ///
  /// It is used all the same: the customer has paid and the core counts it as given.
  private mutating func statusCameLate(
    _ number: OrderNumber, _ answer: StatusAnswer, _ moment: Moment
  ) -> [Effect] {
    guard case .closing(let sale, let closing) = state, sale.number == number,
      case .paid(let payment, isPermitted: true) = answer
    else { return [] }
    return paidWhileClosing(sale, closing, payment, isPermitted: true, moment)
  }

  private mutating func paid(
    _ sale: Sale, _ payment: Payment, isPermitted: Bool, _ moment: Moment
  ) -> [Effect] {
    var sale = sale
    let timers = disarm(.poll, .countdown, .open, .cancel)
    guard isRight(payment, for: sale) else { return timers + disputed(sale, payment, moment) }
    sale.payment = payment
    guard canDispense(sale) else {
      return timers + [.show(.paid(sale.lane.product))]
        + judge(sale, .failed(.machineFault), moment)
    }
    let screen = Effect.show(.paid(sale.lane.product))
    guard isPermitted else {
      state = .permitting(sale, attempts: 0)
      return timers + [screen, .askPermit(sale.number, nonce: nonce)]
    }
    return timers + [screen] + intend(sale, payment, moment)
  }

  /// The core checks this too; two books must agree to the fen before anything moves (I5).
  private func isRight(_ payment: Payment, for sale: Sale) -> Bool {
    payment.order == sale.number && payment.total == sale.request.amount
      && payment.currency == "CNY"
  }

  private mutating func disputed(
    _ sale: Sale, _ payment: Payment, _ moment: Moment
  ) -> [Effect] {
    faults.raise(
      Fault(.coreAnswersBadly, "", "\(sale.number): paid \(payment.total)"), at: moment.instant)
    return judge(sale, .unsure(.hold), moment)
  }

  mutating func permitAnswered(
    _ number: OrderNumber, _ answer: PermitAnswer, _ moment: Moment
  ) -> [Effect] {
    guard case .permitting(let sale, let attempts) = state, sale.number == number else {
      return []
    }
    switch answer {
    case .granted(let payment):
      guard isRight(payment, for: sale) else { return disputed(sale, payment, moment) }
      guard canDispense(sale) else { return judge(sale, .failed(.machineFault), moment) }
      return disarm(.permit) + intend(sale, payment, moment)
    case .tooLate(.permitted):
      // Given to an earlier run that wrote no intent, or to a clone of this board: our journal
      // knows of no pulse, but another's may.
      return disarm(.permit) + judge(sale, unsureOutcome(hasIntent: false, moment), moment)
    case .tooLate(let orderState):
      return disarm(.permit)
        + movedOn(sale, orderState == .held ? .held : .refundComing, moment)
    case .unknown(let doubt):
      lastDoubt = doubt
      guard attempts < 8 else {
        return judge(sale, .failed(.machineFault), moment)
      }
      state = .permitting(sale, attempts: attempts + 1)
      return [arm(.permit, after: .seconds(1))]
    }
  }

  mutating func askPermitAgain() -> [Effect] {
    guard case .permitting(let sale, _) = state else { return [] }
    return [.askPermit(sale.number, nonce: nonce)]
  }

  // MARK: Ending

  /// Takes the code off the screen, then ends the order: query, close, query.
  mutating func close(_ sale: Sale, _ reason: Closing.Reason, _ now: Instant) -> [Effect] {
    state = .closing(sale, Closing(reason: reason, since: now, attempts: 0))
    let screen: Screen = reason == .stopping ? .blank : .opening(sale.lane.product)
    return disarm(.poll, .countdown, .open, .selection) + [.show(screen), .cancel(sale.number)]
  }

  mutating func cancelAgain() -> [Effect] {
    guard case .closing(let sale, _) = state else { return [] }
    return [.cancel(sale.number)]
  }

  /// How often the end is asked for before the customer is let go and it goes on in the background.
  static let cancelAttempts = 3
  static let cancelPatience: Duration = .seconds(20)

  mutating func cancelAnswered(
    _ number: OrderNumber, _ answer: CancelAnswer, _ moment: Moment
  ) -> [Effect] {
    guard case .closing(let sale, var closing) = state, sale.number == number else {
      return obligationCancelled(number, answer, moment)
    }
    switch answer {
    case .closed:
      if closing.reason != .notOpened { coreAnswered() }
      return end(sale, sorry(closing.reason, isClear: true), .endedUnpaid(number), moment)
    case .alreadyPaid(let payment):
      coreAnswered()
      return paidWhileClosing(sale, closing, payment, isPermitted: false, moment)
    case .tooLate(.permitted):
      guard closing.reason != .restarted, closing.reason != .stopping else {
        // An earlier run was given the permit and stopped before it wrote the intent.
        return judge(sale, unsureOutcome(hasIntent: false, moment), moment)
      }
      // Ours, most likely: the answer that gave it was lost. The permit's own question tells.
      state = .permitting(sale, attempts: 0)
      return disarm(.cancel) + [.askPermit(number, nonce: nonce)]
    case .tooLate(let orderState):
      return movedOn(sale, orderState == .held ? .held : .refundComing, moment)
    case .unknown(let doubt):
      lastDoubt = doubt
      closing.attempts += 1
      let isTooLong = moment.instant - closing.since > Self.cancelPatience
      guard closing.attempts >= Self.cancelAttempts || isTooLong else {
        state = .closing(sale, closing)
        return [arm(.cancel, after: .seconds(1))]
      }
      let effects = doubt.isAboutOneOrder ? [] : coreFailed(doubt, moment.instant)
      return effects
        + end(sale, sorry(closing.reason, isClear: false), .cancelling(number), moment)
    }
  }

  /// Paid after all.
  ///
  /// The customer is served when it is surely still the same one.
  private mutating func paidWhileClosing(
    _ sale: Sale, _ closing: Closing, _ payment: Payment, isPermitted: Bool, _ moment: Moment
  ) -> [Effect] {
    let age = moment.wallTime - sale.request.madeAt
    let isFresh =
      closing.reason == .restarted
      ? age >= .zero && age < plan.policy.paymentTimeout + plan.policy.sameCustomer
      : moment.instant - closing.since < plan.policy.sameCustomer
    guard isFresh, closing.reason != .stopping else {
      let failure: Outcome.Failure =
        closing.reason == .restarted || closing.reason == .stopping ? .interrupted : .paidTooLate
      return disarm(.cancel) + judge(sale, .failed(failure), moment)
    }
    return disarm(.cancel) + paid(sale, payment, isPermitted: isPermitted, moment)
  }

  private func sorry(_ reason: Closing.Reason, isClear: Bool) -> Screen.SorryReason {
    switch (reason, isClear) {
    case (.notOpened, _): .paymentUnavailable
    case (.cancelled, true): .cancelled
    case (.expired, true), (.fault, true), (.restarted, true), (.stopping, true): .expired
    case (.cancelled, false), (.expired, false), (.fault, false), (.restarted, false),
      (.stopping, false):
      .unclear
    }
  }

  mutating func end(
    _ sale: Sale, _ reason: Screen.SorryReason, _ entry: Entry, _ moment: Moment
  ) -> [Effect] {
    state = .ending(sale, reason)
    return disarm(.cancel) + write(entry, moment)
  }

  /// The core has gone its own way with the order (a person, the console): nothing is dispensed.
  private mutating func movedOn(
    _ sale: Sale, _ reason: Screen.SorryReason, _ moment: Moment
  ) -> [Effect] {
    disarm(.poll, .countdown) + end(sale, reason, .endedUnpaid(sale.number), moment)
  }

  // MARK: Screens

  func paymentScreen(_ sale: Sale, _ qr: QR, _ now: Instant) -> Screen {
    let left = max(0, (qr.deadline - now).wholeMilliseconds + 999) / 1000
    return .payment(
      Screen.PaymentScreen(
        product: sale.lane.product, codeURL: qr.codeURL, secondsLeft: Int(left),
        orderTail: sale.number.tail))
  }

  mutating func countdown(_ now: Instant) -> [Effect] {
    guard case .awaitingPayment(let sale, let qr) = state else { return [] }
    guard now < qr.deadline else { return close(sale, .expired, now) }
    let next = min(.seconds(1), qr.deadline - now)
    return [.show(paymentScreen(sale, qr, now)), arm(.countdown, after: next)]
  }

  private mutating func followed(_ number: OrderNumber, _ answer: StatusAnswer) -> [Effect] {
    switch answer {
    case .refunded:
      return showMessage(.sorry(.refunded, orderTail: number.tail), following: nil)
    case .pending, .paid, .refunding, .unknown:
      return [arm(.poll, after: .seconds(1))]
    case .closed, .held:
      return []
    }
  }
}
