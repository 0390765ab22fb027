import Control
import Money
import Ordering
import Storage
import Testing
import Timing
import Vending

@testable import Diagnostics

@Suite("What vendctl dispute prints")
struct DisputeTests {
  private static let beijing = LocalClock { _ in 8 * 3600 }
  static let number = StateDirectory.number("M01AAAAAAAA0001")
  private static let lane = Plan.Lane(
    code: "11", channel: "relay1", name: "可乐 Cola", price: Amount(fen: 435),
    pulse: .milliseconds(300), capacity: 8)

  /// A story as the books tell it: the board's half by its types, the core's as JSON.
  struct Story {
    var history: [HistoryLine] = []
    var state = "delivered"
    var note = ""
    var isOpen = false

    mutating func board(_ entry: Entry, after milliseconds: Int64) throws {
      history.append(
        HistoryLine(
          atMilliseconds: Healthy.time.milliseconds + milliseconds, book: "board",
          kind: entry.kind, body: try JSONText.encode(entry)))
    }

    mutating func trace(_ trace: SaleTrace, after milliseconds: Int64) throws {
      history.append(
        HistoryLine(
          atMilliseconds: Healthy.time.milliseconds + milliseconds, book: "board",
          kind: SaleTrace.recordKind, body: try JSONText.encode(trace)))
    }

    mutating func core(_ kind: OrderBook.RecordKind, _ state: String, after ms: Int64) throws {
      let request = try JSONText.encode(DisputeTests.request)
      let isPaid = !["opening", "open", "closed"].contains(state)
      let payment =
        isPaid ? #","payment":\#(try JSONText.encode(DisputeTests.payment))"# : ""
      let body =
        #"{"request":\#(request),"state":"\#(state)","note":"\#(note)","lateChecksLeft":0,"#
        + #""attempts":0\#(payment)}"#
      history.append(
        HistoryLine(
          atMilliseconds: Healthy.time.milliseconds + ms, book: "core", kind: kind.rawValue,
          body: body))
    }

    var dispute: Dispute {
      Dispute(
        OrderSummary(
          number: DisputeTests.number.text, lane: "11", title: "可乐 Cola", amountFen: 435,
          state: state, isOpen: isOpen, madeAtMilliseconds: Healthy.time.milliseconds,
          updatedAtMilliseconds: Healthy.time.milliseconds + 60_000,
          transaction: ["closed", "open"].contains(state) ? nil : DisputeTests.payment.transaction,
          note: note),
        history)
    }
  }

  static let request = OrderRequest(
    number: number, machine: "M01", lane: "11", title: "可乐 Cola", amount: Amount(fen: 435),
    madeAt: Healthy.time, expiresAt: Healthy.time + .seconds(360))
  static let payment = Payment(
    order: number, total: Amount(fen: 435), currency: "CNY",
    transaction: "4200002026112800000000001234", paidAt: Healthy.time + .seconds(9))

  private static func trace(measured: Int64?, drop: Int64?, end: String) -> SaleTrace {
    var trace = SaleTrace()
    let product = Screen.Product(lane: "11", name: "可乐 Cola", price: Amount(fen: 435))
    trace.note(.opening(product), at: Healthy.time)
    for left in 0..<3 {
      trace.note(
        .payment(
          Screen.PaymentScreen(
            product: product, codeURL: "weixin://wxpay/bizpayurl?pr=SECRET", secondsLeft: 90 - left,
            orderTail: "0001")), at: Healthy.time + .milliseconds(400 + left * 1000))
    }
    trace.note(.dispensing(product), at: Healthy.time + .milliseconds(10_020))
    trace.pulse = SaleTrace.Pulse(lane, at: Healthy.time + .milliseconds(10_021))
    trace.pulse?.measuredMicroseconds = measured
    trace.pulse?.dropMicroseconds = drop
    trace.pulse?.end = end
    return trace
  }

  private static func paid() throws -> Story {
    var story = Story()
    try story.board(.saleBegan(request, lane), after: 0)
    try story.core(.opening, "opening", after: 5)
    try story.core(.opened, "open", after: 390)
    try story.core(.paid, "paid", after: 10_000)
    try story.core(.permitted, "permitted", after: 10_001)
    try story.board(.intent(number, payment), after: 10_010)
    return story
  }

  private static func delivered() throws -> Story {
    var story = try paid()
    try story.trace(trace(measured: 300_412, drop: 1_100_900, end: "done"), after: 11_130)
    try story.board(.verdict(number, .delivered(.dropSensed)), after: 11_130)
    try story.core(.delivered, "delivered", after: 11_140)
    try story.board(.settled(number), after: 11_150)
    return story
  }

  private static func refunded() throws -> Story {
    var story = try paid()
    try story.trace(trace(measured: 300_001, drop: nil, end: "done"), after: 15_330)
    try story.board(.verdict(number, .failed(.noDrop)), after: 15_330)
    story.note = "no drop"
    try story.core(.refundOwed, "refundOwed", after: 15_340)
    try story.board(.settled(number), after: 15_350)
    try story.core(.refundAccepted, "refunding", after: 16_000)
    try story.core(.refunded, "refunded", after: 60_000)
    story.state = "refunded"
    return story
  }

