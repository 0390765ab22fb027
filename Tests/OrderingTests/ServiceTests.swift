import EmulatedCore
import Money
import Ordering
import Testing
import Timing

/// A service that keeps no orders in memory: for each event one order is read, handled and written.
@Suite struct ServiceTests {
  /// What a store keeps between two events.
  private struct Kept: Equatable {
    var order: Order
    var dueAt: Instant?
  }

  /// Handles one event in a book of its own and gives what is to be kept, and the effects.
  private func handle(
    _ event: OrderBook.Event, _ number: OrderNumber, _ kept: Kept?, at now: Instant
  ) -> (kept: Kept?, effects: [OrderBook.Effect]) {
    var book = OrderBook()
    if let kept { book.load(kept.order, dueAt: kept.dueAt) }
    var effects = book.handle(event, at: now)
    var after = kept
    while case .record(let order, _)? = effects.first {
      after = Kept(order: order, dueAt: book.dutyTime(of: number))
      effects = book.handle(.recorded(number), at: now) + effects.dropFirst()
    }
    if let order = book.orders[number] {
      after = Kept(order: order, dueAt: book.dutyTime(of: number))
    }
    return (after, effects)
  }

  @Test func aSaleEndsTheSameOrderByOrderAsInOneBook() throws {
    let request = OrderRequest.sample()
    let number = request.number
    let events: [OrderBook.Event] = [
      .openAsked(request), .createAnswered(number, .created(codeURL: "weixin://a")),
      .paymentNoticed(request.payment), .permitAsked(number, nonce: 7),
      .settleAsked(number, .failed(.noDrop)), .dutyCame(number),
      .refundAnswered(number, .accepted), .dutyCame(number),
      .refundQueryAnswered(number, .arrived),
    ]
    var (whole, kept): (OrderBook, Kept?) = (OrderBook(), nil)
    for (second, event) in events.enumerated() {
      let now = Instant.zero + .seconds(second)
      var expected = whole.handle(event, at: now)
      while case .record(let order, _)? = expected.first {
        expected = whole.handle(.recorded(order.number), at: now) + expected.dropFirst()
      }
      let result = handle(event, number, kept, at: now)
      kept = result.kept
      same(result.effects, expected)
      // A finished order has left the whole book; the store keeps it, with no duty.
      #expect(kept?.dueAt == whole.dutyTime(of: number))
      if let order = whole.orders[number] { #expect(kept?.order == order) }
    }
    #expect(kept?.order.state == .refunded)
    #expect(kept?.dueAt == nil)
  }

  @Test func theTimeOfADutyIsTakenBackWithItsOrder() throws {
    let first = handle(.openAsked(.sample()), .sample(), nil, at: .zero)
    let kept = try #require(first.kept)
    let due = try #require(kept.dueAt)
    var book = OrderBook()
    #expect(book.dutyTime(of: .sample()) == nil)
    book.load(kept.order, dueAt: due)
    #expect(book.dutyTime(of: .sample()) == due)
    #expect(book.nextDuty?.number == .sample())
    // One that is there already keeps its own time.
    book.load(kept.order, dueAt: .zero)
    #expect(book.dutyTime(of: .sample()) == due)
  }

  @Test func aFinishedOrderIsReadWithoutADuty() throws {
    let book = try OrderBook.recorded(.delivered, with: .payment)
    let order = try #require(book.orders[.sample()])
    var fresh = OrderBook()
    fresh.load(order, dueAt: .zero)
    #expect(fresh.dutyTime(of: .sample()) == nil)
    #expect(fresh.nextDuty == nil)
  }
}
