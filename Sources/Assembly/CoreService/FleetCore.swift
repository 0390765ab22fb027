public import Core
public import FleetStorage
public import Ordering
internal import Platform
internal import Synchronization
internal import Timing

/// The payment core as a service for many boards: the same order book as inside `vendd`, one order
/// at a time, over a store that any number of processes share.
///
/// A process keeps nothing that matters. For every event it reads the one order, hands it to an
/// `OrderBook` of its own, and writes what the book wants recorded by compare-and-set, before what
/// the record announces leaves. Who was overtaken by another process handles the event anew on what
/// stands there now: every event of the book may be repeated.
public final class FleetCore: Sendable {
  /// What is to be known of a service beside its store and its provider.
  public struct Settings: Sendable {
    /// How long a board's order may be without news before the provider is asked; some a little
    /// longer, so that not all are asked about at once.
    public var silence: Duration = .seconds(5)
    /// How many questions about silent orders may be asked in a second, by all boards together.
    public var queriesPerSecond = 200
    /// How often an event is handled anew when other processes were faster.
    public var attemptsMax = 16
    /// Is told of everything that goes into the log of who did what.
    public var tell: @Sendable (LogEntry) -> Void = { _ in }

    /// What serves most.
    public init() {}
  }

  /// Where orders, machines and people are kept.
  public let store: any FleetStore
  /// What is counted for `/metrics`.
  public let counters = ServiceCounters()
  /// Runs what blocks on the store, off the threads of the event loops.
  let crew: Crew
  let commits: CommitGroup
  let lookups: LookupGroup
  let providers: ProviderPool
  let hub: OrderHub
  let silence: SilenceWatch
  let shelf: DocumentShelf
  let settings: Settings
  let clocks: Surroundings
  private let broken = Mutex<String?>(nil)

  /// Begins to serve; `providers` are clients of one account, as many as calls may be under way.
  ///
  /// Throws when the outbox cannot be read.
  public init(
    store: any FleetStore, providers: [any PaymentProvider], settings: Settings = Settings(),
    clocks: Surroundings = Surroundings()
  ) throws(FleetError) {
    (self.store, self.settings, self.clocks) = (store, settings, clocks)
    crew = Crew(name: "store", count: 4)
    commits = CommitGroup(store)
    // One: on two cores a second one made smaller batches, more wake-ups, and a fifth less of all.
    lookups = LookupGroup(store, threads: 1)
    self.providers = ProviderPool(providers)
    hub = try OrderHub(store, counters, now: clocks.now)
    silence = SilenceWatch(pause: settings.silence, perSecond: settings.queriesPerSecond)
    shelf = DocumentShelf(store, crew)
  }

  /// Ends the threads; calls that wait are still answered.
  public func close() {
    hub.close()
    commits.close()
    lookups.close()
  }

  /// Answers those who are held in a long poll, now and from now on, with what is known: the
  /// process is about to end.
  public func sendHeldPollsAway() { hub.release() }

  /// The failure after which this process can write nothing more and must end; nil while all is
  /// well.
  public var breakage: String? { broken.withLock { $0 } }

  /// Takes note of a failure of the store.
  func failed(_ error: FleetError) {
    counters.add(.storeFailures)
    if case .broken(let words) = error { broken.withLock { $0 = $0 ?? words } }
  }

  /// How many boards are held in a long poll now.
  public var heldPolls: Int { hub.count }

  /// Does something with the store that blocks, without a thread of one's own.
  public func onStore<Result: Sendable>(
    _ body: @escaping @Sendable (any FleetStore) throws(FleetError) -> Result
  ) async throws(FleetError) -> Result {
    let store = store
    let outcome = await crew.run { () -> Swift.Result<Result, FleetError> in
      do throws(FleetError) {
        return .success(try body(store))
      } catch {
        return .failure(error)
      }
    }
    if case .failure(.broken(let words)) = outcome { broken.withLock { $0 = $0 ?? words } }
    return try outcome.get()
  }

  // MARK: A board's calls

  /// Opens an order, or says again what was answered.
  ///
  /// `machine` is whose token came with the call.
  public func open(_ request: OrderRequest, by machine: String) async -> OpenAnswer {
    if let objection = await objection(to: request, machine) { return objection }
    switch await ask(.openAsked(request), about: request.number, errand: Errand(machine)) {
    case .answer(.open(let answer)): return answer
    case .foreign: return .refused(Self.foreign)
    case .answer, .silence, .fenced: return .unknown(Self.noAnswer)
    case .failure(let doubt): return .unknown(doubt)
    }
  }

