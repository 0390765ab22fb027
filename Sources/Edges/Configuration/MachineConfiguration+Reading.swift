internal import Platform

extension MachineConfiguration {
  /// Reads a machine file and the board file that it names; every problem of both at once.
  public static func load(path: String) throws(ConfigurationError) -> MachineConfiguration {
    let reader = ConfigurationReader(file: path)
    guard let root = reader.root() else { throw ConfigurationError(problems: reader.problems) }
    var problems: [ConfigurationError.Problem] = []
    var board: BoardConfiguration?
    let boardFile = findBoard(root.text("board"), besides: path)
    if let boardFile {
      do throws(ConfigurationError) {
        board = try BoardConfiguration.load(path: boardFile)
      } catch {
        problems = error.problems
      }
    } else {
      root.note("board", "there is no such board file")
    }
    let machine = read(root, boardFile ?? "", board)
    root.refuseOthers()
    problems = reader.problems + problems
    guard let machine, problems.isEmpty else { throw ConfigurationError(problems: problems) }
    return machine
  }

  /// Where board files are installed.
  static let installedBoards = "/usr/share/vend/boards"

  /// A board's file: a path, or a name that is looked for beside the machine file, in `boards` beside
  /// its folder, and where boards are installed.
  private static func findBoard(_ text: String, besides file: String) -> String? {
    guard !text.isEmpty else { return nil }
    if text.contains("/") || text.hasSuffix(".toml") {
      return PathExpansion.path(text, besides: file).flatMap { Files.exists($0) ? $0 : nil }
    }
    let folder = Files.directory(of: file)
    return [folder, "\(folder)/boards", "\(folder)/../boards", installedBoards]
      .map { "\($0)/\(text).toml" }.first { Files.exists($0) }
  }

