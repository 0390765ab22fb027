import Money
import Storage
import Testing
import Timing

@testable import Audit

/// Bill, journal and book of a day, held against each other.
@Suite struct ReconciliationTests {
  static let a = "VM01AAAA0001"
  static let b = "VM01AAAA0002"
  static let c = "VM01AAAA0003"

  // MARK: What adds up

  private func day() -> Shop {
    var shop = Shop()
    shop.sell(Self.a)
    shop.jam(Self.b, fen: 600)
    shop.cancel(Self.c)
    return shop
  }

  @Test(arguments: [true, false])
  func aDayOfSalesRefundsAndCancelsAddsUp(hasBook: Bool) throws {
    var shop = day()
    shop.hasBook = hasBook
    let result = try shop.reconciliation()
    #expect(result.addsUp && result.lines.flatMap(\.differences).isEmpty)
    #expect(result.lines.map(\.number) == [Self.a, Self.b], "nobody paid for the third")
    #expect(result.sums.paid == Amount(fen: 1035))
    #expect(result.sums.delivered == Amount(fen: 435))
    #expect(result.sums.refunded == Amount(fen: 600))
    #expect(result.sums.open == .zero && result.sums.unexplained == .zero)
    #expect(result.sums.fee == FineAmount(thousandthsOfFen: 2610))
    #expect(result.days == [Shop.day] && result.openCount == 0)
  }

