import Money
import Ordering
import Testing
import Timing
import Vending

/// From the order to the money: opening, asking, ending.
@Suite struct PayingTests {
  typealias Talk = Conversation

  @Test func theNumberIsOnDiskBeforeTheOrderIsOpened() {
    var talk = Conversation()
    talk.holdsDisk = true
    talk.press("1", "#")
    #expect(!talk.effects.contains { if case .open = $0 { true } else { false } })
    talk.sync()
    #expect(talk.effects.contains { if case .open = $0 { true } else { false } })
  }

  @Test func theCodeIsShownWithWhatItBuysAndCountsDown() {
    var talk = Talk.paying()
    func screen(_ seconds: Int) -> Screen {
      .payment(
        Screen.PaymentScreen(
          product: Talk.water, codeURL: "weixin://a", secondsLeft: seconds,
          orderTail: talk.number.tail))
    }
    #expect(talk.screen == screen(90))
    talk.fire(.countdown)
    #expect(talk.screen == screen(89))
  }

  @Test func anOpenThatIsUnknownIsAskedAgainWithTheSameNumber() {
    var talk = Talk.opening()
    let first = talk.effects.last { if case .open = $0 { true } else { false } }
    talk.forget()
    talk.hear(.openAnswered(talk.number, .unknown(.silence)))
    #expect(talk.effects.allSatisfy { if case .open = $0 { false } else { true } })
    talk.fire(.poll)
    #expect(talk.effects.last { if case .open = $0 { true } else { false } } == first)
  }

  @Test func aCoreThatDoesNotOpenInTimeIsNamedAndTheOrderIsEnded() {
    var talk = Talk.opening()
    talk.hear(.openAnswered(talk.number, .unknown(.silence)))
    talk.fire(.open, after: .seconds(12))
    #expect(talk.effects.last == .cancel(talk.number))
    #expect(talk.machine.stopper?.code == .coreSilent)
    talk.hear(.cancelAnswered(talk.number, .closed))
    #expect(talk.screen == .sorry(.paymentUnavailable, orderTail: talk.number.tail))
    talk.fire(.message)
    #expect(talk.screen == .outOfService(faultCode: "N4"))
    talk.fire(.probe)
    talk.hear(.probed(nil))
    #expect(talk.screen == .idle)
  }

  @Test func aRefusedMerchantStopsSellingUntilAPersonClearsIt() {
    var talk = Talk.opening()
    let refusal = Refusal(code: "NOAUTH", words: "", reaction: .stopAndAlarm)
    talk.hear(.openAnswered(talk.number, .refused(refusal)))
    talk.hear(.cancelAnswered(talk.number, .closed))
    talk.fire(.message)
    #expect(talk.screen == .outOfService(faultCode: "P2"))
    talk.hear(.faultClearingAsked)
    #expect(talk.screen == .idle)
  }

  @Test func unknownStatusNeverEndsTheSale() {
    var talk = Talk.paying()
    for _ in 0..<50 {
      talk.now = talk.now + .milliseconds(10)
      talk.fire(.poll, after: .zero)
      talk.hear(.statusAnswered(talk.number, .unknown(.silence)))
    }
    #expect(Self.isPaying(talk))
  }

  @Test(arguments: [
    (StatusAnswer.refunding, OrderState.refunding, Screen.SorryReason.refundComing),
    (.refunded, .refunded, .refundComing), (.held, .held, .held),
  ])
  func anOrderThatMovedOnWithoutTheMachineIsNotDispensed(
    status: StatusAnswer, state: OrderState, reason: Screen.SorryReason
  ) {
    // A person or the merchant's console was faster, whatever the machine was asking just then.
    var asking = Talk.paying()
    asking.hear(.statusAnswered(asking.number, status))
    var permitting = Talk.paying()
    permitting.hear(
      .statusAnswered(permitting.number, .paid(permitting.payment, isPermitted: false)))
    permitting.hear(.permitAnswered(permitting.number, .tooLate(state)))
    var closing = Talk.closing()
    closing.hear(.cancelAnswered(closing.number, .tooLate(state)))
    for talk in [asking, permitting, closing] {
      #expect(talk.screen == .sorry(reason, orderTail: talk.number.tail))
      #expect(talk.journal.last == .endedUnpaid(talk.number))
      #expect(talk.pulses == 0)
      #expect(talk.ledger.obligations.isEmpty)
    }
  }