  private static func held() throws -> Story {
    var story = try paid()
    try story.board(.verdict(number, .unsure(.hold)), after: 90_000)
    (story.note, story.isOpen) = ("power failed while the relay may have been on", true)
    try story.core(.held, "held", after: 90_010)
    story.state = "held"
    return story
  }

  private static func unpaid() throws -> Story {
    var story = Story()
    try story.board(.saleBegan(request, lane), after: 0)
    try story.core(.opening, "opening", after: 5)
    try story.core(.opened, "open", after: 390)
    try story.board(.cancelling(number), after: 20_000)
    try story.core(.closed, "closed", after: 20_300)
    try story.board(.endedUnpaid(number), after: 20_310)
    story.state = "closed"
    return story
  }

  /// The relay never switched, and the balance is too small for the refund.
  private static func owed() throws -> Story {
    var story = try paid()
    try story.trace(trace(measured: nil, drop: nil, end: "refused"), after: 10_030)
    try story.board(.verdict(number, .failed(.relayRefused)), after: 10_030)
    (story.note, story.isOpen) = ("relayRefused; refund refused: NOTENOUGH", true)
    try story.core(.refundOwed, "refundOwed", after: 10_040)
    try story.board(.settled(number), after: 10_050)
    story.state = "refundOwed"
    return story
  }

  /// No sensor is fitted: the pulse is all that is known.
  private static func unsensed() throws -> Story {
    var story = try paid()
    try story.trace(trace(measured: 300_412, drop: nil, end: "done"), after: 10_330)
    try story.board(.verdict(number, .delivered(.relayPulsed)), after: 10_330)
    try story.core(.delivered, "delivered", after: 10_340)
    return story
  }

  /// The product fell when the money was on its way back: both books tell it.
  private static func late() throws -> Story {
    var story = try refunded()
    try story.board(.lateDrop(number), after: 61_000)
    return story
  }

  /// Power failed while the relay may have been on, and the machine's policy takes it for sold.
  private static func assumed() throws -> Story {
    var story = try paid()
    try story.board(.verdict(number, .unsure(.assumeDelivered)), after: 90_000)
    try story.core(.delivered, "delivered", after: 90_010)
    return story
  }

  /// The first verdict was corrected by a drop in the last moment.
  private static func corrected() throws -> Story {
    var story = try paid()
    try story.trace(trace(measured: 300_412, drop: nil, end: "done"), after: 15_330)
    try story.board(.verdict(number, .failed(.noDrop)), after: 15_330)
    try story.trace(trace(measured: 300_412, drop: 5_310_000, end: "done"), after: 15_335)
    try story.board(.verdict(number, .delivered(.dropSensed)), after: 15_335)
    try story.core(.delivered, "delivered", after: 15_340)
    return story
  }

  private static func underWay() throws -> Story {
    var story = Story()
    try story.board(.saleBegan(request, lane), after: 0)
    try story.core(.opening, "opening", after: 5)
    try story.core(.opened, "open", after: 390)
    (story.state, story.isOpen) = ("open", true)
    return story
  }

  @Test("tells each end that a sale can come to, in both languages")
  func ends() throws {
    let stories = [
      ("owed", try Self.owed()), ("unsensed", try Self.unsensed()), ("late", try Self.late()),
      ("assumed", try Self.assumed()), ("corrected", try Self.corrected()),
      ("under-way", try Self.underWay()),
    ]
    for (name, story) in stories {
      for language in Bilingual.Language.allCases {
        try Golden.expect(
          DisputeText(language, clock: Self.beijing).text(story.dispute),
          is: "dispute-\(name).\(language.rawValue).txt")
      }
    }
  }

  @Test("tells the whole story of an order in both languages and in JSON")
  func stories() throws {
    let stories = [
      ("delivered", try Self.delivered()), ("refunded", try Self.refunded()),
      ("held", try Self.held()), ("unpaid", try Self.unpaid()),
    ]
    for (name, story) in stories {
      let dispute = story.dispute
      for language in Bilingual.Language.allCases {
        try Golden.expect(
          DisputeText(language, clock: Self.beijing).text(dispute),
          is: "dispute-\(name).\(language.rawValue).txt")
      }
      try Golden.expect(JSONLines.pretty(dispute), is: "dispute-\(name).json")
      #expect(!JSONLines.pretty(dispute).contains("weixin://"))
    }
  }

  @Test("measures the pulse, and keeps the numbers of the payment and of the refund")
  func numbers() throws {
    let dispute = try Self.refunded().dispute
    #expect(dispute.pulse?.measuredMicroseconds == 300_001)
    #expect(dispute.pulse?.dropMicroseconds == nil)
    #expect(dispute.transaction == "4200002026112800000000001234")
    #expect(dispute.refund == "M01AAAAAAAA0001R1")
    #expect(try Self.delivered().dispute.refund == nil)
  }

  @Test("has a name in Chinese for every state of the order book")
  func states() {
    let ofService = ["refundAtService", "heldAtService"]
    #expect(
      Set(DisputeWords.states.keys) == Set(OrderState.allCases.map(\.rawValue) + ofService))
  }

  @Test("tells what it does not understand as it stands")
  func unknown() {
    var story = Story()
    for book in ["board", "core"] {
      story.history.append(
        HistoryLine(atMilliseconds: 1, book: book, kind: "of-the-future", body: "{}"))
    }
    #expect(story.dispute.steps.map(\.words.english) == ["of-the-future", "of-the-future"])
  }
}
