internal import MachineFiles
internal import Devices
internal import Ordering
internal import Platform
internal import Timing
internal import Vending
internal import Wiring

/// Everything in the cabinet that hangs on GPIO lines: relays, keypad, drop sensor, door.
///
/// The relays are taken first, with their off values: that is the daemon's first act. A line that
/// is lost takes all of them down, and all are taken again with growing pauses; the order of a sale
/// that was under way is judged by the machine, never by a second pulse.
final class Cabinet {
  /// What the machine learns.
  enum News {
    case keyPressed(String)
    case dropSensed
    /// The switch of a channel's lane tells that it is empty, or not any more.
    case emptied(channel: String, Bool)
    case raised(Fault)
    case cleared(Fault.Code, subject: String)
  }

  /// How a pulse ended.
  enum PulseEnd: Equatable {
    case done(onFor: Duration)
    case refused(String)
    case doubtful(String)
    case stuckOn(String)
  }

  private let loop: EventLoop
  private let board: BoardConfiguration
  private let usesDropSensor: Bool
  private let tell: (News) -> Void
  private var relays: [String: Relay] = [:]
  private var keypad: MatrixKeypad?
  private var sensor: DropSensor?
  private var door: Door?
  private var soldOut: [String: SoldOutSwitch] = [:]
  private var retry: EventLoop.TimerToken?
  private var attempts = 0
  /// Sees every key instead of the machine while a technician tests the keypad.
  var keyListener: ((String) -> Void)?
  /// The last key and when it was pressed, for whoever watches; and when something fell last.
  private(set) var lastKey: (legend: String, at: Instant)?
  private(set) var lastDrop: Instant?
  /// Sees sensor and door while a technician tests them.
  var sensorListener: ((String) -> Void)?

  init(
    loop: EventLoop, board: BoardConfiguration, usesDropSensor: Bool,
    tell: @escaping (News) -> Void
  ) {
    (self.loop, self.board, self.usesDropSensor, self.tell) = (loop, board, usesDropSensor, tell)
  }

  /// Whether every line is held and works.
  var isWell: Bool { keypad != nil }

  /// Takes every line; what fails is told and tried again.
  func open() {
    retry = nil
    release()
    do throws(GPIOError) {
      try takeLines()
      attempts = 0
      tell(.cleared(.linesLost, subject: ""))
      if door?.isOpen == true { tell(.raised(Fault(.doorOpen))) }
      if sensor?.isBlocked == true { tell(.raised(Fault(.sensorBlocked))) }
      for (channel, lane) in soldOut { tell(.emptied(channel: channel, lane.isEmpty)) }
    } catch {
      lose(error)
    }
  }

  /// Lets every line go; relays go off on the way.
  func release() {
    if let retry { loop.cancel(retry) }
    retry = nil
    for relay in relays.values { relay.switchOff() }
    (relays, keypad, sensor, door, soldOut) = ([:], nil, nil, nil, [:])
  }

  /// Switches a lane's relay on for the lane's time, once, and consumes the permit for it.
  func pulse(
    _ permit: consuming DispensePermit, _ lane: Plan.Lane, then end: @escaping (PulseEnd) -> Void
  ) {
    guard let relay = relays[lane.channel] else {
      return end(.refused("the lines are gone"))
    }
    relay.pulse(permit, for: lane.pulse) { outcome in
      switch outcome {
      case .done(let duration): end(.done(onFor: duration))
      case .refused(let reason): end(.refused("\(reason)"))
      case .failed(.stuckOn): end(.stuckOn("line \(relay.name) reads on"))
      case .failed(.noDrive): end(.doubtful("line \(relay.name) reads off while on"))
      case .failed(.line(let error)): end(.doubtful("\(error)"))
      }
    }
  }

  /// Whether a relay reads as it should; the words of the first that stays on.
  ///
  /// A line that cannot be read is lost, with all others, and no relay is stuck for it. One that
  /// does not switch on was told of at its pulse, and closes its lane alone.
  func relayTrouble() -> String? {
    for (channel, relay) in relays.sorted(by: { $0.key < $1.key }) {
      switch relay.check() {
      case .line(let error):
        lose(error)
        return nil
      case .stuckOn: return "\(channel) reads on"
      case .noDrive, nil: continue
      }
    }
    return nil
  }

