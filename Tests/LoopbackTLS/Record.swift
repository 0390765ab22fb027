internal import Synchronization

/// What a loopback server has seen, shared by its connections' threads.
final class Record: Sendable {
  private let content = Mutex(Content())

  private struct Content {
    var requests: [LoopbackServer.Request] = []
    var connections = 0
    var open: [Int32] = []
    var isStopped = false
  }

  var requests: [LoopbackServer.Request] { content.withLock { $0.requests } }
  var connections: Int { content.withLock { $0.connections } }

  /// Takes note of a connection and gives its index; nil when the server has been stopped.
  func opened(_ number: Int32) -> Int? {
    content.withLock { content in
      if content.isStopped { return nil }
      content.open.append(number)
      content.connections += 1
      return content.connections - 1
    }
  }

  func saw(_ request: LoopbackServer.Request) { content.withLock { $0.requests.append(request) } }

  /// Called before the descriptor is closed, so that `stop` never meets a number of somebody else.
  func closed(_ number: Int32) {
    content.withLock { content in content.open.removeAll { $0 == number } }
  }

  /// Lets no more connections in and gives those that are open.
  func stop() -> [Int32] {
    content.withLock { content in
      content.isStopped = true
      return content.open
    }
  }
}
