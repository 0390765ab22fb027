import Glibc
import Money
import Ordering
import Testing
import Timing
import Vending

private typealias Talk = Conversation

/// Service mode at the keypad.
///
/// The code is compared by whoever plays the edge: here by `answer`.
@Suite struct ServiceTests {
  static let code = "2468"

  static func plan(hasCode: Bool = true) -> Plan {
    var plan = Talk.plan(capacity: 10)
    plan.policy.hasServiceCode = hasCode
    plan.policy.language = .english
    return plan
  }

  /// A talk with the door open.
  static func open(hasCode: Bool = true) -> Conversation {
    var talk = Conversation(plan(hasCode: hasCode))
    talk.hear(.faultRaised(Fault(.doorOpen)))
    return talk
  }

  /// A talk with the menu open.
  static func inside() -> Conversation {
    var talk = open()
    enter(code, at: &talk)
    return talk
  }

  static func enter(_ code: String, at talk: inout Conversation) {
    talk.forget()
    for digit in code { talk.press(String(digit)) }
    talk.press("#")
    answer(&talk)
  }

  /// Compares the code that was asked for last, if one was.
  static func answer(_ talk: inout Conversation) {
    for effect in talk.effects {
      guard case .checkCode(let code, let attempt) = effect else { continue }
      talk.hear(.codeChecked(attempt: attempt, isRight: code == Self.code))
    }
    talk.forget()
  }

  static func lines(_ talk: Conversation) -> [String] {
    guard case .service(let lines) = talk.screen else { return [] }
    return lines
  }

  // MARK: The way in

  @Test func theMenuOpensWithTheDoorOpenAndTheCode() {
    let talk = Self.inside()
    #expect(talk.machine.isInService)
    #expect(Self.lines(talk).first == "1 faults   2 test lane")
    #expect(talk.journal.map(\.kind) == ["code-tried", "service-entered"])
    #expect(!talk.machine.sells)
  }

  @Test func keysAloneNeverOpenIt() {
    var closed = Conversation(Self.plan())
    Self.enter(Self.code, at: &closed)
    #expect(!closed.machine.isInService)
    #expect(closed.journal.isEmpty)
    var codeless = Self.open(hasCode: false)
    Self.enter(Self.code, at: &codeless)
    #expect(codeless.screen == .outOfService(faultCode: "O1"))
    #expect(codeless.journal.isEmpty)
  }

  @Test func theCodeIsNeverShown() {
    var talk = Self.open()
    talk.press("2", "4", "6")
    #expect(Self.lines(talk).first == "code: ***")
    talk.press("*")
    #expect(Self.lines(talk).first == "code: **")
    talk.press("*", "*", "*")
    #expect(talk.screen == .outOfService(faultCode: "O1"))
  }

  @Test func aTryIsOnTheDiskBeforeItIsCompared() {
    var talk = Self.open()
    talk.holdsDisk = true
    talk.forget()
    talk.press("1", "1", "1", "1", "#")
    func isCompared() -> Bool {
      talk.effects.contains { if case .checkCode = $0 { true } else { false } }
    }
    #expect(!isCompared())
    talk.sync()
    #expect(isCompared())
    // Power fails before the answer: the try is counted.
    talk.restart()
    #expect(talk.machine.ledger.wrongCodes == 1)
  }

  @Test func threeWrongCodesBarTheKeypadLongerEachTimeAndAlsoAfterARestart() {
    var talk = Self.open()
    Self.enter("1111", at: &talk)
    #expect(Self.lines(talk).first == "wrong code; 2 tries left")
    Self.enter("1112", at: &talk)
    Self.enter("1113", at: &talk)
    #expect(Self.lines(talk) == ["too many wrong codes", "try again in 5 min"])
    talk.press("1")
    Self.enter(Self.code, at: &talk)
    #expect(!talk.machine.isInService)
    talk.restart()
    talk.hear(.faultRaised(Fault(.doorOpen)))
    talk.press("2")
    #expect(Self.lines(talk).last == "try again in 5 min")
    talk.fire(.service, after: .seconds(301))
    for wrong in ["1114", "1115", "1116"] { Self.enter(wrong, at: &talk) }
    #expect(Self.lines(talk).last == "try again in 10 min")
    talk.fire(.service, after: .seconds(601))
    Self.enter(Self.code, at: &talk)
    #expect(talk.machine.isInService)
    #expect(talk.machine.ledger.wrongCodes == nil)
  }

