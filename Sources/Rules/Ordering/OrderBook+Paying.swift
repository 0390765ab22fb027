internal import Timing

// From the order to the verified money: open, status, cancel.
extension OrderBook {
  /// How long after its expiry an order that nobody cancelled is closed by the core itself.
  static let expiryGrace: Duration = .seconds(60)
  /// When a paid order that nobody fetches is given back.
  static let permitPatience: Duration = .seconds(600)

  mutating func openAsked(_ request: OrderRequest, _ now: Instant) -> [Effect] {
    let number = request.number
    guard let known = orders[number] else {
      begin(Order(request))
      due(number, at: now + (request.expiresAt - request.madeAt) + Self.expiryGrace)
      return move(number, to: .opening, .opening, then: [.create(request)])
    }
    guard known.request == request else {
      return [.answer(.open(.refused(Self.conflict)))]
    }
    switch known.state {
    case .opening: return [.create(request)]
    case .open:
      guard let codeURL = known.codeURL else { return [.create(request)] }
      return [.answer(.open(.opened(codeURL: codeURL)))]
    case .notOpened, .closing, .closed, .paid, .permitted, .delivered, .refundOwed, .refunding,
      .refunded, .held:
      return [.answer(.open(.refused(Self.spent(known.state))))]
    }
  }

  static let conflict = Refusal(
    code: "CONFLICT", words: "this number was opened with other particulars",
    reaction: .newNumber)

  static func spent(_ state: OrderState) -> Refusal {
    Refusal(code: "SPENT", words: "this number is \(state.rawValue)", reaction: .newNumber)
  }

  mutating func createAnswered(
    _ number: OrderNumber, _ answer: CreateAnswer, _ now: Instant
  ) -> [Effect] {
    guard let order = orders[number], order.state == .opening || order.state == .open else {
      return []
    }
    switch answer {
    case .created(let codeURL):
      return move(
        number, to: .open, .opened, then: [.answer(.open(.opened(codeURL: codeURL)))]
      ) { $0.codeURL = codeURL }
    case .alreadyPaid:
      // Only a query carries the amount and the transaction's number.
      waiting[number] = .lateCheck
      return [
        .answer(.open(.unknown(Doubt(.mismatch, "the provider says that \(number) is paid")))),
        .query(number),
      ]
    case .alreadyClosed:
      // An earlier code may be in a cashier that is still open.
      return close(number, [.answer(.open(.refused(Self.spent(.closed))))], now)
    case .refused(let refusal):
      switch refusal.reaction {
      case .retrySame, .query:
        return [.answer(.open(.unknown(Doubt(.tryLater, "\(refusal.code) \(refusal.words)"))))]
      case .newNumber, .stopAndAlarm, .oweAndAlarm:
        // Nothing was shown to anybody, but a code of an earlier attempt may be alive at the
        // provider: only an order that never had one may end here without a close.
        guard order.state == .opening else {
          return [.answer(.open(.unknown(Doubt(.tryLater, refusal.code))))]
        }
        return move(
          number, to: .notOpened, .notOpened, then: [.answer(.open(.refused(refusal)))]
        ) { $0.note = "\(refusal.code) \(refusal.words)" }
      }
    case .unknown(let doubt):
      return [.answer(.open(.unknown(doubt)))]
    }
  }

  mutating func statusAsked(_ number: OrderNumber, _ nonce: UInt64?) -> [Effect] {
    guard let order = orders[number] else {
      return [.answer(.status(.unknown(Doubt(.mismatch, "no open order \(number)"))))]
    }
    switch order.state {
    case .opening, .open, .closing:
      waiting[number] = .status(permit: nonce)
      return [.query(number)]
    case .paid:
      guard let nonce, let payment = order.payment else { return answerStatus(order) }
      return grant(number, nonce, answering: .status(.paid(payment, isPermitted: true)))
    case .notOpened, .closed, .permitted, .delivered, .refundOwed, .refunding, .refunded, .held:
      return answerStatus(order)
    }
  }

  func answerStatus(_ order: Order) -> [Effect] {
    [.answer(.status(Self.status(of: order)))]
  }

