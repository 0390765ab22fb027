/// A thread that does blocking work, one piece after the other, in order.
///
/// It sleeps while there is nothing to do. Each slow thing has its own: the journal's sync must not
/// wait for the network, nor a paint for the journal.
public final class Worker: Sendable {
  private let queue: WorkQueue

  /// Starts a thread under a name of at most 15 characters, as `top -H` shows it.
  public init(name: String) {
    queue = WorkQueue()
    queue.serve(name: name)
  }

  deinit { queue.close() }

  /// Does `work` after all that was enqueued before.
  public func enqueue(_ work: @escaping @Sendable () -> Void) { queue.append(work) }

  /// Pieces of work that wait or run.
  public var backlog: Int { queue.backlog }
}
