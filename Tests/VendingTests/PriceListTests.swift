import FoundationEssentials
import Money
import Ordering
import Testing
import Timing
import Vending

/// Prices that the payment core sets, and the code that a new machine shows.
@Suite struct PriceListTests {
  private static func plan(takesPriceList: Bool = true) -> Plan {
    var plan = Conversation.plan()
    plan.policy.takesPriceList = takesPriceList
    return plan
  }

  private static let list = PriceList(version: 3, lanes: ["1": Amount(fen: 512)])
  private static let dear = Screen.Product(lane: "1", name: "Water", price: Amount(fen: 512))

  @Test func anIdleMachineSellsByTheNewPricesAtOnceAndAfterARestart() {
    var talk = Conversation(Self.plan())
    talk.hear(.pricesListed(Self.list))
    #expect(talk.journal.map(\.kind) == ["prices-listed"])
    talk.press("1")
    #expect(talk.screen == .selection(typed: "1", product: Self.dear))
    talk.press("#")
    #expect(talk.machine.sale?.request.amount == Amount(fen: 512))
    var again = Conversation(Self.plan(), ledger: talk.ledger)
    again.hear(.cancelAnswered(talk.number, .closed))
    #expect(again.machine.priceList == Self.list)
  }

  @Test func aLaneThatIsNotListedIsNotSold() {
    var talk = Conversation(Self.plan())
    talk.hear(.pricesListed(Self.list))
    talk.press("1", "2", "#")
    #expect(talk.screen == .unavailable(typed: "12", .laneClosed))
    #expect(talk.machine.sale == nil)
  }

  @Test func whoIsChoosingOrPayingIsServedAtThePriceThatHeSaw() {
    var talk = Conversation(Self.plan())
    talk.press("1")
    talk.hear(.pricesListed(Self.list))
    talk.press("#")
    #expect(talk.machine.sale?.request.amount == Amount(fen: 435))
    talk.hear(.openAnswered(talk.number, .opened(codeURL: "weixin://a")))
    #expect(!talk.journal.contains { $0.kind == "prices-listed" })
    talk.press("*")
    talk.hear(.cancelAnswered(talk.number, .closed))
    #expect(talk.journal.last?.kind == "prices-listed", "with the end of the sale")
    talk.press("1")
    #expect(talk.screen == .selection(typed: "1", product: Self.dear))
  }

  @Test func anOlderListAndTheSameOneAgainChangeNothing() {
    var talk = Conversation(Self.plan())
    talk.hear(.pricesListed(Self.list))
    for version in [1, 3] as [Int64] {
      talk.hear(.pricesListed(PriceList(version: version, lanes: ["1": Amount(fen: 1)])))
    }
    #expect(talk.machine.priceList == Self.list)
    #expect(talk.journal.count == 1)
  }

  @Test func whenTheListIsTakenBackTheMachinesOwnPricesHoldAgain() throws {
    var talk = Conversation(Self.plan())
    talk.hear(.pricesListed(Self.list))
    talk.hear(.pricesListed(PriceList(version: 4, lanes: nil)))
    #expect(talk.machine.price(of: talk.machine.plan.lanes[0]) == Amount(fen: 435))
    #expect(talk.machine.plan.lanes.allSatisfy { talk.machine.isListed($0) })
    _ = try talk.machine.deed(for: .price(lane: "1", Amount(fen: 300)))
    talk.hear(.pricesListed(Self.list))
    #expect(talk.machine.listedPrices == nil, "an older list does not come back")
    let again = Conversation(Self.plan(), ledger: talk.ledger)
    #expect(again.machine.priceList == PriceList(version: 4, lanes: nil))
  }

  @Test func nobodyElseSetsAPriceWhileThereIsAList() throws {
    var talk = Conversation(Self.plan())
    let wish = Wish.price(lane: "1", Amount(fen: 300))
    _ = try talk.machine.deed(for: wish)
    talk.hear(.wished(wish, by: .control(user: 0)))
    talk.hear(.pricesListed(Self.list))
    #expect(throws: Objection.self) { try talk.machine.deed(for: wish) }
    #expect(talk.machine.price(of: talk.machine.plan.lanes[0]) == Amount(fen: 512))
  }

  @Test func aMachineWithItsCoreAtHandKnowsNoList() {
    var talk = Conversation(Self.plan(takesPriceList: false))
    talk.hear(.pricesListed(Self.list))
    #expect(talk.journal.isEmpty)
    // Nor does it follow one that its journal remembers from another time.
    var other = Conversation(Self.plan())
    other.hear(.pricesListed(Self.list))
    let back = Conversation(Self.plan(takesPriceList: false), ledger: other.ledger)
    #expect(back.machine.price(of: back.machine.plan.lanes[0]) == Amount(fen: 435))
  }

  @Test func aLedgerOfAnEarlierVersionIsReadWithoutAList() throws {
    let text = String(decoding: try JSONEncoder().encode(Ledger()), as: UTF8.self)
    #expect(!text.contains("prices"))
    #expect(try JSONDecoder().decode(Ledger.self, from: Data(text.utf8)) == Ledger())
  }

  // MARK: Enrolment

  @Test func aNewMachineShowsItsCodeAndSellsNothing() {
    var talk = Conversation(Self.plan())
    talk.hear(.faultRaised(Fault(.notEnrolled)))
    #expect(talk.screen == .outOfService(faultCode: "P5"), "there is no code yet")
    talk.hear(.faultRaised(Fault(.notEnrolled, "", "W4MK-RQ7N")))
    #expect(talk.screen == .enrolment(code: "W4MK-RQ7N"))
    talk.press("1", "#")
    #expect(talk.screen == .enrolment(code: "W4MK-RQ7N") && talk.machine.sale == nil)
    talk.hear(.faultRaised(Fault(.notEnrolled, "", "AC23-47DE (the service: no such machine)")))
    #expect(talk.screen == .enrolment(code: "AC23-47DE"), "another code is another picture")
    talk.hear(.faultRaised(Fault(.nameNotResolved)))
    #expect(talk.screen == .outOfService(faultCode: "N1"), "without a network no code helps")
    talk.hear(.faultCleared(.nameNotResolved, subject: ""))
    talk.hear(.faultCleared(.notEnrolled, subject: ""))
    #expect(talk.screen == .idle)
  }
}