  private static func read(
    _ root: ConfigurationTable, _ boardFile: String, _ board: BoardConfiguration?
  ) -> MachineConfiguration? {
    let name = root.text("name")
    if !(1...8).contains(name.utf8.count) || !name.allSatisfy(isNameCharacter) {
      root.note("name", "must be one to eight of 0-9 and A-Z: it begins every order number")
    }
    let usesSensor = root.flag("drop_sensor", default: board?.dropSensor != nil)
    if let board, usesSensor, board.dropSensor == nil {
      root.note("drop_sensor", "the board \(board.name) has none")
    }
    let policy = readPolicy(root, board)
    let lanes = readLanes(root, board, policy)
    let payment = readPayment(root)
    let font = root.text("font", default: "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
    let machine = board.map { board in
      MachineConfiguration(
        name: name, boardFile: boardFile, board: board,
        language: root.choice("language", default: .chinese), lanes: lanes, policy: policy,
        payment: payment,
        stateDirectory: path(root, "state_directory", "${STATE_DIRECTORY:-/var/lib/vend}"),
        controlSocket: path(root, "control_socket", "${RUNTIME_DIRECTORY:-/run/vend}/control.sock"),
        font: font, usesDropSensor: usesSensor)
    }
    // Without a board these are still asked for, so that they are not called unknown.
    for key in ["language", "state_directory", "control_socket"] where board == nil {
      _ = root.optionalText(key)
    }
    return machine
  }

  private static func isNameCharacter(_ character: Character) -> Bool {
    ("0"..."9").contains(character) || ("A"..."Z").contains(character)
  }

  private static func path(
    _ table: ConfigurationTable, _ key: String, _ fallback: String
  ) -> String {
    let text = table.text(key, default: fallback)
    guard let path = PathExpansion.path(text, besides: table.reader.file) else {
      table.note(key, "names a variable that has no value")
      return ""
    }
    return path
  }

  // MARK: Policy

  private static func readPolicy(
    _ root: ConfigurationTable, _ board: BoardConfiguration?
  ) -> Policy {
    let table = root.table("policy", isOptional: true) ?? root.empty("policy")
    defer { table.refuseOthers() }
    let policy = Policy(
      selectionTimeout: table.duration(
        "selection_timeout", in: .seconds(3)...Duration.seconds(120), default: .seconds(15)),
      paymentTimeout: table.duration(
        "payment_timeout", in: .seconds(30)...Duration.seconds(300), default: .seconds(90)),
      dropTimeout: table.duration(
        "drop_timeout", in: .milliseconds(500)...Duration.seconds(30), default: .seconds(5)),
      messageTime: table.duration(
        "message_time", in: .seconds(1)...Duration.seconds(30), default: .seconds(5)),
      unsure: table.choice("unsure", default: .refund),
      unsureRefundsPerDay: table.number("unsure_refunds_per_day", in: 0...1000, default: 3),
      laneFailureLimit: table.number("lane_failure_limit", in: 1...100, default: 2),
      cancelKey: table.text("cancel_key", default: "*"),
      confirmKey: table.text("confirm_key", default: "#"))
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

  // MARK: Lanes

  private static func readLanes(
    _ root: ConfigurationTable, _ board: BoardConfiguration?, _ policy: Policy
  ) -> [Lane] {
    var codes: Set<String> = []
    var channels: Set<String> = []
    return root.tables("lanes", count: 1...200).map { table in
      defer { table.refuseOthers() }
      let lane = Lane(
        code: table.text("code"), channel: table.text("channel"), name: table.text("name"),
        price: table.price("price"),
        pulse: table.duration(
          "pulse", in: .milliseconds(20)...BoardConfiguration.relayCapLimit,
          default: .milliseconds(500)),
        capacity: table.optionalNumber("capacity", in: 1...999))
      if lane.name.isEmpty || lane.name.count > 40 {
        table.note("name", "must have 1 to 40 characters")
      }
      if !codes.insert(lane.code).inserted {
        table.note("code", "\(lane.code) is the code of another lane")
      }
      if !channels.insert(lane.channel).inserted {
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
    if !(1...3).contains(keys.count) {
      table.note("code", "must be one to three keys")
    } else if let key = keys.first(where: { !board.keypad.legends.contains($0) }) {
      table.note("code", "\"\(key)\" is not on the board's keypad")
    } else if let key = keys.first(where: { [policy.cancelKey, policy.confirmKey].contains($0) }) {
      table.note("code", "\"\(key)\" is the cancel or the confirm key")
    }
    guard let relay = board.relays.first(where: { $0.channel == lane.channel }) else {
      let known = board.relays.map(\.channel).joined(separator: ", ")
      return table.note("channel", "the board has no relay \(lane.channel); it has \(known)")
    }
    if lane.pulse > relay.cap {
      let cap = relay.cap.configurationText
      table.note("pulse", "is longer than the cap of \(relay.channel), \(cap)")
    }
  }

  // MARK: Payment

  private static func readPayment(_ root: ConfigurationTable) -> Payment {
    let table = root.table("payment") ?? root.empty("payment")
    defer { table.refuseOthers() }
    let payment = Payment(
      appID: table.text("app_id"), merchantID: table.text("merchant_id"),
      keyFile: path(table, "key_file", "${CREDENTIALS_DIRECTORY:-/etc/vend/credentials}/api-key"),
      certificateFile: optionalPath(table, "certificate_file"),
      certificateKeyFile: optionalPath(table, "certificate_key_file"),
      signType: table.choice("sign_type", default: .hmacSHA256),
      notifyURL: table.text("notify_url"), endpoint: table.optionalText("endpoint"),
      caFile: optionalPath(table, "ca_file"),
      terminalAddress: table.text("terminal_address", default: "127.0.0.1"))
    if (payment.certificateFile == nil) != (payment.certificateKeyFile == nil) {
      table.note("certificate_file", "certificate_file and certificate_key_file go together")
    }
    if payment.notifyURL.contains("?") {
      table.note("notify_url", "must have no query: the platform drops such an address")
    }
    if let endpoint = payment.endpoint, !endpoint.hasPrefix("https://") {
      table.note("endpoint", "must begin with https://")
    }
    return payment
  }

  private static func optionalPath(_ table: ConfigurationTable, _ key: String) -> String? {
    table.optionalText(key).map { _ in path(table, key, "") }
  }
}
