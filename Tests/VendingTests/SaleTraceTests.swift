import FoundationEssentials
import Money
import Testing
import Timing
import Vending

/// What is remembered of one sale for the day when it is disputed.
@Suite struct SaleTraceTests {
  private static let product = Conversation.water

  @Test func aCountdownIsOnePictureAndEachHasItsMoment() {
    var trace = SaleTrace()
    let began = WallTime(seconds: 1_800_000_000)
    trace.note(.opening(Self.product), at: began)
    for second in 0..<90 {
      trace.note(
        .payment(
          Screen.PaymentScreen(
            product: Self.product, codeURL: "x", secondsLeft: 90 - second, orderTail: "1")),
        at: began + .seconds(Int64(second + 1)))
    }
    trace.note(.paid(Self.product), at: began + .seconds(91))
    #expect(trace.screens.map(\.screen) == ["opening", "payment", "paid"])
    #expect(trace.screens.map(\.at) == [0, 1, 91].map { began + .seconds($0) })
  }

  @Test func picturesAreBounded() {
    var trace = SaleTrace()
    for second in 0..<1000 {
      let screen = second % 2 == 0 ? Screen.blank : .idle
      trace.note(screen, at: WallTime(seconds: Int64(second)))
    }
    #expect(trace.screens.count == 24)
    #expect(trace.screens.first?.screen == "blank")
  }

  @Test func everyScreenHasANameOfItsOwn() {
    let screens: [Screen] = [
      .blank, .idle, .selection(typed: "1", product: nil), .unavailable(typed: "1", .soldOut),
      .opening(Self.product),
      .payment(
        Screen.PaymentScreen(product: Self.product, codeURL: "", secondsLeft: 1, orderTail: "")),
      .paid(Self.product), .dispensing(Self.product), .thanks(Self.product),
      .sorry(.held, orderTail: "1"), .outOfService(faultCode: "J1"), .service(lines: []),
    ]
    #expect(Set(screens.map(\.name)).count == screens.count)
  }

  @Test func aTraceIsReadAsItWasWritten() throws {
    var trace = SaleTrace()
    trace.note(.idle, at: WallTime(seconds: 1))
    let lane = Conversation.plan().lanes[0]
    trace.pulse = SaleTrace.Pulse(lane, at: WallTime(seconds: 2))
    #expect(trace.pulse?.askedMicroseconds == 700_000)
    #expect(trace.pulse?.channel == "r1")
    trace.pulse?.measuredMicroseconds = 700_123
    let data = try JSONEncoder().encode(trace)
    #expect(try JSONDecoder().decode(SaleTrace.self, from: data) == trace)
  }
}
