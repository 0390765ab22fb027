/// Does something in a task of its own, and waits for it.
///
/// A task keeps, until it ends, the deepest stack that it ever had. One that serves a connection
/// for days, or waits for half a minute, is not to keep that of its busiest moment: what goes deep
/// is done apart, and its stack goes with it. What was begun so is not cancelled with the waiter.
@inline(never)
public func apart<Result: Sendable>(
  _ body: @escaping @Sendable () async -> Result
) async -> Result {
  await Task.detached { await body() }.value
}

/// Does something that may fail in a task of its own, and waits for it.
@inline(never)
public func apart<Result: Sendable>(
  _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  try await Task.detached { try await body() }.value
}
