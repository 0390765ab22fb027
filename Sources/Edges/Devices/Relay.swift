public import Ordering
public import Platform
public import Timing

/// One relay, which is off but for pulses that someone holds a permit for.
///
/// It owns its line, requested with the off value. It is switched off by its own deadline, when it
/// is let go, and by whoever serves the line when this process dies. Every switch is read back.
public final class Relay {
  /// How a pulse ended.
  ///
  /// Exactly one comes for each call of `pulse`.
  public enum Outcome: Equatable, Sendable {
    /// On and off again, both read back.
    case done(onFor: Duration)
    /// Nothing moved.
    case refused(Refusal)
    /// Something may have moved: the line does not do what it is told.
    case failed(Fault)
  }

  /// Why a pulse did not begin.
  public enum Refusal: Equatable, Sendable {
    /// The pulse before has not ended.
    case alreadyOn
    /// A pulse of no length.
    case noTime
    /// The line failed before; a new relay object has to be made of it.
    case faulty(Fault)
  }

  /// What is wrong with the line.
  public enum Fault: Equatable, Sendable {
    /// Switched on, the line reads off.
    case noDrive
    /// Switched off, the line reads on.
    case stuckOn
    /// The line cannot be reached.
    case line(GPIOError)
  }

  /// The channel's name, for messages.
  public var name: String { line.name }
  /// The longest pulse, whatever is asked for.
  public let cap: Duration
  /// What is wrong, once something was.
  public private(set) var fault: Fault?

  private struct Pulse {
    let began: Instant
    let completion: (Outcome) -> Void
  }

  private static let switchOffTries = 3
  private static let switchOffPause = Duration.milliseconds(10)
  private static let insistentTries = 60
  private static let insistentPause = Duration.seconds(1)
  private let loop: EventLoop
  private let line: any OutputLine
  private var pulse: Pulse?

  /// Takes the line, off.
  public init(
    loop: EventLoop, bank: any GPIOBank, line settings: LineSettings, cap: Duration
  ) throws(GPIOError) {
    precondition(cap > .zero, "a relay has a cap")
    (self.loop, self.cap) = (loop, cap)
    line = try bank.output(settings, initially: false)
  }

  /// Switches off; a pulse that was on its way still has its outcome, after this.
  deinit {
    let trouble = tryOff()
    guard let pulse else { return }
    let duration = Clock.now() - pulse.began
    loop.arm(at: Clock.now()) {
      pulse.completion(trouble.map { .failed($0) } ?? .done(onFor: duration))
    }
  }

  /// Whether a pulse is on its way.
  public var isOn: Bool { pulse != nil }

  /// Reads the line without moving it: nil when it is well, which off a pulse means off.
  public func check() -> Fault? {
    if let fault { return fault }
    do throws(GPIOError) {
      return try line.get() == isOn ? nil : (isOn ? .noDrive : .stuckOn)
    } catch {
      return .line(error)
    }
  }

  /// When a pulse that began at that moment is over, whatever length was asked for.
  public static func end(of duration: Duration, from began: Instant, cap: Duration) -> Instant {
    began + min(duration, cap)
  }

  /// Switches on for `duration` or the cap, whichever is shorter, and consumes the permit for it.
  ///
  /// `completion` is called once, on the loop, after this call has returned.
  public func pulse(
    _ permit: consuming DispensePermit, for duration: Duration,
    then completion: @escaping (Outcome) -> Void
  ) {
    if let fault { return later { completion(.refused(.faulty(fault))) } }
    guard pulse == nil else { return later { completion(.refused(.alreadyOn)) } }
    guard duration > .zero else { return later { completion(.refused(.noTime)) } }
    let began = Clock.now()
    pulse = Pulse(began: began, completion: completion)
    // Armed before the line moves: there is no moment at which it is on without an end.
    loop.arm(at: Self.end(of: duration, from: began, cap: cap)) { [weak self] in
      self?.timeIsUp(began)
    }
    do throws(GPIOError) {
      try line.set(true)
      if try !line.get() { switchOff(because: .noDrive, triesLeft: Self.switchOffTries) }
    } catch {
      switchOff(because: .line(error), triesLeft: Self.switchOffTries)
    }
  }

  /// Ends a pulse at once; the pulse's own completion says how long it was on.
  public func switchOff() {
    if pulse != nil { switchOff(because: nil, triesLeft: Self.switchOffTries) }
  }

  private func timeIsUp(_ began: Instant) {
    guard pulse?.began == began else { return }
    switchOff(because: nil, triesLeft: Self.switchOffTries)
  }

  /// Switches off and reads back; `reason` is what ended the pulse early, nil when its time was up.
  private func switchOff(because reason: Fault?, triesLeft: Int) {
    guard let trouble = tryOff() else { return end(reason) }
    guard triesLeft > 1 else {
      insist(Self.insistentTries)
      return end(trouble)
    }
    loop.arm(after: Self.switchOffPause) { [weak self] in
      guard let self, pulse != nil else { return }
      switchOff(because: reason, triesLeft: triesLeft - 1)
    }
  }

  private func tryOff() -> Fault? {
    do throws(GPIOError) {
      try line.set(false)
      return try line.get() ? .stuckOn : nil
    } catch {
      return .line(error)
    }
  }

  /// The failure is told, and the relay is out of use; still, nothing is lost by trying on.
  private func insist(_ triesLeft: Int) {
    guard triesLeft > 0 else { return }
    loop.arm(after: Self.insistentPause) { [weak self] in
      guard let self, tryOff() != nil else { return }
      insist(triesLeft - 1)
    }
  }

  private func end(_ fault: Fault?) {
    guard let ended = pulse else { return }
    pulse = nil
    let duration = Clock.now() - ended.began
    self.fault = fault
    later { ended.completion(fault.map { .failed($0) } ?? .done(onFor: duration)) }
  }

  private func later(_ action: @escaping () -> Void) { loop.arm(at: Clock.now(), fire: action) }
}
