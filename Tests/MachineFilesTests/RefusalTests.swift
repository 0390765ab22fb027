import MachineFiles
import Platform
import Testing

/// One change to a file that was right, and the key that must be named.
struct Break: Sendable, CustomTestStringConvertible {
  var old: String
  var new: String
  var path: String
  var words: String
  var testDescription: String { "\(new.prefix(40)) -> \(path)" }

  init(_ old: String, _ new: String, _ path: String, _ words: String) {
    (self.old, self.new, self.path, self.words) = (old, new, path, words)
  }
}

@Suite struct RefusalTests {
  let bench = Workbench()

  @Test func everyBrokenMachineFileNamesItsKey() throws {
    for change in Self.machines {
      let text = Workbench.machine.replacing(change.old, with: change.new, maxReplacements: 1)
      try #require(text != Workbench.machine, "\(change)")
      expect(try bench.problems(machine: text), change, file: bench.machineFile)
    }
  }

  @Test func everyBrokenBoardFileNamesItsKey() throws {
    for change in Self.boards {
      let text = Workbench.board.replacing(change.old, with: change.new, maxReplacements: 1)
      try #require(text != Workbench.board, "\(change)")
      expect(try bench.problems(board: text), change, file: bench.boardFile)
    }
  }

  private func expect(_ problems: [ConfigurationError.Problem], _ change: Break, file: String) {
    let found = problems.filter { $0.path == change.path && $0.file == file }
    #expect(
      found.contains { $0.words.contains(change.words) },
      "\(change.testDescription) gave \(problems)")
  }

  static let machines = [
    Break("name = \"SHOP1\"\n", "", "name", "missing"),
    Break("\"SHOP1\"", "\"shop1\"", "name", "0-9 and A-Z"),
    Break("\"SHOP1\"", "\"SHOP12345\"", "name", "0-9 and A-Z"),
    Break("\"SHOP1\"", "\"ＳＨＯＰ\"", "name", "0-9 and A-Z"),
    Break("\"SHOP1\"", "7", "name", "text in quotes"),
    Break("name = ", "nane = ", "nane", "did you mean name?"),
    Break("\"bench\"", "\"nowhere\"", "board", "no nowhere.toml"),
    Break("\"bench\"", "\"/no/such.toml\"", "board", "no file /no/such.toml"),
    Break("\"en\"", "\"fr\"", "language", "\"zh-Hans\", \"en\""),
    Break("drop_sensor = true", "drop_sensor = \"yes\"", "drop_sensor", "true or false"),
    Break("\"2min\"", "\"29s\"", "policy.payment_timeout", "30s to 5min"),
    Break("\"2min\"", "\"301s\"", "policy.payment_timeout", "30s to 5min"),
    Break("\"2min\"", "120", "policy.payment_timeout", "with its unit"),
    Break("\"2min\"", "\"120\"", "policy.payment_timeout", "with its unit"),
    Break("\"2min\"", "\"1.5min\"", "policy.payment_timeout", "with its unit"),
    Break("\"2min\"", "\"-60s\"", "policy.payment_timeout", "with its unit"),
    Break("\"2min\"", "\"99999999999999999999s\"", "policy.payment_timeout", "with its unit"),
    Break("\"hold\"", "\"ask\"", "policy.unsure", "\"assume-delivered\""),
    Break("\"hold\"", "1", "policy.unsure", "one of"),
    Break("unsure =", "unsure_policy =", "policy.unsure_policy", "unknown key"),
    Break("unsure =", "lane_failure_limit = 0\nunsure =", "policy.lane_failure_limit", "1 to 100"),
    Break(
      "unsure =", "machine_failure_limit = 0\nunsure =", "policy.machine_failure_limit", "1 to"),
    Break("unsure =", "lane_failure_limit = 2.0\nunsure =", "policy.lane_failure_limit", "whole"),
    Break("unsure =", "cancel_key = \"9\"\nunsure =", "policy.cancel_key", "not on the board"),
    Break("unsure =", "confirm_key = \"C\"\nunsure =", "policy.confirm_key", "not on the board"),
    Break("unsure =", "confirm_key = \"*\"\nunsure =", "policy.confirm_key", "is the cancel key"),
    Break("[policy]", "[polcy]", "polcy", "did you mean policy?"),
    Break("[policy]", "[[policy]]", "policy", "must be a table"),
    Break("[payment]", "[pay]", "payment.app_id", "missing"),
    Break("\"wx0123456789abcdef\"", "\"wx 0123\"", "payment.app_id", "letters and digits"),
    Break("\"1900000109\"", "1900000109", "payment.merchant_id", "text in quotes"),
    Break("\"1900000109\"", "\"\"", "payment.merchant_id", "letters and digits"),
    Break(
      "certificate_file = \"certificate.pem\"\n", "", "payment.certificate_file", "goes with"),
    Break(
      "certificate_key_file = \"certificate-key.pem\"\n", "", "payment.certificate_key_file",
      "goes with"),
    Break("notify_url =", "notify_uri =", "payment.notify_uri", "did you mean notify_url?"),
    Break("com/notify\"", "com/notify?a=1\"", "payment.notify_url", "no query"),
    Break("https://pay", "ftp://pay", "payment.notify_url", "such as"),
    Break("https://pay.example.com/notify", "https://", "payment.notify_url", "such as"),
    Break("com/notify\"", "com/支付\"", "payment.notify_url", "such as"),
    Break("https://127.0.0.1:8443", "http://127.0.0.1:8443", "payment.endpoint", "https://"),
    Break("127.0.0.1:8443", "127.0.0.1:8443/path", "payment.endpoint", "without a path"),
    Break("127.0.0.1:8443", "me@127.0.0.1", "payment.endpoint", "without a path"),
    Break(
      "endpoint =", "terminal_address = \"here\"\nendpoint =", "payment.terminal_address", "IP"),
    Break("endpoint =", "sign_type = \"md5\"\nendpoint =", "payment.sign_type", "\"MD5\""),
    Break("endpoint =", "api_key = \"secret\"\nendpoint =", "payment.api_key", "unknown key"),
    Break("\"4.35\"", "4.35", "lanes[0].price", "loses a fen"),
    Break("\"4.35\"", "435", "lanes[0].price", "in quotes"),
    Break("\"4.35\"", "\"4.355\"", "lanes[0].price", "two decimals"),
    Break("\"4.35\"", "\"0.00\"", "lanes[0].price", "0.01 to 5000.00"),
    Break("\"4.35\"", "\"5000.01\"", "lanes[0].price", "0.01 to 5000.00"),
    Break("\"4.35\"", "\"-1\"", "lanes[0].price", "not an amount"),
    Break("\"4.35\"", "\"¥4\"", "lanes[0].price", "not an amount"),
    Break("\"4.35\"", "\"99999999999999999999\"", "lanes[0].price", "too large"),
    Break("price = \"4.35\"\n", "", "lanes[0].price", "missing"),
    Break("price = \"4.35\"", "prize = \"4.35\"", "lanes[0].prize", "did you mean price?"),
    Break("\"A2\"", "\"11\"", "lanes[1].code", "code of another lane"),
    Break("\"A2\"", "\"1211\"", "lanes[1].code", "one to three keys"),
    Break("\"A2\"", "\"\"", "lanes[1].code", "one to three keys"),
    Break("\"A2\"", "\"B2\"", "lanes[1].code", "\"B\" is not on"),
    Break("\"A2\"", "\"A*\"", "lanes[1].code", "cancel or the confirm key"),
    Break("\"A2\"", "\"#\"", "lanes[1].code", "cancel or the confirm key"),
    Break("\"A2\"", "12", "lanes[1].code", "text in quotes"),
    Break("\"relay2\"", "\"relay1\"", "lanes[1].channel", "moves another lane"),
    Break("\"relay2\"", "\"relay9\"", "lanes[1].channel", "it has relay1, relay2"),
    Break("\"Tea\"", "\"\"", "lanes[1].name", "1 to 40"),
    Break("\"Tea\"", "\"a\\nb\"", "lanes[1].name", "on one line"),
    Break("\"Tea\"", "\"a\\u001Bb\"", "lanes[1].name", "on one line"),
    Break("\"1s\"", "\"2001ms\"", "lanes[1].pulse", "cap of relay2, 2s"),
    Break("\"1s\"", "\"11s\"", "lanes[1].pulse", "20ms to 10s"),
    Break("\"1s\"", "\"19ms\"", "lanes[1].pulse", "20ms to 10s"),
    Break("= 8", "= 0", "lanes[1].capacity", "1 to 999"),
    Break("= 8", "= 99999999999999", "lanes[1].capacity", "1 to 999"),
  ]

  /// A port that the socket's board has or has not.
  private static func remote(_ driver: String, _ port: String, _ words: String) -> Break {
    let display = "[display]\ndriver = \"weact-fs-v1\"\nport = \"/dev/serial/by-id/usb-panel\""
    let changed =
      "[io]\nsocket = \"@board\"\n[display]\ndriver = \"\(driver)\"\nport = \"\(port)\""
    return Break(display, changed, "display.port", words)
  }

  static let boards = [
    Break("name = \"Bench\"\n", "", "name", "missing"),
    Break("chip = \"gpiochip0\"", "chips = 1", "chips", "did you mean chip?"),
    Break("chip = \"gpiochip0\"\n", "", "relays[1].line", "a chip must be named"),
    Break("[keypad]", "[io]\nsocket = \"${VEND_TEST_UNSET}\"\n[keypad]", "io.socket", "no value"),
    Break("[keypad]", "[io]\n[keypad]", "io.socket", "missing"),
    Break("\"R2\"", "\"R1\"", "keypad.rows[1].line", "used by keypad.rows[0]"),
    Break("\"C2\"", "\"R1\"", "keypad.columns[1].line", "used by keypad.rows[0]"),
    Break("\"K1\"", "\"DROP\"", "drop_sensor.line", "used by relays[0]"),
    Break("line = \"K1\"", "line = \"17\"\nchip = \"/dev/gpiochip0\"", "relays[1].line", "used by"),
    Break("line = \"K1\"", "line = \"17\"\nchip = \"\"", "relays[1].line", "used by relays[0]"),
    Break("\"K1\"", "17", "relays[0].line", "text in quotes"),
    Break("\"K1\"", "\"\"", "relays[0].line", "a line's name"),
    Break("line = \"K1\"\n", "", "relays[0].line", "missing"),
    Break("\"pull-up\"", "\"up\"", "keypad.columns[0].bias", "\"pull-up\""),
    Break("active_low = true", "active_low = 1", "keypad.rows[0].active_low", "true or false"),
    Break("active_low", "activelow", "keypad.rows[0].activelow", "did you mean active_low?"),
    Break("\"A\"], [", "\"A\", \"B\"], [", "keypad.keys", "2 rows of 3"),
    Break("[\"*\", \"\", \"#\"]", "", "keypad.keys", "2 rows of 3"),
    Break("\"A\"]", "\"1\"]", "keypad.keys", "\"1\" is there twice"),
    Break("\"A\"]", "\"E\"]", "keypad.keys", "one of 0-9"),
    Break("\"A\"]", "\"12\"]", "keypad.keys", "one of 0-9"),
    Break("\"A\"]", "3]", "keypad.keys", "list of rows"),
    Break("keys = [[\"1\", \"2\", \"A\"], [\"*\", \"\", \"#\"]]", "", "keypad.keys", "missing"),
    Break(
      "[drop_sensor]\nline = \"DROP\"", "drop_sensor = true\n", "keypad.drop_sensor", "unknown"),
    Break("\"DROP\"", "\"DROP\"\ndebounce = \"1s\"", "drop_sensor.debounce", "1ms to 500ms"),
    Break("\"weact-fs-v1\"", "\"lcd\"", "display.driver", "\"turing-a\""),
    Break("port = \"/dev/serial/by-id/usb-panel\"", "", "display.port", "missing"),
    Break("/dev/serial/by-id/usb-panel", "", "display.port", "not be empty"),
    Break("driver =", "width = 100\ndriver =", "display.width", "128 to 1920"),
    Break("/dev/serial/by-id/usb-panel", "remote:display", "display.port", "no [io] socket"),
    Break("\"weact-fs-v1\"", "\"remote-frame\"", "display.port", "must name a frame buffer"),
    remote("remote-frame", "remote:", "in one word"),
    remote("remote-frame", "remote:two words", "in one word"),
    remote("weact-fs-v1", "remote:\(String(repeating: "n", count: 129))", "in one word"),
    remote("png", "remote:display", "png writes to a file"),
    remote("framebuffer", "remote:display", "framebuffer writes to a file"),
    Break("driver =", "width = 481\ndriver =", "display.orientation", "481 by 480"),
    Break("driver =", "orientation = \"landscape\"\ndriver =", "display.orientation", "320 by 480"),
    Break("driver =", "baud = 1200\ndriver =", "display.baud", "2400"),
    Break("driver =", "brightness = 101\ndriver =", "display.brightness", "1 to 100"),
    Break("driver =", "height = 1100\ndriver =", "display.width", "1024"),
    Break("driver =", "night = \"22-6\"\ndriver =", "display.night", "22:00-06:00"),
    Break("driver =", "night_brightness = 9\ndriver =", "display.night_brightness", "night"),
    Break("driver =", "project.crc = true\ndriver =", "display.project", "not for weact"),
    Break("\"weact-fs-v1\"", "\"tjc\"", "display.project.code_side", "missing"),
    Break(
      "driver = \"weact-fs-v1\"",
      "driver = \"dgus2\"\nproject = { code_x = 0, code_y = 0, code_side = 240,"
        + " draws_code = false }",
      "display.project.draws_code", "no other way"),
    Break(
      "driver = \"weact-fs-v1\"",
      "driver = \"t5uic1\"\nproject = { code_x = 0, code_y = 0, code_side = 240,"
        + " encoding = \"utf-8\" }",
      "display.project.encoding", "gbk"),
    Break("\"weact-fs-v1\"", "\"ax206\"", "display.port", "usb:1908:0102"),
    Break(
      "driver = \"weact-fs-v1\"",
      "driver = \"tjc\"\nproject = { code_x = 100, code_y = 0, code_side = 240 }",
      "display.project.code_side", "does not lie"),
    Break(
      "driver = \"weact-fs-v1\"", "driver = \"tjc\"\nproject = { code_x = 1, code_side = 240 }",
      "display.project.code_y", "missing"),
    Break("\"relay2\"", "\"relay1\"", "relays[1].channel", "name of another relay"),
    Break("\"relay2\"", "\"relay 2\"", "relays[1].channel", "letters, digits"),
    Break("\"2s\"", "\"11s\"", "relays[1].cap", "20ms to 10s"),
    Break("\"2s\"", "\"0s\"", "relays[1].cap", "20ms to 10s"),
    Break("[[relays]]", "[[relay]]", "relay", "did you mean relays?"),
  ]

  @Test func aBoardWithoutTheSensorThatTheMachineUsesIsRefused() throws {
    let board = Workbench.board.replacing("[drop_sensor]\nline = \"DROP\"\n", with: "")
    #expect(try bench.problems(board: board).map(\.path) == ["drop_sensor"])
  }

  @Test func everyProblemOfBothFilesIsToldAtOnceWithItsLine() throws {
    let machine = Workbench.machine.replacing("\"4.35\"", with: "4.35")
      .replacing("\"2min\"", with: "\"2h\"").replacing("\"Tea\"", with: "\"\"")
    let board = Workbench.board.replacing("\"2s\"", with: "\"20s\"")
    let problems = try bench.problems(machine: machine, board: board)
    #expect(
      problems.map { "\($0.file.split(separator: "/").last ?? ""):\($0.line ?? 0) \($0.path)" } == [
        "machine.toml:10 policy.payment_timeout", "machine.toml:26 lanes[0].price",
        "machine.toml:31 lanes[1].name", "bench.toml:26 relays[1].cap",
      ])
    let words = "\(ConfigurationError(problems: problems))"
    #expect(words.contains("machine.toml:26: lanes[0].price: must be yuan in quotes"))
  }

  @Test func aMissingKeyIsToldWithTheLineOfItsTable() throws {
    let machine = Workbench.machine.replacing("app_id = \"wx0123456789abcdef\"\n", with: "")
    let problem = try #require(try bench.problems(machine: machine).first)
    #expect((problem.path, problem.line) == ("payment.app_id", 13))
  }

  @Test func keysInTextsOverSeveralLinesAreNoLines() throws {
    let machine = "title = '''\nname = 1\n[policy]\n'''\n" + Workbench.machine
    let problems = try bench.problems(
      machine: machine.replacing("\"SHOP1\"", with: "\"shop\""))
    #expect(problems.map(\.path) == ["name", "title"])
    #expect(problems.map(\.line) == [5, 1])
  }

  @Test func brokenGrammarIsToldWithItsLine() throws {
    let problems = try bench.problems(machine: Workbench.machine + "[[lanes]\n")
    #expect(problems.count == 1)
    #expect(problems.first?.line == 35)
  }

  @Test(arguments: [
    "[\n", "[[\n", "[=]\n", "[#]\n", "[ .a]\n", "[[[a]]]", "[", "[{}]", "[可]", "a = [}",
    "a = [1, }",
    "a = [{b = 1}, # x\n}]", "a = [}{ b = 1 }]", "a = {b = [1}]",
  ])
  func whatTheParserDoesNotSurviveIsToldWithItsLine(header: String) throws {
    let problems = try bench.problems(machine: "name = \"A\"\n" + header)
    #expect(problems.count == 1 && (2...3).contains(problems.first?.line ?? 0))
  }

  @Test func bracketsAtTheBeginningOfALineAreNoHeaders() throws {
    let board = Workbench.board.replacing(
      "keys = [[\"1\", \"2\", \"A\"], [\"*\", \"\", \"#\"]]",
      with: "keys = [ # [\n[\n'1', \"2\",\n\"A\" ], [ '*', '', '''#'''\n]\n]")
    #expect(try bench.problems(board: board) == [])
  }

  @Test(arguments: ["name = \"A\0\"\n", "name = \"A\\u0000B\"\n", "\"a\\u0000\" = 1\n"])
  func aNULIsRefused(text: String) throws {
    let problems = try bench.problems(machine: text)
    #expect(problems.map(\.words) == ["holds a NUL character"])
  }

  @Test func aFileThatIsNoTextIsRefused() throws {
    try Files.replace(bench.machineFile, with: [0x6E, 0xFF, 0xFE], durable: false)
    #expect(throws: ConfigurationError.self) {
      try MachineConfiguration.load(path: bench.machineFile)
    }
    try Files.replace(
      bench.machineFile, with: Array(repeating: 0x23, count: 300_000), durable: false)
    #expect(throws: ConfigurationError.self) {
      try MachineConfiguration.load(path: bench.machineFile)
    }
    #expect(throws: ConfigurationError.self) {
      try MachineConfiguration.load(path: "\(bench.path)/none.toml")
    }
    #expect(throws: ConfigurationError.self) { try MachineConfiguration.load(path: bench.path) }
  }

  @Test func thousandsOfMutationsDoNotCrashTheReader() throws {
    var chance = Lottery(seed: 2026)
    var (machines, boards) = (0, 0)
    try bench.write(Workbench.board, bench.boardFile)
    for _ in 0..<1250 {
      try bench.write(chance.mutation(of: Workbench.machine), bench.machineFile)
      if (try? MachineConfiguration.load(path: bench.machineFile)) != nil { machines += 1 }
      try bench.write(chance.mutation(of: Workbench.board), bench.boardFile)
      if (try? BoardConfiguration.load(path: bench.boardFile)) != nil { boards += 1 }
      try bench.write(Workbench.board, bench.boardFile)
    }
    // Some hit a name or a comment and are harmless; most must be noticed.
    #expect(machines < 800 && boards < 800)
  }
}

/// A small repeatable source of chance (constants of Knuth's MMIX).
struct Lottery {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func number(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }

  private static let pieces = [
    "\"", "[", "]", "[[", "{", "}", "=", ".", ",", "\n", "'''", "\"\"\"", "#", "\\", "${", "0x",
    "nan",
    "1979-05-27", "true", "\u{0}", "可", "\u{1F}", "[[lanes]]\n", "[lanes]\n", "lanes = 1\n",
    "a.b.c=1\n",
  ]

  /// A text with one to four places changed: cut out, doubled, swapped or sprinkled with grammar.
  mutating func mutation(of text: String) -> String {
    var characters = Array(text.unicodeScalars)
    for _ in 0...number(below: 4) {
      let start = number(below: characters.count)
      let end = min(characters.count, start + 1 + number(below: 12))
      switch number(below: 4) {
      case 0: characters.removeSubrange(start..<end)
      case 1: characters.insert(contentsOf: characters[start..<end], at: start)
      case 2: characters.swapAt(start, number(below: characters.count))
      default:
        let piece = Self.pieces[number(below: Self.pieces.count)]
        characters.insert(contentsOf: piece.unicodeScalars, at: start)
      }
    }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: characters)
    return String(result)
  }
}