  @Test func anOrderThatIsClosedElsewhereTakesItsCodeAway() {
    var talk = Talk.paying()
    talk.hear(.statusAnswered(talk.number, .closed))
    #expect(talk.screen == .opening(Talk.water))
    #expect(talk.effects.last == .cancel(talk.number))
  }

  @Test func oneQuestionIsUnderWayAtATime() {
    var talk = Talk.paying()
    talk.fire(.poll)
    talk.forget()
    #expect(!talk.isArmed(.poll))
    talk.fire(.countdown)
    #expect(!talk.effects.contains { if case .askStatus = $0 { true } else { false } })
  }

  @Test func thePaidOrderIsWrittenBeforeTheRelayGoesOn() {
    var talk = Talk.paying()
    talk.holdsDisk = true
    talk.hear(.statusAnswered(talk.number, .paid(talk.payment, isPermitted: true)))
    #expect(talk.pulses == 0)
    talk.sync()
    #expect(talk.pulses == 1)
    #expect(talk.journal.last == .intent(talk.number, talk.payment))
    #expect(talk.screen == .dispensing(Talk.water))
  }

  @Test func withoutThePermitNothingIsDispensed() {
    var talk = Talk.paying()
    talk.hear(.statusAnswered(talk.number, .paid(talk.payment, isPermitted: false)))
    #expect(talk.pulses == 0)
    #expect(talk.effects.last == .askPermit(talk.number, nonce: 42))
    talk.hear(.permitAnswered(talk.number, .unknown(.silence)))
    talk.fire(.permit)
    #expect(talk.effects.last == .askPermit(talk.number, nonce: 42))
    talk.hear(.permitAnswered(talk.number, .granted(talk.payment)))
    #expect(talk.pulses == 1)
  }

  @Test func aPermitThatNeverComesGivesTheMoneyBack() {
    var talk = Talk.paying()
    talk.hear(.statusAnswered(talk.number, .paid(talk.payment, isPermitted: false)))
    for _ in 0..<8 {
      talk.hear(.permitAnswered(talk.number, .unknown(.silence)))
      talk.fire(.permit)
    }
    talk.hear(.permitAnswered(talk.number, .unknown(.silence)))
    #expect(talk.journal.last == .verdict(talk.number, .failed(.machineFault)))
    #expect(talk.pulses == 0)
    talk.hear(.permitAnswered(talk.number, .granted(talk.payment)))
    #expect(talk.pulses == 0)
  }

  @Test func anotherAmountThanTheSelectedMovesNothing() {
    for isPermitted in [true, false] {
      for wrong in [Amount(fen: 434), Amount(fen: 436), .zero] {
        var talk = Talk.paying()
        var payment = talk.payment
        payment.total = wrong
        talk.hear(
          .statusAnswered(
            talk.number, .paid(isPermitted ? payment : talk.payment, isPermitted: isPermitted)))
        if !isPermitted { talk.hear(.permitAnswered(talk.number, .granted(payment))) }
        #expect(talk.pulses == 0)
        #expect(talk.journal.last == .verdict(talk.number, .unsure(.hold)))
        #expect(talk.machine.stopper?.code == .coreAnswersBadly)
        talk.hear(.faultClearingAsked)
        #expect(talk.machine.stopper == nil)
      }
    }
  }

  // MARK: Ending

