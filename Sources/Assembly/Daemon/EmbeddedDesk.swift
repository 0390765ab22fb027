internal import Core
internal import Ordering
internal import Platform
internal import Storage
internal import Timing
internal import WeChatPay

/// The core in this process, on a thread of its own, and its duties' alarm clock on the loop.
final class EmbeddedDesk: CoreDesk {
  let worker = Worker(name: "core")
  private let loop: EventLoop
  private let core: EmbeddedCore
  private let store: RecordStore
  /// Nil where the account cannot be used.
  private let provider: (any WeChatProvider)?
  /// Told when a call or a duty has found that the book cannot be written any more.
  private let failed: (StorageError) -> Void
  private var duty: EventLoop.TimerToken?

  init(
    loop: EventLoop, core: EmbeddedCore, store: RecordStore, provider: (any WeChatProvider)?,
    failed: @escaping (StorageError) -> Void
  ) {
    (self.loop, self.core, self.store, self.failed) = (loop, core, store, failed)
    self.provider = provider
  }

  /// Asks the core something, then sees to its duties.
  func ask<Answer: Sendable>(
    _ question: @escaping @Sendable (any PaymentCore) -> Answer, then: @escaping (Answer) -> Void
  ) {
    perform({ question($0) }, then: then)
  }

  func askStatus(
    _ number: OrderNumber, permit nonce: UInt64?, then: @escaping (StatusAnswer) -> Void
  ) {
    perform({ $0.status(number, permit: nonce) }, then: then)
  }

  func probe(then: @escaping (Doubt?) -> Void) { perform({ $0.probe() }, then: then) }

  func decide(
    _ number: OrderNumber, _ decision: Decision, then: @escaping (String?) -> Void
  ) {
    perform({ $0.decide(number, decision) }, then: then)
  }

  private func perform<Answer: Sendable>(
    _ question: @escaping @Sendable (EmbeddedCore) -> Answer, then: @escaping (Answer) -> Void
  ) {
    let core = core
    loop.perform(on: worker, { (question(core), core.nextDuty, core.failure) }) {
      [weak self] answer, next, failure in
      self?.armDuties(at: next)
      then(answer)
      if let failure { self?.failed(failure) }
      if core.owesSync { self?.catchUpLater() }
    }
  }

  /// When the relay has long been switched on: on one disk a sync of ours would delay the board's.
  private func catchUpLater() {
    loop.arm(after: .milliseconds(100)) { [weak self] in
      guard let self else { return }
      let core = core
      loop.perform(on: worker) { () -> StorageError? in
        core.catchUp()
        return core.failure
      } then: { [weak self] in
        if let failure = $0 { self?.failed(failure) }
      }
    }
  }

  func carryOutDuties() {
    let core = core
    loop.perform(on: worker, { (core.carryOutDuties(), core.failure) }) {
      [weak self] next, failure in
      self?.armDuties(at: next)
      // Nobody may ask anything for hours, and no duty is ever done on a book that failed.
      if let failure { self?.failed(failure) }
    }
  }

  private func armDuties(at instant: Instant?) {
    if let duty { loop.cancel(duty) }
    duty = instant.map { instant in
      loop.arm(at: instant) { [weak self] in
        self?.duty = nil
        self?.carryOutDuties()
      }
    }
  }

  // MARK: The book, for people

  func read<Found: Sendable>(
    _ journal: RecordStore?,
    _ question: @escaping @Sendable (OrderListing) -> Result<Found, StorageError>,
    then: @escaping (Result<Found, StorageError>) -> Void
  ) {
    let listing = OrderListing(store, journal: journal)
    loop.perform(on: worker, { question(listing) }, then: then)
  }

  /// A call in flight ends by its own deadline.
  func close() {}

  var answeredAt: Instant? { core.answeredAt }
  var clockSkew: Duration? { provider?.clockSkew }
  var failure: StorageError? { core.failure }
}
