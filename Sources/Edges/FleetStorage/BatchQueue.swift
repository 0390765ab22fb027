public import Timing

/// Things that wait to be done together, and what one batch takes along.
///
/// A value without threads or a clock: a `Gathering` drives it. A batch leaves when it is full or
/// when its oldest item has waited long enough; the order of arrival is kept, so that a posting
/// which builds upon another one is judged after it.
public struct BatchQueue<Item, Ticket> {
  /// An item with whatever tells whose it is.
  public struct Entry {
    public var item: Item
    public var ticket: Ticket
    var since: Instant
  }

  /// How many items one batch takes at most.
  public let batchMax: Int
  /// How long an item waits at most while a thread is free to carry it.
  public let patience: Duration
  /// How many may wait; more are turned away, so that a store that is down is not a memory that
  /// fills.
  public let waitingMax: Int
  private var waiting: [Entry] = []
  /// Entries before this one have left; they are cleared away now and then.
  private var first = 0

  /// An empty queue.
  public init(
    batchMax: Int = 100, patience: Duration = .milliseconds(2), waitingMax: Int = 20_000
  ) {
    precondition((1...FleetBounds.batchMax).contains(batchMax), "a batch holds 1 to 1000 items")
    (self.batchMax, self.patience, self.waitingMax) = (batchMax, patience, waitingMax)
  }

  /// How many wait.
  public var count: Int { waiting.count - first }

  /// Adds an item; false when too many wait.
  public mutating func add(_ item: Item, _ ticket: Ticket, at now: Instant) -> Bool {
    guard count < waitingMax else { return false }
    waiting.append(Entry(item: item, ticket: ticket, since: now))
    return true
  }

  /// When the next batch leaves: nil when nothing waits.
  public var nextDeparture: Instant? {
    guard first < waiting.count else { return nil }
    return count >= batchMax ? waiting[first].since : waiting[first].since + patience
  }

  /// The batch that leaves now; nil when it is not time.
  public mutating func take(at now: Instant) -> [Entry]? {
    guard let departure = nextDeparture, departure <= now else { return nil }
    return take()
  }

  /// The next batch, whether or not it is time; empty when nothing waits.
  public mutating func take() -> [Entry] {
    let batch = Array(waiting[first...].prefix(batchMax))
    first += batch.count
    if first == waiting.count || first > 4096 {
      waiting.removeFirst(first)
      first = 0
    }
    return batch
  }

  /// Gives each of a batch its answer.
  public static func deal<Answer>(
    _ batch: [Entry], _ outcome: Result<[Answer], FleetError>
  ) -> [(ticket: Ticket, answer: Result<Answer, FleetError>)] {
    switch outcome {
    case .success(let answers):
      precondition(answers.count == batch.count, "a batch that is not answered one by one")
      return zip(batch, answers).map { ($0.ticket, .success($1)) }
    case .failure(let error):
      return batch.map { ($0.ticket, .failure(error)) }
    }
  }
}

extension BatchQueue: Sendable where Item: Sendable, Ticket: Sendable {}
extension BatchQueue.Entry: Sendable where Item: Sendable, Ticket: Sendable {}
