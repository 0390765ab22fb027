internal import MachineFiles
internal import Control
internal import Devices
internal import Displays
internal import Ordering
internal import Platform
internal import Storage
internal import Timing
internal import Vending
internal import Wiring

// Tests of single parts: through the daemon, or on the parts themselves.
extension Bench {
  /// Tells each key that is pressed for some seconds, and judges them as one walk over the keypad.
  public func testKeypad(
    seconds: Int, say: @escaping (String) -> Void
  ) throws(BenchError) -> KeypadExam {
    let keypad = configuration.board.keypad
    var exam = KeypadExam(
      legends: keypad.keys, rows: keypad.rows.map(\.name), columns: keypad.columns.map(\.name))
    // The daemon tells keys as they come; what stuck before this test is a fault that it knows.
    let words = try heard(.testKeypad(seconds: seconds), seconds) { line in
      say(line)
      if line.hasPrefix("key ") { exam.press(String(line.dropFirst(4)), at: Clock.now()) }
    }
    if words != nil {
      for key in try parts()?.stuckKeys ?? [] { exam.stick(key) }
      return exam
    }
    try listen(seconds: seconds) { (loop, bank) throws(GPIOError) in
      try MatrixKeypad(
        loop: loop, bank: bank,
        settings: MatrixKeypad.Settings(
          rows: keypad.rows.map { LineSettings($0) },
          columns: keypad.columns.map { LineSettings($0) }, legends: keypad.keys,
          debounce: keypad.debounce, stuckAfter: keypad.stuckAfter)
      ) { event in
        switch event {
        case .pressed(let key):
          exam.press(key, at: Clock.now())
          say("key \(key)")
        case .stuck(let key):
          exam.stick(key)
          say("key \(key) is stuck")
        case .freed(let key): say("key \(key) is free again")
        case .failed(let error): say("\(error)")
        }
      }
    }
    return exam
  }

  /// The keypad as its board file draws it, row by row with its wires.
  public var keypadRows: String {
    let keypad = configuration.board.keypad
    let rows = zip(keypad.rows, keypad.keys).map { row, legends in
      legends.map { $0.isEmpty ? "." : $0 }.joined(separator: " ") + "   (\(row.name))"
    }
    return rows.joined(separator: "\n")
  }

  /// Tells what drop sensor and door do for some seconds.
  public func testSensor(
    seconds: Int, say: @escaping (String) -> Void
  ) throws(BenchError) -> String {
    if let words = try heard(.testSensor(seconds: seconds), seconds, say) { return words }
    let board = configuration.board
    guard board.dropSensor != nil || board.door != nil else {
      throw .refused("the board file names neither a drop sensor nor a door")
    }
    try listen(seconds: seconds) { (loop, bank) throws(GPIOError) in
      let sensor = try board.dropSensor.map { input throws(GPIOError) in
        try DropSensor(
          loop: loop, bank: bank, line: LineSettings(input.line), debounce: input.debounce
        ) { say("drop sensor: \(Self.words($0))") }
      }
      let door = try board.door.map { input throws(GPIOError) in
        try Door(
          loop: loop, bank: bank, line: LineSettings(input.line), debounce: input.debounce
        ) { say("door: \($0)") }
      }
      if let sensor { say("drop sensor: \(sensor.isActive ? "broken" : "free") now") }
      if let door { say("door: \(door.isOpen ? "open" : "closed") now") }
      return (sensor, door)
    }
    return "listened for \(seconds) s"
  }

  private static func words(_ event: DropSensor.Event) -> String {
    switch event {
    case .dropped: "something fell"
    case .blocked: "blocked"
    case .cleared: "free"
    case .failed(let error): "\(error)"
    }
  }

  /// What pulsing a lane's relay would do.
  public func relayPlan(lane code: String) throws(BenchError) -> String {
    let (lane, relay) = try find(code)
    return "lane \(code) (\(lane.name)): relay \(relay.channel), line \(relay.line.name), "
      + "on for \(min(lane.pulse, relay.cap).wholeMilliseconds) ms"
  }

