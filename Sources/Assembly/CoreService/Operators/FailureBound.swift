internal import Timing

/// Counts failures by a key, and says when there were too many: so and so many in a span of time,
/// after which the key waits until the span is over.
///
/// A value without a clock, and bounded: when the table is full, the key whose span ends first
/// makes room.
struct FailureBound {
  private struct Tally {
    var count: Int
    var since: Instant
  }

  /// How many failures are borne within a span.
  let borne: Int
  let span: Duration
  private let keysMax: Int
  private var tallies: [String: Tally] = [:]

  init(borne: Int, in span: Duration, keysMax: Int = 10_000) {
    (self.borne, self.span, self.keysMax) = (borne, span, keysMax)
  }

  /// How many keys are remembered.
  var count: Int { tallies.count }

  /// How long a key must wait; nil when it need not.
  func wait(of key: String, at now: Instant) -> Duration? {
    guard let tally = tallies[key], tally.count >= borne else { return nil }
    let left = tally.since + span - now
    return left > .zero ? left : nil
  }

  /// Counts a try that may yet succeed: it is taken back by `forgive`.
  mutating func count(_ key: String, at now: Instant) {
    if var tally = tallies[key], tally.since + span > now {
      tally.count += 1
      tallies[key] = tally
      return
    }
    if tallies[key] == nil, tallies.count >= keysMax { makeRoom(now) }
    tallies[key] = Tally(count: 1, since: now)
  }

  /// Takes one failure back: the try succeeded.
  mutating func forgive(_ key: String) {
    guard var tally = tallies[key] else { return }
    tally.count -= 1
    tallies[key] = tally.count > 0 ? tally : nil
  }

  /// Forgets a key: who it stands for has shown who he is.
  mutating func forget(_ key: String) { tallies[key] = nil }

  private mutating func makeRoom(_ now: Instant) {
    tallies = tallies.filter { $0.value.since + span > now }
    guard tallies.count >= keysMax else { return }
    // A tenth at once, so that a flood of names does not sort the table for each of them.
    let oldest = tallies.sorted {
      ($0.value.since, $0.key) < ($1.value.since, $1.key)
    }
    for (key, _) in oldest.prefix(max(1, keysMax / 10)) { tallies[key] = nil }
  }
}
