internal import Platform
private import Synchronization

/// Serial ports that are being closed, each on a thread of its own.
///
/// The kernel waits in close() for bytes that the other end has not taken: with a USB panel that
/// hangs thirty seconds (`closing_wait`), and five more for each control message. Only root may
/// change that, so whoever has found the panel dead must not be the one who waits. A second open of
/// such a port would wait as long, and is refused until then.
final class PortClosings: Sendable {
  /// Those of this process.
  static let ofThisProcess = PortClosings()

  private let paths = Mutex<[String: Int]>([:])

  /// Calls `letGo`, which may take its time, and returns at once.
  func begin(_ path: String, _ letGo: @escaping @Sendable () -> Void) {
    paths.withLock { $0[path, default: 0] += 1 }
    Worker(name: "close").enqueue { [self] in
      letGo()
      paths.withLock { paths in
        paths[path] = paths[path].flatMap { $0 > 1 ? $0 - 1 : nil }
      }
    }
  }

  /// Whether somebody still waits for the kernel to close a port.
  func isClosing(_ path: String) -> Bool { paths.withLock { $0[path] != nil } }
}
