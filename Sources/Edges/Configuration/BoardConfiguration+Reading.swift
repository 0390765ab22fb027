extension BoardConfiguration {
  /// Reads a board file; every problem at once.
  public static func load(path: String) throws(ConfigurationError) -> BoardConfiguration {
    let reader = ConfigurationReader(file: path)
    let board = read(reader)
    guard let board, reader.problems.isEmpty else {
      throw ConfigurationError(problems: reader.problems)
    }
    return board
  }

  /// No relay may ever be told to stay on longer than this, whatever a file says.
  static let relayCapLimit: Duration = .seconds(10)

  static func read(_ reader: ConfigurationReader) -> BoardConfiguration? {
    guard let root = reader.root() else { return nil }
    let chip = root.text("chip", default: "")
    let board = BoardConfiguration(
      name: root.text("name"), model: root.text("model", default: ""), io: readIO(root),
      keypad: readKeypad(root, chip), relays: readRelays(root, chip),
      dropSensor: readInput(root, "drop_sensor", chip, debounce: .milliseconds(5)),
      door: readInput(root, "door", chip, debounce: .milliseconds(50)),
      display: readDisplay(root))
    root.refuseOthers()
    board.notePinConflicts(root)
    return board
  }

  private static func readIO(_ root: ConfigurationTable) -> IO {
    guard let table = root.table("io", isOptional: true) else { return .gpio }
    defer { table.refuseOthers() }
    let text = table.text("socket")
    guard let socket = PathExpansion.path(text, besides: table.reader.file) else {
      table.note("socket", "names a variable that has no value")
      return .gpio
    }
    return .remote(socket: socket)
  }

  private enum Bias: String, CaseIterable {
    case asIs = "as-is"
    case disabled
    case pullUp = "pull-up"
    case pullDown = "pull-down"
  }

  private static func readLine(_ table: ConfigurationTable, _ chip: String) -> Line {
    Line(
      chip: table.text("chip", default: chip), name: table.text("line"),
      isActiveLow: table.flag("active_low", default: false),
      bias: table.choice("bias", default: Bias.asIs).rawValue)
  }

  private static func readKeypad(_ root: ConfigurationTable, _ chip: String) -> Keypad {
    guard let table = root.table("keypad") else {
      return Keypad(rows: [], columns: [], keys: [], debounce: .zero, stuckAfter: .zero)
    }
    defer { table.refuseOthers() }
    let lines = { (key: String) in
      table.tables(key, count: 1...8).map { line in
        defer { line.refuseOthers() }
        return readLine(line, chip)
      }
    }
    let keypad = Keypad(
      rows: lines("rows"), columns: lines("columns"), keys: table.textRows("keys"),
      debounce: table.duration(
        "debounce", in: .milliseconds(5)...Duration.milliseconds(200), default: .milliseconds(20)),
      stuckAfter: table.duration(
        "stuck_after", in: .seconds(2)...Duration.seconds(300), default: .seconds(30)))
    keypad.noteLegends(table)
    return keypad
  }

  private static func readRelays(_ root: ConfigurationTable, _ chip: String) -> [Relay] {
    var channels: Set<String> = []
    return root.tables("relays", count: 1...64).map { table in
      defer { table.refuseOthers() }
      let relay = Relay(
        channel: table.text("channel"), line: readLine(table, chip),
        cap: table.duration(
          "cap", in: .milliseconds(50)...relayCapLimit, default: .seconds(3)))
      if !channels.insert(relay.channel).inserted {
        table.note("channel", "\(relay.channel) is the name of another relay")
      }
      return relay
    }
  }

  private static func readInput(
    _ root: ConfigurationTable, _ key: String, _ chip: String, debounce: Duration
  ) -> Input? {
    guard let table = root.table(key, isOptional: true) else { return nil }
    defer { table.refuseOthers() }
    return Input(
      line: readLine(table, chip),
      debounce: table.duration(
        "debounce", in: .milliseconds(1)...Duration.milliseconds(500), default: debounce))
  }

  private static func readDisplay(_ root: ConfigurationTable) -> Panel {
    guard let table = root.table("display") else {
      return Panel(
        driver: .png, port: "", baud: 0, width: 1, height: 1, orientation: .portrait,
        brightnessPercent: 0, pitchMicrometres: nil, isGlossy: false)
    }
    defer { table.refuseOthers() }
    let text = table.text("port")
    let port = text.hasPrefix("remote:") ? text : PathExpansion.path(text, besides: table.reader.file)
    if port == nil { table.note("port", "names a variable that has no value") }
    return Panel(
      driver: table.choice("driver", default: .weActFSV1), port: port ?? "",
      baud: table.number("baud", in: 9600...4_000_000, default: 115_200),
      width: table.number("width", in: 128...1024, default: 320),
      height: table.number("height", in: 128...1024, default: 480),
      orientation: table.choice("orientation", default: .portrait),
      brightnessPercent: table.number("brightness", in: 1...100, default: 60),
      pitchMicrometres: table.optionalNumber("pitch_um", in: 20...1000),
      isGlossy: table.flag("glossy", default: false))
  }

  // MARK: Conflicts

  /// Every line with its place in the file.
  var lines: [(place: String, line: Line)] {
    var lines: [(String, Line)] = []
    for (index, line) in keypad.rows.enumerated() { lines.append(("keypad.rows[\(index)]", line)) }
    for (index, line) in keypad.columns.enumerated() {
      lines.append(("keypad.columns[\(index)]", line))
    }
    for (index, relay) in relays.enumerated() { lines.append(("relays[\(index)]", relay.line)) }
    if let dropSensor { lines.append(("drop_sensor", dropSensor.line)) }
    if let door { lines.append(("door", door.line)) }
    return lines
  }

  private func notePinConflicts(_ root: ConfigurationTable) {
    var owners: [String: String] = [:]
    for (place, line) in lines where !line.name.isEmpty {
      let pin = "\(line.chip)/\(line.name)"
      if let owner = owners[pin] {
        root.note("\(place).line", "\(line.name) is used by \(owner) already")
      } else {
        owners[pin] = place
      }
    }
  }
}

extension BoardConfiguration.Keypad {
  /// The legends of all keys.
  var legends: Set<String> { Set(keys.joined().filter { !$0.isEmpty }) }

  fileprivate func noteLegends(_ table: ConfigurationTable) {
    guard keys.count == rows.count, keys.allSatisfy({ $0.count == columns.count }) else {
      let shape = "\(rows.count) rows of \(columns.count)"
      return table.note("keys", "must be \(shape) legends, as the lines are")
    }
    let all = keys.joined().filter { !$0.isEmpty }
    if let twice = all.first(where: { key in all.filter { $0 == key }.count > 1 }) {
      table.note("keys", "\"\(twice)\" is there twice")
    }
    if let long = all.first(where: { $0.count != 1 }) {
      table.note("keys", "\"\(long)\" must be one character")
    }
  }
}
