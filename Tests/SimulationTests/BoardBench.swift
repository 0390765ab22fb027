import MachineFiles
import Devices
import Platform
import Simulation
import Synchronization
import Testing
import Timing

/// An emulated board on a socket of its own, and a loop with real drivers against it.
///
/// Confined to the test's thread, as the drivers are.
final class BoardBench {
  private static let count = Mutex(0)

  let configuration: BoardConfiguration
  let board: EmulatedBoard
  let loop: EventLoop
  let socket: String

  init(
    behaviour: BoardBehaviour = BoardBehaviour(), display: String = "remote:panel",
    driver: BoardConfiguration.Panel.Driver = .weActFSV1, panel: BoardConfiguration.Panel? = nil
  ) throws {
    let number = Self.count.withLock { count in
      count += 1
      return count
    }
    socket = "@vend-bench-\(RandomBits.text(count: 8))-\(number)"
    var configuration = Self.configuration(socket: socket, display: display, driver: driver)
    if let panel { configuration.display = panel }
    self.configuration = configuration
    board = try EmulatedBoard(configuration, behaviour: behaviour)
    loop = try EventLoop()
  }

  deinit { board.stop() }

  func bank(_ consumer: String = "vendd") throws -> RemoteGPIOBank {
    try RemoteGPIOBank(socket: socket, consumer: consumer)
  }

  /// Turns the loop until the condition holds; false when it does not within the limit.
  func run(limit: Duration = .seconds(10), until condition: () -> Bool) -> Bool {
    let deadline = Clock.now() + limit
    while !condition() {
      if Clock.now() > deadline { return false }
      loop.turn(waiting: .milliseconds(2))
    }
    return true
  }

  /// Turns the loop for a while, to see that nothing happens.
  func idle(_ duration: Duration) {
    let deadline = Clock.now() + duration
    while Clock.now() < deadline { loop.turn(waiting: .milliseconds(5)) }
  }

  /// Holds a key until the condition holds, lets it up and waits until the driver has seen that.
  func tap(_ keypad: MatrixKeypad, _ legend: String, until condition: () -> Bool) -> Bool {
    let hasStuckKey = !keypad.stuckKeys.isEmpty
    board.hold(legend)
    let isMet = run(until: condition)
    board.release(legend)
    let isUp = run { !board.snapshot.keysDown.contains(legend) }
    // Beside a stuck key the matrix is scanned each 50 ms and never rests.
    if hasStuckKey { idle(.milliseconds(300)) }
    return isMet && isUp && (hasStuckKey || run { keypad.isIdle })
  }

  func keypad(
    _ bank: any GPIOBank, stuckAfter: Duration = .seconds(30),
    handler: @escaping (KeypadEvent) -> Void
  ) throws -> MatrixKeypad {
    try MatrixKeypad(
      loop: loop, bank: bank,
      settings: MatrixKeypad.Settings(
        rows: configuration.keypad.rows.map(Self.settings),
        columns: configuration.keypad.columns.map(Self.settings),
        legends: configuration.keypad.keys, debounce: configuration.keypad.debounce,
        stuckAfter: stuckAfter),
      handler: handler)
  }

  func relay(_ bank: any GPIOBank, _ index: Int = 0) throws -> Relay {
    let relay = configuration.relays[index]
    return try Relay(loop: loop, bank: bank, line: Self.settings(relay.line), cap: relay.cap)
  }

  var sensorLine: LineSettings { Self.settings(line("IR", low: true)) }
  var doorLine: LineSettings { Self.settings(line("DOOR")) }

  static func settings(_ line: BoardConfiguration.Line) -> LineSettings {
    LineSettings(
      chip: line.chip, name: line.name, isActiveLow: line.isActiveLow,
      bias: LineSettings.Bias(rawValue: line.bias) ?? .asIs)
  }

  static func configuration(
    socket: String, display: String, driver: BoardConfiguration.Panel.Driver
  ) -> BoardConfiguration {
    BoardConfiguration(
      name: "bench", model: "", io: .remote(socket: socket),
      keypad: .init(
        rows: (1...4).map { line("R\($0)", low: true) },
        columns: (1...3).map { line("C\($0)", low: true, bias: "pull-up") },
        keys: [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"], ["*", "0", "#"]],
        debounce: .milliseconds(20), stuckAfter: .seconds(30)),
      relays: [
        .init(channel: "relay1", line: line("K1", low: true), cap: .milliseconds(600)),
        .init(channel: "relay2", line: line("K2", chip: "expander"), cap: .seconds(2)),
      ],
      dropSensor: .init(line: line("IR", low: true), debounce: .milliseconds(10)),
      door: .init(line: line("DOOR"), debounce: .milliseconds(30)),
      display: .init(
        driver: driver, port: display, baud: 115_200, width: 320, height: 480,
        orientation: .portrait, brightnessPercent: 50, pitchMicrometres: nil, isGlossy: false))
  }
}

/// A line of the bench's board file.
private func line(
  _ name: String, chip: String = "", low: Bool = false, bias: String = "as-is"
) -> BoardConfiguration.Line {
  .init(chip: chip, name: name, isActiveLow: low, bias: bias)
}
