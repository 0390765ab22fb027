import Audit
import Money
import Testing
import Timing

/// What the books of others must say (I11).
@Suite struct SumTests {
  /// One sold, one refunded, one held by a person's leave, one never paid.
  private static func day() -> Story {
    var story = Story()
    story.sell("VM01AAAA0001")
    story.open("VM01AAAA0002")
    story.pay("VM01AAAA0002")
    story.jam("VM01AAAA0002")
    story.judge(.failed(.noDrop), "VM01AAAA0002")
    story.refund("VM01AAAA0002")
    story.forget()
    story.open("VM01AAAA0003")
    story.tell(.paid(order: "VM01AAAA0003", amount: Story.price, currency: "CNY"))
    story.tell(.showed(order: nil, amount: nil))
    story.judge(.unsureHold, "VM01AAAA0003")
    story.tell(.caseOpened(order: "VM01AAAA0003", words: "interrupted"))
    story.open("VM01AAAA0004")
    story.tell(.showed(order: nil, amount: nil), .closed(order: "VM01AAAA0004"))
    story.tell(.endedUnpaid(order: "VM01AAAA0004"))
    return story
  }

  private static func books(
    sold: Int64 = 435, delivered: Int64 = 435, received: Int64 = 1305, returned: Int64 = 435
  ) -> Auditor.Books {
    var books = Auditor.Books()
    books.soldByMachine = Amount(fen: sold)
    books.deliveredByCore = Amount(fen: delivered)
    books.receivedByProvider = Amount(fen: received)
    books.returnedByProvider = Amount(fen: returned)
    return books
  }

  @Test func booksThatAgreeToTheFenAreRight() {
    var story = Self.day()
    story.end(books: Self.books())
    #expect(story.violations == [])
    #expect(story.auditor.openCases == 1)
    #expect(story.auditor.orderCount == 3, "one is forgotten, its sums are not")
  }

  @Test(arguments: [
    books(sold: 436), books(delivered: 870), books(received: 1304), books(returned: 0),
  ])
  func aBookThatIsOneFenOffIsNamed(_ books: Auditor.Books) {
    var story = Self.day()
    story.end(books: books)
    #expect(story.broken == [.sumsAgree])
  }

  @Test func anExcusedOrderLeavesNoSumToCompare() {
    var story = Self.day()
    story.tell(.excused(order: "VM01AAAA0003", [.sumsAgree]))
    story.end(books: Self.books(received: 1))
    #expect(story.violations == [])
  }

  @Test func onlyOrdersWhoseMoneyIsAtRestAreForgotten() {
    var story = Story()
    story.open()
    story.pay()
    story.jam()
    story.judge(.failed(.noDrop))
    story.forget()
    #expect(story.auditor.orderCount == 1, "its refund is still owed")
    story.refund()
    story.sell(Story.second)
    story.forget()
    #expect(story.auditor.orderCount == 1, "the one that was pulsed last is remembered")
    story.end()
    #expect(story.violations == [])
  }

  @Test func aViolationNamesTheInvariantTheOrderAndTheMoment() {
    var story = Story()
    story.tell(.fell(lane: "11", order: Story.first))
    #expect(
      story.violations.map(\.description) == [
        "I2 VM01AAAA0001: fell, but nobody knows it (at 5000 ms)"
      ])
  }
}
