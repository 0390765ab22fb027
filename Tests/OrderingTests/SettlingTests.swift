import EmulatedCore
import Money
import Ordering
import Testing
import Timing

/// From the verdict to the end of the money.
@Suite struct SettlingTests {
  let request = OrderRequest.sample()
  var number: OrderNumber { request.number }

  private func paid(permit nonce: UInt64? = 7) -> EmulatedCore {
    var core = EmulatedCore()
    guard case .opened(let code)? = core.open(request) else {
      Issue.record("not opened")
      return core
    }
    core.provider.pay(code)
    if nonce != nil { _ = core.status(number, permit: nonce) }
    return core
  }

  @Test(arguments: [
    (Outcome.delivered(.dropSensed), OrderState.delivered), (.delivered(.relayPulsed), .delivered),
    (.unsure(.assumeDelivered), .delivered), (.failed(.noDrop), .refunded),
    (.failed(.relayRefused), .refunded), (.failed(.interrupted), .refunded),
    (.failed(.paidTooLate), .refunded), (.failed(.machineFault), .refunded),
    (.unsure(.refund), .refunded), (.unsure(.hold), .held),
  ])
  func eachOutcomeHasOneEnd(outcome: Outcome, state: OrderState) {
    var core = paid()
    same(core.settle(number, outcome), .accepted)
    _ = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.disk[number]?.state == state)
    let kept = core.provider.accounts[number]?.kept
    #expect(kept == (state == .refunded ? .zero : request.amount))
    #expect((core.alarms[number] ?? []).isEmpty == (state != .held))
  }

  @Test(arguments: [
    (OrderState.open, OrderState.permitted), (.closed, .permitted), (.paid, .permitted),
    (.permitted, .permitted), (.delivered, .delivered), (.refunded, .refunded), (.held, .held),
  ])
  func aPermitThatTheBoardHoldsMakesTheOrderTheBoards(state: OrderState, after: OrderState) {
    var core = paid(permit: [.open, .closed, .paid].contains(state) ? nil : 7)
    switch state {
    case .closed:
      core = EmulatedCore()
      _ = core.open(request)
      _ = core.cancel(number)
    case .paid: _ = core.status(number)
    case .delivered: _ = core.settle(number, .delivered(.dropSensed))
    case .refunded:
      _ = core.settle(number, .failed(.noDrop))
      _ = core.doDuties(from: .zero, within: .seconds(3600))
    case .held: _ = core.settle(number, .unsure(.hold))
    default: break
    }
    #expect(core.disk[number]?.state == state)
    _ = core.ask(.permitFound(request.payment), at: .zero)
    #expect(core.disk[number]?.state == after)
    guard after == .permitted else { return }
    _ = core.doDuties(from: .zero, within: .seconds(86_400))
    #expect(core.disk[number]?.state == .permitted, "only the board settles it")
    var other = request.payment
    other.total += other.total
    #expect(core.ask(.permitFound(other), at: .zero) == [])
  }

  @Test func aRepeatedSettlementIsAcceptedAndTheFirstStands() {
    for first in [Outcome.delivered(.dropSensed), .failed(.noDrop), .unsure(.hold)] {
      var core = paid()
      _ = core.settle(number, first)
      let state = core.disk[number]?.state
      for again in [Outcome.delivered(.dropSensed), .failed(.noDrop), .unsure(.refund)] {
        same(core.settle(number, again), .accepted)
        #expect(core.disk[number]?.state == state)
      }
    }
  }

  @Test func nothingIsRefundedAfterAConfirmedDrop() {
    var core = paid()
    _ = core.settle(number, .delivered(.dropSensed))
    _ = core.settle(number, .failed(.noDrop))
    _ = core.ask(.paymentNoticed(request.payment), at: .zero)
    _ = core.ask(.dutyCame(number), at: .zero)
    _ = core.doDuties(from: .zero, within: .seconds(24 * 3600))
    #expect(core.provider.accounts[number]?.refundCount == 0)
  }

  // MARK: The core lost what the board knows

  @Test func aSettlementBeforeThePaymentWasSeenAsksForThePaymentFirst() {
    var core = paid(permit: nil)
    #expect(core.disk[number]?.state == .open)
    same(core.settle(number, .delivered(.dropSensed)), .accepted)
    #expect(core.disk[number]?.state == .delivered)
    #expect(core.disk[number]?.payment == request.payment)
  }

  @Test func aDeliveryIsNotRefundedBecauseTheCoreThoughtTheOrderClosed() {
    // The core's disk is from before; the board has delivered.
    var core = closedByMistake()
    same(core.settle(number, .delivered(.dropSensed)), .accepted)
    _ = core.doDuties(from: .zero, within: .seconds(24 * 3600))
    #expect(core.disk[number]?.state == .delivered)
    #expect(core.provider.accounts[number]?.refundCount == 0)
  }

  private func closedByMistake() -> EmulatedCore {
    var core = EmulatedCore()
    _ = core.open(request)
    _ = core.cancel(number)
    core.provider.payInOpenCashier(number)
    return core
  }

  @Test(arguments: [Outcome.delivered(.dropSensed), .unsure(.refund), .unsure(.hold)])
  func aDispensedOrderWithoutMoneyIsHeldAndAPersonIsTold(outcome: Outcome) {
    for isClosed in [false, true] {
      var core = EmulatedCore()
      _ = core.open(request)
      if isClosed { _ = core.cancel(number) }
      same(core.settle(number, outcome), .accepted)
      #expect(core.disk[number]?.state == .held)
      #expect(core.alarms[number]?.count == 1)
    }
  }

  @Test func aFailureOfAnOrderThatIsUnpaidForEverIsAccepted() {
    var core = EmulatedCore()
    _ = core.open(request)
    guard case .unknown? = core.settle(number, .failed(.machineFault)) else {
      Issue.record("an order that can still be paid was let go")
      return
    }
    _ = core.cancel(number)
    same(core.settle(number, .failed(.machineFault)), .accepted)
    #expect(core.disk[number]?.state == .closed)
  }

  @Test func aSettlementOfAnUnknownOrderIsNeverSilent() {
    var core = EmulatedCore()
    guard case .unknown? = core.settle(number, .failed(.noDrop)) else {
      Issue.record("accepted")
      return
    }
  }

  // MARK: Refunds

  @Test func everyRefundCarriesTheSameNumberAndTheSameSums() {
    var core = paid()
    _ = core.settle(number, .failed(.noDrop))
    core.provider.fates = [.lostAfter, .lostBefore, .busy, .lostAfter]
    var requests: Set<RefundRequest> = []
    var now = Instant.zero
    for _ in 0..<9 {
      if let order = core.disk[number] { requests.insert(order.refundRequest) }
      now = core.doDuties(from: now, within: .seconds(600))
      core.restart(at: now)
    }
    #expect(requests.count == 1)
    #expect(requests.first?.number == RefundNumber(of: number))
    #expect(core.provider.accounts[number]?.refundCount == 1)
    #expect(core.disk[number]?.state == .refunded)
  }

  @Test func anAcceptedRefundIsWatchedUntilItArrives() {
    var core = paid()
    _ = core.settle(number, .failed(.noDrop))
    var now = core.doDuties(from: .zero, within: .seconds(3600), arriving: false)
    #expect(core.disk[number]?.state == .refunding)
    same(core.status(number), .refunding)
    core.provider.moveRefunds()
    now = core.doDuties(from: now, within: .seconds(3600))
    #expect(core.disk[number]?.state == .refunded)
    same(core.status(number), .refunded)
  }

  @Test func aRefundThatCannotArriveIsHeldAndAPersonIsTold() {
    var core = paid()
    core.provider.firstStage = .stuck
    _ = core.settle(number, .failed(.noDrop))
    _ = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.disk[number]?.state == .held)
    #expect(core.alarms[number]?.count == 1)
    #expect(core.book.nextDuty == nil)
  }

  @Test func anEmptyBalanceKeepsTheDebtUnderTheSameNumber() {
    var core = paid()
    core.provider.isOutOfMoney = true
    _ = core.settle(number, .failed(.noDrop))
    let now = core.doDuties(from: .zero, within: .seconds(6 * 3600))
    #expect(core.disk[number]?.state == .refundOwed)
    #expect(core.alarms[number]?.isEmpty == false)
    core.provider.isOutOfMoney = false
    _ = core.doDuties(from: now, within: .seconds(2 * 3600))
    #expect(core.disk[number]?.state == .refunded)
    #expect(core.provider.accounts[number]?.refundCount == 1)
  }

  @Test func aRefundThatTheProviderForgotIsAskedForAgain() {
    var core = paid()
    _ = core.settle(number, .failed(.noDrop))
    _ = core.doDuties(from: .zero, within: .seconds(1), arriving: false)
    #expect(core.disk[number]?.state == .refunding)
    _ = core.ask(
      .refundQueryAnswered(number, .notFound), at: Instant.zero + .seconds(1))
    #expect(core.disk[number]?.state == .refundOwed)
    _ = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.disk[number]?.state == .refunded)
    #expect(core.provider.accounts[number]?.refundCount == 1)
  }

  @Test func aRefundThatIsRefusedAndUnknownIsNotAskedForWithoutAPause() {
    // The refusal says "query", the query says "no such refund": a pause must grow between the two.
    var book = OrderBook()
    let order = refundOwed(&book)
    var now = Instant.zero
    var asked: [Instant] = []
    while let duty = book.nextDuty, asked.count < 8 {
      now = max(now, duty.at)
      if book.handle(.dutyCame(number), at: now) == [.refund(order)] { asked.append(now) }
      let refusal = Refusal(code: "ORDERNOTREADY", words: "", reaction: .query)
      _ = book.handle(.refundAnswered(number, .refused(refusal)), at: now)
      _ = book.handle(.refundQueryAnswered(number, .notFound), at: now)
      _ = book.handle(.recorded(number), at: now)
    }
    let pauses = zip(asked, asked.dropFirst()).map { $1 - $0 }
    #expect(pauses.allSatisfy { $0 >= .seconds(2) })
    #expect((pauses.last ?? .zero) > (pauses.first ?? .zero))
  }

  private func refundOwed(_ book: inout OrderBook) -> RefundRequest {
    _ = book.handle(.openAsked(request), at: .zero)
    _ = book.handle(.recorded(number), at: .zero)
    _ = book.handle(.createAnswered(number, .created(codeURL: "x")), at: .zero)
    _ = book.handle(.recorded(number), at: .zero)
    _ = book.handle(.paymentNoticed(request.payment), at: .zero)
    _ = book.handle(.recorded(number), at: .zero)
    _ = book.handle(.settleAsked(number, .failed(.noDrop)), at: .zero)
    _ = book.handle(.recorded(number), at: .zero)
    return RefundRequest(
      whole: number, paid: request.amount,
      reason: "Vending machine \(request.machine), order \(number.tail)")
  }

  @Test func aRefundFromOutsideIsHeldAndAPersonIsTold() {
    var core = paid(permit: nil)
    _ = core.provider.refund(
      RefundRequest(whole: number, paid: request.amount, reason: "by the merchant's console"))
    same(core.status(number, permit: 7), .held)
    #expect(core.alarms[number]?.count == 1)
  }

  @Test func anEndedOrderLeavesTheMemoryEvenWhenItWasFirstClosed() {
    var core = closedByMistake()
    _ = core.provider.refund(
      RefundRequest(whole: number, paid: request.amount, reason: "by the merchant's console"))
    var now = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.disk[number]?.state == .held)
    same(core.decide(number, delivered: false, at: now), nil)
    now = core.doDuties(from: now, within: .seconds(3600))
    #expect(core.disk[number]?.state == .refunded)
    #expect(core.disk[number]?.isUnfinished == false)
    #expect(core.book.orders.values.isEmpty)
  }

  @Test func aPaidOrderThatNobodyFetchesGoesBack() {
    var core = paid(permit: nil)
    _ = core.ask(.paymentNoticed(request.payment), at: .zero)
    #expect(core.disk[number]?.state == .paid)
    #expect(core.book.nextDuty?.at == Instant.zero + .seconds(600))
    _ = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.disk[number]?.state == .refunded)
  }

  @Test func aPermittedOrderWaitsForTheBoardHoweverLong() {
    var core = paid()
    _ = core.doDuties(from: .zero, within: .seconds(7 * 24 * 3600))
    core.restart(at: .zero)
    _ = core.doDuties(from: .zero, within: .seconds(7 * 24 * 3600))
    #expect(core.disk[number]?.state == .permitted)
    #expect(core.provider.accounts[number]?.refundCount == 0)
  }

  // MARK: A person

  @Test func aPersonEndsAHeldOrderEitherWay() {
    for delivered in [true, false] {
      var core = paid()
      _ = core.settle(number, .unsure(.hold))
      same(core.decide(number, delivered: delivered), nil)
      _ = core.doDuties(from: .zero, within: .seconds(3600))
      #expect(core.disk[number]?.state == (delivered ? .delivered : .refunded))
      #expect(core.provider.accounts[number]?.kept == (delivered ? request.amount : .zero))
    }
  }

  @Test func aPersonIsToldOfAHeldOrderWhereverPowerFails() {
    for halfSteps in 0..<8 {
      var core = paid()
      core.crashAfter = halfSteps
      let answer = core.settle(number, .unsure(.hold))
      core.crashAfter = nil
      if answer == nil { _ = core.settle(number, .unsure(.hold)) }
      _ = core.doDuties(from: .zero, within: .seconds(60))
      #expect(core.disk[number]?.state == .held)
      #expect(core.alarms[number]?.isEmpty == false, "after \(halfSteps) half-steps")
    }
  }

  @Test func aPersonWhoPressesTwiceRefundsOnce() {
    var core = paid()
    _ = core.settle(number, .delivered(.dropSensed))
    for _ in 0..<3 {
      same(core.decide(number, delivered: false), nil)
      _ = core.doDuties(from: .zero, within: .seconds(3600))
    }
    #expect(core.provider.accounts[number]?.refundCount == 1)
    #expect(core.disk[number]?.state == .refunded)
  }

  @Test func aPersonCannotRefundWhatWasNotPaidNorDeliverWhatWasRefunded() {
    var core = EmulatedCore()
    same(core.decide(number, delivered: false) == nil, false)
    _ = core.open(request)
    same(core.decide(number, delivered: false) == nil, false)
    same(core.decide(number, delivered: true) == nil, false)
    core = paid()
    _ = core.settle(number, .failed(.noDrop))
    _ = core.doDuties(from: .zero, within: .seconds(3600))
    same(core.decide(number, delivered: true) == nil, false)
  }

  @Test func aPersonWhoMustDecideKnowsWhatTheMachineSaw() {
    var core = EmulatedCore()
    guard case .opened(let code)? = core.open(request) else { return }
    core.provider.pay(code)
    _ = core.status(number, permit: 7)
    // A second, contradicting statement of the provider comes while the product falls.
    var other = request.payment
    other.total = Amount(fen: 1)
    _ = core.ask(.paymentNoticed(other), at: .zero)
    #expect(core.disk[number]?.state == .held)
    same(core.settle(number, .delivered(.dropSensed)), .accepted)
    #expect(core.disk[number]?.state == .held)
    #expect(core.disk[number]?.note.contains("dropSensed") == true)
  }

  // MARK: Restarts

  @Test func everyDutyIsDoneAfterARestart() {
    // Each case: how far the order had come, and its end when nobody but the core acts.
    let cases: [(String, (inout EmulatedCore) -> Void, OrderState)] = [
      ("opening", { $0.provider.fates = [.lostAfter] }, .closed),
      ("open", { _ in }, .closed),
      ("paid", { $0.provider.payInOpenCashier(.sample()) }, .refunded),
    ]
    for (name, prepare, end) in cases {
      var core = EmulatedCore()
      if name == "opening" { prepare(&core) }
      _ = core.open(request)
      if name != "opening" { prepare(&core) }
      core.restart(at: .zero)
      _ = core.doDuties(from: .zero, within: .seconds(3600))
      #expect(core.disk[number]?.state == end, "\(name)")
      #expect(core.book.nextDuty == nil, "\(name)")
    }
  }

  @Test func aRestartOfTheCoreDoesNotEndASaleThatTheBoardIsMaking() {
    // The code is on a screen somewhere, or its money has just come.
    for isPaid in [false, true] {
      var core = EmulatedCore()
      guard case .opened(let code)? = core.open(request) else { return }
      if isPaid {
        core.provider.pay(code)
        _ = core.status(number)
      }
      core.restart(at: .zero)
      _ = core.doDuties(from: .zero, within: .seconds(90))
      #expect(core.provider.accounts[number]?.isClosed == false)
      if !isPaid { core.provider.pay(code) }
      same(core.status(number, permit: 7), .paid(request.payment, isPermitted: true))
    }
  }

  @Test func anAnswerThatNobodyAskedForHurriesNothing() {
    var core = paid(permit: nil)
    _ = core.ask(.paymentNoticed(request.payment), at: .zero)
    let before = core.book.nextDuty?.at
    _ = core.ask(.queryAnswered(number, .unknown(Doubt(.timeout, ""))), at: .zero)
    #expect(core.book.nextDuty?.at == before)
  }

  @Test func dutiesComeInTheOrderOfTheirTimesAndNumbers() {
    var core = EmulatedCore()
    for text in ["B0000002", "A0000001", "C0000003"] { _ = core.open(.sample(text)) }
    #expect(core.book.nextDuty?.number == .sample("A0000001"))
    core.restart(at: .zero)
    #expect(core.book.nextDuty?.number == .sample("A0000001"))
  }

  @Test func pausesGrowAndEndAtHalfAnHour() {
    var core = paid()
    _ = core.settle(number, .failed(.noDrop))
    core.provider.fates = Array(repeating: .lostBefore, count: 40)
    var times: [Instant] = []
    var now = Instant.zero
    for _ in 0..<30 {
      guard let duty = core.book.nextDuty else { break }
      now = max(now, duty.at)
      times.append(now)
      core.doNextDuty(at: now)
    }
    let pauses = zip(times, times.dropFirst()).map { $1 - $0 }
    #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(pauses.last == .seconds(1800))
  }
}
