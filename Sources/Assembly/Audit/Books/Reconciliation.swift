public import Money
public import Timing

/// A provider's bill held against a board's journal and, where there is one, the core's book: to
/// the fen, order by order.
///
/// Every fen that was paid is delivered, refunded, or in an open case (I3, I11); what is none of
/// these is unexplained, and the order has a difference that says why. The bill decides about
/// money, the journal about goods; the book tells what is still under way and what a person
/// decided. Without a book, a refund that is on its way and one that is lost look alike for ten
/// minutes around midnight, and a person's refund after a delivery looks like a mistake.
public struct Reconciliation: Hashable, Sendable {
  /// The days of the bill, in their order.
  public let days: [BeijingDay]
  /// Orders with money on these days, or with a difference; the oldest first.
  public let lines: [OrderLine]
  /// What they come to.
  public let sums: Sums
  /// Lines of the bill about other machines of the merchant.
  public let others: Others

  /// One order.
  public struct OrderLine: Hashable, Sendable {
    public var number: String
    /// When its sale began; nil when no journal or book says so.
    public var madeAt: WallTime?
    /// What came in on these days.
    public var paid = Amount.zero
    public var delivered = Amount.zero
    /// What went back of that.
    public var refunded = Amount.zero
    public var open = Amount.zero
    /// What is none of these; negative when more went back than came in.
    public var unexplained = Amount.zero
    /// What went back on these days for a payment of an earlier one.
    public var refundedOfEarlier = Amount.zero
    /// The provider's fees on these days.
    public var fee = FineAmount.zero
    /// Why it is open; nil when it is not.
    public var openReason: String?
    public var differences: [Difference] = []
  }

  /// Sums over all orders.
  public struct Sums: Hashable, Sendable {
    public var paid = Amount.zero
    public var delivered = Amount.zero
    public var refunded = Amount.zero
    public var open = Amount.zero
    public var unexplained = Amount.zero
    public var refundedOfEarlier = Amount.zero
    public var fee = FineAmount.zero

    mutating func add(_ line: OrderLine) {
      paid += line.paid
      delivered += line.delivered
      refunded += line.refunded
      open += line.open
      unexplained += line.unexplained
      refundedOfEarlier += line.refundedOfEarlier
      fee += line.fee
    }
  }

  /// What the bill says about others.
  public struct Others: Hashable, Sendable {
    public var lineCount = 0
    public var paid = Amount.zero
    public var refunded = Amount.zero
  }

  /// Whether everything adds up.
  public var addsUp: Bool { differenceCount == 0 }

  /// How many differences there are.
  public var differenceCount: Int { lines.reduce(0) { $0 + $1.differences.count } }

  /// How many orders wait for a person or for money that is on its way.
  public var openCount: Int { lines.count { $0.openReason != nil } }

  /// Holds them against each other.
  ///
  /// `days` are the days of which `bill` is the whole bill. `book` is nil where there is none.
  public init(
    journal: JournalStory, book: BookStory?, bill: [BillLine], days: Set<BeijingDay>
  ) {
    self.days = days.sorted()
    var numbers = Set(journal.orders.keys)
    if let book { numbers.formUnion(book.orders.keys) }
    var billed: [String: [BillLine]] = [:]
    var others = Others()
    for line in bill {
      // A line that names this machine is this machine's, even if no journal knows its order.
      if numbers.contains(line.order) || journal.machines.contains(line.device) {
        billed[line.order, default: []].append(line)
      } else {
        others.add(line)
      }
    }
    numbers.formUnion(billed.keys)
    lines = numbers.compactMap { number -> OrderLine? in
      OrderCase(
        number: number, journal: journal.orders[number], book: book?.orders[number],
        hasBook: book != nil, isNewest: journal.newest == number, bill: billed[number] ?? [],
        days: days
      ).line
    }
    .sorted { ($0.madeAt ?? Self.never, $0.number) < ($1.madeAt ?? Self.never, $1.number) }
    sums = lines.reduce(into: Sums()) { $0.add($1) }
    self.others = others
  }

  private static let never = WallTime(milliseconds: .max)
}

extension Reconciliation.Others {
  mutating func add(_ line: BillLine) {
    lineCount += 1
    switch line.kind {
    case .payment: paid += line.amount
    case .refund: refunded += line.amount
    }
  }
}
