internal import Platform

extension MachineConfiguration {
  /// Reads a machine file and the board file that it names; every problem of both at once.
  public static func load(path: String) throws(ConfigurationError) -> MachineConfiguration {
    let reader = ConfigurationReader(file: PathExpansion.absolute(path))
    guard let root = reader.root() else { throw ConfigurationError(problems: reader.problems) }
    var ofBoard: [ConfigurationError.Problem] = []
    var board: BoardConfiguration?
    let boardFile = findBoard(root)
    if let boardFile {
      do throws(ConfigurationError) {
        board = try BoardConfiguration.load(path: boardFile)
      } catch {
        ofBoard = error.problems
      }
    }
    let machine = read(root, boardFile ?? "", board)
    root.refuseOthers()
    let problems = reader.problems + ofBoard
    guard let machine, problems.isEmpty else { throw ConfigurationError(problems: problems) }
    return machine
  }

  /// Where board files are installed.
  static let installedBoards = "/usr/share/vend/boards"

  /// A board's file: a path, or a name that is looked for beside the machine file, in `boards`
  /// below and beside its folder, and where boards are installed.
  ///
  /// Nil, with the problem noted, when there is none.
  private static func findBoard(_ root: ConfigurationTable) -> String? {
    let text = root.text("board")
    guard !text.isEmpty else { return nil }
    if text.contains("/") || text.hasSuffix(".toml") {
      let path = root.filePath("board")
      if path.isEmpty || Files.exists(path) { return path.isEmpty ? nil : path }
      root.note("board", "there is no file \(path)")
      return nil
    }
    let folder = Files.directory(of: root.reader.file)
    let folders = [folder, "\(folder)/boards", "\(folder)/../boards", installedBoards]
    let path = folders.map { "\($0)/\(text).toml" }.first { Files.exists($0) }
    if path == nil {
      root.note("board", "there is no \(text).toml in \(folders.joined(separator: ", "))")
    }
    return path
  }

