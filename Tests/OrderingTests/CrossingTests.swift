import EmulatedCore
import Money
import Ordering
import Testing
import Timing

/// Answers that cross something else: late, twice, or to a question that nobody asks any more.
@Suite struct CrossingTests {
  let request = OrderRequest.sample()
  var number: OrderNumber { request.number }
  let later = Instant.zero + .seconds(5)
  let silence = Doubt(.timeout, "no answer")
  let busy = Refusal(code: "SYSTEMERROR", words: "", reaction: .retrySame)

  private func refused(_ reaction: Refusal.Reaction) -> Refusal {
    Refusal(code: "CODE", words: "words", reaction: reaction)
  }

  // MARK: Nobody asked

  @Test func anAnswerAboutAnOrderThatTheBookDoesNotHoldChangesNothing() {
    let events: [OrderBook.Event] = [
      .createAnswered(number, .created(codeURL: "x")), .queryAnswered(number, .pending),
      .queryAnswered(number, .paid(request.payment)), .closeAnswered(number, .closed),
      .refundAnswered(number, .accepted), .refundQueryAnswered(number, .arrived),
      .dutyCame(number), .recorded(number), .permitFound(request.payment),
    ]
    for event in events {
      var book = OrderBook()
      same(book.handle(event, at: later), [], "\(event)")
      #expect(book == OrderBook(), "\(event)")
    }
  }

  @Test(arguments: OrderState.allCases)
  func anAnswerThatComesTooLateForItsStateChangesNothing(state: OrderState) throws {
    var events: [OrderBook.Event] = []
    if ![.opening, .open].contains(state) {
      events += [
        .createAnswered(number, .created(codeURL: "y")), .createAnswered(number, .alreadyClosed),
      ]
    }
    if state != .closing { events += [.closeAnswered(number, .closed)] }
    if state != .refundOwed { events += [.refundAnswered(number, .accepted)] }
    if ![.refundOwed, .refunding].contains(state) {
      events += [
        .refundQueryAnswered(number, .arrived), .refundQueryAnswered(number, .stuck("")),
      ]
    }
    if ![.opening, .open, .closing].contains(state) { events += [.queryAnswered(number, .closed)] }
    // A closed order is watched, but this one's last look has been taken.
    events += [.queryAnswered(number, .pending), .queryAnswered(number, .notFound)]
    if state != .closed { events += [.queryAnswered(number, .unknown(silence))] }
    let before = try OrderBook.recorded(state, with: .payment)
    for event in events {
      var book = before
      same(book.handle(event, at: later), [], "\(event)")
      #expect(book == before, "\(event)")
    }
  }

  @Test func aClosedOrderWhoseLastLookIsTakenIsNotAskedAbout() throws {
    var book = try OrderBook.recorded(.closed, with: .code)
    same(book.handle(.dutyCame(number), at: later), [])
    #expect(book.nextDuty == nil)
  }

  @Test func whatTheDiskSaidDoesNotReplaceWhatTheBookKnows() throws {
    let old = try #require(try OrderBook.recorded(.open, with: .code).orders[number])
    var book = try OrderBook.recorded(.permitted, with: .payment)
    book.load(old)
    #expect(book.orders[number]?.state == .permitted)
  }

  // MARK: A cancel of an order that the book does not know

  @Test func anOrderThatOpensWhileAStrangerIsCancelledStands() {
    for answer in [QueryAnswer.pending, .notFound, .unknown(silence), .refused(busy)] {
      var book = OrderBook()
      same(book.carry(.cancelAsked(number)), [.query(number)])
      same(book.carry(.openAsked(request)), [.create(request)])
      same(book.carry(.queryAnswered(number, answer)), [])
      #expect(book.orders[number]?.state == .opening)
    }
  }

  @Test func aStrangersMoneyIsNotForgottenEvenIfTheProviderRefusesToSay() {
    var book = OrderBook()
    _ = book.carry(.cancelAsked(number))
    let answer = CancelAnswer.unknown(Doubt(.tryLater, "SYSTEMERROR"))
    same(book.carry(.queryAnswered(number, .refused(busy))), [.answer(.cancel(answer))])
  }

  // MARK: A verdict and the money

  @Test func aVerdictStandsOnMoneyThatWasNoticedWhileTheBookAsked() throws {
    let answers: [QueryAnswer] = [
      .paid(request.payment), .closed, .pending, .notFound, .unknown(silence), .refused(busy),
    ]
    for answer in answers {
      var book = try OrderBook.recorded(.open, with: .code)
      same(book.carry(.settleAsked(number, .delivered(.dropSensed))), [.query(number)])
      same(book.carry(.paymentNoticed(request.payment)), [])
      let effects = book.handle(.queryAnswered(number, answer), at: later)
      guard case .record(let order, .delivered)? = effects.first, effects.count == 1 else {
        Issue.record("\(answer): \(effects)")
        continue
      }
      #expect(order.payment == request.payment)
      same(book.carry(.recorded(number)), [.answer(.settle(.accepted))])
      #expect(book.nextDuty == nil, "\(answer): it would go back after the drop")
    }
  }