  @Test func whatAPersonSaysWentBackByAnotherWayIsExplained() throws {
    let note = "a person decided: refunded by another way (before: refund refused: ERROR)"
    for isByConsole in [true, false] {
      var shop = Shop()
      shop.begin(Self.a)
      shop.pay(Self.a)
      shop.judge(Self.a, #"{"failed":{"_0":"noDrop"}}"#)
      shop.keep(
        Self.a, state: "refunded", note: note, kinds: ["refundOwed", "held", "refundedOutside"])
      // The console names its refunds itself; cash is on no bill.
      if isByConsole { shop.refund(Self.a, as: "5030000000202601010000") }
      let result = try shop.reconciliation()
      #expect(result.addsUp, "\(result.lines.flatMap(\.differences))")
      #expect(result.sums.unexplained == .zero)
      #expect(result.sums.refunded == (isByConsole ? Amount(fen: 435) : .zero))
      #expect(result.lines.first?.openReason == (isByConsole ? nil : note))
    }
  }

  @Test func otherMachinesOfTheMerchantAreCountedAndNotJudged() throws {
    var shop = day()
    shop.bill.append(shop.line(.payment, "OTHER0000001", 100, device: "VM02"))
    shop.bill.append(
      shop.line(.refund(trouble: nil), "OTHER0000001", 100, refund: "R", device: ""))
    let result = try shop.reconciliation()
    #expect(result.addsUp && result.others.lineCount == 2)
    #expect(result.others.paid == Amount(fen: 100))
    #expect(result.others.refunded == Amount(fen: 100))
    #expect(result.sums.paid == Amount(fen: 1035))
  }

  @Test func whatIsUnderWayIsAnOpenCaseAndNoDifference() throws {
    let table: [(String, Bool, (inout Shop) -> Void)] = [
      (
        "a person must decide: interrupted", true,
        {
          $0.judge(Self.a, #"{"unsure":{"_0":"hold"}}"#)
          $0.keep(Self.a, state: "held", note: "interrupted")
        }
      ),
      ("a person must decide", false, { $0.judge(Self.a, #"{"unsure":{"_0":"hold"}}"#) }),
      (
        "its refund is owed", true,
        {
          $0.judge(Self.a, #"{"failed":{"_0":"noDrop"}}"#)
          $0.keep(Self.a, state: "refundOwed", note: "NOTENOUGH")
        }
      ),
      ("it is not settled yet", true, { $0.keep(Self.a, state: "permitted", note: "") }),
      ("its sale is under way", false, { _ in }),
      (
        "it is being ended", false,
        { $0.write(Self.a, "cancelling", #"{"cancelling":{"_0":"\#(Self.a)"}}"#) }
      ),
      (
        "the core does not know its verdict yet", false,
        {
          $0.judge(Self.a, #"{"failed":{"_0":"noDrop"}}"#)
          $0.journal.removeLast()
        }
      ),
    ]
    for (words, hasBook, change) in table {
      var shop = Shop()
      shop.hasBook = hasBook
      shop.begin(Self.a)
      shop.pay(Self.a)
      change(&shop)
      let result = try shop.reconciliation()
      #expect(result.addsUp && result.lines.map(\.openReason) == [words], "\(result.lines)")
      #expect(result.sums.open == Amount(fen: 435) && result.openCount == 1)
    }
  }

  @Test func whatAPersonDecidedIsRight() throws {
    let table: [(String, (inout Shop) -> Void)] = [
      (
        "delivered, and given back by a person",
        {
          $0.sell(Self.a)
          $0.keep(
            Self.a, state: "refunded", note: "a person decided: refund",
            kinds: ["refundOwed", "refundAccepted", "refunded"])
          $0.refund(Self.a)
        }
      ),
      (
        "held, and taken for delivered by a person",
        {
          $0.begin(Self.a)
          $0.pay(Self.a)
          $0.judge(Self.a, #"{"unsure":{"_0":"hold"}}"#)
          $0.keep(Self.a, state: "delivered", note: "a person decided: delivered")
        }
      ),
      (
        "permitted by a board that is gone, and taken for delivered",
        {
          $0.begin(Self.a)
          $0.pay(Self.a)
          $0.keep(Self.a, state: "delivered", note: "a person decided: delivered")
        }
      ),
      (
        "given back in the provider's console, and held",
        {
          $0.sell(Self.a)
          $0.keep(Self.a, state: "held", note: "a refund was started outside this machine")
          $0.refund(Self.a)
        }
      ),
    ]
    for (words, change) in table {
      var shop = Shop()
      change(&shop)
      let result = try shop.reconciliation()
      #expect(result.addsUp && result.sums.unexplained == .zero, "\(words): \(result.lines)")
    }
  }

  @Test func aPaymentAfterTheEndThatWentBackIsRight() throws {
    for hasBook in [true, false] {
      var shop = Shop()
      shop.hasBook = hasBook
      shop.cancel(Self.a)
      shop.bill.append(shop.line(.payment, Self.a, 435))
      shop.keep(Self.a, state: "refunded", note: "late", kinds: ["refundAccepted"])
      shop.refund(Self.a)
      #expect(try shop.reconciliation().addsUp)
    }
  }

  @Test func aCorrectedVerdictIsOneEnd() throws {
    var shop = Shop()
    shop.begin(Self.a)
    shop.pay(Self.a)
    shop.write(
      Self.a, "verdict",
      #"{"verdict":{"_0":"\#(Self.a)","_1":{"failed":{"_0":"noDrop"}}}}"#)
    shop.judge(Self.a, #"{"delivered":{"_0":"dropSensed"}}"#)
    shop.keep(Self.a, state: "delivered", note: "")
    #expect(try shop.reconciliation().addsUp)
  }

  // MARK: Days

  @Test func ordersOfOtherDaysAreNoMatterOfThisBill() throws {
    var shop = day()
    shop.now = Shop.noon + .seconds(2 * 86_400)
    let bill = shop.bill
    shop.sell("VM01AAAA0004")
    shop.jam("VM01AAAA0005")
    shop.bill = bill
    let result = try shop.reconciliation()
    #expect(result.addsUp && result.sums.paid == Amount(fen: 1035))
  }

  @Test func aRefundOfYesterdaysPaymentStandsApart() throws {
    var shop = Shop()
    shop.now = Shop.noon + .seconds(-86_400)
    shop.begin(Self.a)
    shop.pay(Self.a)
    shop.bill = []
    shop.now = Shop.noon
    shop.judge(Self.a, #"{"failed":{"_0":"interrupted"}}"#)
    shop.keep(Self.a, state: "refunded", note: "", kinds: ["refundAccepted"])
    // The book's payment is yesterday's too.
    shop.items[0].body = shop.items[0].body.replacing(
      "\(Shop.noon.milliseconds + 2000)", with: "\(Shop.noon.milliseconds - 86_399_000)")
    shop.refund(Self.a)
    let result = try shop.reconciliation()
    #expect(result.addsUp, "\(result.lines)")
    #expect(result.sums.refundedOfEarlier == Amount(fen: 435) && result.sums.paid == .zero)
  }

  @Test func aRefundOfTomorrowIsNotMissedToday() throws {
    for hasBook in [true, false] {
      var shop = Shop()
      shop.hasBook = hasBook
      shop.now = Shop.day.start + .seconds(86_400 - 30)
      shop.begin(Self.a)
      shop.pay(Self.a)
      shop.now = Shop.day.start + .seconds(86_400 + 5)
      shop.judge(Self.a, #"{"failed":{"_0":"noDrop"}}"#)
      shop.keep(Self.a, state: "refunded", note: "", kinds: ["refundAccepted"])
      shop.items[0].body = shop.items[0].body.replacing(
        "\(shop.now.milliseconds)", with: "\(shop.now.milliseconds - 36_000)")
      let today = try shop.reconciliation()
      #expect(today.addsUp, "\(hasBook): \(today.lines)")
      shop.refund(Self.a)
      shop.days.insert(BeijingDay(of: shop.now))
      let both = try shop.reconciliation()
      #expect(both.addsUp && both.sums.refunded == Amount(fen: 435))
    }
  }

  @Test func aPaymentByTheProvidersClockIsOnThatDaysBill() throws {
    var shop = Shop()
    shop.now = Shop.day.start + .seconds(-2)
    shop.begin(Self.a)
    shop.now = Shop.day.start
    shop.pay(Self.a)
    shop.judge(Self.a, #"{"delivered":{"_0":"dropSensed"}}"#)
    shop.hasBook = false
    #expect(try shop.reconciliation().addsUp)
    shop.bill = []
    #expect(try shop.reconciliation().lines.map(\.differences.first?.kind) == [.notOnBill])
  }

  // MARK: What does not add up

  struct Wrong: Sendable, CustomTestStringConvertible {
    let kinds: [Difference.Kind]
    let words: String
    let change: @Sendable (inout Shop) -> Void

    init(
      _ kinds: Difference.Kind..., words: String,
      change: @escaping @Sendable (inout Shop) -> Void
    ) {
      (self.kinds, self.words, self.change) = (kinds, words, change)
    }

    var testDescription: String { "\(kinds.map(\.rawValue)): \(words)" }
  }

  @Test(arguments: withBook)
  func aDifferenceIsNamed(_ wrong: Wrong) throws {
    var shop = day()
    wrong.change(&shop)
    let result = try shop.reconciliation()
    let differences = result.lines.flatMap(\.differences)
    #expect(differences.map(\.kind) == wrong.kinds, "\(differences)")
    #expect(differences.map(\.words).contains(wrong.words), "\(differences)")
    #expect(!result.addsUp && result.differenceCount == wrong.kinds.count)
  }

  @Test(arguments: withoutBook)
  func aDifferenceIsNamedWithoutABook(_ wrong: Wrong) throws {
    var shop = day()
    shop.hasBook = false
    wrong.change(&shop)
    let result = try shop.reconciliation()
    let differences = result.lines.flatMap(\.differences)
    #expect(differences.map(\.kind) == wrong.kinds, "\(differences)")
    #expect(differences.map(\.words).contains(wrong.words), "\(differences)")
  }

  @Test func everyKindOfDifferenceHasATest() {
    let told = Set((Self.withBook + Self.withoutBook).flatMap(\.kinds))
    #expect(told == Set(Difference.Kind.allCases))
  }

  static let withBook: [Wrong] = [
    Wrong(
      .notOnBill, words: "the journal has it as paid with 4.35 CNY, but the bill has no payment"
    ) {
      $0.bill.removeFirst()
    },
    Wrong(.notOnBill, words: "the book has it as paid with 4.35 CNY, but the bill has no payment") {
      $0.journal.removeAll { $0.subject == a && $0.kind != "sale-began" }
      $0.keep(a, state: "refundOwed", note: "")
      $0.bill.removeFirst()
    },
    Wrong(
      .notInJournal, .noEnd,
      words: "4.35 CNY were paid at the provider, but the journal does not know the order"
    ) { $0.bill.append($0.line(.payment, "VM01XXXX0009", 435)) },
    Wrong(
      .notInJournal,
      words: "4.35 CNY were paid at the provider, but the journal does not know the order"
    ) { $0.journal.removeAll { $0.subject == a } },
    Wrong(
      .refundOfUnknown, .refundUnexplained,
      words: "4.35 CNY went back at the provider, but the journal does not know the order"
    ) { $0.refund("VM01XXXX0009") },
    Wrong(.notInJournal, words: "the journal does not know its beginning") {
      $0.journal.removeAll { $0.subject == a && $0.kind == "sale-began" }
      $0.items.removeAll { $0.key == a }
      $0.journal.removeAll { $0.subject == a && $0.kind == "intent" }
      $0.journal.removeAll { $0.subject == a && $0.kind == "verdict" }
      $0.bill.removeFirst()
    },
    Wrong(.notInBook, words: "the journal has it as paid, but the book does not know it") {
      $0.items.removeAll { $0.key == a }
    },
    Wrong(
      .amountsDiffer, .amountsDiffer, .amountsDiffer, .amountsDiffer,
      words: "the bill says 4.36 CNY, but the journal's price is 4.35 CNY"
    ) { $0.bill[0].amount = Amount(fen: 436) },
    Wrong(
      .amountsDiffer, words: "the bill says 4.35 CNY, but the journal has it as paid with 4.00 CNY"
    ) {
      $0.journal[1].body = $0.journal[1].body.replacing(#""total":435"#, with: #""total":400"#)
    },
    Wrong(.amountsDiffer, words: "5.99 CNY went back of 6.00 CNY") {
      $0.bill[2].amount = Amount(fen: 599)
    },
    Wrong(.currency, words: "line 2 of the bill is in USD") { $0.bill[0].currency = "USD" },
    Wrong(.paidTwice, words: "the bill has 2 payments of it") { $0.bill.append($0.bill[0]) },
    Wrong(
      .deliveredAndRefunded, words: "it was delivered and refunded, and no person decided that"
    ) { $0.refund(a) },
    Wrong(
      .deliveredAndRefunded, .booksDisagree,
      words: "the journal has it as delivered, the book as refunded"
    ) {
      $0.refund(a)
      $0.keep(a, state: "refunded", note: "noDrop", kinds: ["refundAccepted"])
    },
    Wrong(
      .refundedTwice,
      words: "it was refunded more than once: 6.00 CNY as VM01AAAA0002R1, 6.00 CNY as other"
    ) { $0.refund(b, 600, as: "other") },
    Wrong(.refundMissing, words: "6.00 CNY are owed back, but the bill has no refund") {
      $0.bill.removeLast()
    },
    Wrong(
      .refundFailed,
      words: "its refund did not reach the payer (CHANGE), and no case is open"
    ) { $0.bill[2].kind = .refund(trouble: "CHANGE") },
    Wrong(.refundUnexplained, words: "it was refunded, but nobody owed a refund") {
      $0.keep(b, 600, state: "closed", note: "")
      $0.journal.removeAll { $0.subject == b && $0.kind == "verdict" }
    },
    Wrong(
      .noEnd, words: "it is paid, but the book has it as unpaid, and nobody gave it back"
    ) { $0.bill.append($0.line(.payment, c, 435)) },
    Wrong(.twoEnds, words: "the journal gives it two ends") {
      $0.write(a, "ended-unpaid", #"{"endedUnpaid":{"_0":"\#(a)"}}"#)
    },
    Wrong(.twoEnds, words: "its number begins two sales in the journal") { $0.begin(a) },
    Wrong(
      .booksDisagree, words: "the book has it as delivered, but the journal has no verdict"
    ) { $0.journal.removeAll { $0.subject == a && $0.kind == "verdict" } },
    Wrong(
      .booksDisagree, words: "the journal has it as delivered, the book as unpaid"
    ) { $0.keep(a, state: "closed", note: "") },
    Wrong(
      .booksDisagree, words: "the journal does not have it as delivered, the book has"
    ) {
      $0.keep(b, 600, state: "delivered", note: "")
      $0.bill.removeLast()
    },
  ]

  static let withoutBook: [Wrong] = [
    Wrong(.refundMissing, words: "6.00 CNY are owed back, but the bill has no refund") {
      $0.bill.removeLast()
    },
    Wrong(.noEnd, words: "it is paid, and neither delivered nor refunded nor an open case") {
      $0.journal.removeAll { $0.subject == a && $0.kind == "verdict" }
    },
    Wrong(.noEnd, words: "it is paid, and neither delivered nor refunded nor an open case") {
      $0.bill.append($0.line(.payment, c, 435))
    },
    Wrong(
      .deliveredAndRefunded, words: "it was delivered and refunded, and no person decided that"
    ) { $0.refund(a) },
    Wrong(
      .notOnBill, words: "the journal has it as paid with 4.35 CNY, but the bill has no payment"
    ) {
      $0.bill.removeFirst()
    },
  ]

  // MARK: Sums

  @Test func everyFenOfTheBillIsSomewhere() throws {
    for wrong in Self.withBook {
      var shop = day()
      wrong.change(&shop)
      let sums = try shop.reconciliation().sums
      let shares = sums.delivered.fen + sums.refunded.fen + sums.open.fen + sums.unexplained.fen
      #expect(sums.paid.fen == shares, "\(wrong.testDescription)")
      let wentBack = shop.bill.reduce(0) { $1.kind == .payment ? $0 : $0 + $1.amount.fen }
      #expect(
        sums.refunded.fen + sums.refundedOfEarlier.fen == wentBack, "\(wrong.testDescription)")
    }
  }

  @Test func whatIsUnexplainedIsNeverWithoutADifference() throws {
    for wrong in Self.withBook + Self.withoutBook {
      var shop = day()
      wrong.change(&shop)
      for line in try shop.reconciliation().lines where line.unexplained != .zero {
        #expect(!line.differences.isEmpty, "\(line)")
      }
    }
  }
}