  @Test func anAnswerForAnotherVisitOpensNothing() {
    var talk = Self.open()
    talk.press("2", "4", "6", "8", "#")
    let asked = talk.effects
    talk.hear(.faultCleared(.doorOpen, subject: ""))
    talk.hear(.faultRaised(Fault(.doorOpen)))
    for effect in asked {
      guard case .checkCode(_, let attempt) = effect else { continue }
      talk.hear(.codeChecked(attempt: attempt, isRight: true))
    }
    #expect(!talk.machine.isInService)
    #expect(talk.screen == .outOfService(faultCode: "O1"))
  }

  // MARK: The way out

  @Test func itEndsWithTheDoorWithAKeyAndByItself() {
    var shut = Self.inside()
    shut.hear(.faultCleared(.doorOpen, subject: ""))
    #expect(shut.screen == .idle)
    shut.hear(.faultRaised(Fault(.doorOpen)))
    #expect(!shut.machine.isInService)
    var left = Self.inside()
    left.press("*")
    #expect(left.screen == .outOfService(faultCode: "O1"))
    #expect(!left.isArmed(.service))
    var forgotten = Self.inside()
    forgotten.fire(.service)
    #expect(forgotten.screen == .outOfService(faultCode: "O1"))
    #expect(!forgotten.machine.isInService)
    var stopped = Self.inside()
    stopped.hear(.stopAsked)
    #expect(stopped.screen == .blank)
    #expect(!stopped.machine.isInService)
  }

  @Test func aSaleUnderWayKeepsItsKeysAndItsScreens() {
    var talk = Talk.watching(Self.plan())
    talk.hear(.faultRaised(Fault(.doorOpen)))
    let screen = talk.screen
    Self.enter(Self.code, at: &talk)
    #expect(talk.screen == screen)
    talk.hear(.dropSensed)
    #expect(talk.ledger.counters.vends == 1)
    Self.enter(Self.code, at: &talk)
    #expect(talk.machine.isInService)
  }

  @Test func withoutAJournalThereIsNoService() {
    var talk = Self.inside()
    talk.hear(.faultRaised(Fault(.journalUnwritable)))
    #expect(!talk.machine.isInService)
    #expect(talk.screen == .outOfService(faultCode: "J1"))
    talk.forget()
    talk.press("5", "1", "#")
    #expect(talk.effects.allSatisfy { if case .show = $0 { true } else { false } })
  }

  // MARK: What it does

  @Test func aPriceTakesTwoEntersAndIsWrittenByTheKeypad() {
    var talk = Self.inside()
    talk.press("5", "1", "#", "5", "0", "0", "#")
    #expect(Self.lines(talk).first == "lane 1: 5.00 yuan?")
    #expect(talk.machine.price(of: talk.machine.plan.lanes[0]) == Amount(fen: 435))
    talk.press("#")
    #expect(talk.machine.price(of: talk.machine.plan.lanes[0]) == Amount(fen: 500))
    guard case .deed(.priced, by: .keypad) = talk.journal.last else {
      Issue.record("\(String(describing: talk.journal.last))")
      return
    }
    talk.press("*")
    talk.press("5", "1", "#", "7", "#", "*")
    #expect(talk.machine.price(of: talk.machine.plan.lanes[0]) == Amount(fen: 500))
  }

  @Test func aRefillIsOneActionForALaneOrForAll() {
    var talk = Self.inside()
    talk.press("4", "1", "#", "3", "#", "*")
    #expect(talk.ledger.lanes["1"]?.stock == 3)
    talk.press("4", "1", "#", "#", "*")
    #expect(talk.ledger.lanes["1"]?.stock == 10)
    talk.press("4", "1", "#", "9", "9", "#")
    #expect(Self.lines(talk).first == "lane 1 holds 0 to 10 pieces")
    talk.press("*", "4", "1", "2", "#", "0", "#", "*")
    #expect(talk.ledger.lanes["12"]?.stock == 0)
    talk.press("4", "#", "#", "*")
    #expect(talk.ledger.lanes["12"]?.stock == 10)
  }

  @Test func aLaneIsTestedAndItsEndIsRead() {
    var talk = Self.inside()
    talk.press("2", "1", "#", "#")
    #expect(talk.effects.contains(.testPulse(talk.machine.plan.lanes[0])))
    #expect(Self.lines(talk) == ["lane 1: running ..."])
    talk.press("*", "1")
    talk.hear(.testPulseEnded(lane: "1", .done))
    #expect(Self.lines(talk).first == "lane 1: relay was on, now off")
    talk.press("#", "3", "1", "#", "#")
    talk.hear(.testPulseEnded(lane: "1", .done))
    talk.fire(.drop)
    #expect(Self.lines(talk).first == "lane 1: nothing fell")
    #expect(talk.ledger.counters.testVends == 1)
    #expect(talk.ledger.counters.serviceVends == 1)
  }

