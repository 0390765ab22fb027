internal import Core
internal import FleetStorage
internal import Money
internal import Ordering
internal import Timing

/// On whose behalf an event is handled.
struct Errand: Sendable {
  /// The machine whose order it must be; nil for whoever may touch any.
  var machine: String?
  /// The lease under which a duty is carried out.
  var fence: Fence?
  /// Whether the order must be known already.
  var mustStand = false

  init(_ machine: String?, fence: Fence? = nil) { (self.machine, self.fence) = (machine, fence) }

  /// For an order that must be known, whoever's it is.
  static var known: Errand {
    var errand = Errand(nil)
    errand.mustStand = true
    return errand
  }
}

/// An order that was looked up.
enum Found {
  case order(StoredOrder)
  case failure(Doubt)
}

/// What came of an event.
enum Handled: Sendable {
  case answer(OrderBook.Answer)
  /// Done, with nobody to answer.
  case silence
  /// The order is another machine's, or must be known and is not.
  case foreign
  /// The lease was lost meanwhile.
  case fenced
  case failure(Doubt)
}

// One event, one order: read, handle, write, carry out.
extension FleetCore {
  /// An order as it was read or written last, and when its duty is due.
  private struct Basis {
    var expectation: Expectation
    var order: Order?
    var dueAt: WallTime?

    init(_ stored: StoredOrder?) throws(FleetError) {
      expectation = stored?.expectation ?? .absent
      order = try stored?.order()
      dueAt = stored?.dueAt
    }
  }

  private enum Attempt {
    case done(Handled)
    case overtaken
  }

  /// Handles an event of one order, anew when another process was faster.
  func ask(
    _ event: OrderBook.Event, about number: OrderNumber, errand: Errand
  ) async -> Handled {
    do throws(FleetError) {
      for attempt in 0..<settings.attemptsMax {
        if attempt > 0 { counters.add(.overtaken) }
        let stored = try await lookups.order(number)
        if let machine = errand.machine, let stored, stored.machine != machine { return .foreign }
        if errand.mustStand, stored == nil { return .foreign }
        switch try await handle(event, number, try Basis(stored), errand) {
        case .done(let handled): return handled
        case .overtaken: continue
        }
      }
      return .failure(Doubt(.tryLater, "order \(number) is being changed by others"))
    } catch {
      failed(error)
      return .failure(Self.doubt(error))
    }
  }

  /// What is known after the store failed: nothing about money.
  static func doubt(_ error: FleetError) -> Doubt {
    switch error {
    case .unavailable, .unknown: Doubt(.tryLater, "\(error)")
    case .refused, .corrupt, .newerSchema, .olderSchema, .broken: Doubt(.broken, "\(error)")
    }
  }

  /// The order as it stands, if the machine may see it.
  func lookUp(
    _ number: OrderNumber, by machine: String?
  ) async -> Found {
    do throws(FleetError) {
      guard let stored = try await lookups.order(number),
        machine == nil || stored.machine == machine
      else { return .failure(Self.strange(number)) }
      return .order(stored)
    } catch {
      failed(error)
      return .failure(Self.doubt(error))
    }
  }

  private func handle(
    _ event: OrderBook.Event, _ number: OrderNumber, _ start: Basis, _ errand: Errand
  ) async throws(FleetError) -> Attempt {
    var (book, basis) = (OrderBook(), start)
    if let order = basis.order { book.load(order, dueAt: basis.dueAt.map(instant)) }
    var handled: Handled = .silence
    var effects = book.handle(event, at: clocks.now())[...]
    while let effect = effects.popFirst() {
      let next: OrderBook.Event
      switch effect {
      case .record(let order, let kind):
        let posting = try posting(order, kind, book, basis, errand)
        switch try await commits.post(posting) {
        case .written(let revision):
          counters.add(kind)
          basis.expectation = .standing(
            revision: revision, state: order.state, amount: order.request.amount)
          (basis.order, basis.dueAt) = (order, posting.dueAt)
        case .conflict: return .overtaken
        case .fenced: return .done(.fenced)
        case .duplicate(let key, _): throw .refused("key \(key) was used before")
        case .refused(let words): throw .refused(words)
        }
        // What waited for the disk goes first.
        effects = (book.handle(.recorded(number), at: clocks.now()) + effects)[...]
        continue
      case .answer(let answer):
        handled = .answer(answer)
        continue
      case .alarm(_, let words):
        await alarm(number, words)
        continue
      case .create, .query, .close, .refund, .queryRefund:
        next = await providers.carryOut(effect)
      }
      effects = effects + book.handle(next, at: clocks.now())
    }
    return try await keepDuty(number, book, basis, errand, handled)
  }

  /// Keeps what changed without a record: when a duty is due, and how often it was tried.
  private func keepDuty(
    _ number: OrderNumber, _ book: OrderBook, _ basis: Basis, _ errand: Errand, _ handled: Handled
  ) async throws(FleetError) -> Attempt {
    // A finished order has left the book, with nothing due.
    guard let order = book.orders[number] ?? basis.order else { return .done(handled) }
    let due = book.dutyTime(of: number).map(wallTime)
    guard order != basis.order || !Self.isSame(due, basis.dueAt) else { return .done(handled) }
    do throws(FleetError) {
      let posting = try Posting(
        order, expected: basis.expectation, dueAt: due, event: nil, at: clocks.wallTime(),
        fence: errand.fence)
      switch try await commits.post(posting) {
      case .written, .duplicate: return .done(handled)
      case .fenced: return .done(.fenced)
      case .refused(let words): throw .refused(words)
      case .conflict:
        // Somebody moved the order on, and its duty with it; an answer that was given stands.
        if case .answer = handled { return .done(handled) }
        return .overtaken
      }
    } catch {
      // The answer is true all the same; the duty comes again as it was.
      guard case .answer = handled else { throw error }
      failed(error)
      return .done(handled)
    }
  }

  private func posting(
    _ order: Order, _ kind: OrderBook.RecordKind, _ book: OrderBook, _ basis: Basis,
    _ errand: Errand
  ) throws(FleetError) -> Posting {
    let wasWaitedFor = basis.order?.state.isWithoutMoney ?? false
    let isNews = wasWaitedFor && !order.state.isWithoutMoney
    return try Posting(
      order, expected: basis.expectation, dueAt: book.dutyTime(of: order.number).map(wallTime),
      event: kind.rawValue, at: clocks.wallTime(),
      messages: isNews ? [Posting.Draft(topic: "order", body: order.state.rawValue)] : [],
      fence: errand.fence)
  }

  // MARK: Two clocks

  /// The store keeps duties by the wall clock, which all processes share; the book counts by the
  /// monotonic one.
  private func wallTime(_ instant: Instant) -> WallTime {
    clocks.wallTime() + (instant - clocks.now())
  }

  private func instant(_ time: WallTime) -> Instant { clocks.now() + (time - clocks.wallTime()) }

  /// To the second: turning one clock into the other and back costs a millisecond or two.
  private static func isSame(_ left: WallTime?, _ right: WallTime?) -> Bool {
    guard let left, let right else { return left == right }
    return abs(left.milliseconds - right.milliseconds) < 1000
  }
}
