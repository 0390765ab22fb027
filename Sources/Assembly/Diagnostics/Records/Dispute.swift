public import Control
internal import Money
internal import Ordering
internal import Storage
internal import Timing
public import Vending

/// The whole story of one order, for whoever has to tell a customer or a bank what happened.
///
/// As JSON it is schema 1. It holds no key, no payer and no payment address.
public struct Dispute: Equatable, Sendable, Codable {
  public var schema = 1
  public var order: String
  public var lane: String
  public var title: String
  public var amountFen: Int64
  public var state: String
  /// Whether something is still to be done about it.
  public var isOpen: Bool
  public var madeAtMilliseconds: Int64
  /// The provider's number of the payment, and when it says that it was paid.
  public var transaction: String?
  public var paidAtMilliseconds: Int64?
  /// The number of the order's one refund; nil when none was asked for.
  public var refund: String?
  /// What the relay did, measured; nil when nothing was recorded of it.
  public var pulse: SaleTrace.Pulse?
  /// What the board judged, as `delivered.dropSensed`.
  public var verdict: String?
  /// Whether a product was sensed after the verdict that nothing fell.
  public var hasLateDrop: Bool
  public var steps: [Step]
  public var conclusion: Bilingual

  /// One thing that happened.
  public struct Step: Hashable, Sendable, Codable {
    public var atMilliseconds: Int64
    /// `board`, `core`, or `screen` and `relay` of the board's own record of the sale.
    public var source: String
    public var words: Bilingual
  }

  /// Reads the story out of both books' records of the order.
  public init(_ summary: OrderSummary, _ history: [HistoryLine]) {
    var reading = Reading()
    for line in history { reading.add(line) }
    (order, lane, title) = (summary.number, summary.lane, summary.title)
    (amountFen, state, isOpen) = (summary.amountFen, summary.state, summary.isOpen)
    madeAtMilliseconds = summary.madeAtMilliseconds
    transaction = summary.transaction ?? reading.payment?.transaction
    paidAtMilliseconds = reading.payment?.paidAt?.milliseconds
    refund = reading.refund
    pulse = reading.trace?.pulse
    hasLateDrop = reading.hasLateDrop
    verdict = reading.outcome.map(DisputeWords.name)
    // Records of one moment stay in their order.
    steps = reading.steps.enumerated().sorted {
      ($0.element.atMilliseconds, $0.offset) < ($1.element.atMilliseconds, $1.offset)
    }.map(\.element)
    conclusion = Bilingual("", "")
    conclusion = DisputeWords.conclusion(self, reading.outcome, note: summary.note)
  }

  /// What the records say, one after the other.
  private struct Reading {
    var steps: [Step] = []
    var payment: Payment?
    var trace: SaleTrace?
    var outcome: Outcome?
    var refund: String?
    var hasLateDrop = false

    mutating func add(_ line: HistoryLine) {
      switch line.book {
      case "board": board(line)
      default: core(line)
      }
    }

    private mutating func step(_ line: HistoryLine, _ words: Bilingual) {
      steps.append(Step(atMilliseconds: line.atMilliseconds, source: line.book, words: words))
    }

    private mutating func board(_ line: HistoryLine) {
      if line.kind == SaleTrace.recordKind {
        // A verdict that was corrected has two: the later one holds all of the earlier.
        trace = try? JSONText.decode(SaleTrace.self, from: line.body)
        steps.removeAll { $0.source == "screen" || $0.source == "relay" }
        return trace.map { steps += DisputeWords.steps(of: $0) } ?? ()
      }
      guard let entry = try? JSONText.decode(Entry.self, from: line.body) else {
        return step(line, Bilingual(line.kind, line.kind))
      }
      if case .intent(_, let payment) = entry { self.payment = self.payment ?? payment }
      if case .lateDrop = entry { hasLateDrop = true }
      if case .verdict(_, let outcome) = entry { self.outcome = outcome }
      step(line, DisputeWords.words(entry))
    }

    private mutating func core(_ line: HistoryLine) {
      let order = try? JSONText.decode(Order.self, from: line.body)
      payment = order?.payment ?? payment
      let kind = OrderBook.RecordKind(rawValue: line.kind)
      if kind == .refundAccepted || kind == .refunded {
        refund = order?.refundRequest.number.text ?? refund
      }
      step(line, DisputeWords.words(line.kind, kind, order))
    }
  }
}
