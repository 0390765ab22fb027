public import Ordering
internal import Platform
public import Storage
private import Synchronization
public import Timing

/// The payment core as a library inside `vendd`: the order book on the board's own disk, the
/// provider behind it.
///
/// It carries out what `OrderBook` decides, one call after the other: records are synced before
/// what they announce leaves. Calls block for as long as the provider's deadlines allow; the daemon
/// gives it a worker.
public final class EmbeddedCore: PaymentCore {
  private let store: any OrderStore
  private let provider: any PaymentProvider
  private let surroundings: Surroundings
  private let alarm: @Sendable (OrderNumber, String) -> Void
  /// Held for as long as a call lasts: one call at a time.
  private let book: Mutex<OrderBook>
  /// Held for moments only, so that the daemon's loop may look at any time.
  private let notes = Mutex(Notes())

  private struct Notes {
    /// When the provider last answered a query.
    var answeredAt: Instant?
    var owesSync = false
    /// Set by the first failed write: what is on disk is not known any more (fsyncgate).
    var failure: StorageError?
  }

  /// Takes up the book where an earlier run left it.
  ///
  /// `permits` are the board's (`Ledger.permits`), which a power cut may have taken from the book.
  /// `alarm` is called, on the calling thread, with what a person must know.
  public init(
    store: any OrderStore, provider: any PaymentProvider, permits: [Payment],
    surroundings: Surroundings = Surroundings(),
    alarm: @escaping @Sendable (OrderNumber, String) -> Void
  ) throws(StorageError) {
    (self.store, self.provider, self.alarm) = (store, provider, alarm)
    self.surroundings = surroundings
    book = Mutex(
      OrderBook(recovering: try store.unfinishedOrders(), at: surroundings.now()))
    for payment in permits { _ = ask(.permitFound(payment), about: payment.order) }
    if let failure { throw failure }
    try store.sync()
    notes.withLock { $0.owesSync = false }
  }

  // MARK: The board's calls

  public func open(_ request: OrderRequest) -> OpenAnswer {
    guard case .open(let answer) = ask(.openAsked(request), about: request.number) else {
      return .unknown(noAnswer)
    }
    return answer
  }

  public func status(_ number: OrderNumber, permit nonce: UInt64?) -> StatusAnswer {
    guard case .status(let answer) = ask(.statusAsked(number, permit: nonce), about: number)
    else { return .unknown(noAnswer) }
    return answer
  }

  public func permit(_ number: OrderNumber, nonce: UInt64) -> PermitAnswer {
    guard case .permit(let answer) = ask(.permitAsked(number, nonce: nonce), about: number)
    else { return .unknown(noAnswer) }
    return answer
  }

  public func settle(_ number: OrderNumber, _ outcome: Outcome) -> SettleAnswer {
    if case .some(nil) = known(number) {
      // The book was replaced or restored: it can do nothing for an order that it never had.
      alarm(number, "settled as \(outcome), but the order book does not know the order")
      return .accepted
    }
    guard case .settle(let answer) = ask(.settleAsked(number, outcome), about: number) else {
      return .unknown(noAnswer)
    }
    return answer
  }

  public func cancel(_ number: OrderNumber) -> CancelAnswer {
    guard case .cancel(let answer) = ask(.cancelAsked(number), about: number) else {
      return .unknown(noAnswer)
    }
    return answer
  }

  public func probe() -> Doubt? {
    if let failure { return Self.doubt(failure) }
    // A number that nobody made: a signed "no such order" proves name, network, TLS, merchant, key
    // and signature in one exchange that costs nothing.
    guard let number = OrderNumber("PROBE\(surroundings.chance())") else { return nil }
    switch provider.query(number) {
    case .notFound, .pending, .paid, .refunded, .closed: return nil
    case .refused(let refusal): return Doubt(.mismatch, "\(refusal.code) \(refusal.words)")
    case .unknown(let doubt): return doubt
    }
  }

  // MARK: A person's calls

  /// Gives a paid order back, or ends it as a person says; nil when done, else why not.
  public func decide(_ number: OrderNumber, _ decision: Decision) -> String? {
    let event: OrderBook.Event =
      switch decision {
      case .delivered: .personDecided(number, delivered: true)
      case .refund: .personDecided(number, delivered: false)
      case .refunded: .personRefunded(number)
      }
    let answer = ask(event, about: number)
    guard case .decision(let refusal) = answer else { return "the order book cannot be written" }
    return refusal
  }

  // MARK: Duties

