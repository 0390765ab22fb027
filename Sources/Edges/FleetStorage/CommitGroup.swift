internal import Platform
private import Synchronization
internal import Timing

/// Lets one transaction carry the postings of many callers.
///
/// A posting waits for company for 2 ms at most, or until there are a hundred; then one of the
/// group's threads commits them all, and each caller gets its own answer. While every thread is
/// busy committing, more come together by themselves: the batches grow with the load, not the wait.
public final class CommitGroup: Sendable {
  private typealias Ticket = @Sendable (Result<PostingAnswer, FleetError>) -> Void

  private let ledger: any OrderLedger
  private let queue: Mutex<BatchQueue<Ticket>>
  private let bell = Bell()
  private let isClosed = Atomic(false)
  private let workers: [Worker]

  /// Starts `threads` threads that write into `ledger`.
  ///
  /// Two keep a database busy while one waits for its disk; one file has one writer, and more
  /// threads gain nothing.
  public init(
    _ ledger: any OrderLedger, threads: Int = 2, batchMax: Int = 100,
    patience: Duration = .milliseconds(2), waitingMax: Int = 20_000
  ) {
    self.ledger = ledger
    queue = Mutex(BatchQueue(batchMax: batchMax, patience: patience, waitingMax: waitingMax))
    workers = (0..<threads).map { Worker(name: "commit-\($0)") }
    for worker in workers { worker.enqueue { [self] in work() } }
  }

  /// Carries out one posting together with those of others, and waits for it without a thread.
  public func post(_ posting: Posting) async throws(FleetError) -> PostingAnswer {
    let result = await withCheckedContinuation { continuation in
      post(posting) { continuation.resume(returning: $0) }
    }
    return try result.get()
  }

  /// Carries out one posting; `answer` is called once, on one of the group's threads.
  public func post(
    _ posting: Posting, answer: @escaping @Sendable (Result<PostingAnswer, FleetError>) -> Void
  ) {
    let (isTaken, isFirst, isFull) = queue.withLock { queue in
      guard !isClosed.load(ordering: .relaxed),
        queue.add(posting, answer, at: Clock.now())
      else { return (false, false, false) }
      return (true, queue.count == 1, queue.count == queue.batchMax)
    }
    guard isTaken else { return answer(.failure(.unavailable("too many postings wait"))) }
    // Between the first and the last of a batch nobody need wake up.
    if isFirst || isFull { bell.ring() }
  }

  /// Ends the threads; what waits is still carried out, what comes later is turned away.
  ///
  /// A group that is not closed never goes away.
  public func close() {
    queue.withLock { _ in isClosed.store(true, ordering: .relaxed) }
    bell.ring()
  }

  private func work() {
    while true {
      let rings = bell.count
      let (batch, departure) = queue.withLock { queue in
        isClosed.load(ordering: .relaxed)
          ? (queue.take(), nil) : (queue.take(at: Clock.now()) ?? [], queue.nextDeparture)
      }
      if !batch.isEmpty {
        commit(batch)
      } else if isClosed.load(ordering: .relaxed) {
        return
      } else {
        bell.wait(beyond: rings, until: departure ?? Clock.now() + .seconds(3600))
      }
    }
  }

  private func commit(_ batch: [BatchQueue<Ticket>.Entry]) {
    let outcome: Result<[PostingAnswer], FleetError>
    do throws(FleetError) {
      outcome = .success(try ledger.apply(batch.map(\.posting)))
    } catch {
      outcome = .failure(error)
    }
    for (ticket, answer) in BatchQueue.deal(batch, outcome) { ticket(answer) }
  }
}
