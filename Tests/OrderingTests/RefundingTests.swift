import EmulatedCore
import Money
import Ordering
import Testing
import Timing

/// Refunds that do not go the straight way: others' refunds, refusals, and a person's word.
@Suite struct RefundingTests {
  let request = OrderRequest.sample()
  var number: OrderNumber { request.number }
  var refundsOfOrder: (EmulatedCore) -> Int {
    { $0.provider.accounts[number]?.refundCount ?? 0 }
  }

  /// A core that owes the money of its one order, and has not asked for the refund yet.
  private func owing() -> EmulatedCore {
    var core = EmulatedCore()
    if case .opened(let code)? = core.open(request) { core.provider.pay(code) }
    _ = core.status(number, permit: 7)
    _ = core.settle(number, .failed(.noDrop))
    #expect(core.disk[number]?.state == .refundOwed)
    return core
  }

  private func held(_ prepare: (inout EmulatedCore) -> Void = { _ in }) -> EmulatedCore {
    var core = EmulatedCore()
    if case .opened(let code)? = core.open(request) { core.provider.pay(code) }
    _ = core.status(number, permit: 7)
    prepare(&core)
    _ = core.settle(number, .unsure(.hold))
    #expect(core.disk[number]?.state == .held)
    return core
  }

  /// A core whose machine dispensed, and whose provider showed no payment then.
  private func heldWithoutPayment() -> EmulatedCore {
    var core = EmulatedCore()
    _ = core.open(request)
    _ = core.settle(number, .delivered(.dropSensed))
    #expect(core.disk[number]?.state == .held)
    #expect(core.disk[number]?.payment == nil)
    return core
  }

  // MARK: The provider's console

  @Test func aDebtThatWasPaidInTheConsoleIsToldOnceAndHeld() {
    var core = owing()
    core.provider.refundInConsole(number)
    var now = core.doDuties(from: .zero, within: .seconds(3600))
    now = core.doDuties(from: now, within: .seconds(7 * 86_400))
    #expect(core.disk[number]?.state == .held)
    #expect(core.disk[number]?.note.contains("outside this machine") == true)
    #expect(core.alarms[number]?.count == 1)
    #expect(refundsOfOrder(core) == 1)
    same(core.sayRefunded(number, at: now), nil)
    #expect(core.disk[number]?.state == .refunded)
    #expect(core.book.orders.values.isEmpty)
  }

  @Test func aRefundOfAnOrderThatWasNeverOpenedIsNotSilent() throws {
    var book = try OrderBook.recorded(.notOpened, with: .request)
    var left = book.carry(.settleAsked(number, .failed(.machineFault)))
    #expect(left == [.query(number)])
    left = book.carry(.queryAnswered(number, .refunded(request.payment)))
    #expect(left.contains { if case .alarm(number, _) = $0 { true } else { false } })
    #expect(left.contains(.answer(.settle(.accepted))))
    #expect(book.orders[number]?.state == .held)
    #expect(book.orders[number]?.payment == request.payment)
  }

  @Test func aRefusalThatHidesAnotherRefundIsLookedIntoAndOthersStayDebts() throws {
    let payment = request.payment
    // What the provider says of the payment after it refused our refund and had none of ours.
    let cases: [(QueryAnswer, OrderState, alarms: Int)] = [
      (.refunded(payment), .held, 1), (.paid(payment), .refundOwed, 1),
      (.pending, .refundOwed, 1), (.closed, .refundOwed, 1), (.notFound, .refundOwed, 1),
      (.unknown(Doubt(.timeout, "")), .refundOwed, 0),
      (.refused(Refusal(code: "X", words: "", reaction: .query)), .refundOwed, 0),
    ]
    for (answer, state, alarms) in cases {
      var book = try OrderBook.recorded(.refundOwed, with: .payment)
      let debt = try #require(book.orders[number]).refundRequest
      same(book.carry(.dutyCame(number)), [.refund(debt)])
      let refusal = Refusal(code: "ERROR", words: "", reaction: .query)
      same(book.carry(.refundAnswered(number, .refused(refusal))), [.queryRefund(debt)])
      same(book.carry(.refundQueryAnswered(number, .notFound)), [.query(number)])
      let left = book.carry(.queryAnswered(number, answer))
      #expect(left.count == alarms, "\(answer)")
      #expect(book.orders[number]?.state == state, "\(answer)")
      // Whatever is still owed is tried again, by itself.
      #expect((book.nextDuty != nil) == (state == .refundOwed), "\(answer)")
    }
  }

