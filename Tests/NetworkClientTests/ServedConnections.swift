import Synchronization

/// Which connections of a scripted server have had a request.
final class ServedConnections: Sendable {
  private let numbers = Mutex<Set<Int>>([])

  func isFirst(on connection: Int) -> Bool {
    numbers.withLock { $0.insert(connection).inserted }
  }
}
