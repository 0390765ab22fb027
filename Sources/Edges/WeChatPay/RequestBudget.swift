public import Timing

/// How many calls a merchant's account may make here: a bucket that fills with time and is emptied
/// by calls.
///
/// The platform counts all calls of a merchant, from every machine (600 orders and 1800 queries a
/// second), and blocks those who refund wrongly more than six times a second for a minute (facts:
/// WeChat Pay A.13, D.27). A machine that runs wild must not stop its siblings.
public struct RequestBudget: Hashable, Sendable {
  /// Calls that may come at once.
  public var burst: Int
  /// The time in which one more may.
  public var pause: Duration
  private var left: Int
  private var filledAt: Instant?

  /// Makes a full bucket.
  public init(burst: Int, pause: Duration) {
    (self.burst, self.pause, left) = (burst, pause, burst)
  }

  /// What one machine needs at its busiest, several times over.
  public static let machine = RequestBudget(burst: 40, pause: .milliseconds(100))
  /// Refunds of one machine: the platform itself wants them a minute apart.
  public static let machineRefunds = RequestBudget(burst: 10, pause: .seconds(2))

  /// Takes one call out; false when there is none left.
  public mutating func take(at now: Instant) -> Bool {
    fill(at: now)
    guard left > 0 else { return false }
    left -= 1
    return true
  }

  /// Whether forgetting it would change nothing.
  public func isFull(at now: Instant) -> Bool {
    var later = self
    later.fill(at: now)
    return later.left == burst
  }

  private mutating func fill(at now: Instant) {
    let last = filledAt ?? now
    let gained = max(0, (now - last).wholeNanoseconds / max(1, pause.wholeNanoseconds))
    left = Int(min(Int64(burst), Int64(left) + gained))
    filledAt = left == burst ? now : last + pause * gained
  }
}
