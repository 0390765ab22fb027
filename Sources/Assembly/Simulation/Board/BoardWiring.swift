internal import MachineFiles
internal import Devices
internal import Platform
internal import Timing

/// The board's wires: what clients do to lines reaches keys and relays, and the other way round.
final class BoardWiring {
  let lanes: [EmulatedLane]
  private(set) var isDoorOpen = false
  /// Lanes, by their relay's place, whose switch is active.
  private var emptyLanes: Set<Int> = []
  /// Relays, by their place, whose driver's transistor burns through when it is switched on next,
  /// and those whose has.
  private var weakDrivers: Set<Int> = []
  private var burntDrivers: Set<Int> = []
  private let channels: [String]
  private(set) var shortCircuits = 0
  var sensorFault = SensorFault.none { didSet { refresh() } }

  private let loop: EventLoop
  private let behaviour: BoardBehaviour
  private let lines: [String: BoardLine]
  private let rows: [BoardLine]
  private let columns: [BoardLine]
  private let tell: (BoardEvent) -> Void
  private var keypad: EmulatedKeypad?
  private var productsInBeam = 0
  private var isShorted = false

  init(
    loop: EventLoop, configuration: BoardConfiguration, behaviour: BoardBehaviour,
    tell: @escaping (BoardEvent) -> Void
  ) throws(EmulatedBoardError) {
    (self.loop, self.behaviour, self.tell) = (loop, behaviour, tell)
    channels = configuration.relays.map(\.channel)
    let all = Self.lines(of: configuration)
    var lines: [String: BoardLine] = [:]
    for line in all {
      guard RemoteIO.isName(line.address) else { throw .badLineName(line.address) }
      guard lines.updateValue(line, forKey: line.address) == nil else {
        throw .duplicateLine(line.address)
      }
    }
    self.lines = lines
    rows = all.filter { if case .row = $0.role { true } else { false } }
    columns = all.filter { if case .column = $0.role { true } else { false } }
    let landing = Landing()
    lanes = configuration.relays.map { relay in
      EmulatedLane(
        loop: loop, channel: relay.channel, behaviour: behaviour, tell: tell,
        fell: { landing.wiring?.productEntersBeam() })
    }
    landing.wiring = self
    keypad = EmulatedKeypad(
      loop: loop, legends: configuration.keypad.keys, bounce: behaviour.bounce,
      changed: { [weak self] in self?.refresh() })
    for line in all { line.toldHigh = level(of: line) }
  }

  /// Lanes know where their products land before the wiring is whole.
  private final class Landing { weak var wiring: BoardWiring? }

  private static func lines(of configuration: BoardConfiguration) -> [BoardLine] {
    let keypad = configuration.keypad
    var all = keypad.rows.enumerated().map { BoardLine($1, role: .row($0)) }
    all += keypad.columns.enumerated().map { BoardLine($1, role: .column($0)) }
    all += configuration.relays.enumerated().map { BoardLine($1.line, role: .relay($0)) }
    for (index, relay) in configuration.relays.enumerated() {
      if let soldOut = relay.soldOut {
        all.append(BoardLine(soldOut.line, role: .soldOut(index)))
      }
    }
    if let sensor = configuration.dropSensor {
      all.append(BoardLine(sensor.line, role: .dropSensor))
    }
    if let door = configuration.door { all.append(BoardLine(door.line, role: .door)) }
    return all
  }

  /// The legends of the keys that are down.
  var keysDown: [String] { keypad?.keysDown ?? [] }

  /// Whether the sensor's beam is broken, whatever the sensor says.
  var isBeamBroken: Bool { productsInBeam > 0 || sensorFault == .blocked }

  func moveKey(_ legend: String, down: Bool) {
    guard keypad?.move(legend, down: down) == true else { return }
    let now = Clock.now()
    tell(down ? .keyDown(legend, at: now) : .keyUp(legend, at: now))
  }

  func setLane(_ channel: String, isEmpty: Bool) {
    guard let index = channels.firstIndex(of: channel) else { return }
    if isEmpty { emptyLanes.insert(index) } else { emptyLanes.remove(index) }
    refresh()
  }

  /// Makes a relay's driver burn through at its next pulse, or puts a new one in.
  func setDriver(of channel: String, isWeak: Bool) {
    guard let index = channels.firstIndex(of: channel) else { return }
    burntDrivers.remove(index)
    if isWeak { weakDrivers.insert(index) } else { weakDrivers.remove(index) }
    refresh()
  }

  func moveDoor(isOpen: Bool) {
    guard isOpen != isDoorOpen else { return }
    isDoorOpen = isOpen
    tell(.doorMoved(isOpen: isOpen, at: Clock.now()))
    refresh()
  }

  // MARK: What clients do

