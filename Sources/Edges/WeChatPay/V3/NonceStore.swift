package import Timing

/// The nonces of the notices that were taken lately: one that comes again is a replay, since the
/// platform makes a new one for every sending (facts: WeChat Pay B.9, D.1).
///
/// Only nonces whose signature verified come in here, so a stranger cannot fill it.
package struct NonceStore {
  /// More than a fleet of thousands gets within the window.
  let limit: Int
  /// By when each may be forgotten: after that its seal is too old anyway.
  private var ends: [String: WallTime] = [:]

  init(limit: Int) { self.limit = limit }

  /// What a nonce is to the store.
  package enum Verdict { case new, replayed, full }

  /// Takes a nonce that was signed at `moment`.
  package mutating func take(
    _ nonce: String, signedAt moment: WallTime, at now: WallTime
  ) -> Verdict {
    if let end = ends[nonce], end >= now { return .replayed }
    if ends.count >= limit { ends = ends.filter { $0.value >= now } }
    // Rather a notice that comes again in a minute than a replay that is let through.
    guard ends.count < limit else { return .full }
    ends[nonce] = moment + PlatformSeal.window
    return .new
  }

  /// Forgets a nonce, so that the same notice may be given again.
  package mutating func forget(_ nonce: String) { ends[nonce] = nil }
}