  @Test func cancelTakesTheCodeAwayBeforeTheCoreIsAsked() {
    var talk = Talk.paying()
    talk.forget()
    talk.press("*")
    #expect(talk.effects.suffix(2) == [.show(.opening(Talk.water)), .cancel(talk.number)])
    talk.hear(.cancelAnswered(talk.number, .closed))
    #expect(talk.screen == .sorry(.cancelled, orderTail: talk.number.tail))
    #expect(talk.journal.last == .endedUnpaid(talk.number))
    talk.fire(.message)
    #expect(talk.screen == .idle)
  }

  @Test func theCodeDisappearsAtItsDeadline() {
    var talk = Talk.paying()
    talk.fire(.countdown, after: .seconds(90))
    #expect(talk.screen == .opening(Talk.water))
    #expect(talk.effects.last == .cancel(talk.number))
    talk.hear(.cancelAnswered(talk.number, .closed))
    #expect(talk.screen == .sorry(.expired, orderTail: talk.number.tail))
  }

  @Test func paidAfterCancelIsServedWhileTheCustomerIsThere() {
    var talk = Talk.closing()
    talk.hear(.cancelAnswered(talk.number, .alreadyPaid(talk.payment)))
    #expect(talk.screen == .paid(Talk.water))
    talk.hear(.permitAnswered(talk.number, .granted(talk.payment)))
    #expect(talk.pulses == 1)
  }

  @Test func paidLongAfterCancelGoesBack() {
    var talk = Talk.closing()
    talk.now = talk.now + .seconds(31)
    talk.hear(.cancelAnswered(talk.number, .alreadyPaid(talk.payment)))
    #expect(talk.journal.last == .verdict(talk.number, .failed(.paidTooLate)))
    #expect(talk.pulses == 0)
    #expect(talk.screen == .sorry(.refundComing, orderTail: talk.number.tail))
  }

  @Test func aPermitThatCrossesTheCancelIsUsed() {
    var talk = Talk.closing()
    talk.hear(.statusAnswered(talk.number, .paid(talk.payment, isPermitted: true)))
    #expect(talk.pulses == 1)
    talk.hear(.cancelAnswered(talk.number, .tooLate(.permitted)))
    #expect(talk.pulses == 1)
    #expect(talk.machine.stateName == "dispensing")
  }

  @Test func aPermitWhoseAnswerWasLostIsAskedForAgainUnderTheSameNonce() {
    var talk = Talk.closing()
    talk.hear(.cancelAnswered(talk.number, .tooLate(.permitted)))
    #expect(talk.effects.last == .askPermit(talk.number, nonce: 42))
    talk.hear(.permitAnswered(talk.number, .granted(talk.payment)))
    #expect(talk.pulses == 1)
  }

  @Test func aPermitThatAnotherHasIsNeverUsedNorAssumedDelivered() {
    for choice in Outcome.UnsureChoice.allCases {
      var talk = Talk.paying(Talk.plan(unsure: choice))
      talk.hear(.statusAnswered(talk.number, .paid(talk.payment, isPermitted: false)))
      talk.hear(.permitAnswered(talk.number, .tooLate(.permitted)))
      #expect(talk.pulses == 0)
      let outcome = Outcome.unsure(choice == .hold ? .hold : .refund)
      #expect(talk.journal.last == .verdict(talk.number, outcome))
    }
  }

  @Test func anUnclearEndGoesOnInTheBackground() {
    var talk = Talk.closing()
    for _ in 0..<2 {
      talk.hear(.cancelAnswered(talk.number, .unknown(.silence)))
      talk.fire(.cancel)
    }
    talk.hear(.cancelAnswered(talk.number, .unknown(.silence)))
    #expect(talk.screen == .sorry(.unclear, orderTail: talk.number.tail))
    #expect(talk.journal.last == .cancelling(talk.number))
    #expect(talk.effects.contains(.cancel(talk.number)))
  }

