import Money
import Ordering
import Testing
import Timing
import Vending

/// The customer presses, the screen says.
@Suite struct SelectingTests {
  typealias Talk = Conversation

  @Test(
    arguments: [
      (["1"], Screen.selection(typed: "1", product: Talk.water)),
      (["1", "2"], .selection(typed: "12", product: Talk.tea)),
      (["1", "2", "*"], .selection(typed: "1", product: Talk.water)),
      (["1", "*"], .idle),
      (["7"], .selection(typed: "7", product: nil)),
      (["7", "#"], .unavailable(typed: "7", .noSuchLane)),
      (["1", "2", "3", "4"], .selection(typed: "123", product: nil)),
      (["*"], .idle), (["#"], .idle),
      (["1", "#"], .opening(Talk.water)),
      (["7", "#", "1"], .selection(typed: "1", product: Talk.water)),
    ] as [([String], Screen)])
  func keysChooseALane(keys: [String], screen: Screen) {
    var talk = Conversation()
    for key in keys { talk.press(key) }
    #expect(talk.screen == screen)
  }

  @Test func withoutAConfirmKeyACodeThatNamesOneLaneOnlyIsTakenAtOnce() {
    var talk = Conversation(Talk.plan(confirmKey: ""))
    talk.press("1")
    #expect(talk.screen == .selection(typed: "1", product: Talk.water))
    talk.press("2")
    #expect(talk.screen == .opening(Talk.tea))
  }

  @Test func withoutAConfirmKeyWaitingChoosesTheShorterOfTwoCodes() {
    var talk = Conversation(Talk.plan(confirmKey: ""))
    talk.press("1")
    talk.fire(.selection, after: .seconds(3))
    #expect(talk.screen == .opening(Talk.water))
    // What is no lane's code is forgotten after its time, as with a confirm key.
    talk = Conversation(Talk.plan(confirmKey: ""))
    talk.press("9")
    #expect(talk.screen == .unavailable(typed: "9", .noSuchLane))
  }

  @Test func aSelectionThatNobodyFinishesIsForgotten() {
    var talk = Conversation()
    talk.press("1")
    talk.fire(.selection, after: .seconds(15))
    #expect(talk.screen == .idle)
    #expect(talk.journal.isEmpty)
  }

  @Test func theScreenIsBlankBeforeAnythingElse() {
    var talk = Conversation()
    #expect(talk.effects.first == .show(.blank))
    talk = Talk.paying()
    talk.restart()
    #expect(talk.effects.first == .show(.blank))
  }

  @Test func anEmptyLaneIsNotSold() {
    var talk = Conversation(Talk.plan(capacity: 1))
    talk.press("1", "#")
    talk.hear(.openAnswered(talk.number, .opened(codeURL: "x")))
    talk.hear(.statusAnswered(talk.number, .paid(talk.payment, isPermitted: true)))
    talk.hear(.pulseEnded(talk.number))
    talk.hear(.dropSensed)
    #expect(talk.screen == .thanks(Talk.water))
    talk.random = 8
    talk.press("1", "#")
    #expect(talk.screen == .unavailable(typed: "1", .soldOut))
    talk.restart()
    talk.press("1", "#")
    #expect(talk.screen == .unavailable(typed: "1", .soldOut))
    talk.hear(.wished(.fill(lane: "1", pieces: 1), by: .core))
    talk.press("1", "#")
    #expect(talk.screen == .opening(Talk.water))
  }

  @Test func aLaneThatFailedTwiceIsClosedUntilAPersonClearsIt() {
    var talk = failing(twice: true)
    talk.press("1", "#")
    #expect(talk.screen == .unavailable(typed: "1", .laneClosed))
    #expect(talk.machine.faults.stands(.laneClosed, "1"))
    #expect(talk.machine.stopper == nil)
    talk.restart()
    #expect(talk.machine.faults.stands(.laneClosed, "1"))
    talk.hear(.faultClearingAsked)
    talk.press("1", "#")
    #expect(talk.screen == .opening(Talk.water))
  }

  @Test func aMachineWhoseLanesAreAllClosedSaysSoUntilAPersonClearsThem() {
    var ledger = Ledger()
    for code in ["1", "12"] {
      var talk = failing(twice: true, lane: code, ledger: ledger)
      talk.fire(.message)
      ledger = talk.ledger
      #expect(talk.screen == (code == "1" ? .idle : .outOfService(faultCode: "L2")))
    }
    var talk = Conversation(Talk.plan(), ledger: ledger)
    #expect(talk.screen == .outOfService(faultCode: "L2"))
    talk.press("1", "#")
    #expect(talk.machine.sale == nil)
    talk.hear(.faultClearingAsked)
    #expect(talk.screen == .idle)
  }

  @Test func oneFailureClosesNothing() {
    var talk = failing(twice: false)
    talk.press("1", "#")
    #expect(talk.screen == .opening(Talk.water))
  }

  private func failing(
    twice: Bool, lane: String = "1", ledger: Ledger = Ledger()
  ) -> Conversation {
    var talk = Conversation(Talk.plan(), ledger: ledger)
    for round in 0..<(twice ? 2 : 1) {
      talk.random = UInt64(100 + round)
      talk.wall = WallTime(seconds: 1_800_000_000)
      for key in lane { talk.press(String(key)) }
      talk.press("#")
      talk.hear(.openAnswered(talk.number, .opened(codeURL: "x")))
      var payment = talk.payment
      payment.total = talk.machine.sale?.request.amount ?? .zero
      talk.hear(.statusAnswered(talk.number, .paid(payment, isPermitted: true)))
      talk.hear(.pulseEnded(talk.number))
      talk.fire(.drop, after: .zero)
      talk.hear(.settleAnswered(talk.number, .accepted))
    }
    talk.random = 200
    return talk
  }

