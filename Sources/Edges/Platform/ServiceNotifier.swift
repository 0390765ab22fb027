internal import CLinux
internal import Glibc
internal import Timing

/// Tells systemd how the daemon is (sd_notify(3)), and how often systemd wants to hear.
///
/// The protocol is one datagram of `NAME=value` lines to `$NOTIFY_SOCKET`; libsystemd is not
/// needed.
public struct ServiceNotifier: Sendable {
  private let path: String?
  /// How long systemd waits for a sign of life before it restarts us; nil when it does not watch.
  public let watchdogLimit: Duration?

  /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
  public init() {
    self.init(
      socket: Environment["NOTIFY_SOCKET"], watchdogMicroseconds: Environment["WATCHDOG_USEC"],
      watchdogProcess: Environment["WATCHDOG_PID"])
  }

  /// Takes the three settings as text.
  public init(socket: String?, watchdogMicroseconds: String?, watchdogProcess: String?) {
    path = socket.flatMap { $0.isEmpty ? nil : $0 }
    let isForUs = watchdogProcess.map { $0 == String(getpid()) } ?? true
    watchdogLimit = watchdogMicroseconds.flatMap { Int64($0) }.flatMap {
      isForUs && $0 > 0 ? .microseconds($0) : nil
    }
  }

  /// The daemon can sell, or has said why not.
  public func ready(status: String) { send("READY=1\nSTATUS=\(oneLine(status))") }
  /// One line for `systemctl status`.
  public func status(_ status: String) { send("STATUS=\(oneLine(status))") }
  /// Sign of life.
  public func watchdog() { send("WATCHDOG=1") }
  /// The daemon is on its way out.
  public func stopping(status: String) { send("STOPPING=1\nSTATUS=\(oneLine(status))") }

  private func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }

  private func send(_ message: String) {
    guard let path else { return }
    let number = unsafe vend_unix_connect(path, Int32(SOCK_DGRAM.rawValue))
    guard number >= 0 else { return }
    let socket = Descriptor(adopting: number)
    // Lost news is sent again at the next change or tick; there is nobody to tell of a failure.
    _ = try? socket.write(Array(message.utf8)[...])
  }
}

/// The process's environment.
public enum Environment {
  /// The variable's value; nil when it is not set.
  public static subscript(name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
