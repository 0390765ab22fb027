package import Timing

/// The nonces of the notices that were taken lately: one that comes again is a replay, since the
/// platform makes a new one for every sending (facts: WeChat Pay B.9, D.1).
///
/// Only nonces whose signature verified come in here, so a stranger cannot fill it.
package struct NonceStore {
  /// How many may come within twice the window, in which a nonce can come again.
  let limit: Int
  /// By a hash with a key of this process, eight bytes each: a nonce that is new is taken for a
  /// replay once in 10^12 notices, and then the platform sends it again.
  private var fresh: Set<Int> = []
  /// Those of the span before: only when nothing of it can come again, it goes.
  private var former: Set<Int> = []
  private var turnedAt: WallTime?

  init(limit: Int) { self.limit = limit }

  /// What a nonce is to the store.
  package enum Verdict { case new, replayed, full }

  /// Takes a nonce whose seal was good at `now`.
  package mutating func take(_ nonce: String, at now: WallTime) -> Verdict {
    turn(at: now)
    let mark = nonce.hashValue
    if fresh.contains(mark) || former.contains(mark) { return .replayed }
    // Rather a notice that comes again in a minute than a replay that is let through.
    guard fresh.count < limit else { return .full }
    fresh.insert(mark)
    return .new
  }

  /// Forgets a nonce, so that the same notice may be given again.
  package mutating func forget(_ nonce: String) {
    fresh.remove(nonce.hashValue)
    former.remove(nonce.hashValue)
  }

  /// A seal is good from one window before its moment to one after it.
  private mutating func turn(at now: WallTime) {
    let span = PlatformSeal.window * 2
    guard let last = turnedAt, now >= last else { return turnedAt = now }
    guard now - last > span else { return }
    former = now - last > span * 2 ? [] : fresh
    fresh = []
    turnedAt = now
  }
}
