internal import Platform
internal import Timing

/// A lane with its relay, motor and products.
///
/// The motor makes one turn when the relay has been on for the turn time, and another after each
/// rotation time that it stays on: a relay that sticks gives goods away.
public final class EmulatedLane {
  /// What the lane does with a turn.
  public enum Mood: Hashable, Sendable {
    case works
    /// The product hangs: nothing falls, and nothing is gone from the lane.
    case jammed
    /// The product hangs for so long, then falls.
    case late(Duration)
    /// Two products come at once.
    case double
  }

  private let loop: EventLoop
  private let behaviour: BoardBehaviour
  private let tell: (BoardEvent) -> Void
  private let fell: () -> Void
  private(set) var state: BoardSnapshot.Lane
  private var onSince: Instant?
  private var motor: EventLoop.TimerToken?
  private static let doubleGap = Duration.milliseconds(120)

  init(
    loop: EventLoop, channel: String, behaviour: BoardBehaviour,
    tell: @escaping (BoardEvent) -> Void, fell: @escaping () -> Void
  ) {
    (self.loop, self.behaviour, self.tell, self.fell) = (loop, behaviour, tell, fell)
    state = BoardSnapshot.Lane(channel: channel, pieces: behaviour.pieces, mood: .works)
  }

  func set(_ mood: Mood) { state.mood = mood }
  func set(pieces: Int) { state.pieces = max(0, pieces) }

  /// The relay's coil is fed or not.
  func drive(_ isOn: Bool) {
    guard isOn != state.isRelayOn else { return }
    state.isRelayOn = isOn
    let now = Clock.now()
    if isOn {
      onSince = now
      state.pulses += 1
      armMotor(after: behaviour.turnTime)
      tell(.relayOn(channel: state.channel, at: now))
    } else {
      let duration = now - (onSince ?? now)
      (onSince, state.onTime) = (nil, state.onTime + duration)
      state.longestPulse = max(state.longestPulse, duration)
      if let motor { loop.cancel(motor) }
      motor = nil
      tell(.relayOff(channel: state.channel, onFor: duration, at: now))
    }
  }

  private func armMotor(after delay: Duration) {
    motor = loop.arm(after: delay) { [weak self] in
      guard let self else { return }
      turn()
      armMotor(after: behaviour.rotationTime)
    }
  }

  private func turn() {
    let count =
      switch state.mood {
      case .jammed: 0
      case .works, .late: min(1, state.pieces)
      case .double: min(2, state.pieces)
      }
    var hanging = Duration.zero
    if case .late(let duration) = state.mood { hanging = duration }
    state.pieces -= count
    tell(.laneTurned(channel: state.channel, pieces: count, at: Clock.now()))
    for index in 0..<count {
      let delay = behaviour.fallTime + hanging + Self.doubleGap * index
      loop.arm(after: delay) { [weak self] in self?.land() }
    }
  }

  private func land() {
    state.fallen += 1
    tell(.productFell(channel: state.channel, at: Clock.now()))
    fell()
  }
}
