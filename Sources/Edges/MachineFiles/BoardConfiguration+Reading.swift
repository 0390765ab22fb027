extension BoardConfiguration {
  /// Reads a board file (`board/boards/*.toml` say what each key means); every problem at once.
  public static func load(path: String) throws(ConfigurationError) -> BoardConfiguration {
    let reader = ConfigurationReader(file: PathExpansion.absolute(path))
    let board = reader.root().map { read($0) }
    guard let board, reader.problems.isEmpty else {
      throw ConfigurationError(problems: reader.problems)
    }
    return board
  }

  /// No relay may ever be told to stay on longer than this, whatever a file says.
  static let relayCapLimit: Duration = .seconds(10)
  /// A shorter pulse moves no motor, and a contact bounces for longer.
  static let relayPulseLeast: Duration = .milliseconds(20)

  private static func read(_ root: ConfigurationTable) -> BoardConfiguration {
    let chip = root.text("chip", default: "")
    let io = readIO(root)
    let board = BoardConfiguration(
      name: root.word("name", count: 1...60, "1 to 60 characters") { !$0.isNewline },
      model: root.text("model", default: ""), io: io, keypad: readKeypad(root, chip),
      relays: readRelays(root, chip),
      dropSensor: readInput(root, "drop_sensor", chip, debounce: .milliseconds(5)),
      door: readInput(root, "door", chip, debounce: .milliseconds(50)),
      display: readDisplay(root, io))
    root.refuseOthers()
    board.noteLines(root)
    return board
  }

  private static func readIO(_ root: ConfigurationTable) -> IO {
    guard let table = root.optionalTable("io") else { return .gpio }
    defer { table.refuseOthers() }
    return .remote(socket: table.filePath("socket"))
  }

  // MARK: Lines

  private enum Bias: String, CaseIterable {
    case asIs = "as-is"
    case disabled
    case pullUp = "pull-up"
    case pullDown = "pull-down"
  }

  private static func readLine(_ table: ConfigurationTable, _ chip: String) -> Line {
    Line(
      chip: table.text("chip", default: chip),
      name: table.word("line", count: 1...64, "a line's name, or its number in quotes") {
        !$0.isNewline
      },
      isActiveLow: table.flag("active_low", default: false),
      bias: table.choice("bias", default: Bias.asIs).rawValue)
  }

  private static func readKeypad(_ root: ConfigurationTable, _ chip: String) -> Keypad {
    let table = root.table("keypad")
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
      let words = "1 to 32 of letters, digits, - and _"
      let relay = Relay(
        channel: table.word("channel", count: 1...32, words) {
          $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0))
        },
        line: readLine(table, chip),
        cap: table.duration("cap", in: relayPulseLeast...relayCapLimit, default: .seconds(3)),
        soldOut: readInput(table, "sold_out", chip, debounce: .milliseconds(50)))
      if !channels.insert(relay.channel).inserted {
        table.note("channel", "\(relay.channel) is the name of another relay")
      }
      return relay
    }
  }

  private static func readInput(
    _ root: ConfigurationTable, _ key: String, _ chip: String, debounce: Duration
  ) -> Input? {
    guard let table = root.optionalTable(key) else { return nil }
    defer { table.refuseOthers() }
    return Input(
      line: readLine(table, chip),
      debounce: table.duration(
        "debounce", in: .milliseconds(1)...Duration.milliseconds(500), default: debounce))
  }
}
