internal import Core
internal import Ordering
internal import Platform
internal import Storage
internal import Timing

/// The payment core as the loop sees it: calls go to threads, answers come back.
protocol CoreDesk: AnyObject {
  /// The thread of the calls, which proves by its pings that it makes progress.
  var worker: Worker { get }
  /// When a question about an order was last answered.
  var answeredAt: Instant? { get }
  /// How far the clock of whoever answers is ahead of ours; nil before an answer has told.
  var clockSkew: Duration? { get }
  /// Why the core's book cannot be written any more; nil while it can, or is not ours.
  var failure: StorageError? { get }

  /// Asks the core something.
  func ask<Answer: Sendable>(
    _ question: @escaping @Sendable (any PaymentCore) -> Answer, then: @escaping (Answer) -> Void)
  /// Asks what became of an order; with a nonce, whether it is paid: then the answer may take its
  /// time, and no other question waits for it.
  func askStatus(
    _ number: OrderNumber, permit nonce: UInt64?, then: @escaping (StatusAnswer) -> Void)
  /// Asks whether an order would be taken now.
  func probe(then: @escaping (Doubt?) -> Void)
  /// A person's word about an order's money; nil when done, else why not.
  func decide(
    _ number: OrderNumber, _ decision: Decision, then: @escaping (String?) -> Void)
  /// Sees to what is due now and sleeps until the next is.
  func carryOutDuties()
  /// Reads what is known of orders, with the board's journal where that is open.
  func read<Found: Sendable>(
    _ journal: RecordStore?,
    _ question: @escaping @Sendable (OrderListing) -> Result<Found, StorageError>,
    then: @escaping (Result<Found, StorageError>) -> Void)
  /// The end: nothing is waited for any more.
  func close()
}