  /// What became of an order; held for as long as `wait` while it is unpaid and nothing happens.
  ///
  /// Ten thousand boards wait here: whatever needs more than a few words is done apart.
  public func status(
    _ number: OrderNumber, permit nonce: UInt64?, wait: Duration, by machine: String
  ) async -> StatusAnswer {
    let end = clocks.now() + min(max(wait, .zero), CoreCall.longestWait)
    let ticket = hub.subscribe(number)
    defer { hub.unsubscribe(ticket) }
    // What is said when the time is over: a provider that does not answer does not end the poll,
    // for the notice may still come.
    var last = StatusAnswer.pending
    while true {
      ticket.reset()
      switch await apart({ await self.outlook(number, machine) }) {
      case .unreadable(let doubt): return .unknown(doubt)
      case .moved: return await apart { await self.statusNow(number, nonce, machine) }
      case .silent:
        counters.add(.silentQueries)
        last = await apart { await self.statusNow(number, nonce, machine) }
        switch last {
        case .pending, .unknown: continue
        case .paid, .closed, .refunding, .refunded, .held: return last
        }
      case .quiet(let queryAt):
        let now = clocks.now()
        // A board that has gone waits for nothing.
        guard now < end, !hub.sendsAway, !Task.isCancelled else { return last }
        await hub.wait(ticket, until: min(end, max(queryAt, now + .milliseconds(200))))
      }
    }
  }

  /// What a poll of an order has to look forward to.
  private enum Outlook {
    case unreadable(Doubt)
    /// It is not, or no longer, unpaid.
    case moved
    /// Unpaid for so long without news that the provider is asked.
    case silent
    /// Unpaid; when to ask the provider.
    case quiet(until: Instant)
  }

  private func outlook(_ number: OrderNumber, _ machine: String) async -> Outlook {
    switch await lookUp(number, by: machine) {
    case .failure(let doubt): return .unreadable(doubt)
    case .order(let stored):
      switch silence.outlook(stored, clocks) {
      case .moved: return .moved
      case .silent: return .silent
      case .quiet(let queryAt): return .quiet(until: queryAt)
      }
    }
  }

  private func statusNow(
    _ number: OrderNumber, _ nonce: UInt64?, _ machine: String
  ) async -> StatusAnswer {
    let event = OrderBook.Event.statusAsked(number, permit: nonce)
    switch await ask(event, about: number, errand: Errand(machine)) {
    case .answer(.status(let answer)): return answer
    case .foreign: return .unknown(Self.strange(number))
    case .answer, .silence, .fenced: return .unknown(Self.noAnswer)
    case .failure(let doubt): return .unknown(doubt)
    }
  }

  /// Gives a paid order's one permit; the same nonce gets the same answer again.
  public func permit(
    _ number: OrderNumber, nonce: UInt64, by machine: String
  ) async -> PermitAnswer {
    let event = OrderBook.Event.permitAsked(number, nonce: nonce)
    switch await ask(event, about: number, errand: Errand(machine)) {
    case .answer(.permit(let answer)):
      if answer == .tooLate(.permitted) {
        await alarm(number, "a second permit was asked for by \(machine): is its board cloned?")
      }
      return answer
    case .foreign: return .unknown(Self.strange(number))
    case .answer, .silence, .fenced: return .unknown(Self.noAnswer)
    case .failure(let doubt): return .unknown(doubt)
    }
  }

  /// Takes in what became of a sale.
  public func settle(
    _ number: OrderNumber, _ outcome: Outcome, by machine: String
  ) async -> SettleAnswer {
    switch await lookUp(number, by: machine) {
    case .failure(let doubt) where doubt == Self.strange(number):
      // The store was replaced or restored: it can do nothing for an order that it never had.
      await alarm(number, "\(machine) settled \(outcome), but no such order is known")
      return .accepted
    case .failure(let doubt): return .unknown(doubt)
    case .order: break
    }
    switch await ask(.settleAsked(number, outcome), about: number, errand: Errand(machine)) {
    case .answer(.settle(let answer)): return answer
    case .foreign: return .unknown(Self.strange(number))
    case .answer, .silence, .fenced: return .unknown(Self.noAnswer)
    case .failure(let doubt): return .unknown(doubt)
    }
  }