  @Test func theReasonOfADebtIsRecordedAndSurvivesARestart() {
    var core = owing()
    core.provider.isOutOfMoney = true
    var now = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.disk[number]?.note == "refund refused: NOTENOUGH balance")
    #expect((core.alarms[number]?.count ?? 0) > 3, "told at every attempt")
    core.restart(at: now)
    #expect(core.book.orders[number]?.note == "refund refused: NOTENOUGH balance")
    now = core.doDuties(from: now, within: .seconds(3600))
    #expect(core.disk[number]?.state == .refundOwed)
  }

  @Test func theSameRefusalAgainIsToldAndNotWrittenAgain() throws {
    var book = try OrderBook.recorded(.refundOwed, with: .payment)
    let refusal = Refusal(code: "NOTENOUGH", words: "balance", reaction: .oweAndAlarm)
    let words = "refund refused: NOTENOUGH balance"
    let first = book.handle(.refundAnswered(number, .refused(refusal)), at: .zero)
    #expect(first.count == 1 && first != [.alarm(number, words)], "recorded before it is told")
    same(book.handle(.recorded(number), at: .zero), [.alarm(number, words)])
    same(
      book.handle(.refundAnswered(number, .refused(refusal)), at: .zero),
      [.alarm(number, words)])
  }

  @Test func anAnswerAboutAPaymentThatComesWhenTheDebtHasGoneChangesNothing() throws {
    var book = try OrderBook.recorded(.refundOwed, with: .payment)
    let refusal = Refusal(code: "ERROR", words: "", reaction: .query)
    _ = book.carry(.refundAnswered(number, .refused(refusal)))
    _ = book.carry(.refundQueryAnswered(number, .notFound))
    // A second refund's answer overtakes.
    _ = book.carry(.refundAnswered(number, .accepted))
    #expect(book.orders[number]?.state == .refunding)
    same(book.carry(.queryAnswered(number, .refunded(request.payment))), [])
    #expect(book.orders[number]?.state == .refunding)
  }

  @Test func aRefundThatNobodyAskedAboutAndIsNotThereLooksBehindNothing() throws {
    var book = try OrderBook.recorded(.refundOwed, with: .payment)
    same(book.carry(.refundQueryAnswered(number, .notFound)), [])
    #expect(book.orders[number]?.state == .refundOwed)
  }

  @Test func aQuestionOfTheBoardSurvivesAnAnswerAboutARefund() throws {
    var book = try OrderBook.recorded(.open, with: .code)
    same(book.carry(.statusAsked(number, permit: 7)), [.query(number)])
    same(book.carry(.refundQueryAnswered(number, .arrived)), [])
    same(
      book.carry(.queryAnswered(number, .paid(request.payment))),
      [.answer(.status(.paid(request.payment, isPermitted: true)))])
  }

  // MARK: A person's word

  @Test func aPersonsWordEndsADebtAndNothingIsPaidAfterIt() {
    var core = owing()
    core.provider.isOutOfMoney = true
    var now = core.doDuties(from: .zero, within: .seconds(3600))
    same(core.sayRefunded(number, at: now), nil)
    #expect(core.disk[number]?.state == .refunded)
    #expect(core.disk[number]?.note.hasPrefix("a person decided: refunded by another way") == true)
    core.provider.isOutOfMoney = false
    core.restart(at: now)
    now = core.doDuties(from: now, within: .seconds(7 * 86_400))
    #expect(refundsOfOrder(core) == 0)
    same(core.sayRefunded(number, at: now), nil, "said twice")
  }

  @Test func aPersonsWordNeverHidesThatOurOwnRefundWentThrough() {
    var core = owing()
    core.provider.fates = [.lostAfter]
    core.doNextDuty(at: .zero)
    #expect(core.disk[number]?.state == .refundOwed)
    same(
      core.sayRefunded(number), "our own refund is on its way and is followed to its end")
    #expect(core.disk[number]?.state == .refunding)
    _ = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.disk[number]?.state == .refunded)
    #expect(refundsOfOrder(core) == 1)
  }

  @Test func aPersonsWordAboutARefundThatArrivedMeanwhileIsTrueAnyway() {
    var core = owing()
    core.doNextDuty(at: .zero)
    core.provider.moveRefunds()
    same(core.sayRefunded(number), nil)
    #expect(core.disk[number]?.state == .refunded)
    #expect(core.disk[number]?.note.contains("another way") == false)
  }

  @Test func aPersonsWordWaitsForTheProvidersAnswer() {
    for fate in [EmulatedProvider.Fate.lostBefore, .lostAfter] {
      var core = owing()
      core.provider.fates = [fate]
      same(
        core.sayRefunded(number),
        "nobody knows now whether our own refund went through: no answer")
      #expect(core.disk[number]?.state == .refundOwed)
      _ = core.doDuties(from: .zero, within: .seconds(3600))
      #expect(core.disk[number]?.state == .refunded)
      #expect(refundsOfOrder(core) == 1)
    }
  }

  /// Keys that are refused say nothing of a refund that was accepted while they were good.
  @Test func aPersonsWordWaitsForAProviderThatRefusesToAnswer() throws {
    let refusal = Refusal(code: "NOAUTH", words: "", reaction: .stopAndAlarm)
    for state in [OrderState.refundOwed, .refunding, .held] {
      var book = try OrderBook.recorded(state, with: .payment)
      _ = book.carry(.personRefunded(number))
      let words = "the provider refuses to say whether our own refund went through: NOAUTH"
      same(
        book.carry(.refundQueryAnswered(number, .refused(refusal))),
        [.answer(.decision(refusal: words))])
      #expect(book.orders[number]?.state == state)
    }
  }

  @Test func aPersonEndsWhatTheProviderWillNeverPayOut() {
    var core = owing()
    core.provider.firstStage = .stuck
    _ = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.disk[number]?.state == .held)
    same(core.sayRefunded(number), nil)
    #expect(core.disk[number]?.state == .refunded)
    #expect(core.book.nextDuty == nil)
  }

  @Test func aPersonsWordEndsAnyOrderWithMoneyAndNoOther() throws {
    for state in OrderState.allCases {
      var book = try OrderBook.recorded(state, with: .payment)
      let left = book.carry(.personRefunded(number))
      switch state {
      case .paid, .permitted, .delivered, .refundOwed, .refunding, .held:
        let debt = try #require(book.orders[number]).refundRequest
        #expect(left == [.queryRefund(debt)], "\(state)")
        same(
          book.carry(.refundQueryAnswered(number, .notFound)),
          [.answer(.decision(refusal: nil))])
        #expect(book.nextDuty == nil)
      case .refunded:
        #expect(left == [.answer(.decision(refusal: nil))])
      case .opening, .notOpened, .open, .closing, .closed:
        #expect(left == [.answer(.decision(refusal: "order \(number) is \(state.rawValue)"))])
        #expect(book.orders[number]?.state == state)
      }
    }
    var core = EmulatedCore()
    same(core.sayRefunded(number), "no order \(number)")
  }

  @Test func aPersonsWordIsOnDiskBeforeItIsAnsweredWhereverPowerFails() {
    for halfSteps in 0..<6 {
      var core = held()
      core.crashAfter = halfSteps
      let answer = core.sayRefunded(number)
      core.crashAfter = nil
      let state = core.disk[number]?.state
      #expect(answer != nil || state == .refunded, "after \(halfSteps) half-steps")
      _ = core.doDuties(from: .zero, within: .seconds(3600))
      #expect(core.disk[number]?.state == state)
      #expect(refundsOfOrder(core) == 0)
    }
  }

  // MARK: Money that the book has never seen

  @Test func aHeldOrderWithoutAPaymentIsRefundedOnceTheProviderShowsOne() {
    var core = heldWithoutPayment()
    same(core.decide(number, delivered: false), "the provider says that nothing was paid for it")
    core.provider.payInOpenCashier(number)
    same(core.decide(number, delivered: false), nil)
    _ = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.disk[number]?.state == .refunded)
    #expect(core.provider.accounts[number]?.kept == .zero)
  }

  @Test func aPaymentAfterTheLastLookGoesBackWhenACustomerShowsIt() {
    var core = EmulatedCore()
    _ = core.open(request)
    _ = core.cancel(number)
    var now = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.book.orders.values.isEmpty)
    core.provider.payInOpenCashier(number)
    now = core.doDuties(from: now, within: .seconds(86_400))
    #expect(core.disk[number]?.state == .closed)
    same(core.decide(number, delivered: false, at: now), nil)
    _ = core.doDuties(from: now, within: .seconds(3600))
    #expect(core.disk[number]?.state == .refunded)
    #expect(refundsOfOrder(core) == 1)
  }

  @Test func aPersonsRefundFollowsTheProvidersWord() throws {
    let wrong = Amount(fen: request.amount.fen + 1)
    var other = request.payment
    other.total = wrong
    let refusal = Refusal(code: "NOAUTH", words: "", reaction: .stopAndAlarm)
    let cases: [(QueryAnswer, String?, OrderState)] = [
      (.paid(request.payment), nil, .refundOwed), (.paid(other), nil, .refundOwed),
      (
        .refunded(request.payment),
        "a refund was started outside this machine: see the provider's console", .held
      ),
      (.pending, "the provider says that nothing was paid for it", .held),
      (.closed, "the provider says that nothing was paid for it", .held),
      (.notFound, "the provider says that nothing was paid for it", .held),
      (.refused(refusal), "the provider refuses to say whether it was paid: NOAUTH", .held),
      (
        .unknown(Doubt(.timeout, "no answer")),
        "nobody knows now whether it was paid: no answer", .held
      ),
    ]
    for (answer, words, state) in cases {
      var book = heldWithoutPayment().book
      same(book.carry(.personDecided(number, delivered: false)), [.query(number)])
      let left = book.carry(.queryAnswered(number, answer))
      #expect(left.contains(.answer(.decision(refusal: words))), "\(answer)")
      #expect(book.orders[number]?.state == state, "\(answer)")
      if case .paid(let payment) = answer {
        // Whatever was paid goes back, also when it is not what was asked for.
        #expect(book.orders[number]?.refundRequest.refund == payment.total)
      }
    }
  }
}
