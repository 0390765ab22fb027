internal import FoundationEssentials
internal import Platform
internal import Synchronization

// The service's process, its database, and what it says of an order.
extension SimulatedFleet {
  /// Whether the service has told that it is ready.
  public var isReady: Bool { told.isReady.withLock { $0 } }

  /// Starts a service that has ended, as systemd does; `held` as `DaemonProcess.start` has it.
  func startService(held: Bool = false) async throws {
    told.isReady.withLock { $0 = false }
    try await service.start(held: held)
  }

  func awaitService() async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while !isReady, service.isRunning, ContinuousClock.now < deadline {
      await pause(.milliseconds(20))
    }
    guard isReady else {
      throw Failure(words: "vendpay is not ready: see \(folder)/vendpay.log")
    }
  }

  /// Kills the service (`kill -9`) and starts it again, as systemd does.
  public func restartService() async throws {
    await service.kill()
    try await startService()
    try await awaitService()
  }

  /// Kills the service's database (`kill -9` of all its processes), and starts it again after a
  /// time.
  func restartDatabase(after time: Duration) async throws {
    guard let database else { return }
    try await Self.blocking { database.stop(killing: true) }
    await pause(time)
    try await Self.blocking { () throws(DatabaseServer.Failure) in try database.start() }
    try await reviveService()
  }

  static func makeDatabase() async throws -> DatabaseServer {
    try await blocking { () throws(DatabaseServer.Failure) in try DatabaseServer() }
  }

  func endDatabase() async {
    guard let database else { return }
    try? await Self.blocking { database.stop(killing: false) }
  }

  /// Does something that waits on a thread of its own.
  private static func blocking<Value: Sendable>(
    _ body: @escaping @Sendable () throws(DatabaseServer.Failure) -> Value
  ) async throws -> Value {
    let worker = Worker(name: "database")
    return try await withCheckedContinuation { continuation in
      worker.enqueue {
        continuation.resume(
          returning: Result { () throws(DatabaseServer.Failure) in try body() })
      }
    }.get()
  }

  /// Starts the service again if it has ended by itself, and again until it serves.
  private func reviveService() async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      if !service.isRunning { try await startService() }
      do {
        return try await awaitService()
      } catch {
        guard ContinuousClock.now < deadline else { throw error }
        await pause(.milliseconds(200))
      }
    }
  }

  /// An order in the service's own book; nil when it has none of that number.
  func serviceOrder(_ number: String) async throws -> ServiceOrder? {
    let outcome = try await ChildProcess.run(
      [program, "order", number, "--json", "--config", serviceFile])
    if outcome.exit == .status(0) {
      return try JSONDecoder().decode(ServiceOrder.self, from: Data(outcome.output))
    }
    let words = String(decoding: outcome.errors, as: UTF8.self)
    if words.contains("no order is or ends in") { return nil }
    throw Failure(words: "vendpay order \(number): \(words)")
  }
}
