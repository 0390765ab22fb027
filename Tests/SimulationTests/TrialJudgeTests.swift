import Control
import Money
@testable import PaymentPlatform
import Platform
import Testing
import Timing

@testable import Simulation

/// A judge that finds nothing is worth what it finds in doctored evidence.
struct TrialJudgeTests {
  /// A sale in which everything went well.
  private static func good(_ sale: Trial.Sale = .sale) -> TrialEvidence {
    var evidence = TrialEvidence(
      trial: Trial(sale, .call(Strike(.all, at: nil))),
      lane: TrialEvidence.Lane(
        code: "A1", channel: "relay1", name: "Cola", price: Amount(fen: 350)),
      relayCap: .seconds(3))
    evidence.events = [
      .relayOn(channel: "relay1", at: at(200)), .productFell(channel: "relay1", at: at(250)),
      .relayOff(channel: "relay1", onFor: .milliseconds(100), at: at(300)),
    ]
    evidence.orders = [order()]
    evidence.platformEvents = [event(.created, 20), event(.paid, 100)]
    evidence.listed = [summary("delivered")]
    evidence.histories = [number: history(["delivered": "dropSensed"])]
    evidence.finishedAt = at(400)
    evidence.restedAfter = .zero
    evidence.sums = TrialEvidence.Sums(paid: Amount(fen: 350), delivered: Amount(fen: 350))
    return evidence
  }

  private static let number = "SIM01A"
  private static func at(_ milliseconds: Int64) -> Instant {
    .zero + .milliseconds(milliseconds)
  }

  private static func order() -> PlatformOrder {
    var order = PlatformOrder(
      merchant: "1", number: number, frozen: PlatformDocument([.init("body", "Cola")]),
      signature: .md5,
      total: Amount(fen: 350), createdAt: WallTime(milliseconds: 20))
    order.state = .success
    order.payment = PlatformOrder.Payment(
      payer: "o", transaction: "4200", paidAt: WallTime(milliseconds: 100), coupon: .zero)
    return order
  }

  private static func event(_ kind: PlatformEvent.Kind, _ milliseconds: Int64) -> PlatformEvent {
    PlatformEvent(
      index: Int(milliseconds), at: WallTime(milliseconds: milliseconds), kind: kind,
      order: number, words: "")
  }

  private static func summary(_ state: String, isOpen: Bool = false) -> OrderSummary {
    OrderSummary(
      number: number, lane: "A1", title: "Cola", amountFen: 350, state: state, isOpen: isOpen,
      madeAtMilliseconds: 10, updatedAtMilliseconds: 300, transaction: "4200", note: "")
  }

  private static func history(_ verdict: [String: String]) -> [HistoryLine] {
    func line(_ at: Int64, _ kind: String, _ body: String) -> HistoryLine {
      HistoryLine(atMilliseconds: at, book: "board", kind: kind, body: body)
    }
    let words = verdict.map { "{\"verdict\":{\"_1\":{\"\($0)\":{\"_0\":\"\($1)\"}}}}" }
    return [
      line(10, "sale-began", "{\"amount\":350}"), line(150, "intent", "{\"total\":350}"),
      line(280, "verdict", words[0]), line(310, "settled", "{}"),
    ]
  }

  private static func refund(_ fen: Int64 = 350) -> PlatformRefund {
    PlatformRefund(
      number: "R1", id: "5000", amount: Amount(fen: fen),
      acceptedAt: WallTime(milliseconds: 320), status: .success, account: "")
  }

  private func found(_ evidence: TrialEvidence) -> Set<String> {
    Set(TrialJudge(evidence).violations.map(\.invariant))
  }

  @Test("finds nothing in a good sale")
  func goodSale() {
    let judge = TrialJudge(Self.good())
    #expect(judge.violations == [])
    #expect(judge.endings == [.delivered])
  }

  /// Found by `kill-points --during restart`: two clocks, each read in the middle of its
  /// millisecond, laid an intent behind the pulse that it had preceded by one.
  @Test("lays a clock of milliseconds beside ours where it turns")
  func clocksAreLaidBesideEachOther() throws {
    for _ in 0..<20 {
      let pair = ClockPair { Clock.wallTime() }
      let written = Clock.wallTime()
      let moment = Clock.now()
      #expect(pair.instant(of: written) <= moment)
      let exact = ClockPair(WallTime(milliseconds: 5000), at: Self.at(1))
      #expect(exact.instant(of: WallTime(milliseconds: 5010)) == Self.at(11))
      #expect(exact.wallTime(at: Self.at(11)) == WallTime(milliseconds: 5010))
    }
  }

  @Test("finds a second pulse")
  func secondPulse() {
    var evidence = Self.good()
    evidence.events += [
      .relayOn(channel: "relay1", at: Self.at(350)),
      .relayOff(channel: "relay1", onFor: .milliseconds(20), at: Self.at(370)),
    ]
    #expect(found(evidence).contains("I1"))
  }

  @Test("finds a product that nobody paid")
  func unpaidProduct() {
    var evidence = Self.good()
    evidence.orders[0].payment = nil
    evidence.orders[0].state = .closed
    #expect(found(evidence).contains("I2"))
  }

