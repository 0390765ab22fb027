internal import CLinux
internal import Glibc

/// Work that waits for a thread, and the threads that do it.
///
/// It stands under a mutex and a condition; the condition is why it is not
/// `Synchronization.Mutex`.
@safe
final class WorkQueue: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// What waits from `first` on: taking one out must not move all the others.
  private var waiting: [(@Sendable () -> Void)?] = []
  private var first = 0
  private var busy = 0
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

  private final class Start: Sendable {
    let name: String
    let queue: WorkQueue
    init(name: String, queue: WorkQueue) { (self.name, self.queue) = (name, queue) }
  }

  /// Starts a thread that works until the queue is closed; it keeps the queue until then.
  func serve(name: String) {
    let start = unsafe Unmanaged.passRetained(Start(name: name, queue: self)).toOpaque()
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
        var isBusy = false
        while let work = start.queue.next(isBusy: isBusy) {
          isBusy = true
          work()
        }
        return nil
      }, start)
    unsafe pthread_attr_destroy(&attributes)
    precondition(result == 0, "a thread could not be started")
    pthread_detach(thread)
  }

  func append(_ work: @escaping @Sendable () -> Void) {
    locked { waiting.append(work) }
    unsafe pthread_cond_signal(condition)
  }

  func close() {
    locked { isClosed = true }
    unsafe pthread_cond_broadcast(condition)
  }

  var backlog: Int { locked { waiting.count - first + busy } }

  /// The next piece for a thread that has just done one, or is new.
  private func next(isBusy: Bool) -> (@Sendable () -> Void)? {
    locked {
      if isBusy { busy -= 1 }
      while first == waiting.count {
        if isClosed { return nil }
        unsafe pthread_cond_wait(condition, mutex)
      }
      busy += 1
      let work = waiting[first]
      waiting[first] = nil
      first += 1
      if first == waiting.count || first == 1024 {
        waiting.removeFirst(first)
        first = 0
      }
      return work
    }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body()
  }
}
