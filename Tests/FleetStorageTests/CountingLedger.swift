import FleetStorage
import Ordering
import Synchronization

/// A ledger in front of another, which notes how large the batches are.
final class CountingLedger: OrderLedger {
  let batches = Mutex<[Int]>([])
  private let ledger: any OrderLedger

  init(_ ledger: any OrderLedger) { self.ledger = ledger }

  func apply(_ postings: [Posting]) throws(FleetError) -> [PostingAnswer] {
    batches.withLock { $0.append(postings.count) }
    return try ledger.apply(postings)
  }

  func orders(_ numbers: [OrderNumber]) throws(FleetError) -> [StoredOrder] {
    batches.withLock { $0.append(numbers.count) }
    return try ledger.orders(numbers)
  }
}
