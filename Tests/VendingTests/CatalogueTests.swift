import Money
import Ordering
import Testing
import Timing
import Vending

/// Words and codes that people, logs and other machines read: each thing has its own.
@Suite struct CatalogueTests {
  typealias Talk = Conversation

  @Test(arguments: Fault.Code.allCases)
  func everyFaultHasACodeAndARemedyAndIsNamedInTwoLanguages(code: Fault.Code) {
    #expect(code.rawValue.wholeMatch(of: /[A-Z][1-9]/) != nil)
    #expect(code.remedy.count > 8)
    #expect(!code.words.isEmpty && code.words.unicodeScalars.allSatisfy(\.isASCII))
    let han = code.chineseWords.unicodeScalars.filter { (0x4E00...0x9FFF).contains($0.value) }
    #expect(han.count >= 3, "\(code.chineseWords)")
    #expect(code.words != code.remedy)
  }

  @Test(arguments: Fault.Code.allCases)
  func everyFaultSaysInTwoLanguagesWhatTheMachineDoesAndWhatAPersonDoes(code: Fault.Code) {
    let explanation = code.explanation
    for words in [explanation.words, explanation.reaction, explanation.remedy] {
      let isPlain = words[.english].unicodeScalars.allSatisfy(\.isASCII)
      #expect(isPlain, "\(words.english)")
      let han = words[.chinese].unicodeScalars.filter { (0x4E00...0x9FFF).contains($0.value) }
      #expect(han.count >= 3, "\(words.chinese)")
      // A command is the same in every language.
      for command in ["vendctl", "timedatectl", "resolvectl", "gpioinfo"] {
        let isNamed = words[.english].contains(command)
        #expect(words[.chinese].contains(command) == isNamed, "\(words.chinese)")
      }
    }
    #expect(explanation.reaction.english.count > 20)
  }

  @Test func noFaultComesOfItselfAndCausesStandBeforeTheirConsequences() {
    let order = Fault.Code.allCases
    for code in order {
      for cause in code.causes {
        let places = (order.firstIndex(of: cause) ?? 0, order.firstIndex(of: code) ?? 0)
        let isLane = [.salesFail, .allLanesClosed, .laneClosed].contains(code)
        #expect(places.0 < places.1 || isLane, "\(cause) before \(code)")
        #expect(cause != code && !cause.causes.contains(code))
      }
    }
  }

  @Test func everyFaultHasAnIdentifierOfItsOwnInTheJournal() {
    let identifiers = Fault.Code.allCases.map(\.messageID) + [Fault.Code.clearedMessageID]
    #expect(Set(identifiers).count == identifiers.count)
    for identifier in identifiers {
      #expect(identifier.wholeMatch(of: /[0-9a-f]{31}[0-9a-f]/) != nil, "\(identifier)")
    }
    #expect(Fault.Code.nameNotResolved.messageID.hasSuffix("4e31"))
  }

  @Test func aChainOfFaultsIsFollowedToItsBeginning() {
    var ledger = FaultLedger()
    ledger.raise(Fault(.tooManyUnsettled), at: .zero)
    #expect(ledger.cause(of: Fault(.tooManyUnsettled)) == nil)
    ledger.raise(Fault(.coreUnreachable), at: .zero)
    #expect(ledger.cause(of: Fault(.tooManyUnsettled))?.code == .coreUnreachable)
    ledger.raise(Fault(.nameNotResolved), at: .zero)
    #expect(ledger.cause(of: Fault(.coreUnreachable))?.code == .nameNotResolved)
    #expect(ledger.cause(of: Fault(.tooManyUnsettled))?.code == .nameNotResolved)
    #expect(ledger.cause(of: Fault(.nameNotResolved)) == nil)
  }

  @Test func aStuckRelayStaysUntilSomebodyHasOpenedTheDoor() {
    var plan = Talk.plan()
    plan.hasDoorSwitch = true
    var talk = Talk(plan)
    talk.hear(.faultRaised(Fault(.relayStuckOn, "1")))
    talk.hear(.faultRaised(Fault(.relayRefused, "12")))
    talk.hear(.faultClearingAsked)
    #expect(talk.machine.faults.standing.map(\.fault.code) == [.relayStuckOn])
    talk.hear(.faultRaised(Fault(.doorOpen)))
    talk.hear(.faultCleared(.doorOpen, subject: ""))
    talk.hear(.faultClearingAsked)
    #expect(talk.machine.sells)
    // Where it came with the door open, somebody is there.
    talk.hear(.faultRaised(Fault(.doorOpen)))
    talk.hear(.faultRaised(Fault(.relayStuckOn, "1")))
    talk.hear(.faultClearingAsked)
    #expect(talk.machine.faults.standing.map(\.fault.code) == [.doorOpen])
    // Without a switch a person's word is all there is.
    var blind = Talk()
    blind.hear(.faultRaised(Fault(.relayStuckOn, "1")))
    blind.hear(.faultClearingAsked)
    #expect(blind.machine.sells)
  }

  @Test func noTwoFaultsHaveTheSameWords() {
    let codes = Fault.Code.allCases
    #expect(Set(codes.map(\.words)).count == codes.count)
    #expect(Set(codes.map(\.chineseWords)).count == codes.count)
  }