  /// Ends an unpaid order: query, close, query.
  public func cancel(_ number: OrderNumber, by machine: String) async -> CancelAnswer {
    switch await ask(.cancelAsked(number), about: number, errand: Errand(machine)) {
    case .answer(.cancel(let answer)): return answer
    case .foreign: return .unknown(Self.strange(number))
    case .answer, .silence, .fenced: return .unknown(Self.noAnswer)
    case .failure(let doubt): return .unknown(doubt)
    }
  }

  // MARK: A person's

  /// Gives a paid order back, or ends it as a person says; nil when done, else why not.
  public func decide(
    _ number: OrderNumber, _ decision: Decision, by person: String
  ) async -> String? {
    let event: OrderBook.Event =
      switch decision {
      case .delivered: .personDecided(number, delivered: true)
      case .refund: .personDecided(number, delivered: false)
      case .refunded: .personRefunded(number)
      }
    let result: String?
    switch await ask(event, about: number, errand: .person) {
    case .answer(.decision(let refusal)): result = refusal
    case .failure(let doubt): result = doubt.detail
    case .answer, .silence, .fenced, .foreign: result = Self.noAnswer.detail
    }
    await log(
      person, "decide", number.text,
      "\(decision)\(result.map { ": refused, \($0)" } ?? "")")
    return result
  }

  // MARK: The provider's

  /// What became of a payment that a notice told of.
  public enum NoticeAnswer: Equatable, Sendable {
    /// It is on disk, now or before.
    case kept
    /// There is no such order.
    case unknownOrder
    /// It could not be kept: it must come again.
    case notKept(Doubt)
  }

  /// Takes in a verified payment.
  public func noticed(_ payment: Payment) async -> NoticeAnswer {
    switch await ask(.paymentNoticed(payment), about: payment.order, errand: .known) {
    case .silence, .answer: return .kept
    case .foreign: return .unknownOrder
    case .fenced: return .notKept(Self.noAnswer)
    case .failure(let doubt): return .notKept(doubt)
    }
  }

  /// Looks after a refund of which a notice told something: the provider's answer has the last
  /// word.
  public func refundNoticed(_ number: OrderNumber) async -> NoticeAnswer {
    switch await lookUp(number, by: nil) {
    case .failure(let doubt): return doubt == Self.strange(number) ? .unknownOrder : .notKept(doubt)
    case .order(let stored) where stored.state == .refunding:
      _ = await ask(.dutyCame(number), about: number, errand: Errand(nil))
      return .kept
    case .order: return .kept
    }
  }

  // MARK: Duties

  /// What became of a duty.
  enum DutyEnd {
    case done
    /// It is tried again later; the others' need not wait for it.
    case failed
    /// The lease is another process's now.
    case fenced
  }

  /// Carries out what is due for an order; `fence` is the lease's that the process holds.
  func carryOutDuty(_ number: OrderNumber, fence: Fence) async -> DutyEnd {
    switch await ask(.dutyCame(number), about: number, errand: Errand(nil, fence: fence)) {
    case .silence, .answer, .foreign: .done
    case .failure: .failed
    case .fenced: .fenced
    }
  }

  // MARK: Words

  static let noAnswer = Doubt(.broken, "the order book gave no answer")
  static let foreign = Refusal(
    code: "FOREIGN", words: "the number is another machine's", reaction: .newNumber)

  static func strange(_ number: OrderNumber) -> Doubt { Doubt(.mismatch, "no order \(number)") }

  /// Tells a person what must be known now.
  func alarm(_ number: OrderNumber, _ words: String) async {
    counters.add(.alarms)
    await log("vendpay", "alarm", number.text, words)
  }

  /// Notes who did what; a note that cannot be written now stops nothing.
  public func log(_ who: String, _ what: String, _ subject: String, _ words: String) async {
    let entry = LogEntry(
      at: clocks.wallTime(), who: who, what: what, subject: String(subject.prefix(64)),
      body: words)
    settings.tell(entry)
    do throws(FleetError) {
      try await onStore { store throws(FleetError) in try store.log(entry) }
    } catch {
      counters.add(.lostNotes)
    }
  }
}
