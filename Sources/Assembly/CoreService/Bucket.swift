internal import Timing

/// How many calls may come: a bucket that fills with time.
struct Bucket {
  /// A board's open, polls, permit and settlement come in moments; then it is still for a minute.
  static let machineBurst = 60.0
  static let machinePerSecond = 5.0

  private var left: Double
  private var filledAt: Instant?

  init(burst: Double) { left = burst }

  /// Takes one call out; false when there is none left.
  mutating func take(at now: Instant, perSecond: Double, burst: Double) -> Bool {
    if let last = filledAt {
      left = min(burst, left + Double((now - last).wholeMilliseconds) * perSecond / 1000)
    }
    filledAt = now
    guard left >= 1 else { return false }
    left -= 1
    return true
  }

  /// Whether forgetting it changes nothing.
  func isFull(at now: Instant) -> Bool {
    guard let last = filledAt else { return true }
    let gained = Double((now - last).wholeMilliseconds) * Self.machinePerSecond / 1000
    return left + gained >= Self.machineBurst
  }
}
