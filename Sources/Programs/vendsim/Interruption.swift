import Glibc
import Platform
import Synchronization

/// The person's or the system's wish that the simulation end: SIGINT or SIGTERM.
///
/// Blocked signals and a `signalfd` would not do here: libdispatch parks the main thread with all
/// signals open, where they would end the process.
struct Interruption: Sendable {
  private static let pipe = Atomic<Int32>(-1)
  private let stream: AsyncStream<Void>
  private let worker = Worker(name: "signals")

  /// The process's one.
  static let shared = Interruption()

  private init() {
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    self.stream = stream
    var numbers: [Int32] = [-1, -1]
    guard Glibc.pipe(&numbers) == 0 else { return }
    for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
    let readEnd = Descriptor(adopting: numbers[0])
    Self.pipe.store(numbers[1], ordering: .releasing)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // Only what signal-safety(7) allows: one write.
      signal(number) { _ in
        var byte: UInt8 = 0
        _ = write(Interruption.pipe.load(ordering: .acquiring), &byte, 1)
      }
    }
    signal(SIGPIPE, SIG_IGN)
    worker.enqueue {
      while let bytes = try? readEnd.read(upTo: 1), !bytes.isEmpty { continuation.yield() }
    }
  }

  /// Returns when a signal has come.
  static func wait() async {
    for await _ in shared.stream { return }
  }

  /// Does `work`, or cancels it when a signal comes first; false in that case.
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
