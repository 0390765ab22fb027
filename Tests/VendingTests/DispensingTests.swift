import FoundationEssentials
import Money
import Ordering
import Testing
import Timing
import Vending

/// From the relay to the verdict, restarts, and what the core must be told.
@Suite struct DispensingTests {
  typealias Talk = Conversation

  @Test func aDropWhileOrAfterTheRelayIsOnIsADelivery() {
    for isEarly in [true, false] {
      var talk = Talk.pulsing()
      if isEarly { talk.hear(.dropSensed) }
      talk.hear(.pulseEnded(talk.number))
      if !isEarly { talk.hear(.dropSensed) }
      #expect(talk.screen == .thanks(Talk.water))
      #expect(talk.journal.last == .verdict(talk.number, .delivered(.dropSensed)))
      #expect(talk.effects.contains(.settle(talk.number, .delivered(.dropSensed))))
    }
  }

  @Test func theLedgerHoldsThePermitFromTheIntentToTheSettlement() {
    var talk = Talk.pulsing()
    #expect(talk.ledger.permits.map(\.order) == [talk.number])
    talk.hear(.dropSensed)
    talk.hear(.pulseEnded(talk.number))
    #expect(talk.ledger.sale == nil)
    #expect(talk.ledger.permits.map(\.order) == [talk.number])
    talk.hear(.settleAnswered(talk.number, .accepted))
    #expect(talk.ledger.permits.isEmpty)
  }

  @Test func twoDropsAreOneDelivery() {
    var talk = Talk.pulsing()
    talk.hear(.dropSensed)
    talk.hear(.dropSensed)
    talk.hear(.pulseEnded(talk.number))
    talk.hear(.dropSensed)
    #expect(talk.ledger.counters.vends == 1)
    #expect(talk.ledger.counters.lateDrops == 0)
    #expect(talk.pulses == 1)
  }

  @Test func withoutASensorThePulseIsTheDelivery() {
    var talk = Talk.pulsing(Talk.plan(hasDropSensor: false))
    talk.hear(.pulseEnded(talk.number))
    #expect(talk.journal.last == .verdict(talk.number, .delivered(.relayPulsed)))
  }

  @Test func noDropGivesTheMoneyBackAndSaysWhenItIsThere() {
    var talk = Talk.watching()
    talk.fire(.drop, after: .seconds(5))
    #expect(talk.screen == .sorry(.refundComing, orderTail: talk.number.tail))
    talk.hear(.settleAnswered(talk.number, .accepted))
    talk.fire(.poll)
    talk.hear(.statusAnswered(talk.number, .refunding))
    talk.fire(.poll)
    talk.hear(.statusAnswered(talk.number, .refunded))
    #expect(talk.screen == .sorry(.refunded, orderTail: talk.number.tail))
    talk.fire(.message)
    #expect(talk.screen == .idle)
    #expect(talk.pulses == 1)
  }

  @Test func aDropThatComesWhileNoDropIsWrittenIsADelivery() {
    // I4: nobody was told yet, so nothing may go back.
    var talk = Talk.watching()
    talk.holdsDisk = true
    talk.fire(.drop, after: .seconds(5))
    talk.hear(.dropSensed)
    talk.sync()
    #expect(talk.screen == .thanks(Talk.water))
    let told = talk.effects.filter { if case .settle = $0 { true } else { false } }
    #expect(told == [.settle(talk.number, .delivered(.dropSensed))])
    #expect(talk.ledger.counters.value == Amount(fen: 435))
    #expect(talk.ledger.lanes["1"]?.failures == 0)
  }

  @Test func aLateDropIsWrittenOnceAndNamed() {
    var talk = Talk.watching()
    talk.fire(.drop, after: .seconds(5))
    talk.hear(.dropSensed)
    talk.hear(.dropSensed)
    #expect(talk.ledger.counters.lateDrops == 1)
    #expect(talk.machine.faults.stands(.lateDrop, talk.number.tail))
    #expect(talk.machine.stopper == nil)
  }

  @Test func aLateDropThatIsBeingWrittenHoldsTheRefundUpNoLongerThanTheDisk() {
    // Found by the model (Tests/Model, I10): the pause after a failed settlement ended while the
    // late drop was on its way to the disk, and nobody told the core again until the next sale.
    var talk = Talk.watching()
    talk.fire(.drop, after: .seconds(5))
    talk.hear(.settleAnswered(talk.number, .unknown(.silence)))
    talk.holdsDisk = true
    talk.hear(.dropSensed)
    talk.forget()
    talk.fire(.obligation)
    #expect(!talk.effects.contains(.settle(talk.number, .failed(.noDrop))))
    talk.sync()
    #expect(talk.effects.contains(.settle(talk.number, .failed(.noDrop))))
  }

