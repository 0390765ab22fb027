internal import FleetStorage
internal import Platform
internal import Synchronization
internal import Timing

/// Lets a thread that may block wait for asynchronous work: a command's main thread.
enum Blocking {
  /// Does the work and waits for it.
  static func wait<Result: Sendable>(
    _ body: @escaping @Sendable () async -> Result
  ) -> Result {
    let answer = Answer<Result>()
    Task { answer.give(await body()) }
    return answer.take()
  }

  private final class Answer<Result: Sendable>: Sendable {
    private let value = Mutex<Result?>(nil)
    private let bell = Bell()

    func give(_ result: Result) {
      value.withLock { $0 = result }
      bell.ring()
    }

    func take() -> Result {
      while true {
        if let result = value.withLock({ $0 }) { return result }
        bell.wait(beyond: 0, until: Clock.now() + .seconds(3600))
      }
    }
  }
}