  @Test(arguments: [
    (CancelAnswer.closed, Entry.Kind.endedUnpaid), (.tooLate(.refunded), .endedUnpaid),
    (.tooLate(.held), .endedUnpaid), (.tooLate(.permitted), .unsure), (.paid, .tooLate),
  ])
  func theBackgroundHasAnEndForEveryAnswer(answer: CancelAnswer, kind: Entry.Kind) {
    var talk = Talk.closing()
    for _ in 0..<2 {
      talk.hear(.cancelAnswered(talk.number, .unknown(.silence)))
      talk.fire(.cancel)
    }
    talk.hear(.cancelAnswered(talk.number, .unknown(.silence)))
    talk.fire(.message)
    let isPaid = answer == .paid
    talk.hear(.cancelAnswered(talk.number, isPaid ? .alreadyPaid(talk.payment) : answer))
    #expect(talk.journal.last == kind.entry(talk.number))
    #expect(talk.pulses == 0)
    if case .verdict(_, let outcome)? = talk.journal.last {
      #expect(talk.effects.last == .settle(talk.number, outcome))
      talk.hear(.settleAnswered(talk.number, .accepted))
    }
    #expect(talk.ledger.obligations.isEmpty)
  }

  /// A provider that will not close a young order yet is no reason to sell nothing to the next.
  @Test func aCancelThatMustWaitStopsNoSales() {
    for (doubt, stopper) in [
      (Doubt(.tryLater, "too early"), nil), (.silence, Fault.Code.coreSilent),
    ] {
      var talk = Talk.closing()
      for _ in 0..<2 {
        talk.hear(.cancelAnswered(talk.number, .unknown(doubt)))
        talk.fire(.cancel)
      }
      talk.hear(.cancelAnswered(talk.number, .unknown(doubt)))
      talk.fire(.message)
      #expect(talk.machine.stopper?.code == stopper, "\(doubt)")
      #expect(talk.ledger.obligations.map(\.number) == [talk.number], "\(doubt)")
    }
  }

  @Test func theProviderIsAskedLessOftenAsTheCodeGrowsOld() {
    for (age, pause) in [(0, 900...1100), (29, 900...1100), (31, 1800...2200), (61, 2700...3300)] {
      var talk = Talk.paying()
      talk.now = talk.now + .seconds(Int64(age))
      talk.fire(.poll, after: .zero)
      talk.forget()
      talk.hear(.statusAnswered(talk.number, .pending))
      let pauses = talk.effects.compactMap { effect -> Int64? in
        if case .arm(.poll, _, let pause) = effect { pause.wholeMilliseconds } else { nil }
      }
      #expect(pauses.count == 1 && pauses.allSatisfy { pause.contains(Int($0)) }, "\(age) s")
    }
  }

  @Test func aSecondAnswerToACancelDoesNotReplaceAVerdict() {
    var talk = Talk.closing()
    talk.hear(.cancelAnswered(talk.number, .alreadyPaid(talk.payment)))
    talk.hear(.permitAnswered(talk.number, .granted(talk.payment)))
    talk.hear(.pulseEnded(talk.number))
    talk.hear(.dropSensed)
    let told = talk.journal
    for answer in [CancelAnswer.alreadyPaid(talk.payment), .closed, .tooLate(.permitted)] {
      talk.hear(.cancelAnswered(talk.number, answer))
      #expect(talk.journal == told)
    }
    #expect(talk.ledger.obligations.map(\.outcome) == [.delivered(.dropSensed)])
  }

  @Test func aRefundThatIsToldEarlyIsNotAskedAboutAgain() {
    var talk = Talk.watching()
    talk.fire(.drop, after: .seconds(5))
    talk.hear(.settleAnswered(talk.number, .accepted))
    #expect(talk.isArmed(.poll))
    // The answer to a question of before; the machine was about to ask anew.
    talk.hear(.statusAnswered(talk.number, .refunded))
    #expect(talk.screen == .sorry(.refunded, orderTail: talk.number.tail))
    talk.forget()
    talk.fire(.poll)
    #expect(talk.effects.isEmpty)
  }

