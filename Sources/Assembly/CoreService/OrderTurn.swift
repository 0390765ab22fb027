package import FleetStorage
internal import Money
package import Ordering
package import Timing

/// One event, one order: read, handle, write, carry out; every decision of it, and no I/O.
///
/// ```
/// read ──found──▶ handle ──▶ post ──written──▶ what waited for the disk ──▶ ... ──▶ keep ──▶ end
///   ▲                          │                  │         ▲                        │
///   └──────── conflict ────────┴──────────────────┼─────────┼────────────────────────┘
///                                              carry out, alarm
/// ```
///
/// The executor does what `Step` says and comes back with what it has learnt, until the step is an
/// end. Whoever was overtaken by another process handles the event anew on what stands there now:
/// every event of the book may be repeated.
package struct OrderTurn: Sendable {
  /// What is to be done next.
  package enum Step: Sendable {
    /// Read the order, then say `found`.
    case read
    /// Write it, then say `posted`.
    case post(Posting)
    /// A call to the provider, then say `told` with what the book is told of it.
    case carryOut(OrderBook.Effect)
    /// Tell a person, then say `alarmed`.
    case alarm(String)
    /// It is over; the store's failure behind it, when there was one.
    case end(Handled, FleetError?)
  }

  /// What came of a step.
  package enum News: Sendable {
    case found(StoredOrder?)
    case posted(PostingAnswer)
    case told(OrderBook.Event)
    case alarmed
    /// The store gave no answer.
    case failed(FleetError)
  }

  /// The two clocks of a moment: the store keeps duties by the wall clock, which all processes
  /// share; the book counts by the monotonic one.
  package struct Times: Sendable {
    package var now: Instant
    package var wallTime: WallTime

    /// A moment.
    package init(now: Instant, wallTime: WallTime) { (self.now, self.wallTime) = (now, wallTime) }

    func wallTime(_ instant: Instant) -> WallTime { wallTime + (instant - now) }
    func instant(_ time: WallTime) -> Instant { now + (time - wallTime) }
  }

  /// An order as it was read or written last, and when its duty is due.
  private struct Basis {
    var expectation = Expectation.absent
    var order: Order?
    var dueAt: WallTime?
  }

  /// What the executor is doing.
  private enum Phase {
    case reading, carrying, alarming
    indirect case recording(Order, OrderBook.RecordKind, dueAt: WallTime?)
    /// The last write: what changed without a record.
    case keeping
  }

  package let number: OrderNumber
  private let event: OrderBook.Event
  private let errand: Errand
  private let attemptsMax: Int
  /// How often the event was begun anew.
  package private(set) var overtaken = 0
  /// The record that was written last, until `takeRecord`; for whoever counts.
  private var written: OrderBook.RecordKind?
  private var phase = Phase.reading
  private var book = OrderBook()
  private var basis = Basis()
  private var handled = Handled.silence
  private var effects: ArraySlice<OrderBook.Effect> = []

  /// Begins with a `read`; `attemptsMax` bounds how often the event is handled.
  package init(
    _ event: OrderBook.Event, about number: OrderNumber, errand: Errand, attemptsMax: Int
  ) {
    (self.event, self.number, self.errand) = (event, number, errand)
    self.attemptsMax = attemptsMax
  }

  /// Takes in what came of the step before, and says what is next.
  package mutating func take(_ news: News, at times: Times) -> Step {
    do throws(FleetError) {
      switch (news, phase) {
      case (.found(let stored), .reading): return try found(stored, times)
      case (.posted(let answer), .recording(let order, let kind, let dueAt)):
        return try recorded(answer, order, kind, dueAt, times)
      case (.posted(let answer), .keeping): return try kept(answer)
      case (.told(let event), .carrying):
        effects += book.handle(event, at: times.now)
        return try next(times)
      case (.alarmed, .alarming): return try next(times)
      case (.failed(let error), .keeping):
        // An answer that was given is true all the same; the duty comes again as it was.
        if case .answer = handled { return .end(handled, error) }
        throw error
      case (.failed(let error), _): throw error
      case (.found, _), (.posted, _), (.told, _), (.alarmed, _):
        preconditionFailure("nobody waits for \(news)")
      }
    } catch {
      return .end(.failure(Self.doubt(error)), error)
    }
  }

  /// The record that was written since the last time, if any.
  package mutating func takeRecord() -> OrderBook.RecordKind? {
    defer { written = nil }
    return written
  }

  /// What is known after the store failed: nothing about money.
  package static func doubt(_ error: FleetError) -> Doubt {
    switch error {
    case .unavailable, .unknown: Doubt(.tryLater, "\(error)")
    case .refused, .corrupt, .newerSchema, .olderSchema, .broken: Doubt(.broken, "\(error)")
    }
  }

  // MARK: Steps

  private mutating func found(
    _ stored: StoredOrder?, _ times: Times
  ) throws(FleetError) -> Step {
    if let machine = errand.machine, let stored, stored.machine != machine {
      return .end(.foreign, nil)
    }
    if errand.mustStand, stored == nil { return .end(.foreign, nil) }
    if errand.isDecision, let stored, Self.mayBeFalling(stored, times) {
      let words = "order \(number) is being dispensed: its machine will say what came of it"
      return .end(.answer(.decision(refusal: words)), nil)
    }
    (book, basis, handled) = (OrderBook(), Basis(), .silence)
    if let stored {
      let order = try stored.order()
      basis = Basis(expectation: stored.expectation, order: order, dueAt: stored.dueAt)
      book.load(order, dueAt: stored.dueAt.map(times.instant))
    }
    effects = book.handle(event, at: times.now)[...]
    return try next(times)
  }

  /// How long a permitted order is its board's alone.
  ///
  /// An answer that gave the permit may be under way for as long as a poll is held, a lost one is
  /// asked for again for a minute and a half, and then the lane turns. A board that has said
  /// nothing by then was cut off, and never switches a relay for this order any more.
  private static let dispensingTime: Duration = .seconds(300)

  private static func mayBeFalling(_ stored: StoredOrder, _ times: Times) -> Bool {
    stored.state == .permitted && times.wallTime - stored.updatedAt < dispensingTime
  }

  private mutating func next(_ times: Times) throws(FleetError) -> Step {
    while let effect = effects.popFirst() {
      switch effect {
      case .record(let order, let kind):
        let posting = try posting(order, kind, times)
        phase = .recording(order, kind, dueAt: posting.dueAt)
        return .post(posting)
      case .answer(let answer): handled = .answer(answer)
      case .alarm(_, let words):
        phase = .alarming
        return .alarm(words)
      case .create, .query, .close, .refund, .queryRefund:
        phase = .carrying
        return .carryOut(effect)
      }
    }
    return try keepDuty(times)
  }

  private mutating func recorded(
    _ answer: PostingAnswer, _ order: Order, _ kind: OrderBook.RecordKind, _ dueAt: WallTime?,
    _ times: Times
  ) throws(FleetError) -> Step {
    switch answer {
    case .written(let revision):
      written = kind
      basis.expectation = .standing(
        revision: revision, state: order.state, amount: order.request.amount)
      (basis.order, basis.dueAt) = (order, dueAt)
    case .conflict: return begunAnew()
    case .fenced: return .end(.fenced, nil)
    case .duplicate(let key, _): throw .refused("key \(key) was used before")
    case .refused(let words): throw .refused(words)
    }
    // What waited for the disk goes first.
    effects = (book.handle(.recorded(number), at: times.now) + effects)[...]
    return try next(times)
  }

  /// Another process was faster.
  private mutating func begunAnew() -> Step {
    overtaken += 1
    guard overtaken < attemptsMax else {
      let words = "order \(number) is being changed by others"
      return .end(.failure(Doubt(.tryLater, words)), nil)
    }
    phase = .reading
    return .read
  }

  /// Keeps what changed without a record: when a duty is due, and how often it was tried.
  private mutating func keepDuty(_ times: Times) throws(FleetError) -> Step {
    // A finished order has left the book, with nothing due.
    guard let order = book.orders[number] ?? basis.order else { return .end(handled, nil) }
    let due = book.dutyTime(of: number).map(times.wallTime)
    guard order != basis.order || !Self.isSame(due, basis.dueAt) else {
      return .end(handled, nil)
    }
    phase = .keeping
    do throws(FleetError) {
      return .post(
        try Posting(
          order, expected: basis.expectation, dueAt: due, event: nil, at: times.wallTime,
          fence: errand.fence))
    } catch {
      guard case .answer = handled else { throw error }
      return .end(handled, error)
    }
  }

  private mutating func kept(_ answer: PostingAnswer) throws(FleetError) -> Step {
    switch answer {
    case .written, .duplicate: return .end(handled, nil)
    case .fenced: return .end(.fenced, nil)
    case .conflict:
      // Somebody moved the order on, and its duty with it; an answer that was given stands.
      if case .answer = handled { return .end(handled, nil) }
      return begunAnew()
    case .refused(let words):
      if case .answer = handled { return .end(handled, .refused(words)) }
      throw .refused(words)
    }
  }

  private func posting(
    _ order: Order, _ kind: OrderBook.RecordKind, _ times: Times
  ) throws(FleetError) -> Posting {
    let wasWaitedFor = basis.order?.state.isWithoutMoney ?? false
    let isNews = wasWaitedFor && !order.state.isWithoutMoney
    // A process that is killed before it has told anybody leaves a duty to do so: `keepDuty` takes
    // it away behind the alarm.
    let owedAlarm = order.state == .held ? times.now + Self.alarmPatience : nil
    return try Posting(
      order, expected: basis.expectation,
      dueAt: (book.dutyTime(of: number) ?? owedAlarm).map(times.wallTime),
      event: kind.rawValue, at: times.wallTime,
      messages: isNews ? [Posting.Draft(topic: "order", body: order.state.rawValue)] : [],
      fence: errand.fence)
  }

  /// When a held order's alarm is told by somebody else.
  private static let alarmPatience: Duration = .seconds(60)

  /// To the second: turning one clock into the other and back costs a millisecond or two.
  private static func isSame(_ left: WallTime?, _ right: WallTime?) -> Bool {
    guard let left, let right else { return left == right }
    return abs(left.milliseconds - right.milliseconds) < 1000
  }
}