  @Test(
    arguments: [
      // EVA-DTS 6.1.1: non-volatile memory, output driver, relay, display, selection panel.
      ("ECO", [.journalCorrupt, .journalUnwritable]), ("ECQ", [.linesLost, .relayRefused]),
      ("ECT", [.relayStuckOn]), ("ECS", [.displayDark, .codeTooSmall]),
      ("EC1B", [.keypadLost, .keyStuck]),
      // Delivery detector, door, dispense motor.
      ("EJL", [.sensorBlocked, .lateDrop]), ("EGS", [.doorOpen]),
      ("EJB", [.laneClosed, .allLanesClosed]), ("EJM", [.salesFail]),
      // No network, cashless communication, denied by the host; what has no event of its own.
      ("EIE", [.nameNotResolved, .coreUnreachable, .coreSilent]),
      ("EKM", [.coreUntrusted, .coreAnswersBadly]), ("EII", [.merchantRefused, .tokenRefused]),
      (nil, [.notEnrolled, .serviceLock, .clockWrong, .tooManyUnsettled, .refundStuck]),
    ] as [(String?, Set<Fault.Code>)])
  func faultsAreReportedUnderTheEventCodesOfTheTrade(event: String?, faults: Set<Fault.Code>) {
    #expect(Set(Fault.Code.allCases.filter { $0.evaCode == event }) == faults)
  }

  @Test func faultsStandInTheOrderOfTheCatalogueThenOfTheirSubjects() {
    var ledger = FaultLedger()
    for code in Fault.Code.allCases.reversed() {
      for subject in ["2", "1"] {
        let isNew = ledger.raise(Fault(code, subject), at: .zero)
        #expect(isNew)
      }
    }
    let wanted = Fault.Code.allCases.flatMap { [Fault($0, "1"), Fault($0, "2")] }
    #expect(ledger.standing.map(\.fault) == wanted)
    let isNew = ledger.raise(Fault(.doorOpen, "1", "again"), at: .zero)
    #expect(!isNew)
    #expect(ledger.standing.first { $0.fault.code == .doorOpen }?.count == 2)
    let stood = ledger.clear(.doorOpen, "3")
    #expect(!stood)
  }

  @Test func everyLineOfTheJournalHasAWordAndNamesItsOrder() {
    let talk = Talk.paying()
    let number = talk.number
    let ofOrders: [(Entry, String)] = [
      (.cancelling(number), "cancelling"), (.endedUnpaid(number), "ended-unpaid"),
      (.intent(number, talk.payment), "intent"),
      (.verdict(number, .failed(.noDrop)), "verdict"), (.settled(number), "settled"),
      (.lateDrop(number), "late-drop"),
    ]
    #expect(talk.journal.map(\.kind) == ["sale-began"])
    #expect(talk.journal.map(\.order) == [number])
    for (entry, word) in ofOrders {
      #expect(entry.kind == word)
      #expect(entry.order == number, "\(word)")
    }
    let others: [(Entry, String)] = [
      (.testVend(lane: "1"), "test-vend"), (.refilled(lane: "1", pieces: 1), "refilled"),
      (.faultsCleared, "faults-cleared"), (.serviceLocked(true), "service-locked"),
      (.deed(.stocked([]), by: .core), "stocked"),
      (
        .deed(.priced(lane: "1", from: .zero, to: .zero, listed: .zero), by: .core), "priced"
      ),
      (.deed(.parSet(lane: "1", pieces: 1), by: .core), "par-set"),
      (.deed(.switched(lane: "1", isOn: true), by: .core), "lane-switched"),
      (.deed(.listed(PriceList(version: 1, lanes: [:])), by: .core), "prices-listed"),
      (.deed(.codeTried, by: .keypad), "code-tried"),
      (.deed(.serviceEntered, by: .keypad), "service-entered"),
      (.deed(.serviceVend(lane: "1"), by: .keypad), "service-vend"),
      (.deed(.serviceVendMissed(lane: "1"), by: .keypad), "service-vend-missed"),
    ]
    for (entry, word) in others {
      #expect(entry.kind == word)
      #expect(entry.order == nil, "\(word)")
    }
  }

  @Test func theMachineSaysWhatItDoesAndWhetherItSells() {
    var selecting = Talk()
    selecting.press("1")
    var beginning = Talk()
    beginning.holdsDisk = true
    beginning.press("1", "#")
    var permitting = Talk.closing()
    permitting.hear(.cancelAnswered(permitting.number, .alreadyPaid(permitting.payment)))
    var judging = Talk.watching()
    judging.holdsDisk = true
    judging.hear(.dropSensed)
    var message = Talk.watching()
    message.hear(.dropSensed)
    let talks: [(Conversation, name: String, sells: Bool, hasSale: Bool)] = [
      (Talk(), "idle", true, false), (selecting, "selecting", true, false),
      (beginning, "opening", false, true), (Talk.opening(), "opening", false, true),
      (Talk.paying(), "awaiting-payment", false, true), (Talk.closing(), "closing", false, true),
      (permitting, "permitting", false, true), (Talk.pulsing(), "dispensing", false, true),
      (Talk.watching(), "dispensing", false, true), (judging, "ending", false, true),
      (message, "message", true, false),
    ]
    for (talk, name, sells, hasSale) in talks {
      #expect(talk.machine.stateName == name)
      #expect(talk.machine.sells == sells, "\(name)")
      #expect(talk.machine.sale.map(\.request.number) == (hasSale ? talk.number : nil), "\(name)")
      var faulty = talk
      faulty.hear(.faultRaised(Fault(.displayDark)))
      #expect(!faulty.machine.sells, "\(name)")
    }
  }
}
