import CoreService
import EmulatedCore
import FleetStorage
import Ordering
import Testing
import Timing

/// One event of one order, step by step, with nobody but the test to carry it out.
@Suite struct OrderTurnTests {
  private let request = OrderRequest.sample()
  private let times = OrderTurn.Times(
    now: .zero + .seconds(1000), wallTime: WallTime(seconds: 1_800_000_100))

  /// Carries an event out on a row, until its alarm or its end; what stands there then.
  private func carryOut(
    _ event: OrderBook.Event, on row: StoredOrder?, errand: Errand = Errand(nil),
    after pause: Duration = .zero, untilAlarm: Bool = false,
    provider: (OrderBook.Effect) -> OrderBook.Event? = { _ in nil }
  ) throws -> (row: StoredOrder?, alarms: [String], end: Handled?) {
    var turn = OrderTurn(event, about: request.number, errand: errand, attemptsMax: 16)
    let times = OrderTurn.Times(now: times.now + pause, wallTime: times.wallTime + pause)
    var (row, alarms) = (row, [String]())
    var step = OrderTurn.Step.read
    while true {
      switch step {
      case .read: step = turn.take(.found(row), at: times)
      case .post(let posting):
        let revision = (row?.revision ?? 0) + 1
        row = StoredOrder(
          number: posting.number, machine: posting.machine, state: posting.state,
          amount: posting.amount, revision: revision, openedAt: posting.at,
          updatedAt: posting.at, dueAt: posting.dueAt, body: posting.body)
        step = turn.take(.posted(.written(revision: revision)), at: times)
      case .carryOut(let effect):
        step = turn.take(.told(try #require(provider(effect))), at: times)
      case .alarm(let words):
        alarms.append(words)
        if untilAlarm { return (row, alarms, nil) }
        step = turn.take(.alarmed, at: times)
      case .end(let handled, _): return (row, alarms, handled)
      }
    }
  }

  /// An order whose money is there.
  private func paid() throws -> StoredOrder? {
    let opened = try carryOut(.openAsked(request), on: nil) { _ in
      .createAnswered(request.number, .created(codeURL: "weixin://x"))
    }
    return try carryOut(.paymentNoticed(request.payment), on: opened.row).row
  }

  /// An order that the board may dispense.
  private func permitted() throws -> StoredOrder? {
    try carryOut(.permitAsked(request.number, nonce: 1), on: try paid()).row
  }

  @Test func aKilledProcessOwesItsAlarm() throws {
    let settled = OrderBook.Event.settleAsked(request.number, .unsure(.hold))
    // The process is killed between its record and its alarm.
    let killed = try carryOut(settled, on: try permitted(), untilAlarm: true)
    #expect(killed.row?.state == .held)
    #expect(killed.row?.dueAt == times.wallTime + .seconds(60))
    // Whoever has the lease tells it, and it is over.
    let told = try carryOut(.dutyCame(request.number), on: killed.row)
    #expect(told.alarms == killed.alarms)
    #expect(told.row?.dueAt == nil)
    #expect(told.row?.state == .held)
  }

  @Test func anAlarmThatWasToldIsNotOwed() throws {
    let settled = OrderBook.Event.settleAsked(request.number, .unsure(.hold))
    let whole = try carryOut(settled, on: try permitted())
    #expect(whole.alarms.count == 1)
    #expect(whole.row?.dueAt == nil)
    guard case .answer(.settle(.accepted))? = whole.end else {
      Issue.record("the board is told \(String(describing: whole.end))")
      return
    }
  }

  @Test func whoIsOvertakenReadsAgain() throws {
    let row = try #require(try permitted())
    var turn = OrderTurn(
      .permitAsked(request.number, nonce: 2), about: request.number, errand: Errand("test"),
      attemptsMax: 2)
    // It reads the order as it stood before the permit was given to another nonce.
    let unpermitted = try paid()
    guard case .post = turn.take(.found(unpermitted), at: times) else {
      Issue.record("a paid order's permit is not recorded")
      return
    }
    guard case .read = turn.take(.posted(.conflict(row)), at: times) else {
      Issue.record("it does not read again")
      return
    }
    guard
      case .end(.answer(.permit(.tooLate(.permitted))), nil) =
        turn.take(.found(row), at: times)
    else {
      Issue.record("a second permit is given")
      return
    }
    #expect(turn.overtaken == 1)
  }

  @Test func nobodyDecidesAboutAProductThatMayBeFalling() throws {
    for delivered in [true, false] {
      let row = try #require(try permitted())
      let decision = OrderBook.Event.personDecided(request.number, delivered: delivered)
      let early = try carryOut(decision, on: row, errand: .person)
      guard case .answer(.decision(refusal: .some))? = early.end else {
        Issue.record("a person decides while the product may fall: \(early)")
        return
      }
      #expect(early.row == row)
      // A board that has not settled by then is away, and dispenses nothing more.
      let late = try carryOut(decision, on: row, errand: .person, after: .seconds(300))
      guard case .answer(.decision(refusal: nil))? = late.end else {
        Issue.record("a person cannot decide about an order whose board is away: \(late)")
        return
      }
      #expect(late.row?.state == (delivered ? .delivered : .refundOwed))
    }
  }

  @Test func anothersOrderIsForeign() throws {
    var turn = OrderTurn(
      .statusAsked(request.number, permit: nil), about: request.number,
      errand: Errand("another"), attemptsMax: 16)
    guard case .end(.foreign, nil) = turn.take(.found(try permitted()), at: times) else {
      Issue.record("another machine's order is shown")
      return
    }
  }
}