  /// A debt may wait for its own order; a core that nobody reaches is a reason to sell no more.
  @Test func aCoreThatHearsOfNoVerdictStopsTheSales() {
    for (doubt, stopper) in [(Doubt(.tryLater, "busy"), nil), (.silence, Fault.Code.coreSilent)] {
      var talk = Talk.watching()
      talk.fire(.drop, after: .seconds(5))
      talk.hear(.settleAnswered(talk.number, .unknown(doubt)))
      for _ in 0..<2 {
        #expect(talk.machine.stopper == nil, "\(doubt)")
        talk.fire(.obligation)
        talk.hear(.settleAnswered(talk.number, .unknown(doubt)))
      }
      #expect(talk.machine.stopper?.code == stopper, "\(doubt)")
      #expect(talk.isArmed(.obligation))
    }
  }

  @Test func aRelayThatRefusesGivesTheMoneyBackAndClosesItsLane() {
    var talk = Talk.pulsing()
    talk.hear(.pulseRefused(talk.number, "no line"))
    #expect(talk.journal.last == .verdict(talk.number, .failed(.relayRefused)))
    talk.random = 9
    talk.press("1", "#")
    #expect(talk.screen == .unavailable(typed: "1", .laneClosed))
    talk.press("1", "2", "#")
    #expect(talk.screen == .opening(Talk.tea))
  }

  @Test func aDoubtfulPulseWaitsForTheSensorOrFollowsThePolicy() {
    var talk = Talk.pulsing()
    talk.hear(.pulseDoubtful(talk.number, "?"))
    talk.hear(.dropSensed)
    #expect(talk.journal.last == .verdict(talk.number, .delivered(.dropSensed)))
    talk = Talk.pulsing(Talk.plan(hasDropSensor: false, unsure: .hold))
    talk.hear(.pulseDoubtful(talk.number, "?"))
    #expect(talk.journal.last == .verdict(talk.number, .unsure(.hold)))
    #expect(talk.screen == .sorry(.held, orderTail: talk.number.tail))
  }

  @Test func aDropIsADeliveryWhateverTheRelaySaysOfItself() {
    for isDoubtful in [true, false] {
      var talk = Talk.pulsing()
      talk.hear(.dropSensed)
      let number = talk.number
      talk.hear(isDoubtful ? .pulseDoubtful(number, "?") : .pulseRefused(number, "?"))
      #expect(talk.journal.last == .verdict(number, .delivered(.dropSensed)))
      #expect(talk.machine.faults.stands(.relayRefused, "1"), "somebody looks at the relay")
    }
  }

  /// Found by `vendsim kill-points --inject ENODEV --calls wires --lasting`: the product fell while
  /// the lines were gone, and the journal said that the sensor had seen none.
  @Test func aWatchWithoutLinesSawNothingAndProvesNothing() {
    var talk = Talk.watching(Talk.plan(unsure: .hold))
    talk.hear(.faultRaised(Fault(.linesLost)))
    talk.hear(.faultCleared(.linesLost, subject: ""))
    talk.fire(.drop, after: .seconds(5))
    #expect(talk.journal.last == .verdict(talk.number, .unsure(.hold)))
    talk = Talk.pulsing(Talk.plan(unsure: .hold))
    talk.hear(.faultRaised(Fault(.linesLost)))
    talk.hear(.pulseDoubtful(talk.number, "gone"))
    talk.fire(.drop, after: .seconds(5))
    #expect(talk.journal.last == .verdict(talk.number, .unsure(.hold)))
    // The next watch is a new one.
    talk = Talk.watching(Talk.plan(unsure: .hold))
    talk.fire(.drop, after: .seconds(5))
    #expect(talk.journal.last == .verdict(talk.number, .failed(.noDrop)))
  }

  @Test func thePaidCustomersKeysAndFaultsDoNotStopTheProduct() {
    var talk = Talk.pulsing()
    talk.press("*", "1", "#")
    talk.hear(.faultRaised(Fault(.doorOpen)))
    talk.hear(.serviceAsked(locked: true))
    talk.hear(.stopAsked)
    talk.hear(.pulseEnded(talk.number))
    talk.hear(.dropSensed)
    #expect(talk.journal.last == .verdict(talk.number, .delivered(.dropSensed)))
  }

  // MARK: Restarts

  @Test func aRestartBeforeTheIntentAsksAndNeverPulsesUnasked() {
    var talk = Talk.paying()
    talk.restart()
    #expect(talk.effects.contains(.cancel(talk.number)))
    #expect(talk.pulses == 0)
    talk.hear(.cancelAnswered(talk.number, .alreadyPaid(talk.payment)))
    #expect(talk.effects.last == .askPermit(talk.number, nonce: 43))
    talk.hear(.permitAnswered(talk.number, .granted(talk.payment)))
    #expect(talk.pulses == 1)
  }

