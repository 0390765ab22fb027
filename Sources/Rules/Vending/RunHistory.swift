/// How the daemon's runs began and ended, since the journal's beginning.
///
/// A run that has ended in order says so; the next one tells a power cut from a crash by the
/// kernel's boot, which a crash of the daemon alone outlives.
public struct RunHistory: Equatable, Sendable, Codable {
  /// Runs that have begun.
  public private(set) var starts: Int64 = 0
  /// Runs that ended with their kernel: the power failed, or the board was reset.
  public private(set) var powerCuts: Int64 = 0
  /// Runs that ended by themselves, or were killed.
  public private(set) var crashes: Int64 = 0
  /// The kernel's boot of the latest run (`/proc/sys/kernel/random/boot_id`).
  public private(set) var boot = ""
  /// Whether the latest run has not said that it ends.
  public private(set) var isRunning = false

  /// The name under which the journal keeps it.
  public static let storageKey = "runs"

  /// No run yet.
  public init() {}

  /// A run begins, under a boot of the kernel that has this name.
  public mutating func begin(boot: String) {
    if isRunning, boot == self.boot {
      crashes += 1
    } else if isRunning {
      powerCuts += 1
    }
    starts += 1
    (self.boot, isRunning) = (boot, true)
  }

  /// The run ends in order.
  public mutating func end() { isRunning = false }
}
