internal import Control
internal import Money
internal import Ordering
internal import Storage
internal import Timing
internal import Vending

// Orders as the board knows them, where the book is a service's.
extension OrderListing {
  /// What is said of an order about whose money only the service knows more.
  public static let serviceKnows = "what became of the money, the payment service knows"

  /// Where an order stands for the board, by names that no order book uses.
  enum Place {
    /// The money is to go back: by the service, which the board has told or will tell.
    static let refund = "refundAtService"
    /// A person decides, at the service.
    static let held = "heldAtService"
  }

  func journaled(openOnly: Bool, limit: Int) throws(StorageError) -> [OrderSummary] {
    guard let journal else { return [] }
    let numbers =
      openOnly
      ? try openNumbers(journal)
      : try journal.records(kind: Self.beginning, newest: limit).map(\.subject)
    var found: [OrderSummary] = []
    for number in numbers.prefix(limit) {
      if let summary = try summary(of: number, in: journal) { found.append(summary) }
    }
    return found
  }

  func journaled(
    named text: String
  ) throws(StorageError) -> (OrderSummary, [HistoryLine])? {
    guard let journal, !text.isEmpty else { return nil }
    var numbers: [String] = []
    if let summary = try summary(of: text, in: journal) { numbers = [summary.number] }
    if numbers.isEmpty {
      numbers = try journal.records(kind: Self.beginning, subjectEndingWith: text, newest: 2)
        .map(\.subject)
    }
    guard numbers.count == 1, let summary = try summary(of: numbers[0], in: journal) else {
      return nil
    }
    return (summary, try lines(summary.number, "board", journal))
  }

  private static let beginning = "sale-began"

  /// Orders that the board has not done with, the newest first.
  private func openNumbers(_ journal: RecordStore) throws(StorageError) -> [String] {
    guard let ledger: Ledger = try journal.decoded(Ledger.storageKey) else { return [] }
    let sale = [ledger.sale?.request.number].compactMap(\.self)
    let numbers = ledger.obligations.map(\.number) + sale
    return numbers.reversed().map(\.text)
  }

  /// An order by the entries about it; nil when it never began.
  private func summary(
    of number: String, in journal: RecordStore
  ) throws(StorageError) -> OrderSummary? {
    var found: OrderSummary?
    for record in try journal.records(subject: number) {
      // Other records about a sale are no entries.
      guard let entry = try? JSONText.decode(Entry.self, from: record.body) else { continue }
      if case .saleBegan(let request, _) = entry {
        found = OrderSummary(
          number: number, lane: request.lane, title: request.title, amountFen: request.amount.fen,
          state: OrderState.open.rawValue, isOpen: true,
          madeAtMilliseconds: request.madeAt.milliseconds,
          updatedAtMilliseconds: record.at.milliseconds, transaction: nil, note: "")
      }
      found?.take(entry)
      found?.updatedAtMilliseconds = record.at.milliseconds
    }
    return found
  }
}

extension OrderSummary {
  fileprivate mutating func take(_ entry: Entry) {
    switch entry {
    case .cancelling: state = OrderState.closing.rawValue
    case .endedUnpaid: (state, isOpen) = (OrderState.closed.rawValue, false)
    case .intent(_, let payment):
      (state, transaction) = (OrderState.permitted.rawValue, payment.transaction)
    case .verdict(_, let outcome): judge(outcome)
    case .settled: isOpen = false
    case .saleBegan, .lateDrop, .testVend, .refilled, .deed, .faultsCleared, .serviceLocked: break
    }
  }

  private mutating func judge(_ outcome: Outcome) {
    isOpen = true
    switch outcome {
    case .delivered, .unsure(.assumeDelivered):
      (state, note) = (OrderState.delivered.rawValue, "")
    case .failed, .unsure(.refund):
      (state, note) = (OrderListing.Place.refund, OrderListing.serviceKnows)
    case .unsure(.hold):
      (state, note) = (OrderListing.Place.held, OrderListing.serviceKnows)
    }
  }
}
