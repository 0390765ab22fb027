public import Control
internal import Money
internal import Ordering
public import Storage
internal import Timing

/// Reads the order book for people: `vendctl orders` beside the daemon or without it.
public struct OrderListing: Sendable {
  /// Nil where the book is a service's.
  private let book: RecordStore?
  let journal: RecordStore?

  /// Lists from the core's book; with the board's journal a history shows both sides.
  public init(_ book: RecordStore, journal: RecordStore? = nil) {
    (self.book, self.journal) = (book, journal)
  }

  /// Lists what the board's journal alone tells: the rest is a service's to say.
  public init(journal: RecordStore) { (book, self.journal) = (nil, journal) }

  /// The most orders that one answer holds.
  public static let limit = 1000

  /// The newest orders first; `openOnly` leaves those about which something is still to be done.
  public func orders(openOnly: Bool, limit: Int) -> Result<[OrderSummary], StorageError> {
    do throws(StorageError) {
      let wanted = max(1, min(limit, Self.limit))
      guard let book else { return .success(try journaled(openOnly: openOnly, limit: wanted)) }
      let items = openOnly ? try book.openItems() : try book.items(limit: wanted)
      var summaries: [OrderSummary] = []
      for item in items.prefix(openOnly ? items.count : wanted) {
        summaries.append(try summary(item))
      }
      summaries.sort { $0.madeAtMilliseconds > $1.madeAtMilliseconds }
      // A closed order that is watched for late money is open for the book, not for people.
      return .success(
        openOnly ? Array(summaries.filter(\.isOpen).prefix(wanted)) : summaries)
    } catch {
      return .failure(error)
    }
  }

  /// One order by its number, or by its last characters when they name one only; nil when none.
  public func order(
    _ text: String
  ) -> Result<(OrderSummary, [HistoryLine])?, StorageError> {
    do throws(StorageError) {
      guard let book else { return .success(try journaled(named: text)) }
      guard let item = try find(text, in: book) else { return .success(nil) }
      var history = try lines(item.key, "core", book)
      if let journal { history += try lines(item.key, "board", journal) }
      history.sort { $0.atMilliseconds < $1.atMilliseconds }
      return .success((try summary(item), history))
    } catch {
      return .failure(error)
    }
  }

  /// The number of the order that `text` names; nil when none or more than one does.
  public func number(named text: String) -> Result<String?, StorageError> {
    do throws(StorageError) {
      guard let book else { return .success(try journaled(named: text)?.0.number) }
      return .success(try find(text, in: book)?.key)
    } catch {
      return .failure(error)
    }
  }

  /// The refunds that have arrived; none where only a service knows.
  public func refunds() -> Result<RefundCount, StorageError> {
    do throws(StorageError) {
      return .success(try book?.refundCount() ?? RefundCount())
    } catch {
      return .failure(error)
    }
  }

  private func find(_ text: String, in book: RecordStore) throws(StorageError) -> Item? {
    if let item = try book.item(text) { return item }
    let candidates = try book.items(endingWith: text)
    return candidates.count == 1 ? candidates[0] : nil
  }

  func lines(
    _ subject: String, _ name: String, _ store: RecordStore
  ) throws(StorageError) -> [HistoryLine] {
    try store.records(subject: subject).map {
      HistoryLine(
        atMilliseconds: $0.at.milliseconds, book: name, kind: $0.kind, body: $0.body)
    }
  }

  private func summary(_ item: Item) throws(StorageError) -> OrderSummary {
    let order = try JSONText.decode(Order.self, from: item.body)
    return OrderSummary(
      number: item.key, lane: order.request.lane, title: order.request.title,
      amountFen: order.request.amount.fen, state: order.state.rawValue,
      isOpen: order.state.isOpen, madeAtMilliseconds: order.request.madeAt.milliseconds,
      updatedAtMilliseconds: item.updatedAt.milliseconds,
      transaction: order.payment?.transaction, note: order.note)
  }
}