  @Test func whoDecidesOnDoubtfulMoneyKnowsWhatTheMachineSaw() throws {
    var wrong = request.payment
    wrong.total = Amount(fen: 1)
    for answer in [QueryAnswer.paid(wrong), .refunded(request.payment)] {
      for state in [OrderState.open, .closed] {
        var book = try OrderBook.recorded(state, with: .code)
        _ = book.carry(.settleAsked(number, .delivered(.dropSensed)))
        let effects = book.carry(.queryAnswered(number, answer))
        guard case .alarm(number, _)? = effects.first else {
          Issue.record("\(answer): nobody is told: \(effects)")
          continue
        }
        #expect(effects.dropFirst() == [.answer(.settle(.accepted))])
        #expect(book.orders[number]?.state == .held)
        #expect(book.orders[number]?.note.contains("delivered (dropSensed)") == true)
      }
    }
  }

  // MARK: A cancel and the end

  @Test func aCancelThatMeetsWrongMoneyIsTooLate() throws {
    var book = try OrderBook.recorded(.open, with: .code)
    var wrong = request.payment
    wrong.currency = "USD"
    _ = book.carry(.cancelAsked(number))
    let effects = book.carry(.queryAnswered(number, .paid(wrong)))
    #expect(effects.last == .answer(.cancel(.tooLate(.held))))
    #expect(book.orders[number]?.state == .held)
  }

  @Test func aCancelThatMeetsMoneyOfAClosedOrderSaysThatItGoesBack() throws {
    var book = try OrderBook.recorded(.open, with: .code)
    _ = book.carry(.cancelAsked(number))
    _ = book.carry(.createAnswered(number, .alreadyClosed))
    let effects = book.carry(.queryAnswered(number, .paid(request.payment)))
    #expect(effects == [.answer(.cancel(.tooLate(.refunding)))])
    #expect(book.orders[number]?.state == .refundOwed)
  }

  @Test func aCancelThatMeetsARefundedOrderSaysSo() throws {
    var book = try OrderBook.recorded(.opening, with: .request)
    _ = book.carry(.cancelAsked(number))
    _ = book.carry(.createAnswered(number, .refused(refused(.newNumber))))
    #expect(book.orders.values.isEmpty)
    book.load(try #require(try OrderBook.recorded(.refunded, with: .payment).orders[number]))
    let effects = book.carry(.queryAnswered(number, .refunded(request.payment)))
    #expect(effects == [.answer(.cancel(.tooLate(.refunded)))])
  }

  @Test func aCloseThatOnlyTheBookWantsIsTriedAgainAndAnsweredToNobody() throws {
    for answer in [CloseAnswer.unknown(silence), .refused(busy)] {
      var book = try OrderBook.recorded(.open, with: .code)
      same(book.carry(.dutyCame(number)), [.query(number)])
      same(book.carry(.queryAnswered(number, .pending)), [.close(number)])
      same(book.carry(.closeAnswered(number, answer), at: later), [])
      #expect(book.orders[number]?.state == .closing)
      #expect(book.nextDuty?.at == later + .seconds(4))
    }
  }

  // MARK: A create and a code of an earlier one

  @Test func aNumberThatTheProviderHasClosedIsWatchedForLateMoney() {
    var core = EmulatedCore()
    core.provider.fates = [.lostAfter]
    _ = core.open(request)
    _ = core.provider.close(number)
    guard case .refused(let refusal)? = core.open(request) else {
      Issue.record("a closed number was opened")
      return
    }
    #expect(refusal.reaction == .newNumber)
    #expect(core.disk[number]?.state == .closed)
    core.provider.payInOpenCashier(number)
    _ = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.disk[number]?.state == .refunded)
    #expect(core.provider.accounts[number]?.kept == .zero)
  }

  @Test(arguments: [Refusal.Reaction.newNumber, .stopAndAlarm, .oweAndAlarm])
  func aRefusalDoesNotEndAnOrderWhoseCodeIsOut(reaction: Refusal.Reaction) throws {
    let before = try OrderBook.recorded(.open, with: .code)
    var book = before
    let answer = OpenAnswer.unknown(Doubt(.tryLater, "CODE"))
    same(
      book.handle(.createAnswered(number, .refused(refused(reaction))), at: later),
      [.answer(.open(answer))])
    #expect(book == before)
  }

  // MARK: Refunds

  @Test(arguments: [OrderState.refundOwed, .refunding])
  func aRefundThatAQueryTellsOfIsLookedAfterAtOnce(state: OrderState) throws {
    var book = try OrderBook.recorded(state, with: .payment)
    same(book.handle(.queryAnswered(number, .refunded(request.payment)), at: later), [])
    #expect(book.nextDuty?.at == later)
    #expect(book.orders[number]?.state == state)
  }

  @Test(arguments: [OrderState.refunded, .held, .delivered])
  func aRefundAfterTheEndChangesNothing(state: OrderState) throws {
    let before = try OrderBook.recorded(state, with: .payment)
    var book = before
    same(book.handle(.queryAnswered(number, .refunded(request.payment)), at: later), [])
    #expect(book == before)
  }

  @Test func aRefundThatWasRefusedButIsUnderWayIsWaitedFor() throws {
    var book = try OrderBook.recorded(.refundOwed, with: .payment)
    let debt = try #require(book.orders[number]).refundRequest
    same(book.carry(.dutyCame(number)), [.refund(debt)])
    same(book.carry(.refundAnswered(number, .refused(refused(.query)))), [.queryRefund(debt)])
    same(book.carry(.refundQueryAnswered(number, .processing)), [])
    #expect(book.orders[number]?.state == .refunding)
    same(book.carry(.dutyCame(number)), [.queryRefund(debt)])
  }
}
