import BackOffice
@testable import CoreService
import EmulatedCore
import Money
import Ordering
import Testing
import Timing

/// A day of the platform's bill held against the orders.
@Suite struct DayTests {
  private static let day = BeijingDay(of: WallTime(seconds: 1_800_000_000))
  private static let head =
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    + "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    + "手续费,费率,订单金额,申请退款金额,费率备注"
  private static let foot =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,"
    + "订单总金额,申请退款总金额"

  private static func payment(
    _ number: String, _ yuan: String = "3.50", transaction: String? = nil
  ) -> String {
    "`2027-01-15 16:00:00,`wx1,`1,`0,`SH-001,`\(transaction ?? "T\(number)"),`\(number),`o1,"
      + "`NATIVE,`SUCCESS,`OTHERS,`CNY,`\(yuan),`0.00,`0,`0,`0.00,`0.00,`,`,`Water,`,"
      + "`0.00000,`0.60%,`\(yuan),`0.00,`"
  }

  private static func refund(_ number: String, as refund: String) -> String {
    "`2027-01-15 16:00:00,`wx1,`1,`0,`SH-001,`T\(number),`\(number),`o1,`NATIVE,`REFUND,`OTHERS,"
      + "`CNY,`0.00,`0.00,`50,`\(refund),`3.50,`0.00,`ORIGINAL,`SUCCESS,`Water,`,`0.00000,`0.60%,"
      + "`0.00,`3.50,`"
  }

  private static func bill(_ lines: [String], _ totals: String) throws -> [TradeBillRow] {
    let text = ([head] + lines + [foot, totals]).joined(separator: "\n") + "\n"
    return try TradeBill(Array(text.utf8)).rows
  }

  private static func order(_ number: String, _ steps: [OrderBook.Event]) throws -> Order {
    let request = OrderRequest.sample(number, fen: 350)
    var (book, last) = (OrderBook(), Order?.none)
    for event in [.openAsked(request)] + steps {
      for effect in book.handle(event, at: .zero) {
        if case .record(let order, _) = effect {
          last = order
          _ = book.handle(.recorded(order.number), at: .zero)
        }
      }
    }
    return try #require(last)
  }

  private static func paid(_ number: String) -> [OrderBook.Event] {
    let request = OrderRequest.sample(number, fen: 350)
    return [
      .createAnswered(request.number, .created(codeURL: "weixin://\(number)")),
      .paymentNoticed(request.payment), .permitAsked(request.number, nonce: 1),
    ]
  }

  @Test func aDayThatAgreesIsSummedByWhereTheMoneyIs() throws {
    let (one, two, three) = ("DAYTEST0001", "DAYTEST0002", "DAYTEST0003")
    let orders = [
      one: try Self.order(
        one, Self.paid(one) + [.settleAsked(.sample(one), .delivered(.dropSensed))]),
      two: try Self.order(
        two,
        Self.paid(two) + [
          .settleAsked(.sample(two), .failed(.noDrop)), .dutyCame(.sample(two)),
          .refundAnswered(.sample(two), .accepted),
          .dutyCame(.sample(two)), .refundQueryAnswered(.sample(two), .arrived),
        ]),
      three: try Self.order(three, Self.paid(three)),
    ]
    let rows = try Self.bill(
      [
        Self.payment(one), Self.payment(two), Self.payment(three), Self.refund(two, as: "\(two)R1"),
      ],
      "`4,`10.50,`3.50,`0.00,`0.00000,`10.50,`3.50")
    var account = DayAccount(Self.day)
    for row in rows { account.take(row, orders[row.order]) }
    #expect(account.state == "agrees", "\(account.lines)")
    #expect(account.payments == 3 && account.paidFen == 1050)
    #expect(account.refunds == 1 && account.refundedFen == 350)
    #expect(account.deliveredFen == 350 && account.backFen == 350 && account.openFen == 350)
  }

  @Test func everyKindOfDifferenceIsASentenceThatNamesTheOrder() throws {
    let number = "DAYTEST0001"
    let opened = try Self.order(
      number, [.createAnswered(.sample(number), .created(codeURL: "weixin://1"))])
    let permitted = try Self.order(number, Self.paid(number))
    let paidRow = try Self.bill(
      [Self.payment(number)], "`1,`3.50,`0.00,`0.00,`0.00000,`3.50,`0.00")[0]
    let otherSum = try Self.bill(
      [Self.payment(number, "3.51")], "`1,`3.51,`0.00,`0.00,`0.00000,`3.51,`0.00")[0]
    let otherName = try Self.bill(
      [Self.payment(number, transaction: "X")], "`1,`3.50,`0.00,`0.00,`0.00000,`3.50,`0.00")[0]
    let ours = try Self.bill(
      [Self.refund(number, as: "\(number)R1")], "`1,`0.00,`3.50,`0.00,`0.00000,`0.00,`3.50")[0]
    let theirs = try Self.bill(
      [Self.refund(number, as: "BYHAND")], "`1,`0.00,`3.50,`0.00,`0.00000,`0.00,`3.50")[0]
    let cases: [(TradeBillRow, Order?, Int)] = [
      (paidRow, permitted, 0), (paidRow, nil, 1), (paidRow, opened, 1), (otherSum, permitted, 1),
      (otherName, permitted, 1), (ours, permitted, 1), (ours, nil, 1), (theirs, permitted, 2),
    ]
    for (index, (row, order, count)) in cases.enumerated() {
      var account = DayAccount(Self.day)
      account.take(row, order)
      #expect(account.differences == count, "case \(index): \(account.lines)")
      #expect(account.lines.allSatisfy { $0.contains(number) }, "case \(index)")
    }
  }

  @Test func moneyThatOnlyOurBookHasIsADifference() throws {
    let number = "DAYTEST0001"
    let request = OrderRequest.sample(number, fen: 350)
    var payment = request.payment
    payment.paidAt = Self.day.start + .seconds(3600)
    let order = try Self.order(
      number,
      [
        .createAnswered(request.number, .created(codeURL: "weixin://1")),
        .paymentNoticed(payment),
      ])
    var account = DayAccount(Self.day)
    account.take(order, isBilled: true)
    #expect(account.differences == 0)
    account.take(order, isBilled: false)
    #expect(account.differences == 1)
    var yesterday = DayAccount(BeijingDay(number: Self.day.number - 1))
    yesterday.take(order, isBilled: false)
    #expect(yesterday.differences == 0)
  }
}
