internal import MachineFiles
internal import Devices
internal import Platform
internal import Timing
internal import Wiring

extension Site {
  /// How long keys are looked at: many times what a contact bounces.
  private static let look = Duration.milliseconds(300)

  /// Looks at keys, relays, sensor and door, with the lines in our own hand.
  ///
  /// The relays' lines are taken as the daemon takes them, switched off from the first moment.
  @Sendable static func parts(
    _ machine: MachineConfiguration
  ) -> Result<PartsSight, ProbeError> {
    do throws(GPIOError) {
      return .success(try sight(machine))
    } catch {
      return .failure(ProbeError("\(error)"))
    }
  }

  private static func sight(_ machine: MachineConfiguration) throws(GPIOError) -> PartsSight {
    let board = machine.board
    let bank = try board.openLines(consumer: "vendctl")
    var sight = PartsSight()
    for relay in board.relays {
      let line = try bank.output(LineSettings(relay.line), initially: false)
      if try line.get() { sight.relaysOn.append(relay.channel) }
    }
    if machine.usesDropSensor, let input = board.dropSensor {
      sight.isSensorBlocked = try bank.input(LineSettings(input.line)).get()
    }
    if let input = board.door {
      sight.isDoorOpen = try bank.input(LineSettings(input.line)).get()
    }
    sight.keysDown = try keysDown(board.keypad, bank)
    return sight
  }

  /// Keys that are down all the time that we look.
  private static func keysDown(
    _ keypad: BoardConfiguration.Keypad, _ bank: any GPIOBank
  ) throws(GPIOError) -> [String] {
    let loop: EventLoop
    do throws(SystemError) {
      loop = try EventLoop()
    } catch {
      throw .system(line: "keypad", words: "\(error)")
    }
    var failure: GPIOError?
    let matrix = try MatrixKeypad(
      loop: loop, bank: bank,
      settings: MatrixKeypad.Settings(
        rows: keypad.rows.map { LineSettings($0) },
        columns: keypad.columns.map { LineSettings($0) }, legends: keypad.keys,
        debounce: keypad.debounce, stuckAfter: look / 2)
    ) { event in
      if case .failed(let error) = event { failure = error }
    }
    loop.arm(after: look) { loop.stop() }
    loop.run()
    if let failure { throw failure }
    return matrix.stuckKeys
  }
}