  @Test("finds a relay that went on before the money came")
  func earlyRelay() {
    var evidence = Self.good()
    evidence.events[0] = .relayOn(channel: "relay1", at: Self.at(50))
    #expect(found(evidence).contains("I2"))
  }

  @Test("finds another lane's product")
  func wrongLane() {
    var evidence = Self.good()
    evidence.events.append(.productFell(channel: "relay2", at: Self.at(320)))
    #expect(found(evidence).contains("I2"))
  }

  @Test("finds money that is neither kept nor given back")
  func lostMoney() {
    var evidence = Self.good()
    evidence.events = []
    #expect(found(evidence).contains("I3"))
  }

  @Test("finds a product that is refunded though it was seen to fall")
  func refundAfterDrop() {
    var evidence = Self.good()
    evidence.orders[0].state = .refund
    evidence.orders[0].refunds = [Self.refund()]
    evidence.listed = [Self.summary("refunded")]
    evidence.platformEvents.append(Self.event(.refundAccepted, 320))
    evidence.sums = nil
    let names = found(evidence)
    #expect(names.contains("I3"))
    #expect(names.contains("I4"), "the auditor has the rule by its name")
  }

  @Test("takes a refund of what nobody can know for right, though it fell")
  func unsureRefund() {
    var evidence = Self.good()
    evidence.trial = Trial(.sale, .call(Strike(.all, at: 1)))
    evidence.isStruck = true
    evidence.lives = [
      TrialEvidence.Life(turn: .gone, at: Self.at(240)),
      TrialEvidence.Life(turn: .back, at: Self.at(270)),
    ]
    evidence.exits = [.signal(9)]
    evidence.orders[0].state = .refund
    evidence.orders[0].refunds = [Self.refund()]
    evidence.listed = [Self.summary("refunded")]
    evidence.histories = [Self.number: Self.history(["unsure": "refund"])]
    evidence.platformEvents.append(Self.event(.refundAccepted, 320))
    evidence.sums = TrialEvidence.Sums(paid: Amount(fen: 350), refunded: Amount(fen: 350))
    let judge = TrialJudge(evidence)
    #expect(judge.violations == [])
    #expect(judge.endings == [.refundedUnsure])
  }

  @Test(
    "takes a product that fell while the wires were gone for unseen, if nobody claims otherwise")
  func blindWatch() {
    var evidence = Self.good()
    evidence.trial = Trial(.sale, .call(Strike(.wires, at: 1, .ENODEV)))
    evidence.isStruck = true
    evidence.events.insert(.linesReleased(by: "vendd", at: Self.at(255)), at: 2)
    evidence.orders[0].state = .refund
    evidence.orders[0].refunds = [Self.refund()]
    evidence.listed = [Self.summary("refunded")]
    evidence.histories = [Self.number: Self.history(["unsure": "refund"])]
    evidence.platformEvents.append(Self.event(.refundAccepted, 320))
    evidence.sums = TrialEvidence.Sums(paid: Amount(fen: 350), refunded: Amount(fen: 350))
    #expect(found(evidence) == [])
    // A sensor that was gone cannot have seen that nothing fell.
    evidence.histories = [Self.number: Self.history(["failed": "noDrop"])]
    #expect(found(evidence) == ["I3"])
  }

  @Test("finds a part that did not come back")
  func partOfARefund() {
    var evidence = Self.good(.jam)
    evidence.events.remove(at: 1)
    evidence.orders[0].state = .refund
    evidence.orders[0].refunds = [Self.refund(349)]
    evidence.listed = [Self.summary("refunded")]
    evidence.histories = [Self.number: Self.history(["failed": "noDrop"])]
    evidence.platformEvents.append(Self.event(.refundAccepted, 320))
    evidence.sums = TrialEvidence.Sums(paid: Amount(fen: 350), refunded: Amount(fen: 349))
    #expect(found(evidence).isSuperset(of: ["I3", "I5", "I11"]))
  }

  @Test("finds another price, another product, an unknown order")
  func otherOrder() {
    var evidence = Self.good()
    evidence.orders[0].total = Amount(fen: 351)
    #expect(found(evidence).contains("I5"))
    evidence = Self.good()
    evidence.listed = []
    #expect(found(evidence).contains("I3"))
  }

  @Test("finds a relay that stays on, or is on beyond its cap")
  func relayStaysOn() {
    var evidence = Self.good()
    evidence.relaysOn = ["relay1"]
    #expect(found(evidence).contains("I7"))
    evidence = Self.good()
    evidence.events[2] = .relayOff(channel: "relay1", onFor: .seconds(4), at: Self.at(4200))
    #expect(found(evidence).contains("I7"))
  }

  @Test("finds a code that stays, a machine that does not rest, sums that differ")
  func restAndSums() {
    var evidence = Self.good()
    evidence.showsCode = true
    #expect(found(evidence) == ["I8"])
    evidence = Self.good()
    evidence.trouble = ["no rest"]
    #expect(found(evidence) == ["I10"])
    evidence = Self.good()
    evidence.sums?.delivered = Amount(fen: 349)
    #expect(found(evidence) == ["I11"])
  }

