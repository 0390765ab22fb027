import EmulatedCore
import Money
import Ordering
import Testing
import Timing

/// Ending an unpaid order: query, close, query; and money that comes all the same.
@Suite struct ClosingTests {
  let request = OrderRequest.sample()
  var number: OrderNumber { request.number }

  private func opened() -> (EmulatedCore, String) {
    var core = EmulatedCore()
    guard case .opened(let code)? = core.open(request) else {
      Issue.record("not opened")
      return (core, "")
    }
    return (core, code)
  }

  @Test func anUnpaidOrderIsClosedAtTheProvider() {
    var (core, code) = opened()
    same(core.cancel(number), .closed)
    #expect(core.provider.accounts[number]?.isClosed == true)
    same(core.provider.pay(code), false)
    same(core.cancel(number), .closed)
  }

  @Test func closingIsOnDiskBeforeTheProviderIsAskedToClose() {
    var (core, _) = opened()
    core.provider.fates = [.well, .lostBefore]
    guard case .unknown? = core.cancel(number) else {
      Issue.record("a close without an answer was believed")
      return
    }
    #expect(core.disk[number]?.state == .closing)
    core.restart(at: .zero)
    _ = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.disk[number]?.state == .closed)
    #expect(core.provider.accounts[number]?.isClosed == true)
  }

  /// Seed 40031035 of the soak: two starts within a quarter of a minute made both checks for late
  /// money, and then it came.
  @Test func restartsDoNotUseUpTheWatchForLateMoney() {
    var (core, _) = opened()
    same(core.cancel(number), .closed)
    for second in 1...3 {
      core.restart(at: .zero + .seconds(Int64(second)))
      _ = core.doDuties(from: .zero + .seconds(Int64(second)), within: .milliseconds(900))
    }
    core.provider.payInOpenCashier(number)
    _ = core.doDuties(from: .zero + .seconds(4), within: .seconds(3600))
    #expect(core.disk[number]?.state == .refunded)
  }

  @Test func theIntentionToEndSurvivesAnUnreachableProvider() {
    var (core, _) = opened()
    core.provider.fates = [.lostBefore]
    guard case .unknown? = core.cancel(number) else {
      Issue.record("known")
      return
    }
    #expect(core.disk[number]?.state == .closing)
  }

  @Test func moneyBeforeTheCancelWins() {
    var (core, code) = opened()
    core.provider.pay(code)
    same(core.cancel(number), .alreadyPaid(request.payment))
    #expect(core.disk[number]?.state == .paid)
    same(core.permit(number, nonce: 7), .granted(request.payment))
  }

  @Test func moneyBetweenQueryAndCloseWins() {
    // D.5: a query just before the close proves nothing; the close answers ORDERPAID.
    var (core, code) = opened()
    var effects = core.book.handle(.cancelAsked(number), at: .zero)
    #expect(effects == [.query(number)])
    effects = core.book.handle(.queryAnswered(number, .pending), at: .zero)
    effects = core.book.handle(.recorded(number), at: .zero)
    #expect(effects == [.close(number)])
    core.provider.pay(code)
    effects = core.book.handle(.closeAnswered(number, core.provider.close(number)), at: .zero)
    #expect(effects == [.query(number)])
    effects = core.book.handle(.queryAnswered(number, core.provider.query(number)), at: .zero)
    effects = core.book.handle(.recorded(number), at: .zero)
    #expect(effects == [.answer(.cancel(.alreadyPaid(request.payment)))])
  }

  @Test func orderPaidIsNotClosedBecauseALaggingQueryHasNotSeenItYet() {
    // D.6 with D.19: ORDERPAID, and the query after it still says NOTPAY.
    var (core, code) = opened()
    core.provider.pay(code)
    core.provider.fates = [.lagging, .well, .lagging]
    guard case .unknown? = core.cancel(number) else {
      Issue.record("an order that the provider calls paid was taken for closed")
      return
    }
    #expect(core.disk[number]?.state == .closing)
    same(core.cancel(number), .alreadyPaid(request.payment))
  }

  @Test func moneyAfterTheCloseIsFoundAndGoesBack() {
    // D.14: a cashier that was open before may still pay.
    var (core, _) = opened()
    same(core.cancel(number), .closed)
    core.provider.payInOpenCashier(number)
    _ = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.disk[number]?.state == .refunded)
    #expect(core.provider.accounts[number]?.kept == .zero)
    same(core.permit(number, nonce: 7), .tooLate(.refunded))
  }

  @Test func moneyLongAfterTheCloseIsFoundByItsNotice() {
    // D.3: notices may come a day late.
    var (core, _) = opened()
    _ = core.cancel(number)
    var now = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.book.orders.values.isEmpty)
    core.provider.payInOpenCashier(number)
    _ = core.ask(.paymentNoticed(request.payment), at: now)
    now = core.doDuties(from: now, within: .seconds(3600))
    #expect(core.disk[number]?.state == .refunded)
    #expect(core.book.orders.values.isEmpty)
  }

  @Test func aCancelOfAnOrderThatNeverCameIsAnswered() {
    // The board journals a sale, then loses power or the network before the core hears of it: its
    // cancel must not stay unknown for ever.
    var core = EmulatedCore()
    same(core.cancel(number), .closed)
  }

  @Test func aCancelOfAnOrderThatOnlyTheProviderKnowsStaysUnknownAndAPersonIsTold() {
    // The book is lost, or is another one's: unknown is never unpaid.
    var (core, code) = opened()
    core.provider.pay(code)
    var other = EmulatedCore()
    other.provider = core.provider
    guard case .unknown? = other.cancel(number) else {
      Issue.record("money was forgotten")
      return
    }
    #expect(other.alarms[number]?.count == 1)
  }

  @Test func aCloseOfANumberThatTheProviderDoesNotKnowEndsTheOrder() {
    // D.9: the create never arrived.
    var core = EmulatedCore()
    core.provider.fates = [.lostBefore]
    _ = core.open(request)
    same(core.cancel(number), .closed)
    guard case .refused(let refusal)? = core.open(request) else {
      Issue.record("a burnt number was used again")
      return
    }
    #expect(refusal.reaction == .newNumber)
  }

  @Test func anOrderThatThePlatformClosedIsClosed() {
    // D.15
    var (core, _) = opened()
    _ = core.provider.close(number)
    same(core.status(number, permit: 7), .closed)
    #expect(core.disk[number]?.state == .closed)
  }

  @Test func nobodyEndsItSoTheCoreDoesAfterTheExpiry() {
    var (core, code) = opened()
    #expect(core.book.nextDuty?.at == Instant.zero + .seconds(420))
    _ = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.disk[number]?.state == .closed)
    same(core.provider.pay(code), false)
    #expect(core.book.nextDuty == nil)
    #expect(core.book.orders.values.isEmpty)
  }

  @Test func lateChecksSurviveALongSilenceOfTheProvider() {
    var (core, _) = opened()
    _ = core.cancel(number)
    core.provider.payInOpenCashier(number)
    core.provider.fates = Array(repeating: .lostBefore, count: 9)
    _ = core.doDuties(from: .zero, within: .seconds(24 * 3600))
    #expect(core.disk[number]?.state == .refunded)
  }

  @Test func restartsDoNotShortenTheWatchForLateMoney() {
    // Found by the model (Tests/Model, I3): two restarts within a minute of the close made both
    // late checks at once, and a cashier that was still open paid into an order that nobody
    // watched.
    var (core, _) = opened()
    same(core.cancel(number), .closed)
    var now = Instant.zero
    for _ in 0..<4 {
      now = now + .seconds(5)
      core.restart(at: now)
      while core.doNextDuty(at: now) != nil {}
    }
    core.provider.payInOpenCashier(number)
    _ = core.doDuties(from: now, within: .seconds(3600))
    #expect(core.disk[number]?.state == .refunded)
    #expect(core.provider.accounts[number]?.kept == .zero)
  }

  @Test func aPowerCutAnywhereInACancelEndsClosedOrPaidNeverBoth() {
    for isPaid in [false, true] {
      for halfSteps in 0..<40 {
        var (core, code) = opened()
        if isPaid { core.provider.pay(code) }
        core.crashAfter = halfSteps
        _ = core.cancel(number)
        core.crashAfter = nil
        core.restart(at: .zero)
        _ = core.doDuties(from: .zero, within: .seconds(24 * 3600))
        #expect(core.disk[number]?.state == (isPaid ? .refunded : .closed))
        #expect(core.provider.accounts[number]?.kept == .zero)
      }
    }
  }
}