  @Test func aWriteThatNobodyAskedForChangesNothing() {
    for talk in [Talk(), Talk.opening(), Talk.paying(), Talk.closing(), Talk.watching()] {
      var copy = talk
      copy.forget()
      copy.hear(.recorded)
      #expect(copy.effects.isEmpty)
      #expect(copy.machine == talk.machine)
    }
  }

  @Test func anAnswerForAnotherOrderChangesNothing() {
    let other = OrderNumber(machine: "other", at: WallTime(seconds: 1), random: 1)
    for talk in [Talk.opening(), Talk.paying(), Talk.closing(), Talk.pulsing(), Talk.watching()] {
      var copy = talk
      var payment = talk.payment
      payment.order = other
      let events: [Machine.Event] = [
        .openAnswered(other, .opened(codeURL: "y")),
        .statusAnswered(other, .paid(payment, isPermitted: true)), .statusAnswered(other, .closed),
        .permitAnswered(other, .granted(payment)), .cancelAnswered(other, .closed),
        .cancelAnswered(other, .alreadyPaid(payment)), .settleAnswered(other, .accepted),
        .pulseEnded(other), .pulseRefused(other, ""), .pulseDoubtful(other, ""),
      ]
      for event in events {
        copy.hear(event)
        #expect(copy.machine == talk.machine, "\(event)")
      }
    }
  }

  @Test func aTimerOfAnEarlierGenerationChangesNothing() {
    for talk in [Talk.opening(), Talk.paying(), Talk.closing(), Talk.pulsing(), Talk.watching()] {
      var copy = talk
      for timer in Machine.Timer.allCases {
        copy.hear(.timerFired(timer, generation: 0))
        copy.hear(.timerFired(timer, generation: 9999))
      }
      #expect(copy.machine == talk.machine)
    }
  }

  // MARK: Faults while money may come

  @Test func aDarkDisplayEndsTheSaleAndAPaidOneIsStillServed() {
    var talk = Talk.paying()
    talk.hear(.faultRaised(Fault(.displayDark)))
    #expect(talk.effects.last == .cancel(talk.number))
    talk.hear(.cancelAnswered(talk.number, .alreadyPaid(talk.payment)))
    talk.hear(.permitAnswered(talk.number, .granted(talk.payment)))
    #expect(talk.pulses == 1)
  }

  @Test(arguments: [
    Fault.Code.doorOpen, .serviceLock, .linesLost, .relayStuckOn, .sensorBlocked,
    .journalUnwritable, .journalCorrupt,
  ])
  func withAFaultThatKeepsTheProductInsidePaidMoneyGoesBack(code: Fault.Code) {
    var talk = Talk.paying()
    talk.hear(.faultRaised(Fault(code)))
    talk.hear(.cancelAnswered(talk.number, .alreadyPaid(talk.payment)))
    #expect(talk.pulses == 0)
    #expect(talk.journal.last == .verdict(talk.number, .failed(.machineFault)))
  }

  @Test func aDoorThatOpensWhileTheIntentIsWrittenStopsTheRelay() {
    var talk = Talk.paying()
    talk.holdsDisk = true
    talk.hear(.statusAnswered(talk.number, .paid(talk.payment, isPermitted: true)))
    talk.hear(.faultRaised(Fault(.doorOpen)))
    talk.sync()
    #expect(talk.pulses == 0)
    #expect(talk.journal.last == .verdict(talk.number, .failed(.machineFault)))
  }

  private static func isPaying(_ talk: Conversation) -> Bool {
    if case .payment = talk.screen { true } else { false }
  }
}

extension CancelAnswer {
  /// Stands for a payment of the order at hand.
  static let paid = CancelAnswer.tooLate(.paid)
}

extension Entry {
  /// The entry that a test waits for.
  enum Kind: Sendable {
    case endedUnpaid, unsure, tooLate

    func entry(_ number: OrderNumber) -> Entry {
      switch self {
      case .endedUnpaid: .endedUnpaid(number)
      case .unsure: .verdict(number, .unsure(.refund))
      case .tooLate: .verdict(number, .failed(.paidTooLate))
      }
    }
  }
}