  static func status(of order: Order) -> StatusAnswer {
    switch order.state {
    case .opening, .open, .closing: .pending
    case .paid, .permitted, .delivered:
      order.payment.map { .paid($0, isPermitted: false) }
        ?? .unknown(Doubt(.mismatch, "\(order.number) has no payment"))
    case .notOpened, .closed: .closed
    case .refundOwed, .refunding: .refunding
    case .refunded: .refunded
    case .held: .held
    }
  }

  mutating func permitAsked(_ number: OrderNumber, _ nonce: UInt64, _ now: Instant) -> [Effect] {
    guard let order = orders[number] else {
      return [.answer(.permit(.unknown(Doubt(.mismatch, "no open order \(number)"))))]
    }
    switch order.state {
    case .paid:
      guard let payment = order.payment else {
        return [.answer(.permit(.tooLate(order.state)))]
      }
      return grant(number, nonce, answering: .permit(.granted(payment)))
    case .permitted:
      // The same asker lost our answer; anybody else (a cloned disk, a board restarted) is late.
      guard order.permitNonce == nonce, let payment = order.payment else {
        return [.answer(.permit(.tooLate(.permitted)))]
      }
      return [.answer(.permit(.granted(payment)))]
    case .opening, .notOpened, .open, .closing, .closed, .delivered, .refundOwed, .refunding,
      .refunded, .held:
      return [.answer(.permit(.tooLate(order.state)))]
    }
  }

  mutating func grant(
    _ number: OrderNumber, _ nonce: UInt64, answering answer: Answer
  ) -> [Effect] {
    dropDuty(number)
    return move(number, to: .permitted, .permitted, then: [.answer(answer)]) {
      $0.permitNonce = nonce
    }
  }

  /// Takes back what a power cut took: from here on the order is the board's to settle.
  mutating func permitFound(_ payment: Payment) -> [Effect] {
    let number = payment.order
    guard let order = orders[number], payment.total == order.request.amount else { return [] }
    switch order.state {
    case .opening, .open, .closing, .closed, .paid:
      dropDuty(number)
      return move(number, to: .permitted, .permitted, then: []) { $0.payment = payment }
    case .notOpened, .permitted, .delivered, .refundOwed, .refunding, .refunded, .held:
      return []
    }
  }

  mutating func cancelAsked(_ number: OrderNumber, _ now: Instant) -> [Effect] {
    guard let order = orders[number] else {
      // The board's `open` never came: power or the network failed between its journal and us. The
      // executor has looked on the disk; only the provider can tell that this is not a lost book.
      waiting[number] = .stranger
      return [.query(number)]
    }
    switch order.state {
    case .opening, .open, .closing:
      waiting[number] = .beforeClose(asked: true)
      return [.query(number)]
    case .paid:
      return [.answer(.cancel(order.payment.map { .alreadyPaid($0) } ?? .tooLate(.paid)))]
    case .notOpened, .closed:
      return [.answer(.cancel(.closed))]
    case .permitted, .delivered, .refundOwed, .refunding, .refunded, .held:
      return [.answer(.cancel(.tooLate(order.state)))]
    }
  }

  mutating func closeAnswered(
    _ number: OrderNumber, _ answer: CloseAnswer, _ now: Instant
  ) -> [Effect] {
    guard let order = orders[number], order.state == .closing else { return [] }
    let asked = waiting[number] == .afterClose(asked: true)
    switch answer {
    case .closed, .notFound:
      // A payment already in the cashier may have won the race: only a query after the close tells
      // (facts: WeChat Pay D.5).
      waiting[number] = .afterClose(asked: asked)
      return [.query(number)]
    case .alreadyPaid:
      waiting[number] = .paidSaid(asked: asked)
      return [.query(number)]
    case .refused(let refusal):
      return closingFailed(order, Doubt(.tryLater, refusal.code), asked, now)
    case .unknown(let doubt):
      return closingFailed(order, doubt, asked, now)
    }
  }

  mutating func closingFailed(
    _ order: Order, _ doubt: Doubt, _ asked: Bool, _ now: Instant
  ) -> [Effect] {
    waiting[order.number] = nil
    retryLater(order, now)
    return asked ? [.answer(.cancel(.unknown(doubt)))] : []
  }
}
