internal import Timing

/// When a server that could not be had is tried again, by all who want it together.
///
/// PostgreSQL forks a process for every caller, also while it replays its journal and turns all of
/// them away: a service that tries for each of a thousand calls a second keeps it from coming back.
/// One tries, and who comes meanwhile hears what the last one heard.
struct Reconnection {
  private static let first: Duration = .milliseconds(20)
  private static let longest: Duration = .milliseconds(500)

  private var failures = 0
  private var last: (failure: PostgresFailure, retryAt: Instant)?

  /// What whoever wants a connection now hears; nil when he is the one who tries.
  mutating func refusal(at now: Instant) -> PostgresFailure? {
    guard let last else { return nil }
    guard now >= last.retryAt else { return last.failure }
    self.last = (last.failure, now + pause)
    return nil
  }

  /// It is there.
  mutating func succeeded() { (failures, last) = (0, nil) }

  /// It could not be had.
  mutating func failed(_ failure: PostgresFailure, at now: Instant) {
    failures = min(failures + 1, 16)
    last = (failure, now + pause)
  }

  private var pause: Duration { min(Self.first * (1 << max(0, failures - 1)), Self.longest) }
}
