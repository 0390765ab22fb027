public import Timing

/// The payment core's rules: what happens to orders, money and permits.
///
/// No clock, no I/O.
///
/// Record before effect: a step that matters outside (asking the provider to create, close or
/// refund; giving a permit) is first recorded with the order's new state, and leaves only when
/// `recorded` comes back. The caller handles one order's events one after the other.
///
/// Retries come from the book as well: `nextDuty` names what is due and when. After a restart that
/// is at once, but for orders that the board may still be selling: those get their full time again.
public struct OrderBook: Hashable, Sendable {
  /// Orders with something left to do, and those that were touched lately.
  public private(set) var orders = OrderTable<Order>()
  /// When each unfinished order's next duty falls due.
  private(set) var dutyTimes = OrderTable<Instant>()
  /// What leaves once the order's record is on disk.
  var steps = OrderTable<[Effect]>()
  /// Who waits for the answer to a query.
  var waiting = OrderTable<Question>()

  /// What the outside says.
  public enum Event: Equatable, Sendable {
    case openAsked(OrderRequest)
    case statusAsked(OrderNumber, permit: UInt64?)
    case permitAsked(OrderNumber, nonce: UInt64)
    case settleAsked(OrderNumber, Outcome)
    case cancelAsked(OrderNumber)
    /// A person decides: `true` for delivered, `false` for a refund.
    case personDecided(OrderNumber, delivered: Bool)
    /// A person says that the money went back by another way: the provider's console, or cash.
    case personRefunded(OrderNumber)
    case recorded(OrderNumber)
    case createAnswered(OrderNumber, CreateAnswer)
    case queryAnswered(OrderNumber, QueryAnswer)
    case closeAnswered(OrderNumber, CloseAnswer)
    case refundAnswered(OrderNumber, RefundAnswer)
    case refundQueryAnswered(OrderNumber, RefundQueryAnswer)
    /// A notice whose signature, merchant and app are verified.
    case paymentNoticed(Payment)
    /// After a restart the board's journal holds an intent for this verified payment: its permit
    /// was given, whether or not the book still knows.
    case permitFound(Payment)
    case dutyCame(OrderNumber)
  }

  /// What is to be done outside.
  public enum Effect: Equatable, Sendable {
    /// Write the order's new state with a word for what happened, sync, then say `recorded`.
    indirect case record(Order, RecordKind)
    indirect case create(OrderRequest)
    case query(OrderNumber)
    case close(OrderNumber)
    indirect case refund(RefundRequest)
    indirect case queryRefund(RefundRequest)
    case answer(Answer)
    /// A person must know now.
    case alarm(OrderNumber, String)
  }

  /// An answer to the board.
  public enum Answer: Equatable, Sendable {
    case open(OpenAnswer)
    case status(StatusAnswer)
    case permit(PermitAnswer)
    case settle(SettleAnswer)
    case cancel(CancelAnswer)
    /// To a person: nil when it was done.
    case decision(refusal: String?)
  }

  /// The word in the book for what happened to an order.
  public enum RecordKind: String, Hashable, Sendable, CaseIterable {
    case opening, opened, notOpened, closing, closed, paid, permitted, delivered
    case refundOwed, refundAccepted, refunded, refundedOutside, held, lateCheck
  }

  /// What a query's answer will be used for.
  enum Question: Hashable, Sendable {
    case status(permit: UInt64?)
    /// The query before the close.
    case beforeClose(asked: Bool)
    /// The query after the close.
    case afterClose(asked: Bool)
    /// The query after a close that the provider refused since the order is paid.
    case paidSaid(asked: Bool)
    /// A cancel of an order that this book has never seen.
    case stranger
    case lateCheck
    /// The board settled an order whose payment we had not seen.
    case settlement(Outcome)
    /// The provider refused our refund with these words, and may know nothing of it.
    case refundRefused(String)
    /// A person wants money back of which the book knows nothing.
    case personsRefund
    /// A person says that the money is back: did our own refund go through as well?
    case personsWord
  }

  /// An empty book.
  public init() {}

  /// A book with the unfinished orders of an earlier run.
  ///
  /// A core that restarts must not close codes that are on a screen, nor refund what is about to be
  /// fetched, nor look for late money before a cashier can have ended; everything else is due at
  /// `now`.
  public init(recovering unfinished: [Order], at now: Instant) {
    for order in unfinished where order.isUnfinished {
      orders[order.number] = order
      dutyTimes[order.number] = now + Self.recoveryPause(order)
    }
  }