  func handle(_ request: RemoteIO.Request, from client: BoardConnection) -> RemoteIO.Answer {
    switch request {
    case .output(let address, let initially, let isActiveLow, let drive):
      take(
        address, client, asOutput: true,
        .output(isHigh: initially != isActiveLow, isActiveLow: isActiveLow, drive))
    case .input(let address, let isActiveLow, let bias):
      take(address, client, asOutput: false, .input(isActiveLow: isActiveLow, bias))
    case .set(let address, let level): set(address, client, level)
    case .get(let address): get(address, client)
    case .free(let address): free(address, client)
    }
  }

  /// Gives back whatever a client held.
  func releaseAll(of client: BoardConnection) {
    for line in lines.values where line.holder === client {
      line.holder = nil
      if !(line.isOutput && behaviour.holdsOutputsOnHangUp) { line.use = .free }
    }
    refresh()
  }

  private func take(
    _ address: String, _ client: BoardConnection, asOutput: Bool, _ use: BoardLine.Use
  ) -> RemoteIO.Answer {
    guard let line = lines[address] else { return .refused(.noLine) }
    guard line.isOutput == asOutput else { return .refused(.notOurs) }
    if let holder = line.holder {
      // The holder may have died without our having seen it yet.
      if holder !== client { holder.closeIfHungUp() }
      if let holder = line.holder { return .refused(.busy(holder: holder.consumer)) }
    }
    line.holder = client
    line.use = use
    line.toldHigh = level(of: line)
    refresh()
    return .done
  }

  private func set(
    _ address: String, _ client: BoardConnection, _ level: Bool
  ) -> RemoteIO.Answer {
    guard let line = lines[address] else { return .refused(.noLine) }
    guard line.holder === client, case .output(_, let isActiveLow, let drive) = line.use else {
      return .refused(.notOurs)
    }
    line.use = .output(isHigh: level != isActiveLow, isActiveLow: isActiveLow, drive)
    refresh()
    return .done
  }

  private func get(_ address: String, _ client: BoardConnection) -> RemoteIO.Answer {
    guard let line = lines[address] else { return .refused(.noLine) }
    guard line.holder === client else { return .refused(.notOurs) }
    switch line.use {
    case .free: return .refused(.notOurs)
    case .output(let isHigh, let isActiveLow, _):
      // A burnt transistor holds the wire, whatever it is told.
      if case .relay(let index) = line.role, burntDrivers.contains(index) {
        return .level(!line.isWiredActiveLow != isActiveLow)
      }
      return .level(isHigh != isActiveLow)
    case .input(let isActiveLow, _): return .level(level(of: line) != isActiveLow)
    }
  }

  private func free(_ address: String, _ client: BoardConnection) -> RemoteIO.Answer {
    guard let line = lines[address] else { return .refused(.noLine) }
    guard line.holder === client else { return .refused(.notOurs) }
    line.holder = nil
    line.use = .free
    refresh()
    return .done
  }

  // MARK: What the board does

  private func productEntersBeam() {
    productsInBeam += 1
    refresh()
    loop.arm(after: behaviour.beamTime) { [weak self] in
      self?.productsInBeam -= 1
      self?.refresh()
    }
  }

  /// Lets every level arrive where it is wired to.
  private func refresh() {
    for line in lines.values {
      if case .relay(let index) = line.role { drive(index, line.isActiveOnTheWire) }
      guard case .input(let isActiveLow, _) = line.use, let holder = line.holder else { continue }
      let isHigh = level(of: line)
      guard isHigh != line.toldHigh else { continue }
      line.toldHigh = isHigh
      holder.send(
        .edge(line.address, Edge(isActive: isHigh != isActiveLow, at: Clock.now())))
    }
  }

  private func drive(_ index: Int, _ isOn: Bool) {
    if isOn, weakDrivers.remove(index) != nil { burntDrivers.insert(index) }
    lanes[index].drive(isOn || burntDrivers.contains(index))
  }

  /// The voltage on an input's wire.
  private func level(of line: BoardLine) -> Bool {
    switch line.role {
    case .row, .relay: return line.isActiveOnTheWire != line.isWiredActiveLow
    case .column(let column):
      guard let keypad else { return line.restsHigh }
      let found = keypad.level(
        ofColumn: column, rows: rows.map(\.drive), pulledHigh: line.restsHigh)
      if found.isShorted, !isShorted { shortCircuits += 1 }
      isShorted = found.isShorted
      return found.isHigh
    case .dropSensor:
      let isActive = sensorFault != .dead && isBeamBroken
      return isActive != line.isWiredActiveLow
    case .door: return isDoorOpen != line.isWiredActiveLow
    case .soldOut(let lane): return emptyLanes.contains(lane) != line.isWiredActiveLow
    }
  }
}
