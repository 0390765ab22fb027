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
        cap: table.duration("cap", in: relayPulseLeast...relayCapLimit, default: .seconds(3)))
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

  // MARK: Display

  private static func readDisplay(_ root: ConfigurationTable, _ io: IO) -> Panel {
    let table = root.table("display")
    defer { table.refuseOthers() }
    let driver: Panel.Driver = table.choice("driver", default: .weActFSV1)
    let display = Panel(
      driver: driver, port: readPort(table, io, driver),
      baud: table.number("baud", in: 9600...4_000_000, default: 115_200),
      width: table.number("width", in: 128...1024, default: 320),
      height: table.number("height", in: 128...1024, default: 480),
      orientation: table.choice("orientation", default: .portrait),
      brightnessPercent: table.number("brightness", in: 1...100, default: 60),
      pitchMicrometres: table.optionalNumber("pitch_um", in: 20...1000),
      isGlossy: table.flag("glossy", default: false))
    let isUpright = [.portrait, .reversePortrait].contains(display.orientation)
    if isUpright ? display.width > display.height : display.width < display.height {
      table.note(
        "orientation",
        "\(display.orientation.rawValue) does not go with \(display.width) by \(display.height)")
    }
    return display
  }

  private static func readPort(
    _ table: ConfigurationTable, _ io: IO, _ driver: Panel.Driver
  ) -> String {
    let prefix = "remote:"
    let text = table.text("port")
    guard text.hasPrefix(prefix) else {
      guard table.has("port") else { return "" }
      if driver == .remoteFrame {
        table.note("port", "must name a frame buffer of the [io] socket, as \"remote:display\"")
      }
      return table.filePath("port")
    }
    if io == .gpio { table.note("port", "is remote, but the board has no [io] socket") }
    if [.png, .framebuffer].contains(driver) {
      table.note("port", "is remote, but \(driver.rawValue) writes to a file")
    }
    // One word of a line of the protocol.
    let name = text.dropFirst(prefix.count).utf8
    if !(1...128).contains(name.count) || !name.allSatisfy({ (0x21...0x7E).contains($0) }) {
      table.note("port", "must name the remote port in one word, as \"remote:display\"")
    }
    return text
  }
}
