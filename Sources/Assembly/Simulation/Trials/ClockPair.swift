internal import Platform
internal import Timing

/// One moment by a clock of milliseconds and by ours, so that the times of its books can be laid
/// among those of the wires.
struct ClockPair: Hashable, Sendable {
  private let wall: WallTime
  private let instant: Instant

  /// A clock that began when ours did.
  init() { (wall, instant) = (WallTime(milliseconds: 0), .zero) }

  /// A moment by both clocks.
  init(_ wall: WallTime, at instant: Instant) { (self.wall, self.instant) = (wall, instant) }

  /// Looks at a clock until it turns to its next millisecond, and then at ours.
  ///
  /// Read at any other time it would be up to a millisecond behind, and an entry of a journal would
  /// seem to come after what it was written before.
  init(of clock: () -> WallTime) {
    let before = clock()
    var after = before
    while after == before { after = clock() }
    self.init(after, at: Clock.now())
  }

  /// When the other clock said this: never later than what was so written down.
  func instant(of time: WallTime) -> Instant {
    instant + .milliseconds(time.milliseconds - wall.milliseconds)
  }

  /// What the other clock said at a moment.
  func wallTime(at moment: Instant) -> WallTime { wall + (moment - instant) }
}