  /// Sensor and door in words, for the technician.
  var inputs: String {
    let beam = sensor.map { $0.isActive ? "broken" : "free" } ?? "not fitted"
    let panel = door.map { $0.isOpen ? "open" : "closed" } ?? "not fitted"
    return "drop sensor \(beam), door \(panel)"
  }

  /// Whether the door is open; nil where none is fitted.
  var doorIsOpen: Bool? { door?.isOpen }
  /// Whether something is in the sensor's beam; nil where none is fitted or used.
  var beamIsBroken: Bool? { sensor?.isActive }
  /// Channels whose relay is on.
  var relaysOn: [String] { relays.filter(\.value.isOn).map(\.key).sorted() }
  /// Channels whose lane is empty by its own switch.
  var emptyChannels: [String] { soldOut.filter(\.value.isEmpty).map(\.key).sorted() }
  var stuckKeys: [String] { keypad?.stuckKeys ?? [] }

  // MARK: Taking

  private func takeLines() throws(GPIOError) {
    let bank = try board.openLines(consumer: "vendd")
    for relay in board.relays {
      relays[relay.channel] = try Relay(
        loop: loop, bank: bank, line: LineSettings(relay.line), cap: relay.cap)
    }
    try takeSoldOutSwitches(bank)
    if let input = board.dropSensor, usesDropSensor {
      sensor = try DropSensor(
        loop: loop, bank: bank, line: LineSettings(input.line), debounce: input.debounce
      ) { [weak self] in self?.sensorSaid($0) }
    }
    if let input = board.door {
      door = try Door(
        loop: loop, bank: bank, line: LineSettings(input.line), debounce: input.debounce
      ) { [weak self] in self?.doorSaid($0) }
    }
    keypad = try MatrixKeypad(
      loop: loop, bank: bank,
      settings: MatrixKeypad.Settings(
        rows: board.keypad.rows.map { LineSettings($0) },
        columns: board.keypad.columns.map { LineSettings($0) }, legends: board.keypad.keys,
        debounce: board.keypad.debounce, stuckAfter: board.keypad.stuckAfter)
    ) { [weak self] in self?.keypadSaid($0) }
  }

  private func takeSoldOutSwitches(_ bank: any GPIOBank) throws(GPIOError) {
    for relay in board.relays {
      guard let input = relay.soldOut else { continue }
      let channel = relay.channel
      soldOut[channel] = try SoldOutSwitch(
        loop: loop, bank: bank, line: LineSettings(input.line), debounce: input.debounce
      ) { [weak self] event in
        switch event {
        case .emptied: self?.tell(.emptied(channel: channel, true))
        case .filled: self?.tell(.emptied(channel: channel, false))
        case .failed(let error): self?.lose(error)
        }
      }
    }
  }

  // MARK: What they say

  private func keypadSaid(_ event: KeypadEvent) {
    switch event {
    case .pressed(let key):
      lastKey = (key, Clock.now())
      if let keyListener { keyListener(key) } else { tell(.keyPressed(key)) }
    case .stuck(let key): tell(.raised(Fault(.keyStuck, key)))
    case .freed(let key): tell(.cleared(.keyStuck, subject: key))
    case .failed(let error): lose(error)
    }
  }

  private func sensorSaid(_ event: DropSensor.Event) {
    switch event {
    case .dropped(let at):
      lastDrop = at
      sensorListener?("drop sensor: something fell")
      tell(.dropSensed)
    case .blocked:
      sensorListener?("drop sensor: blocked")
      tell(.raised(Fault(.sensorBlocked)))
    case .cleared:
      sensorListener?("drop sensor: free")
      tell(.cleared(.sensorBlocked, subject: ""))
    case .failed(let error): lose(error)
    }
  }

  private func doorSaid(_ event: Door.Event) {
    switch event {
    case .opened:
      sensorListener?("door: open")
      tell(.raised(Fault(.doorOpen)))
    case .closed:
      sensorListener?("door: closed")
      tell(.cleared(.doorOpen, subject: ""))
    case .failed(let error): lose(error)
    }
  }

  /// The lines are gone, or one of them: all are let go and taken again later.
  private func lose(_ error: GPIOError) {
    // Not from within the object that says it: its lines are still on the stack.
    guard retry == nil else { return }
    attempts += 1
    tell(.raised(Fault(.linesLost, "", "\(error)")))
    let pause = min(.milliseconds(250) * (1 << min(attempts, 6)), Duration.seconds(10))
    retry = loop.arm(after: pause) { [weak self] in self?.open() }
  }
}
