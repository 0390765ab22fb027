internal import Glibc
internal import Platform
internal import Storage
private import Synchronization

/// The lock file of a world's state, real and with the shipped lock, in a directory of its own.
final class LockFile {
  private let directory: String
  private var lock: StateLock?
  private static let count = Atomic<Int>(0)

  init() {
    let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    // In memory where there is such a place: a world starts its board some thousand times a second.
    let place = Files.exists("/dev/shm") ? "/dev/shm" : "/tmp"
    directory = "\(place)/vend-world-\(getpid())-\(number)"
    mkdir(directory, 0o700)
  }

  deinit {
    lock = nil
    unlink("\(directory)/vendd.lock")
    rmdir(directory)
  }

  /// The daemon that starts takes it.
  func take() { lock = try? StateLock(directory: directory) }

  /// Its process is gone.
  func letGo() { lock = nil }

  /// Whether a second daemon would get in.
  var isOpenToAnother: Bool { (try? StateLock(directory: directory)) != nil }
}