  // MARK: The sell gate

  @Test func noFaultThatStopsSellingLetsAnOrderBegin() {
    for code in Fault.Code.allCases {
      var talk = Conversation()
      talk.hear(.faultRaised(Fault(code, "9")))
      talk.press("1", "#")
      let hasBegun = talk.machine.sale != nil
      #expect(hasBegun == (code.severity != .stopsSelling), "\(code)")
      if !hasBegun { #expect(talk.screen == .outOfService(faultCode: code.rawValue)) }
      talk.hear(.faultCleared(code, subject: "9"))
      if !hasBegun { #expect(talk.screen == .idle, "\(code)") }
    }
  }

  @Test(arguments: Doubt.Cause.allCases)
  func aDoubtAboutTheCoreNamesTheLegThatFailed(cause: Doubt.Cause) {
    let codes: [Doubt.Cause: Fault.Code] = [
      .nameNotResolved: .nameNotResolved, .unreachable: .coreUnreachable, .tls: .coreUntrusted,
      .timeout: .coreSilent, .broken: .coreSilent, .tryLater: .coreSilent,
      .notAnAnswer: .coreAnswersBadly, .unsigned: .coreAnswersBadly,
      .badSignature: .coreAnswersBadly, .mismatch: .coreAnswersBadly,
    ]
    var talk = Conversation()
    // What was wrong before is not wrong any more: the doubt is about one leg.
    talk.hear(.probed(cause == .tls ? .silence : Doubt(.tls, "")))
    talk.hear(.probed(Doubt(cause, "words")))
    #expect(talk.machine.stopper?.code == codes[cause])
    #expect(talk.machine.stopper?.detail == "words")
    #expect(talk.machine.faults.standing.count == 1)
    #expect(talk.screen == .outOfService(faultCode: codes[cause]?.rawValue ?? "none"))
    talk.hear(.probed(nil))
    #expect(talk.screen == .idle)
  }

  @Test func theCauseIsNamedBeforeItsConsequences() {
    let codes = Fault.Code.allCases.filter { $0.severity == .stopsSelling }
    for (index, code) in codes.enumerated() {
      var talk = Conversation()
      for later in codes[index...].reversed() { talk.hear(.faultRaised(Fault(later))) }
      #expect(talk.screen == .outOfService(faultCode: code.rawValue))
    }
  }

  @Test func aFaultWhileTheSaleIsWrittenEndsItBeforeTheCoreHears() {
    var talk = Conversation()
    talk.holdsDisk = true
    talk.press("1", "#")
    talk.hear(.faultRaised(Fault(.displayDark)))
    talk.sync()
    #expect(!talk.effects.contains { if case .open = $0 { true } else { false } })
    #expect(talk.journal.last == .endedUnpaid(talk.number))
    #expect(talk.screen == .sorry(.paymentUnavailable, orderTail: talk.number.tail))
  }

  @Test func aStopWhileTheSaleIsWrittenEndsItBeforeTheCoreHears() {
    var talk = Conversation()
    talk.holdsDisk = true
    talk.press("1", "#")
    talk.hear(.stopAsked)
    talk.sync()
    #expect(talk.journal.last == .endedUnpaid(talk.number))
    #expect(talk.effects.last == .stopped)
    #expect(talk.screen == .blank)
  }

  // MARK: Service

  @Test func aLockedMachineSellsNothingAlsoAfterARestart() {
    var talk = Conversation()
    talk.hear(.serviceAsked(locked: true))
    for _ in 0..<2 {
      talk.press("1", "#")
      #expect(talk.screen == .outOfService(faultCode: "O2"))
      talk.restart()
    }
    talk.hear(.serviceAsked(locked: false))
    #expect(talk.screen == .idle)
  }

  @Test func aTestVendNeedsTheLockAndIsWrittenFirst() {
    var talk = Conversation()
    talk.hear(.testVendAsked(lane: "1", isWhole: false, by: .core))
    #expect(talk.journal.isEmpty)
    talk.hear(.serviceAsked(locked: true))
    talk.hear(.testVendAsked(lane: "99", isWhole: false, by: .core))
    talk.holdsDisk = true
    talk.forget()
    talk.hear(.testVendAsked(lane: "1", isWhole: false, by: .core))
    #expect(!talk.effects.contains { if case .testPulse = $0 { true } else { false } })
    talk.sync()
    #expect(talk.effects.contains(.testPulse(talk.machine.plan.lanes[0])))
    #expect(talk.ledger.counters.testVends == 1)
    #expect(talk.ledger.counters.vends == 0)
  }

  @Test func aStopDoesNotCutATestVendThatIsBeingWritten() {
    var talk = Conversation()
    talk.hear(.serviceAsked(locked: true))
    talk.holdsDisk = true
    talk.hear(.testVendAsked(lane: "1", isWhole: false, by: .core))
    talk.hear(.stopAsked)
    talk.forget()
    talk.sync()
    #expect(talk.effects == [.testPulse(talk.machine.plan.lanes[0])])
    talk.fire(.stop, after: .seconds(12))
    #expect(talk.effects.last == .stopped)
  }

  @Test func whatFallsInATestVendIsNotACustomersLateProduct() {
    var talk = Talk.watching()
    talk.fire(.drop)
    talk.hear(.settleAnswered(talk.number, .accepted))
    talk.hear(.serviceAsked(locked: true))
    talk.hear(.testVendAsked(lane: "1", isWhole: false, by: .core))
    talk.hear(.dropSensed)
    #expect(talk.ledger.counters.lateDrops == 0)
  }
}
