internal import Audit
internal import Money
internal import Ordering
internal import PaymentPlatform
internal import Timing

/// What happens at the provider, whoever asks; and what the auditor hears of it.
extension World {
  // MARK: Money

  func moneyMoves(_ number: OrderNumber, _ payer: Int) {
    if settings.hasBytes {
      guard bytes?.pay(number, payer: payer, at: trueWall) == true else { return }
      // The platform says so much less in `cash_fee`, and the whole price in `total_fee`.
      if let bytes, bytes.platform.policy.couponFen > 0, bytes.total(number) > Amount(fen: 1) {
        fire(.coupon)
      }
      return moneyMoved(number, bytes?.total(number) ?? .zero)
    }
    guard let account = till.account(number) else { return }
    var afterClose = false
    if account.isClosed {
      // It was under way when the order was closed.
      guard now - account.closedAt < .seconds(25),
        settings.script != nil || weather.strikes(.paidAfterClose)
      else { return }
      afterClose = true
    } else if now >= account.codeDiesAt {
      // The cashier was open before the time was over.
      guard weather.strikes(.paidAfterExpiry) else { return }
      fire(.paidAfterExpiry)
    }
    guard till.pay(number, payer: payer, afterClose: afterClose, at: now) else { return }
    if afterClose { fire(.paidAfterClose) }
    if weather.strikes(.queryLags) {
      fire(.queryLags)
      let lag = weather.milliseconds(.queryLags, 300..<5000)
      till.change(number) { $0.seenFrom = self.now + lag }
    }
    if weather.strikes(.refundNotReady) {
      let pause = weather.milliseconds(.refundNotReady, 20_000..<600_000)
      till.change(number) { $0.mayRefundFrom = self.now + pause }
    }
    moneyMoved(number, account.request.amount)
  }

  private func moneyMoved(_ number: OrderNumber, _ amount: Amount) {
    if story != nil { note("PAID \(number)") }
    witness(.paid(order: number.text, amount: amount, currency: "CNY"))
    noticeLeaves(number, isRefund: false)
  }

  /// The payer with the open cashier presses just now.
  func paysJustNow(_ number: OrderNumber, _ kind: FaultKind) {
    guard let account = till.account(number), let payer = account.cashierOf,
      account.payment == nil, !account.isClosed
    else { return }
    fire(kind)
    moneyMoves(number, payer)
  }

  // MARK: The five calls, as they take effect

  func createdAtTill(_ request: OrderRequest, isLate: Bool = false) -> CreateAnswer {
    let answer = till.create(request, at: now, trueWall)
    guard case .created = answer else { return answer }
    till.change(request.number) { $0.isReplacedUnasked = isLate || $0.isReplacedUnasked }
    if let account = till.account(request.number) {
      witness(
        .asked(
          order: request.number.text, amount: request.amount, payableUntil: account.codeDiesAt))
    }
    return answer
  }

  func queriedAtTill(_ number: OrderNumber) -> QueryAnswer { till.query(number, at: now) }

  func closedAtTill(_ number: OrderNumber) -> CloseAnswer {
    let wasClosed = till.account(number)?.isClosed ?? true
    let answer = till.close(number, at: now, trueWall)
    if case .closed = answer, !wasClosed {
      witness(.closed(order: number.text))
    }
    if case .refused = answer, till.closeNotBefore > .zero { fire(.closeTooEarly) }
    return answer
  }

  func refundedAtTill(_ request: RefundRequest) -> RefundAnswer {
    let isNew = till.account(request.order)?.refund == nil
    let answer = till.refund(request, at: now)
    if case .refused(let refusal) = answer {
      if refusal.code == "NOTENOUGH" { fire(.refundShortOfMoney) }
      if refusal.code == "ORDER_NOT_READY" { fire(.refundNotReady) }
    }
    guard case .accepted = answer, isNew || settings.mistake == .refundIsDoubled else {
      return answer
    }
    endRefund(request)
    noticeLeaves(request.order, isRefund: true)
    if till.account(request.order)?.refundEnd != .givenUp {
      witness(
        .refunded(
          order: request.order.text, refund: request.number.text, amount: request.refund))
      if settings.mistake == .refundIsDoubled {
        witness(
          .refunded(order: request.order.text, refund: "again", amount: request.refund))
      }
    }
    return answer
  }

  private func endRefund(_ request: RefundRequest) {
    let number = request.order
    if weather.strikes(.refundSlow) {
      fire(.refundSlow)
      let delay = weather.milliseconds(.refundSlow, 10_000..<3_000_000)
      till.change(number) { $0.refundEnds = self.now + delay }
    }
    if weather.strikes(.refundNeverArrives) {
      fire(.refundNeverArrives)
      till.change(number) { $0.refundEnd = .neverArrives }
    } else if weather.strikes(.refundGivenUp) {
      // The provider gives it up, whoever asks: the case stays open, and people are told.
      fire(.refundGivenUp)
      till.change(number) { $0.refundEnd = .givenUp }
    }
  }

  func straggles(_ call: Straggler) {
    if story != nil { note("a late request arrives: \(call)") }
    switch call {
    case .create(let request):
      // It left before the damage; a late arrival is not asked anew.
      if diskTrouble == .damaged {
        witness(.excused(order: request.number.text, [.journalIsPrefix]))
      }
      _ = createdAtTill(request, isLate: true)
    case .close(let number): _ = closedAtTill(number)
    case .refund(let request): _ = refundedAtTill(request)
    case .bytes(let path, let body, let certified):
      _ = answerBytes(path, body, certified, nil)
    }
  }

  // MARK: What others do there

  func setShortOfMoney(_ isShort: Bool) {
    till.isShortOfMoney = isShort
    bytes?.setShortOfMoney(isShort)
  }

  func setCloseNotBefore(_ time: Duration) {
    till.closeNotBefore = time
    bytes?.platform.policy.closeNotBefore = time
  }

  func consoleActs(_ kind: FaultKind) {
    guard !settings.hasBytes, let number = till.numbers.last, let account = till.account(number)
    else { return }
    if kind == .closedByPlatform {
      guard account.payment == nil, !account.isClosed else { return }
      fire(kind)
      // The machine learns of it when it asks next.
      witness(.excused(order: number.text, [.codeIsPayable]))
      till.change(number) {
        $0.isClosed = true
        $0.closedAt = self.now
      }
      return witness(.closed(order: number.text))
    }
    guard account.payment != nil, account.refund == nil else { return }
    fire(kind)
    witness(.personDecided(order: number.text, delivered: false))
    // A query that left before cannot know, and the sum is nobody's fault.
    witness(
      .excused(
        order: number.text,
        [.sumsAgree, .nothingDropsUnpaid, .paidIsVerified, .oneEnd, .everyOrderEnds]))
    _ = till.refundInConsole(number, at: now)
    witness(
      .refunded(order: number.text, refund: "console", amount: account.payment?.total ?? .zero))
  }

  func passesAtProvider() {}
}
