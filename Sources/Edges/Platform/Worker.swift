internal import CLinux
internal import Glibc

/// A thread that does blocking work, one piece after the other, in order.
///
/// It sleeps while there is nothing to do. Each slow thing has its own: the journal's sync must not
/// wait for the network, nor a paint for the journal.
public final class Worker: Sendable {
  private let queue: Queue

  /// Starts a thread under a name of at most 15 characters, as `top -H` shows it.
  public init(name: String) {
    let queue = Queue()
    self.queue = queue
    let start = unsafe Unmanaged.passRetained(Start(name: name, queue: queue)).toOpaque()
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    // The default of 8 MiB is address space only, but a small stack shows runaway recursion early.
    unsafe pthread_attr_setstacksize(&attributes, 1 << 20)
    let result = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        unsafe vend_name_thread(start.name)
        while let work = start.queue.next() { work() }
        return nil
      }, start)
    unsafe pthread_attr_destroy(&attributes)
    precondition(result == 0, "a thread could not be started")
    pthread_detach(thread)
  }

  deinit { queue.close() }

  /// Does `work` after all that was enqueued before.
  public func enqueue(_ work: @escaping @Sendable () -> Void) { queue.append(work) }

  /// Pieces of work that wait or run.
  public var backlog: Int { queue.backlog }

  private final class Start: Sendable {
    let name: String
    let queue: Queue
    init(name: String, queue: Queue) { (self.name, self.queue) = (name, queue) }
  }

  /// A queue under a mutex and a condition; the condition is why it is not `Synchronization.Mutex`.
  @safe
  private final class Queue: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting: [@Sendable () -> Void] = []
    private var isBusy = false
    private var isClosed = false

    init() {
      unsafe pthread_mutex_init(mutex, nil)
      unsafe pthread_cond_init(condition, nil)
    }

    deinit {
      unsafe pthread_cond_destroy(condition)
      unsafe pthread_mutex_destroy(mutex)
      unsafe condition.deallocate()
      unsafe mutex.deallocate()
    }

    func append(_ work: @escaping @Sendable () -> Void) {
      locked { waiting.append(work) }
      unsafe pthread_cond_signal(condition)
    }

    func close() {
      locked { isClosed = true }
      unsafe pthread_cond_signal(condition)
    }

    var backlog: Int { locked { waiting.count + (isBusy ? 1 : 0) } }

    func next() -> (@Sendable () -> Void)? {
      locked {
        isBusy = false
        while waiting.isEmpty {
          if isClosed { return nil }
          unsafe pthread_cond_wait(condition, mutex)
        }
        isBusy = true
        return waiting.removeFirst()
      }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
      unsafe pthread_mutex_lock(mutex)
      defer { unsafe pthread_mutex_unlock(mutex) }
      return body()
    }
  }
}
