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

  /// Looks at a clock until it turns to its next millisecond, with ours read before and behind.
  ///
  /// Read at any other time it would be up to a millisecond behind, and an entry of a journal would
  /// seem to come after what it was written before. Who is put aside in between looks again.
  init(of clock: () -> WallTime) {
    var best = (wall: clock(), instant: Instant.zero, doubt: Duration.seconds(3600))
    for _ in 0..<20 where best.doubt > .microseconds(50) {
      let turn = Self.turn(of: clock)
      if turn.doubt < best.doubt { best = turn }
    }
    self.init(best.wall, at: best.instant)
  }

  /// A turn of a clock: what it says then, and a moment that was not later, by so much at most.
  private static func turn(
    of clock: () -> WallTime
  ) -> (wall: WallTime, instant: Instant, doubt: Duration) {
    var earlier = Clock.now()
    var last = clock()
    while true {
      let now = Clock.now()
      let wall = clock()
      if wall != last { return (wall, earlier, Clock.now() - earlier) }
      (earlier, last) = (now, wall)
    }
  }

  /// When the other clock said this: never later than what was so written down.
  func instant(of time: WallTime) -> Instant {
    instant + .milliseconds(time.milliseconds - wall.milliseconds)
  }

  /// What the other clock said at a moment.
  func wallTime(at moment: Instant) -> WallTime { wall + (moment - instant) }
}
