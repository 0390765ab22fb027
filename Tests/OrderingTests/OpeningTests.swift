import EmulatedCore
import Money
import Ordering
import Testing
import Timing

/// From the order to the verified money (facts: WeChat Pay D).
@Suite struct OpeningTests {
  let request = OrderRequest.sample()
  var number: OrderNumber { request.number }

  @Test func theOrderIsOnDiskBeforeTheProviderHearsOfIt() {
    var book = OrderBook()
    let effects = book.handle(.openAsked(request), at: .zero)
    guard case .record(let order, .opening)? = effects.first, effects.count == 1 else {
      Issue.record("\(effects)")
      return
    }
    #expect(order.state == .opening)
    same(book.handle(.recorded(number), at: .zero), [.create(request)])
  }

  @Test func theSameNumberTwiceIsOneOrderAndOneCode() {
    var core = EmulatedCore()
    let first = core.open(request)
    same(core.open(request), first)
    #expect(core.provider.accounts[number]?.codes.count == 1)
  }

  @Test func theSameNumberWithOtherParticularsIsRefusedAndTheOrderStands() {
    var core = EmulatedCore()
    let first = core.open(request)
    let other = OrderRequest(
      number: number, machine: request.machine, lane: request.lane, title: request.title,
      amount: Amount(fen: 1), madeAt: request.madeAt, expiresAt: request.expiresAt)
    guard case .refused(let refusal)? = core.open(other) else {
      Issue.record("taken")
      return
    }
    #expect(refusal.reaction == .newNumber)
    same(core.open(request), first)
  }

  @Test(arguments: [EmulatedProvider.Fate.lostBefore, .lostAfter, .busy])
  func anUnknownCreateIsRepeatedWithTheSameNumber(fate: EmulatedProvider.Fate) {
    var core = EmulatedCore()
    core.provider.fates = [fate]
    guard case .unknown? = core.open(request) else {
      Issue.record("\(fate) was not unknown")
      return
    }
    guard case .opened(let code)? = core.open(request) else {
      Issue.record("not opened after \(fate)")
      return
    }
    #expect(core.provider.accounts[number]?.codes.last == code)
    #expect(core.provider.accounts.count == 1)
  }

  @Test func anAnswerOfAnEarlierCreateAfterTheCloseChangesNothing() {
    var core = EmulatedCore()
    _ = core.open(request)
    _ = core.cancel(number)
    let before = core
    _ = core.ask(.createAnswered(number, .created(codeURL: "old")), at: .zero)
    #expect(core == before)
  }

  @Test func aRefusalEndsAnOrderThatNobodyCouldPay() {
    var book = OrderBook()
    _ = book.handle(.openAsked(request), at: .zero)
    _ = book.handle(.recorded(number), at: .zero)
    let refusal = Refusal(code: "NOAUTH", words: "", reaction: .stopAndAlarm)
    let effects = book.handle(.createAnswered(number, .refused(refusal)), at: .zero)
    guard case .record(let order, .notOpened)? = effects.first else {
      Issue.record("\(effects)")
      return
    }
    #expect(order.state == .notOpened)
    same(
      book.handle(.recorded(number), at: .zero), [.answer(.open(.refused(refusal)))])
    #expect(book.orders.values.isEmpty)
    #expect(book.nextDuty == nil)
  }

  @Test func paidWhileTheCreateWasUnknownIsFoundByAQuery() {
    var core = EmulatedCore()
    core.provider.fates = [.lostAfter]
    _ = core.open(request)
    core.provider.payInOpenCashier(number)
    guard case .unknown? = core.open(request) else {
      Issue.record("the code of a paid order was shown")
      return
    }
    #expect(core.disk[number]?.state == .paid)
    same(core.status(number, permit: 1), .paid(request.payment, isPermitted: true))
  }

  @Test func unknownIsNeverUnpaid() {
    for fate in [EmulatedProvider.Fate.lostBefore, .lostAfter, .busy] {
      var core = EmulatedCore()
      _ = core.open(request)
      core.provider.fates = [fate]
      guard case .unknown? = core.status(number, permit: 1) else {
        Issue.record("\(fate) told something")
        return
      }
      #expect(core.disk[number]?.state == .open)
    }
  }

