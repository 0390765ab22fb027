import EmulatedCore
import Money
import Ordering
import Testing
import Timing

/// Records that say less than they should, and the values that travel with an order.
@Suite struct RecordTests {
  let request = OrderRequest.sample()
  var number: OrderNumber { request.number }

  @Test func anOpenOrderWhoseCodeIsLostIsCreatedAgain() throws {
    var book = try OrderBook.recorded(.open, with: .request)
    same(book.carry(.openAsked(request)), [.create(request)])
    let effects = book.carry(.createAnswered(number, .created(codeURL: "weixin://b")))
    #expect(effects == [.answer(.open(.opened(codeURL: "weixin://b")))])
  }

  @Test(arguments: [OrderState.paid, .permitted])
  func withoutAPaymentInItsRecordNoOrderIsPermitted(state: OrderState) throws {
    let before = try OrderBook.recorded(state, with: .code)
    var book = before
    same(
      book.handle(.permitAsked(number, nonce: 7), at: .zero), [.answer(.permit(.tooLate(state)))])
    guard
      case .answer(.status(.unknown(let doubt)))? =
        book.handle(.statusAsked(number, permit: 7), at: .zero).first
    else {
      Issue.record("a payment that nobody knows was told")
      return
    }
    #expect(doubt.cause == .mismatch)
    same(book.handle(.cancelAsked(number), at: .zero), [.answer(.cancel(.tooLate(state)))])
    #expect(book == before)
  }

  @Test func aDebtWhoseRecordLostThePaymentIsForWhatWasOrdered() throws {
    var book = try OrderBook.recorded(.refundOwed, with: .code)
    guard case .refund(let debt)? = book.carry(.dutyCame(number)).first else {
      Issue.record("the debt is forgotten")
      return
    }
    #expect(debt.number == RefundNumber(of: number))
    #expect((debt.total, debt.refund) == (request.amount, request.amount))
  }

  @Test func aPersonCannotGiveBackWhatWasNeverSeenPaid() {
    var core = EmulatedCore()
    _ = core.open(request)
    _ = core.settle(number, .delivered(.dropSensed))
    #expect(core.disk[number]?.state == .held)
    same(core.decide(number, delivered: false), "the provider says that nothing was paid for it")
    _ = core.doDuties(from: .zero, within: .seconds(3600))
    #expect(core.disk[number]?.state == .held)
    #expect(core.provider.accounts[number]?.refundCount == 0)
  }

  @Test func aHeldOrderSaysThatItIsHeld() throws {
    var book = try OrderBook.recorded(.held, with: .payment)
    same(book.handle(.statusAsked(number, permit: 7), at: .zero), [.answer(.status(.held))])
  }

  @Test func theRefundsNumberIsTheOrdersWithASuffixThatEveryProviderTakes() throws {
    let longest = try #require(OrderNumber(String(repeating: "z", count: 32)))
    for order in [number, longest] {
      let refund = RefundNumber(of: order)
      #expect(refund.text == order.text + "R1")
      #expect("\(refund)" == refund.text)
      #expect(refund.text.utf8.count <= 64)
    }
  }

  @Test func aPermitNamesItsLaneAndTheOrderUnlessItIsATest() {
    let sale = DispensePermit(syncedIntentFor: number, lane: "11")
    #expect(sale.order == number)
    #expect(sale.lane == "11")
    let test = DispensePermit(testVendOf: "12")
    #expect(test.order == nil)
    #expect(test.lane == "12")
  }
}