  /// Pulses a lane's relay once, without a sale; the journal counts it.
  public func testRelay(lane code: String, say: (String) -> Void) throws(BenchError) -> String {
    let (lane, relay) = try find(code)
    if let reply = try ask(.testRelay(lane: code), within: .seconds(40), progress: say) {
      guard case .done(let words) = reply else { throw .unreachable("vendd: another answer") }
      return words
    }
    return try withLock { () throws(BenchError) in
      let loop = try eventLoop()
      let output: Relay
      do throws(GPIOError) {
        let bank = try configuration.board.openLines(consumer: "vendctl")
        output = try Relay(loop: loop, bank: bank, line: LineSettings(relay.line), cap: relay.cap)
      } catch {
        throw .refused("\(error)")
      }
      // Written before it matters, as the daemon does: a pulse that nobody knows of is none.
      try journalTestVend(of: code)
      var end: Relay.Outcome?
      output.pulse(DispensePermit(testVendOf: code), for: lane.pulse) { end = $0 }
      while end == nil { loop.turn(waiting: .seconds(1)) }
      switch end {
      case .done(let onFor): return "lane \(code): on for \(onFor.wholeMilliseconds) ms, now off"
      case .refused(let reason): throw .refused("lane \(code): \(reason)")
      case .failed(let fault): throw .refused("lane \(code): \(fault)")
      case nil: throw .refused("lane \(code): no outcome")
      }
    }
  }

  private func find(
    _ code: String
  ) throws(BenchError) -> (MachineConfiguration.Lane, BoardConfiguration.Relay) {
    guard let lane = configuration.lanes.first(where: { $0.code == code }) else {
      let codes = configuration.lanes.map(\.code).joined(separator: " ")
      throw .refused("no lane \(code); there are \(codes)")
    }
    guard let relay = configuration.board.relays.first(where: { $0.channel == lane.channel })
    else { throw .refused("no relay \(lane.channel) on this board") }
    return (lane, relay)
  }

  private func journalTestVend(of code: String) throws(BenchError) {
    do throws(StorageError) {
      let path = "\(configuration.stateDirectory)/board.db"
      let journal = try RecordStore(path: path, role: .board)
      var ledger: Ledger = try journal.decoded(Ledger.storageKey) ?? Ledger()
      let entry = Entry.testVend(lane: code)
      let time = Clock.wallTime()
      ledger.apply(entry, laneFailureLimit: configuration.policy.laneFailureLimit, at: time)
      try journal.commit(
        [Record(at: time, subject: "", kind: entry.kind, body: try JSONText.encode(entry))],
        values: [(Ledger.storageKey, try JSONText.encode(ledger))])
    } catch {
      throw .refused("the journal: \(error)")
    }
  }

  /// Requests every relay's line with its off value and lets it go again.
  ///
  /// Said in words, one a relay; a line that cannot be taken is held by somebody who minds it.
  public func relaysOff() -> [String] {
    do throws(GPIOError) {
      let bank = try configuration.board.openLines(consumer: "vendctl")
      return configuration.board.relays.map { relay in
        do throws(GPIOError) {
          let line = try bank.output(LineSettings(relay.line), initially: false)
          let isOn = try line.get()
          return "\(relay.channel): \(isOn ? "still reads on" : "off")"
        } catch {
          return "\(relay.channel): \(error)"
        }
      }
    } catch {
      return ["\(error)"]
    }
  }

  // MARK: Listening

  private func heard(
    _ request: ControlRequest, _ seconds: Int, _ say: (String) -> Void
  ) throws(BenchError) -> String? {
    guard (1...300).contains(seconds) else { throw .refused("1 to 300 seconds") }
    let limit = Duration.seconds(seconds + 5)
    guard let reply = try ask(request, within: limit, progress: say) else { return nil }
    guard case .done(let words) = reply else { throw .unreachable("vendd: another answer") }
    return words
  }

  private func listen<Part>(
    seconds: Int, _ open: (EventLoop, any GPIOBank) throws(GPIOError) -> Part
  ) throws(BenchError) {
    try withLock { () throws(BenchError) in
      let loop = try eventLoop()
      do throws(GPIOError) {
        let bank = try configuration.board.openLines(consumer: "vendctl")
        let part = try open(loop, bank)
        loop.arm(after: .seconds(seconds)) { loop.stop() }
        loop.run()
        withExtendedLifetime(part) {}
      } catch {
        throw .refused("\(error)")
      }
    }
  }

  func eventLoop() throws(BenchError) -> EventLoop {
    do throws(SystemError) {
      return try EventLoop()
    } catch {
      throw .refused("\(error)")
    }
  }
}
