internal import Glibc
internal import Platform
internal import Timing

/// Silence on a line, kept on the display's own thread.
enum Quiet {
  /// Waits until the moment: some tens of milliseconds at most.
  static func wait(until moment: Instant) {
    while true {
      let left = (moment - Clock.now()).wholeNanoseconds
      guard left > 0 else { return }
      var time = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
      unsafe nanosleep(&time, nil)
    }
  }
}