  @Test func oneStatusCallPermitsAPaidOrder() {
    var core = EmulatedCore()
    payNow(&core)
    same(core.status(number, permit: 7), .paid(request.payment, isPermitted: true))
    #expect(core.disk[number]?.state == .permitted)
  }

  @Test func thePermitIsGivenToOneNonceOnly() {
    var core = EmulatedCore()
    payNow(&core)
    same(core.status(number, permit: 7), .paid(request.payment, isPermitted: true))
    same(core.permit(number, nonce: 7), .granted(request.payment))
    same(core.permit(number, nonce: 8), .tooLate(.permitted))
    same(core.status(number, permit: 8), .paid(request.payment, isPermitted: false))
    core.restart(at: .zero)
    same(core.permit(number, nonce: 8), .tooLate(.permitted))
    same(core.permit(number, nonce: 7), .granted(request.payment))
  }

  @Test func thePermitIsOnDiskBeforeItIsGiven() {
    var core = EmulatedCore()
    payNow(&core)
    for halfSteps in 0..<12 {
      var attempt = core
      attempt.crashAfter = halfSteps
      let answer = attempt.status(number, permit: 7)
      if answer == .paid(request.payment, isPermitted: true) {
        #expect(attempt.disk[number]?.permitNonce == 7)
      }
      attempt.crashAfter = nil
      attempt.restart(at: .zero)
      // Whatever the crash did, a stranger does not get a second permit.
      let mine = attempt.permit(number, nonce: 7)
      let others = attempt.permit(number, nonce: 8)
      if case .granted? = mine { #expect(others == .tooLate(.permitted)) }
    }
  }

  @Test func anUnpaidOrderHasNoPermit() {
    var core = EmulatedCore()
    _ = core.open(request)
    same(core.permit(number, nonce: 7), .tooLate(.open))
    same(core.status(number, permit: 7), .pending)
  }

  @Test(arguments: [
    (Amount(fen: 434), "CNY"), (Amount(fen: 436), "CNY"), (Amount(fen: 1), "CNY"),
    (Amount(fen: 435), "USD"), (Amount(fen: 435), "cny"),
  ])
  func anotherAmountOrCurrencyIsHeldAndAPersonIsTold(amount: Amount, currency: String) {
    var core = EmulatedCore()
    guard case .opened(let code)? = core.open(request) else { return }
    core.provider.pay(code, amount: amount, currency: currency)
    same(core.status(number, permit: 7), .held)
    #expect(core.disk[number]?.state == .held)
    #expect(core.alarms[number]?.count == 1)
    same(core.permit(number, nonce: 7), .tooLate(.held))
  }

  @Test func aNoticeTwiceIsOnePayment() {
    var core = EmulatedCore()
    payNow(&core)
    _ = core.ask(.paymentNoticed(request.payment), at: .zero)
    let once = core.disk
    _ = core.ask(.paymentNoticed(request.payment), at: .zero)
    #expect(core.disk == once)
    #expect(core.disk[number]?.state == .paid)
  }

  @Test func aNoticeOfAnUnknownOrderChangesNothing() {
    var core = EmulatedCore()
    same(core.ask(.paymentNoticed(request.payment), at: .zero), [])
    #expect(core.disk.isEmpty)
  }

  @Test func aNoticeAfterTheDeliveryChangesNothing() {
    var core = EmulatedCore()
    payNow(&core)
    _ = core.status(number, permit: 7)
    _ = core.settle(number, .delivered(.dropSensed))
    _ = core.ask(.paymentNoticed(request.payment), at: .zero)
    #expect(core.disk[number]?.state == .delivered)
    #expect(core.book.nextDuty == nil)
  }

  private func payNow(_ core: inout EmulatedCore) {
    guard case .opened(let code)? = core.open(request) else {
      Issue.record("not opened")
      return
    }
    core.provider.pay(code)
  }
}
