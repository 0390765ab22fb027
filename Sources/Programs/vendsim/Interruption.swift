import Platform

/// The person's or the system's wish that the simulation end.
struct Interruption: Sendable {
  /// The process's one; blocked signals cannot be shared out.
  @TaskLocal static var current: Interruption?

  private let stream: AsyncStream<Void>

  /// Blocks the signals and listens for them on a thread of its own.
  init() {
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    self.stream = stream
    guard let signals = try? Signals() else { return }
    let worker = Worker(name: "signals")
    let box = Box(signals: signals)
    worker.enqueue {
      guard let loop = try? EventLoop(),
        (try? box.signals.watch(on: loop) { _ in continuation.yield() }) != nil
      else { return }
      withExtendedLifetime(worker) { loop.run() }
    }
  }

  /// Carries the signals to their thread; nobody else touches them afterwards.
  private struct Box: @unchecked Sendable {
    let signals: Signals
  }

  /// Returns when a signal has come.
  static func wait() async {
    guard let current else { return }
    for await _ in current.stream { return }
  }

  /// Does `work`, or ends it by cancelling when a signal comes first; false in that case.
  static func race(_ work: @escaping @Sendable () async throws -> Void) async throws -> Bool {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await work()
        return true
      }
      group.addTask {
        await wait()
        return false
      }
      defer { group.cancelAll() }
      return try await group.next() ?? false
    }
  }
}
