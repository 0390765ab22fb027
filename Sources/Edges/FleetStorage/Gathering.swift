internal import Platform
private import Synchronization
internal import Timing

/// Threads that do what many callers ask for in batches, and give each its own answer.
///
/// One that is not closed never goes away.
final class Gathering<Item: Sendable, Answer: Sendable>: Sendable {
  typealias Ticket = @Sendable (Result<Answer, FleetError>) -> Void
  private typealias Queue = BatchQueue<Item, Ticket>

  private let work: @Sendable ([Item]) throws(FleetError) -> [Answer]
  private let queue: Mutex<Queue>
  private let bell = Bell()
  private let isClosed = Atomic(false)
  private let workers: [Worker]

  /// Starts `threads` threads that carry out batches by `work`, which answers item by item.
  init(
    _ name: String, threads: Int, batchMax: Int, patience: Duration, waitingMax: Int,
    work: @escaping @Sendable ([Item]) throws(FleetError) -> [Answer]
  ) {
    self.work = work
    queue = Mutex(Queue(batchMax: batchMax, patience: patience, waitingMax: waitingMax))
    workers = (0..<threads).map { Worker(name: "\(name)-\($0)") }
    for worker in workers { worker.enqueue { [self] in run() } }
  }

  /// Waits for an item's answer without a thread.
  func ask(_ item: Item) async throws(FleetError) -> Answer {
    let result = await withCheckedContinuation { continuation in
      ask(item) { continuation.resume(returning: $0) }
    }
    return try result.get()
  }

  /// Has an item done; `answer` is called once, on one of the threads or at once.
  func ask(_ item: Item, answer: @escaping Ticket) {
    let (isTaken, isFirst, isFull) = queue.withLock { queue in
      guard !isClosed.load(ordering: .relaxed), queue.add(item, answer, at: Clock.now()) else {
        return (false, false, false)
      }
      return (true, queue.count == 1, queue.count == queue.batchMax)
    }
    guard isTaken else { return answer(.failure(.unavailable("too many wait, or it is closed"))) }
    // Between the first and the last of a batch nobody need wake up.
    if isFirst || isFull { bell.ring() }
  }

  /// Ends the threads; what waits is still done, what comes later is turned away.
  func close() {
    queue.withLock { _ in isClosed.store(true, ordering: .relaxed) }
    bell.ring()
  }

  private func run() {
    while true {
      let rings = bell.count
      let (batch, departure) = queue.withLock { queue in
        isClosed.load(ordering: .relaxed)
          ? (queue.take(), nil) : (queue.take(at: Clock.now()) ?? [], queue.nextDeparture)
      }
      if !batch.isEmpty {
        carryOut(batch)
      } else if isClosed.load(ordering: .relaxed) {
        return
      } else {
        bell.wait(beyond: rings, until: departure ?? Clock.now() + .seconds(3600))
      }
    }
  }

  private func carryOut(_ batch: [Queue.Entry]) {
    let outcome: Result<[Answer], FleetError>
    do throws(FleetError) {
      outcome = .success(try work(batch.map(\.item)))
    } catch {
      outcome = .failure(error)
    }
    for (ticket, answer) in Queue.deal(batch, outcome) { ticket(answer) }
  }
}