  @Test func aRestartLongAfterThePaymentGivesTheMoneyBack() {
    var talk = Talk.paying()
    talk.restart(away: .seconds(121))
    talk.hear(.cancelAnswered(talk.number, .alreadyPaid(talk.payment)))
    #expect(talk.journal.last == .verdict(talk.number, .failed(.interrupted)))
    talk = Talk.paying()
    // The clock went back: nobody knows how long it was.
    talk.restart(away: .seconds(-3600))
    talk.hear(.cancelAnswered(talk.number, .alreadyPaid(talk.payment)))
    #expect(talk.journal.last == .verdict(talk.number, .failed(.interrupted)))
  }

  @Test func aRestartAfterTheIntentNeverPulsesAgain() {
    for choice in Outcome.UnsureChoice.allCases {
      for talk in [
        Talk.pulsing(Talk.plan(unsure: choice)), Talk.watching(Talk.plan(unsure: choice)),
      ] {
        var copy = talk
        copy.restart()
        #expect(copy.journal.last == .verdict(talk.number, .unsure(choice)))
        #expect(copy.effects.contains(.settle(talk.number, .unsure(choice))))
        #expect(copy.pulses == 0)
      }
    }
  }

  @Test func aRestartAfterTheVerdictTellsTheCoreAgain() {
    var talk = Talk.pulsing()
    talk.hear(.dropSensed)
    talk.hear(.pulseEnded(talk.number))
    talk.restart()
    #expect(talk.effects.contains(.settle(talk.number, .delivered(.dropSensed))))
    talk.hear(.settleAnswered(talk.number, .accepted))
    talk.restart()
    #expect(!talk.effects.contains { if case .settle = $0 { true } else { false } })
    #expect(talk.screen == .idle)
  }

  @Test func unsureRefundsStopAtTheDailyCap() {
    var ledger = Ledger()
    var outcomes: [Outcome] = []
    for day in 0..<2 {
      for round in 0..<5 {
        var talk = Talk(Talk.plan(), ledger: ledger)
        talk.random = UInt64(day * 10 + round + 1)
        talk.wall = WallTime(seconds: 1_800_000_000)
        talk.press("1", "#")
        talk.hear(.openAnswered(talk.number, .opened(codeURL: "x")))
        talk.hear(.statusAnswered(talk.number, .paid(talk.payment, isPermitted: true)))
        let number = talk.number
        talk.restart(away: .seconds(day * 86_400))
        guard case .verdict(number, let outcome)? = talk.journal.last else { continue }
        outcomes.append(outcome)
        talk.hear(.settleAnswered(number, .accepted))
        ledger = talk.ledger
      }
    }
    let oneDay: [Outcome] =
      [.refund, .refund, .refund, .hold, .hold].map(Outcome.unsure)
    #expect(outcomes == oneDay + oneDay)
  }

  @Test(arguments: [Outcome.UnsureChoice.refund, .assumeDelivered])
  func aPermitThatAnotherHasIsHeldOnceTheDaysRefundsAreSpent(choice: Outcome.UnsureChoice) {
    var ledger = Ledger()
    for index in 0..<4 {
      var talk = Talk(Talk.plan(unsure: choice), ledger: ledger)
      talk.random = UInt64(index + 1)
      talk.press("1", "#")
      talk.hear(.openAnswered(talk.number, .opened(codeURL: "x")))
      talk.hear(.statusAnswered(talk.number, .paid(talk.payment, isPermitted: false)))
      talk.hear(.permitAnswered(talk.number, .tooLate(.permitted)))
      let outcome = Outcome.unsure(index < 3 ? .refund : .hold)
      #expect(talk.journal.last == .verdict(talk.number, outcome), "the \(index + 1)th")
      talk.hear(.settleAnswered(talk.number, .accepted))
      ledger = talk.ledger
    }
  }

  @Test func anIntentOfAnotherOrderGivesTheSaleUnderWayNoPayment() {
    let talk = Talk.paying()
    var ledger = talk.ledger
    let other = OrderNumber(machine: "other", at: talk.wall, random: 1)
    ledger.apply(.intent(other, talk.payment), laneFailureLimit: 2, at: talk.wall)
    #expect(ledger.sale != nil)
    #expect(ledger.permits.isEmpty)
  }