  private static func read(
    _ root: ConfigurationTable, _ boardFile: String, _ board: BoardConfiguration?
  ) -> MachineConfiguration? {
    let words = "one to eight of 0-9 and A-Z: it begins every order number"
    let name = root.word("name", count: 1...8, words, where: isNameCharacter)
    let usesSensor = root.flag("drop_sensor", default: board?.dropSensor != nil)
    if let board, usesSensor, board.dropSensor == nil {
      root.note("drop_sensor", "the board \(board.name) has none")
    }
    let policy = readPolicy(root, board)
    let lanes = readLanes(root, board, policy)
    let service = readService(root, board, policy)
    let telemetry = readTelemetry(root)
    let language = root.choice("language", default: Language.chinese)
    let font = root.filePath("font", default: "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
    let state = root.filePath("state_directory", default: "${STATE_DIRECTORY:-/var/lib/vend}")
    let core = readCore(root, stateDirectory: state)
    let socket = root.filePath(
      "control_socket", default: "${RUNTIME_DIRECTORY:-/run/vend}/control.sock")
    return board.map { board in
      MachineConfiguration(
        name: name, boardFile: boardFile, board: board, language: language, lanes: lanes,
        policy: policy, core: core, stateDirectory: state, controlSocket: socket,
        font: font, usesDropSensor: usesSensor, service: service, telemetry: telemetry)
    }
  }

  private static func isNameCharacter(_ character: Character) -> Bool {
    ("0"..."9").contains(character) || ("A"..."Z").contains(character)
  }

  // MARK: Policy

  private static func readPolicy(
    _ root: ConfigurationTable, _ board: BoardConfiguration?
  ) -> Policy {
    let table = root.table("policy")
    defer { table.refuseOthers() }
    var policy = readBehaviour(table, over: .usual)
    policy.cancelKey = table.text("cancel_key", default: policy.cancelKey)
    policy.confirmKey = table.text("confirm_key", default: policy.confirmKey)
    guard let legends = board?.keypad.legends else { return policy }
    if !legends.contains(policy.cancelKey) {
      table.note("cancel_key", "\"\(policy.cancelKey)\" is not on the board's keypad")
    }
    if !policy.confirmKey.isEmpty, !legends.contains(policy.confirmKey) {
      table.note("confirm_key", "\"\(policy.confirmKey)\" is not on the board's keypad")
    }
    if policy.cancelKey == policy.confirmKey {
      table.note("confirm_key", "is the cancel key")
    }
    return policy
  }

  /// Times, limits and what becomes of the unsure; where nothing is said, as `usual` has it.
  static func readBehaviour(_ table: ConfigurationTable, over usual: Policy) -> Policy {
    Policy(
      selectionTimeout: table.duration(
        "selection_timeout", in: .seconds(3)...Duration.seconds(120),
        default: usual.selectionTimeout),
      paymentTimeout: table.duration(
        "payment_timeout", in: .seconds(30)...Duration.seconds(300),
        default: usual.paymentTimeout),
      dropTimeout: table.duration(
        "drop_timeout", in: .milliseconds(500)...Duration.seconds(30),
        default: usual.dropTimeout),
      messageTime: table.duration(
        "message_time", in: .seconds(1)...Duration.seconds(30), default: usual.messageTime),
      unsure: table.choice("unsure", default: usual.unsure),
      unsureRefundsPerDay: table.number(
        "unsure_refunds_per_day", in: 0...1000, default: usual.unsureRefundsPerDay),
      laneFailureLimit: table.number(
        "lane_failure_limit", in: 1...100, default: usual.laneFailureLimit),
      machineFailureLimit: table.number(
        "machine_failure_limit", in: 1...1000, default: usual.machineFailureLimit),
      cancelKey: usual.cancelKey, confirmKey: usual.confirmKey)
  }

  // MARK: Lanes

  private static func readLanes(
    _ root: ConfigurationTable, _ board: BoardConfiguration?, _ policy: Policy
  ) -> [Lane] {
    var codes: Set<String> = []
    var channels: Set<String> = []
    return root.tables("lanes", count: 1...200).map { table in
      defer { table.refuseOthers() }
      let lane = Lane(
        code: table.word("code", count: 1...3, "one to three keys") { $0.isASCII },
        channel: table.text("channel"),
        name: table.word("name", count: 1...40, "1 to 40 characters on one line") {
          !$0.isNewline && !$0.unicodeScalars.contains { $0.properties.generalCategory == .control }
        },
        price: table.price("price"),
        pulse: table.duration(
          "pulse", in: BoardConfiguration.relayPulseLeast...BoardConfiguration.relayCapLimit,
          default: .milliseconds(500)),
        capacity: table.optionalNumber("capacity", in: 1...999))
      if !lane.code.isEmpty, !codes.insert(lane.code).inserted {
        table.note("code", "\(lane.code) is the code of another lane")
      }
      if !lane.channel.isEmpty, !channels.insert(lane.channel).inserted {
        table.note("channel", "\(lane.channel) moves another lane already")
      }
      if let board { check(lane, table, board, policy) }
      return lane
    }
  }

  private static func check(
    _ lane: Lane, _ table: ConfigurationTable, _ board: BoardConfiguration, _ policy: Policy
  ) {
    let keys = lane.code.map(String.init)
    if let key = keys.first(where: { [policy.cancelKey, policy.confirmKey].contains($0) }) {
      table.note("code", "\"\(key)\" is the cancel or the confirm key")
    } else if let key = keys.first(where: { !board.keypad.legends.contains($0) }) {
      table.note("code", "\"\(key)\" is not on the board's keypad")
    }
    guard !lane.channel.isEmpty else { return }
    guard let relay = board.relays.first(where: { $0.channel == lane.channel }) else {
      let known = board.relays.map(\.channel).joined(separator: ", ")
      return table.note("channel", "the board has no relay \(lane.channel); it has \(known)")
    }
    if lane.pulse > relay.cap {
      let cap = relay.cap.configurationText
      table.note("pulse", "is longer than the cap of \(relay.channel), \(cap)")
    }
  }
}
