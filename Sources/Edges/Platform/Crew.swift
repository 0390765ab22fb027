/// A few threads that do blocking work side by side, out of one queue.
///
/// For calls of which many wait at a time and none may wait for one that hangs: a database's, a
/// provider's.
public final class Crew: Sendable {
  private let queue = WorkQueue()
  /// How many threads there are.
  public let count: Int

  /// Starts threads under a name of at most 12 characters, and a number behind it.
  public init(name: String, count: Int) {
    self.count = count
    for number in 0..<count { queue.serve(name: "\(name)-\(number)") }
  }

  deinit { queue.close() }

  /// Does `work` as soon as a thread is free, first come, first served.
  public func enqueue(_ work: @escaping @Sendable () -> Void) { queue.append(work) }

  /// Waits for a piece of work without a thread of one's own.
  public func run<Result: Sendable>(
    _ work: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { continuation in
      enqueue { continuation.resume(returning: work()) }
    }
  }

  /// Pieces of work that wait or run.
  public var backlog: Int { queue.backlog }
}