  @Test func everyPrefixOfAJournalIsALedgerThatCanBeTakenUp() throws {
    var talk = Talk.watching()
    talk.fire(.drop, after: .seconds(5))
    talk.hear(.settleAnswered(talk.number, .accepted))
    talk.hear(.serviceAsked(locked: true))
    talk.hear(.faultClearingAsked)
    var ledger = Ledger()
    for entry in talk.journal {
      ledger.apply(entry, laneFailureLimit: 2, at: talk.wall)
      let data = try JSONEncoder().encode(ledger)
      #expect(try JSONDecoder().decode(Ledger.self, from: data) == ledger)
      let entryData = try JSONEncoder().encode(entry)
      #expect(try JSONDecoder().decode(Entry.self, from: entryData) == entry)
      let taken = Talk(Talk.plan(), ledger: ledger)
      #expect(taken.pulses == 0)
    }
    #expect(ledger == talk.ledger)
  }

  // MARK: The core in the background

  @Test func theNextSaleDoesNotWaitForTheCore() {
    var talk = Talk.watching()
    talk.hear(.dropSensed)
    talk.hear(.settleAnswered(talk.number, .unknown(.silence)))
    talk.fire(.message)
    let first = talk.number
    talk.random = 8
    talk.press("1", "#")
    #expect(talk.screen == .opening(Talk.water))
    talk.fire(.obligation)
    #expect(talk.effects.last == .settle(first, .delivered(.dropSensed)))
    talk.hear(.settleAnswered(first, .accepted))
    #expect(talk.ledger.obligations.isEmpty)
    #expect(talk.machine.sale != nil)
  }

  @Test func oneOrderThatCannotBeEndedHoldsUpNeitherTheOthersNorTheSelling() {
    var ledger = Ledger()
    let numbers = (0..<3).map {
      OrderNumber(machine: "t", at: WallTime(seconds: 1), random: UInt64($0))
    }
    for number in numbers {
      ledger.apply(.cancelling(number), laneFailureLimit: 2, at: WallTime(seconds: 1))
    }
    var talk = Talk(Talk.plan(), ledger: ledger)
    // D.8: the provider does not close so young an order.
    let doubt = Doubt(.tryLater, "too early")
    for _ in 0..<5 {
      talk.hear(.cancelAnswered(numbers[0], .unknown(doubt)))
      if talk.isArmed(.obligation) { talk.fire(.obligation) }
      for number in numbers.dropFirst() { talk.hear(.cancelAnswered(number, .closed)) }
    }
    #expect(talk.ledger.obligations.map(\.number) == [numbers[0]])
    #expect(talk.machine.stopper == nil)
    talk.hear(.cancelAnswered(numbers[0], .closed))
    #expect(talk.ledger.obligations.isEmpty)
  }

  @Test func tooManyUntoldVerdictsStopSelling() {
    var ledger = Ledger()
    for index in 0..<21 {
      let number = OrderNumber(machine: "t", at: WallTime(seconds: 1), random: UInt64(index))
      ledger.apply(.cancelling(number), laneFailureLimit: 2, at: WallTime(seconds: 1))
    }
    var talk = Talk(Talk.plan(), ledger: ledger)
    guard
      case .cancel(let first)? = talk.effects.first(where: {
        if case .cancel = $0 { true } else { false }
      })
    else {
      Issue.record("nothing told")
      return
    }
    talk.hear(.cancelAnswered(first, .unknown(.silence)))
    #expect(talk.machine.faults.stands(.tooManyUnsettled))
  }

  // MARK: Stop

  @Test func aStopEndsOrParksTheSaleInEveryState() {
    let states: [(String, Conversation)] = [
      ("idle", Talk()), ("opening", Talk.opening()), ("paying", Talk.paying()),
      ("closing", Talk.closing()), ("pulsing", Talk.pulsing()), ("watching", Talk.watching()),
    ]
    for (name, talk) in states {
      var copy = talk
      copy.hear(.stopAsked)
      if name == "idle" {
        #expect(copy.effects.last == .stopped)
        #expect(copy.screen == .blank)
        continue
      }
      #expect(!copy.effects.contains(.stopped), "\(name)")
      if case .payment = copy.screen { Issue.record("\(name): a code is on the screen") }
      copy.fire(.stop, after: .seconds(12))
      #expect(copy.effects.last == .stopped, "\(name)")
      #expect(copy.screen == .blank, "\(name)")
      #expect(copy.ledger.sale != nil, "\(name) forgot the sale")
    }
  }

  @Test func aStoppedSaleThatIsSettledEndsAtOnce() {
    var talk = Talk.watching()
    talk.hear(.stopAsked)
    talk.hear(.dropSensed)
    #expect(!talk.effects.contains(.stopped))
    talk.hear(.settleAnswered(talk.number, .accepted))
    #expect(talk.effects.last == .stopped)
  }
}