  private static func recoveryPause(_ order: Order) -> Duration {
    switch order.state {
    case .opening, .open: order.request.expiresAt - order.request.madeAt + expiryGrace
    case .paid: permitPatience
    // Nobody knows how long ago the last check was: restarts must not shorten the watch.
    case .closed: lateCheckPause(left: order.lateChecksLeft)
    case .notOpened, .closing, .permitted, .delivered, .refundOwed, .refunding,
      .refunded, .held:
      .zero
    }
  }

  /// The next duty and when it falls due; nil when nothing is left to do.
  public var nextDuty: (number: OrderNumber, at: Instant)? {
    // Of equal times the lowest number's.
    dutyTimes.least(by: <).map { ($0.number, $0.value) }
  }

  /// When an order's next duty falls due; nil when it has none.
  ///
  /// A service that keeps no orders in memory stores it with the order.
  public func dutyTime(of number: OrderNumber) -> Instant? { dutyTimes[number] }

  /// By the orders and what is due: what is still to leave follows from them, nearly always, and
  /// so no effect and no answer needs a hash of its own.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(orders)
    hasher.combine(dutyTimes)
    hasher.combine(waiting)
  }

  /// Puts an order back into the book that a person or a late notice asks about, or one that a
  /// service has read for one event, with the time of its next duty.
  public mutating func load(_ order: Order, dueAt instant: Instant? = nil) {
    guard !orders.contains(order.number) else { return }
    orders[order.number] = order
    if order.isUnfinished { dutyTimes[order.number] = instant }
  }

  /// Lets go of an order that is finished: the disk has it.
  public mutating func unload(_ number: OrderNumber) {
    guard let order = orders[number], !order.isUnfinished, !steps.contains(number) else { return }
    orders[number] = nil
    dutyTimes[number] = nil
  }

  /// Takes an event in and says what is to be done.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .openAsked(let request): openAsked(request, now)
    case .statusAsked(let number, let nonce): statusAsked(number, nonce)
    case .permitAsked(let number, let nonce): permitAsked(number, nonce, now)
    case .settleAsked(let number, let outcome): settleAsked(number, outcome, now)
    case .cancelAsked(let number): cancelAsked(number, now)
    case .personDecided(let number, let delivered): personDecided(number, delivered, now)
    case .personRefunded(let number): personRefunded(number)
    case .recorded(let number): recorded(number)
    case .createAnswered(let number, let answer): createAnswered(number, answer, now)
    case .queryAnswered(let number, let answer): queryAnswered(number, answer, now)
    case .closeAnswered(let number, let answer): closeAnswered(number, answer, now)
    case .refundAnswered(let number, let answer): refundAnswered(number, answer, now)
    case .refundQueryAnswered(let number, let answer): refundQueryAnswered(number, answer, now)
    case .paymentNoticed(let payment): paymentNoticed(payment, now)
    case .permitFound(let payment): permitFound(payment)
    case .dutyCame(let number): dutyCame(number, now)
    }
  }

  // MARK: Moving an order

  /// Puts the order into a state, records it, and lets `effects` leave once it is on disk.
  mutating func move(
    _ number: OrderNumber, to state: OrderState, _ kind: RecordKind, then effects: [Effect],
    _ change: (inout Order) -> Void = { _ in }
  ) -> [Effect] {
    guard var order = orders[number] else { return [] }
    if order.state != state { order.attempts = 0 }
    order.state = state
    // Only a closed order is watched for late money; elsewhere the watch would keep it for ever.
    if state != .closed { order.lateChecksLeft = 0 }
    change(&order)
    orders[number] = order
    steps[number] = effects
    if !order.isUnfinished { dutyTimes[number] = nil }
    return [.record(order, kind)]
  }

  mutating func change(_ number: OrderNumber, _ body: (inout Order) -> Void) {
    orders.change(number, body)
  }

  mutating func begin(_ order: Order) { orders[order.number] = order }

  /// Sets when the book must look at the order again.
  mutating func due(_ number: OrderNumber, at instant: Instant?) { dutyTimes[number] = instant }

  private mutating func recorded(_ number: OrderNumber) -> [Effect] {
    let effects = steps.removeValue(forKey: number) ?? []
    unload(number)
    return effects
  }
}
