import Money
import Ordering
import Testing
import Timing
import Vending

private typealias Talk = Conversation

@Suite struct StockTests {
  static func counted() -> Conversation { Conversation(Talk.plan(capacity: 10)) }

  static let keypad = Author.keypad

  static func stock(_ talk: Conversation, _ lane: String = "1") -> Int? {
    talk.ledger.lanes[lane]?.stock
  }

  /// The price that a customer who chooses lane 1 sees.
  static func shown(_ talk: Conversation) -> Amount? {
    var talk = talk
    talk.press("1")
    guard case .selection(_, let product) = talk.screen else { return nil }
    return product?.price
  }

  @Test func oneActionFillsEveryLaneToItsParLevel() {
    var talk = Self.counted()
    talk.hear(.wished(.par(lane: "12", pieces: 6), by: .core))
    talk.hear(.wished(.fill(lane: "1", pieces: 0), by: .core))
    talk.hear(.wished(.fillAll, by: .control(user: 1000)))
    #expect(Self.stock(talk, "1") == 10)
    #expect(Self.stock(talk, "12") == 6)
    #expect(
      talk.journal.last
        == .deed(
          .stocked([Deed.Fill(lane: "1", pieces: 10), Deed.Fill(lane: "12", pieces: 6)]),
          by: .control(user: 1000)))
    talk.hear(.wished(.fill(lane: "12", pieces: nil), by: .core))
    #expect(Self.stock(talk, "12") == 6)
  }

  @Test func whatCannotBeIsRefusedInWordsAndWritesNothing() {
    var talk = Self.counted()
    let wishes: [Wish] = [
      .fill(lane: "1", pieces: 11), .fill(lane: "1", pieces: -1), .fill(lane: "9", pieces: 1),
      .price(lane: "9", Amount(fen: 5)), .price(lane: "1", .zero),
      .price(lane: "1", Amount(fen: 500_001)), .price(lane: "1", Amount(fen: 435)),
      .par(lane: "1", pieces: 0), .par(lane: "1", pieces: 11), .lane("9", isOn: false),
    ]
    for wish in wishes {
      #expect(throws: Objection.self) { try talk.machine.deed(for: wish) }
      talk.hear(.wished(wish, by: .core))
    }
    #expect(talk.journal.isEmpty)
    var uncounted = Talk()
    uncounted.hear(.wished(.fillAll, by: .core))
    uncounted.hear(.wished(.fill(lane: "1", pieces: 1), by: .core))
    #expect(uncounted.journal.isEmpty)
  }

  @Test func aPriceIsWrittenDownWithWhoAndWhenAndOutlivesARestart() throws {
    var talk = Talk()
    talk.hear(.wished(.price(lane: "1", Amount(fen: 500)), by: Self.keypad))
    #expect(
      talk.journal == [
        .deed(
          .priced(
            lane: "1", from: Amount(fen: 435), to: Amount(fen: 500), listed: Amount(fen: 435)),
          by: .keypad)
      ])
    for _ in 0..<2 {
      #expect(Self.shown(talk) == Amount(fen: 500))
      let set = try #require(talk.machine.ledger.lanes["1"]?.setting.price)
      #expect(set.by == .keypad)
      #expect(set.at == WallTime(seconds: 1_800_000_000))
      talk.restart()
    }
    #expect(talk.machine.price(of: talk.machine.plan.lanes[1]) == Amount(fen: 600))
  }

  @Test func anOrderIsForThePriceAtItsSelection() {
    var talk = Talk.paying()
    talk.hear(.wished(.price(lane: "1", Amount(fen: 500)), by: .core))
    guard case .payment(let payment) = talk.screen else {
      Issue.record("no payment page")
      return
    }
    #expect(payment.product.price == Amount(fen: 435))
    talk.hear(.statusAnswered(talk.number, .paid(talk.payment, isPermitted: true)))
    talk.hear(.pulseEnded(talk.number))
    talk.hear(.dropSensed)
    #expect(talk.ledger.counters.value == Amount(fen: 435))
    #expect(Self.shown(talk) == Amount(fen: 500))
  }

  @Test func whoLooksAtALaneSeesItsNewPriceBeforeHeConfirms() {
    var talk = Talk()
    talk.press("1")
    talk.hear(.wished(.price(lane: "1", Amount(fen: 500)), by: .core))
    let product = Screen.Product(lane: "1", name: "Water", price: Amount(fen: 500))
    #expect(talk.screen == .selection(typed: "1", product: product))
    talk.press("#")
    #expect(talk.screen == .opening(product))
    #expect(talk.machine.sale?.request.amount == Amount(fen: 500))
  }

  @Test func anOrderOpensOnlyAfterItsNewPriceIsOnTheDisk() {
    var talk = Talk()
    talk.holdsDisk = true
    talk.hear(.wished(.price(lane: "1", Amount(fen: 500)), by: .core))
    talk.press("1", "#")
    #expect(!talk.effects.contains { if case .open = $0 { true } else { false } })
    talk.sync()
    #expect(talk.journal.map(\.kind) == ["priced", "sale-began"])
    #expect(talk.effects.contains { if case .open = $0 { true } else { false } })
  }

  /// The plan after somebody has edited lane 1's price in the machine file.
  private static func edited(_ fen: Int64) -> Plan {
    var plan = Talk.plan()
    let lane = plan.lanes[0]
    plan.lanes[0] = Plan.Lane(
      code: lane.code, channel: lane.channel, name: lane.name, price: Amount(fen: fen),
      pulse: lane.pulse, capacity: nil)
    return plan
  }

  @Test func aSetPriceStandsUntilTheMachineFileSaysAnother() {
    var talk = Talk()
    talk.hear(.wished(.price(lane: "1", Amount(fen: 500)), by: Self.keypad))
    // The file is edited: it is the later word.
    var later = Conversation(Self.edited(450), ledger: talk.ledger)
    #expect(Self.shown(later) == Amount(fen: 450))
    #expect(
      later.journal == [
        .deed(
          .priced(
            lane: "1", from: Amount(fen: 500), to: Amount(fen: 450), listed: Amount(fen: 450)),
          by: .machineFile)
      ])
    later.restart()
    #expect(later.journal.count == 1)
    // Edited back: what was set before is not remembered.
    let back = Conversation(Self.edited(435), ledger: later.ledger)
    #expect(Self.shown(back) == Amount(fen: 435))
    #expect(back.journal.isEmpty)
  }

  @Test func aPriceSetToTheMachineFilesOwnIsNoneOfItsOwn() {
    var talk = Talk()
    talk.hear(.wished(.price(lane: "1", Amount(fen: 500)), by: Self.keypad))
    talk.hear(.wished(.price(lane: "1", Amount(fen: 435)), by: Self.keypad))
    #expect(talk.ledger.lanes["1"]?.setting.price == nil)
    let later = Conversation(Self.edited(450), ledger: talk.ledger)
    #expect(Self.shown(later) == Amount(fen: 450))
    #expect(later.journal.isEmpty)
  }

  @Test func aLaneOutOfUseSellsNothingUntilItIsPutBack() {
    var talk = Talk()
    talk.hear(.wished(.lane("1", isOn: false), by: Self.keypad))
    talk.press("1", "#")
    #expect(talk.screen == .unavailable(typed: "1", .laneClosed))
    talk.restart()
    talk.hear(.faultClearingAsked)
    talk.press("1", "#")
    #expect(talk.screen == .unavailable(typed: "1", .laneClosed))
    talk.hear(.wished(.lane("1", isOn: true), by: Self.keypad))
    talk.press("1", "#")
    #expect(talk.screen == .opening(Talk.water))
  }

  @Test func aLanesOwnSwitchSellsItOutWhateverTheCountSays() {
    var talk = Self.counted()
    talk.hear(.laneEmptied(lane: "1", isEmpty: true))
    talk.press("1", "#")
    #expect(talk.screen == .unavailable(typed: "1", .soldOut))
    talk.hear(.laneEmptied(lane: "1", isEmpty: false))
    talk.press("1", "#")
    #expect(talk.screen == .opening(Talk.water))
  }

  @Test func aRefillDuringASaleIsNotUndoneByIt() {
    var talk = Talk.pulsing(Talk.plan(capacity: 10))
    talk.hear(.wished(.fill(lane: "1", pieces: 10), by: .core))
    talk.hear(.pulseEnded(talk.number))
    talk.hear(.dropSensed)
    #expect(Self.stock(talk) == 9)
    #expect(talk.screen == .thanks(Talk.water))
  }

  // MARK: Vends without money

  @Test func aWholeVendWithoutMoneyCountsApartAndMovesTheStock() {
    var talk = Self.counted()
    talk.hear(.serviceAsked(locked: true))
    talk.forget()
    talk.hear(.testVendAsked(lane: "1", isWhole: true, by: .core))
    #expect(talk.journal.last == .deed(.serviceVend(lane: "1"), by: .core))
    #expect(talk.screen == .dispensing(Talk.water))
    talk.hear(.testPulseEnded(lane: "1", .done))
    talk.hear(.dropSensed)
    #expect(talk.effects.contains(.trialEnded(lane: "1", .delivered)))
    #expect(talk.screen == .thanks(Talk.water))
    #expect(talk.ledger.counters.serviceVends == 1)
    #expect(talk.ledger.counters.testVends == 0)
    #expect(talk.ledger.counters.vends == 0)
    #expect(Self.stock(talk) == 9)
  }

  @Test func aWholeVendFromWhichNothingFellGivesItsPieceBackAndClosesNoLane() {
    var talk = Self.counted()
    talk.hear(.serviceAsked(locked: true))
    for _ in 0..<3 {
      talk.hear(.testVendAsked(lane: "1", isWhole: true, by: .core))
      talk.hear(.testPulseEnded(lane: "1", .done))
      talk.fire(.drop)
      #expect(talk.effects.contains(.trialEnded(lane: "1", .nothingFell)))
    }
    #expect(Self.stock(talk) == 10)
    #expect(talk.ledger.lanes["1"]?.isClosed == false)
    talk.hear(.wished(.fill(lane: "1", pieces: 0), by: .core))
    #expect(talk.machine.objection(toTrialOf: "1", isWhole: true) != nil)
    #expect(talk.machine.objection(toTrialOf: "1", isWhole: false) == nil)
  }

  @Test func aTestTellsWhetherADropWasSeenAndLeavesTheStockAlone() {
    var talk = Self.counted()
    talk.hear(.faultRaised(Fault(.doorOpen)))
    talk.hear(.testVendAsked(lane: "1", isWhole: false, by: .core))
    talk.hear(.dropSensed)
    talk.hear(.testPulseEnded(lane: "1", .done))
    #expect(talk.effects.contains(.trialEnded(lane: "1", .pulsed(dropSeen: true))))
    #expect(talk.ledger.counters.testVends == 1)
    #expect(Self.stock(talk) == 10)
  }

  @Test func nothingIsTriedWhileACustomerIsServedOrARelayIsStuck() {
    var talk = Talk.watching()
    talk.hear(.faultRaised(Fault(.doorOpen)))
    #expect(talk.machine.objection(toTrialOf: "1", isWhole: false) != nil)
    talk.hear(.testVendAsked(lane: "1", isWhole: false, by: .core))
    talk.hear(.dropSensed)
    #expect(talk.ledger.counters.testVends == 0)
    #expect(talk.ledger.counters.vends == 1)
    talk.fire(.message)
    #expect(talk.machine.objection(toTrialOf: "1", isWhole: false) == nil)
    talk.hear(.faultRaised(Fault(.relayStuckOn)))
    #expect(talk.machine.objection(toTrialOf: "1", isWhole: false) != nil)
  }

  @Test func nobodyIsSoldToWhileALaneIsTried() {
    var talk = Talk()
    talk.hear(.serviceAsked(locked: true))
    talk.hear(.testVendAsked(lane: "1", isWhole: false, by: .core))
    talk.hear(.serviceAsked(locked: false))
    #expect(!talk.machine.sells)
    talk.press("1", "#")
    #expect(talk.screen == .idle)
    talk.hear(.testPulseEnded(lane: "1", .failed("no drive")))
    #expect(talk.effects.contains(.trialEnded(lane: "1", .failed("no drive"))))
    talk.press("1", "#")
    #expect(talk.screen == .opening(Talk.water))
  }

  @Test func aStopWaitsForTheEndOfATest() {
    var talk = Talk()
    talk.hear(.serviceAsked(locked: true))
    talk.hear(.testVendAsked(lane: "1", isWhole: false, by: .core))
    talk.hear(.stopAsked)
    #expect(!talk.effects.contains(.stopped))
    talk.hear(.testPulseEnded(lane: "1", .done))
    #expect(talk.effects.last == .stopped)
  }
}
