internal import Glibc
package import Timing

/// Wakes threads that wait for something to happen; a ring that nobody waits for is not lost.
@safe
package final class Bell: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var rings: UInt64 = 0

  /// A bell that has not rung.
  package init() {
    unsafe pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  /// How often it has rung: what to wait for more than.
  package var count: UInt64 {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return rings
  }

  /// Wakes everybody.
  package func ring() {
    unsafe pthread_mutex_lock(mutex)
    rings += 1
    unsafe pthread_mutex_unlock(mutex)
    unsafe pthread_cond_broadcast(condition)
  }

  /// Waits until it has rung more often than `count`, or until a moment of the monotonic clock.
  package func wait(beyond count: UInt64, until limit: Instant) {
    var moment = timespec(
      tv_sec: Int(limit.nanoseconds / 1_000_000_000),
      tv_nsec: Int(limit.nanoseconds % 1_000_000_000))
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while rings <= count {
      if unsafe pthread_cond_timedwait(condition, mutex, &moment) != 0 { return }
    }
  }
}