  /// Whether the last answer did not wait for its sync.
  public var owesSync: Bool { notes.withLock { $0.owesSync } }

  /// Makes the sync that the last answer did not wait for; the next record would make it first.
  public func catchUp() {
    book.withLock { _ in
      guard failure == nil, owesSync else { return }
      do throws(StorageError) {
        try store.sync()
        notes.withLock { $0.owesSync = false }
      } catch {
        notes.withLock { $0.failure = error }
      }
    }
  }

  /// Carries out the duties that are due and says when the next one is; nil when none is left.
  public func carryOutDuties() -> Instant? {
    // Bounded: a duty that comes due again at once waits for the next call.
    for _ in 0..<64 {
      guard failure == nil, let due = book.withLock({ $0.nextDuty }) else { return nil }
      guard due.at <= surroundings.now() else { return due.at }
      _ = ask(.dutyCame(due.number), about: due.number)
    }
    return surroundings.now() + .seconds(1)
  }

  /// When the next duty is due; nil when none is left or the book cannot be written.
  public var nextDuty: Instant? {
    failure == nil ? book.withLock { $0.nextDuty?.at } : nil
  }

  /// When the provider last answered a query; for the time from a payment's answer to the relay.
  public var answeredAt: Instant? { notes.withLock { $0.answeredAt } }

  /// Why the book cannot be written any more; nil while it can.
  public var failure: StorageError? { notes.withLock { $0.failure } }

  // MARK: Carrying out

  private var noAnswer: Doubt {
    failure.map(Self.doubt)
      ?? Doubt(.broken, "the order book gave no answer")
  }

  private static func doubt(_ failure: StorageError) -> Doubt {
    Doubt(.broken, "order book: \(failure)")
  }

  /// Whether the book knows the number; nil inside when it does not, nil outside when unreadable.
  private func known(_ number: OrderNumber) -> OrderState?? {
    if let order = book.withLock({ $0.orders[number] }) { return order.state }
    do throws(StorageError) {
      return .some(try store.order(number)?.state)
    } catch {
      return nil
    }
  }

  private func ask(_ event: OrderBook.Event, about number: OrderNumber) -> OrderBook.Answer? {
    book.withLock { book in
      guard failure == nil else { return nil }
      do throws(StorageError) {
        if !book.orders.contains(number), let order = try store.order(number) {
          book.load(order)
        }
        let answer = try carryOut(event, &book)
        book.unload(number)
        return answer
      } catch {
        notes.withLock { $0.failure = error }
        return nil
      }
    }
  }

  private func carryOut(
    _ event: OrderBook.Event, _ book: inout OrderBook
  ) throws(StorageError) -> OrderBook.Answer? {
    var answer: OrderBook.Answer?
    var effects = book.handle(event, at: surroundings.now())
    while !effects.isEmpty {
      let effect = effects.removeFirst()
      let next: OrderBook.Event
      switch effect {
      case .record(let order, let kind):
        try write(order, kind)
        // What waited for the disk goes first.
        effects = book.handle(.recorded(order.number), at: surroundings.now()) + effects
        continue
      case .answer(let words):
        answer = words
        continue
      case .alarm(let number, let words):
        alarm(number, words)
        continue
      case .create(let request):
        next = .createAnswered(request.number, provider.create(request))
      case .query(let number):
        next = .queryAnswered(number, provider.query(number))
        notes.withLock { $0.answeredAt = surroundings.now() }
      case .close(let number):
        next = .closeAnswered(number, provider.close(number))
      case .refund(let request):
        next = .refundAnswered(request.order, provider.refund(request))
      case .queryRefund(let request):
        next = .refundQueryAnswered(request.order, provider.queryRefund(request))
      }
      effects += book.handle(next, at: surroundings.now())
    }
    return answer
  }

  /// Writes an order's new state; all but a permit is synced before anything else happens.
  ///
  /// The permit goes to the board in this very process, whose own intent is synced before a relay
  /// moves: one sync lies between the money and the product, not two; ours comes when that is done
  /// (`catchUp`), since one disk makes one sync at a time. A power cut before it takes the permit
  /// and with it the knowledge of the payment. Then either nothing was done with it, and the
  /// restarted board asks anew; or the board has its intent, and gives the permit back to the book
  /// before anything else happens (`permits` of `init`).
  private func write(_ order: Order, _ kind: OrderBook.RecordKind) throws(StorageError) {
    try store.write(
      order, kind, at: surroundings.wallTime(),
      durability: kind == .permitted ? .deferred : .synced)
    notes.withLock { $0.owesSync = kind == .permitted }
  }
}