  @Test func faultsLanesNetworkAndCountersAreReadAndChanged() {
    var talk = Self.inside()
    talk.press("1")
    #expect(Self.lines(talk) == ["no faults"])
    talk.press("*")
    talk.hear(.faultRaised(Fault(.keyStuck, "5")))
    talk.press("1")
    #expect(Self.lines(talk).first == "1/1  K2 (5)")
    talk.press("#", "6", "1", "#", "#")
    #expect(talk.ledger.lanes["1"]?.setting.isOff == true)
    talk.press("*", "7")
    #expect(Self.lines(talk).first == "the payment service answers")
    talk.forget()
    talk.press("#")
    #expect(talk.effects.contains(.probe))
    talk.hear(.probed(.silence))
    #expect(Self.lines(talk).first == "N4 the payment service does not answer in time")
    talk.press("*", "8")
    #expect(Self.lines(talk).first == "sold 0, 0.00 yuan")
    talk.press("*", "9", "#")
    #expect(talk.journal.last == .faultsCleared)
  }

  @Test func everyPageHasWordsInBothLanguages() {
    let keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9"]
    for language in Bilingual.Language.allCases {
      var plan = Self.plan()
      plan.policy.language = language
      for key in keys {
        var talk = Conversation(plan)
        talk.hear(.faultRaised(Fault(.doorOpen)))
        Self.enter(Self.code, at: &talk)
        talk.press(key)
        for next in ["1", "#", "1", "#"] {
          let lines = Self.lines(talk)
          #expect(!lines.isEmpty && lines.allSatisfy { !$0.isEmpty && $0.count <= 90 })
          talk.press(next)
        }
      }
    }
  }

  // MARK: Keys at random

  /// How many sequences are pressed: what a test run can bear, or `VEND_KEY_SEQUENCES`.
  static var sequences: Int {
    getenv("VEND_KEY_SEQUENCES").flatMap { Int(String(cString: $0)) } ?? 20_000
  }

  static let keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "*", "#"]

  /// Keys at random, the door moved and the time passing now and then; whoever compares the codes
  /// knows a code that no sequence can hold.
  private static func wander(doorOpens: Bool, _ seed: UInt64, _ judge: (Conversation) -> String?) {
    var random = seed
    func next(_ bound: UInt64) -> Int {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((random >> 33) % bound)
    }
    var talk = Conversation(Self.plan())
    for sequence in 0..<Self.sequences {
      if next(2000) == 0 { talk.now = talk.now + .seconds(4000) }
      if doorOpens, next(4) == 0 {
        talk.hear(
          talk.machine.faults.stands(.doorOpen)
            ? .faultCleared(.doorOpen, subject: "") : .faultRaised(Fault(.doorOpen)))
      }
      for _ in 0..<(4 + next(9)) {
        talk.press(keys[next(UInt64(keys.count))])
        for effect in talk.effects {
          guard case .checkCode(_, let attempt) = effect else { continue }
          talk.hear(.codeChecked(attempt: attempt, isRight: false))
        }
        talk.forget()
        if let problem = judge(talk) {
          Issue.record("sequence \(sequence): \(problem)")
          return
        }
      }
      // What a customer's keys began goes no further: no answer comes.
      for timer in talk.armed where talk.isArmed(timer) { talk.fire(timer, after: .zero) }
      if let sale = talk.machine.sale { talk.hear(.cancelAnswered(sale.request.number, .closed)) }
    }
  }

  private static func problem(_ talk: Conversation) -> String? {
    if talk.machine.isInService { return "service mode is open" }
    if let lane = talk.machine.plan.lanes.first(where: { talk.machine.price(of: $0) != $0.price }) {
      return "lane \(lane.code) has another price"
    }
    if talk.ledger.counters.testVends + talk.ledger.counters.serviceVends > 0 { return "a vend" }
    return nil
  }

  @Test func noSequenceOfKeysOpensItWithTheDoorClosed() {
    var tried = 0
    Self.wander(doorOpens: false, 1) { talk in
      if talk.machine.ledger.wrongCodes != nil { return "a code is taken" }
      if case .service = talk.screen { return "a page is shown" }
      tried += 1
      return Self.problem(talk)
    }
    #expect(tried > Self.sequences)
  }

  @Test func noSequenceOfKeysOpensItWithoutTheCode() {
    var most = 0
    Self.wander(doorOpens: true, 2) { talk in
      most = max(most, talk.machine.ledger.wrongCodes ?? 0)
      return Self.problem(talk)
    }
    // The code page was reached, and codes were refused.
    #expect(most > 3)
  }
}