  // MARK: A service's book

  /// The good sale, paid through a service that has the order so.
  private static func served(_ state: String = "delivered", isOpen: Bool = false) -> TrialEvidence {
    var evidence = good()
    evidence.service = [number: order(state, isOpen: isOpen)]
    return evidence
  }

  private static func order(_ state: String, isOpen: Bool = false) -> ServiceOrder {
    ServiceOrder(
      number: number, lane: "A1", amountFen: 350, state: state, isOpen: isOpen, note: "")
  }

  /// A sale whose product hung, and whose money the service gave back.
  private static func givenBack() -> TrialEvidence {
    var evidence = served("refunded")
    evidence.trial = Trial(.jam, .call(Strike(.all, at: nil)))
    evidence.events.remove(at: 1)
    evidence.orders[0].state = .refund
    evidence.orders[0].refunds = [refund()]
    evidence.listed = [summary("refundAtService")]
    evidence.histories = [number: history(["failed": "noDrop"])]
    evidence.platformEvents.append(event(.refundAccepted, 320))
    evidence.sums = TrialEvidence.Sums(paid: Amount(fen: 350), refunded: Amount(fen: 350))
    return evidence
  }

  @Test("finds nothing in a good sale, and in a refund, that board and service agree about")
  func goodService() {
    var judge = TrialJudge(Self.served())
    #expect(judge.violations == [])
    #expect(judge.endings == [.delivered])
    judge = TrialJudge(Self.givenBack())
    #expect(judge.violations == [])
    #expect(judge.endings == [.refunded])
  }

  @Test("takes the service's word for the money, and finds one that does not fit the board's")
  func disagreement() {
    #expect(found(Self.served("refunded")) == ["I3", "behaviour"])
    #expect(found(Self.served("closed")) == ["I3", "behaviour"])
    var evidence = Self.givenBack()
    evidence.service = [Self.number: Self.order("delivered")]
    #expect(found(evidence) == ["I3", "behaviour"])
    // Told by the board alone, as if nobody had asked the service.
    evidence.service = [:]
    #expect(found(evidence).contains("I3"))
    evidence = Self.givenBack()
    evidence.orders[0].refunds = []
    #expect(found(evidence).contains("I3"), "the service says refunded, the platform knows nothing")
  }

  @Test("finds another lane or price in the service's book")
  func otherOrderAtService() {
    var evidence = Self.served()
    evidence.service?[Self.number]?.amountFen = 349
    #expect(found(evidence) == ["I5"])
    evidence = Self.served()
    evidence.service?[Self.number]?.lane = "A2"
    #expect(found(evidence) == ["I5"])
  }

  @Test("finds what the service has not done with")
  func openAtService() {
    var evidence = Self.givenBack()
    evidence.service = [Self.number: Self.order("refunding", isOpen: true)]
    #expect(found(evidence).isSuperset(of: ["I3", "I10"]))
  }

  @Test("takes an order that a person must decide about at the service for an open case")
  func heldAtService() {
    var evidence = Self.givenBack()
    evidence.trial = Trial(.jam, .call(Strike(.all, at: 1)), of: .service)
    (evidence.isStruck, evidence.exits) = (true, [.signal(9)])
    evidence.orders[0].state = .success
    evidence.orders[0].refunds = []
    evidence.platformEvents.removeLast()
    evidence.listed = [Self.summary("heldAtService")]
    evidence.histories = [Self.number: Self.history(["unsure": "hold"])]
    evidence.service = [Self.number: Self.order("held", isOpen: true)]
    evidence.sums = TrialEvidence.Sums(paid: Amount(fen: 350), heldOpen: Amount(fen: 350))
    let judge = TrialJudge(evidence)
    #expect(judge.violations == [])
    #expect(judge.endings == [.openCase])
  }

  @Test("finds a process that ended though the other one was struck")
  func strayEnd() {
    var evidence = Self.served()
    evidence.trial = Trial(.sale, .call(Strike(.all, at: 1)), of: .service)
    (evidence.isStruck, evidence.exits) = (true, [.signal(9)])
    #expect(found(evidence) == [])
    evidence.strayExits = [.signal(9)]
    #expect(found(evidence) == ["behaviour"])
  }

  @Test("finds a daemon that crashes, and one that an interrupted call stops")
  func behaviour() {
    var evidence = Self.good()
    evidence.exits = [.signal(4)]
    #expect(found(evidence).contains("behaviour"))
    evidence = Self.good()
    evidence.trial = Trial(.sale, .call(Strike(.all, at: 1, .EINTR)))
    (evidence.isStruck, evidence.struckName) = (true, "read")
    evidence.exits = [.status(74)]
    #expect(found(evidence) == ["behaviour"])
    evidence.struckName = "fdatasync"
    #expect(found(evidence) == [])
    evidence.exits = [.status(1)]
    #expect(found(evidence) == ["behaviour"])
  }
}
