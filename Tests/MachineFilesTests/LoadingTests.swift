import MachineFiles
import Glibc
import Money
import Platform
import Testing

@Suite struct LoadingTests {
  let bench = Workbench()

  @Test func aMachineAndItsBoardAreReadAsWritten() throws {
    let machine = try bench.load()
    #expect(machine.name == "SHOP1")
    #expect(machine.boardFile == bench.boardFile)
    #expect(machine.language == .english)
    #expect(machine.usesDropSensor)
    #expect(machine.stateDirectory == "\(bench.path)/state")
    #expect(machine.controlSocket == "@vend")
    #expect(machine.policy.paymentTimeout == .seconds(120))
    #expect(machine.policy.unsure == .hold)
    #expect(machine.lanes.map(\.code) == ["11", "A2"])
    #expect(machine.lanes.map(\.price) == [Amount(fen: 435), Amount(fen: 300)])
    #expect(machine.lanes.map(\.pulse) == [.milliseconds(500), .seconds(1)])
    #expect(machine.lanes.map(\.capacity) == [nil, 8])
    #expect(machine.payment?.keyFile == "\(bench.path)/api-key")
    #expect(machine.payment?.signType == .hmacSHA256)
    #expect(machine.board.keypad.rows.map(\.isActiveLow) == [true, true])
    #expect(machine.board.keypad.columns.map(\.bias) == ["pull-up", "as-is", "as-is"])
    #expect(machine.board.relays.map(\.cap) == [.seconds(3), .seconds(2)])
    #expect(machine.board.relays[1].line.chip == "gpiochip0")
    #expect(machine.board.io == .gpio)
  }

  @Test func whatIsLeftOutHasItsDefault() throws {
    let text = Workbench.machine.replacing("drop_sensor = true\n", with: "")
      .replacing("[policy]\npayment_timeout = \"2min\"\nunsure = \"hold\"\n", with: "")
      .replacing("language = \"en\"\n", with: "")
    let machine = try bench.load(machine: text)
    #expect(machine.usesDropSensor, "the board has one")
    #expect(machine.language == .chinese)
    #expect(machine.policy.unsure == .refund)
    #expect(machine.policy.cancelKey == "*")
    #expect(machine.policy.confirmKey == "#")
    #expect(machine.payment?.terminalAddress == "127.0.0.1")
    let blind = Workbench.board.replacing("[drop_sensor]\nline = \"DROP\"\n", with: "")
    #expect(try !bench.load(machine: text, board: blind).usesDropSensor)
  }

  @Test func aRelativePathIsMadeAbsolute() throws {
    _ = try bench.load()
    let directory = Files.directory(of: "\(bench.path)/x")
    let working = try #require(getcwd(nil, 0))
    defer { free(working) }
    let up = String(repeating: "../", count: 20)
    let machine = try MachineConfiguration.load(path: up + directory.dropFirst() + "/machine.toml")
    #expect(machine.boardFile.hasPrefix("/"))
    #expect(machine.boardFile.hasSuffix("/bench.toml"))
  }

  @Test(arguments: ["bench", "bench.toml", "./bench.toml"])
  func aBoardIsFoundByNameAndByPath(name: String) throws {
    let text = Workbench.machine.replacing("\"bench\"", with: "\"\(name)\"")
    #expect(try bench.problems(machine: text) == [])
  }

  @Test func aBoardIsFoundInTheFolderOfBoards() throws {
    mkdir("\(bench.path)/samples", 0o755)
    mkdir("\(bench.path)/boards", 0o755)
    try bench.write(Workbench.board, "\(bench.path)/boards/bench.toml")
    for file in ["\(bench.path)/samples/machine.toml", bench.machineFile] {
      try bench.write(Workbench.machine, file)
      #expect(try MachineConfiguration.load(path: file).board.name == "Bench")
    }
  }

  @Test func aVariableStandsForTheEnvironment() async {
    // In a process of its own: changing the environment is not safe beside other threads.
    await #expect(processExitsWith: .success) {
      setenv("VEND_TEST_FOLDER", "/somewhere", 1)
      unsetenv("VEND_TEST_NOTHING")
      let bench = Workbench()
      let cases = [
        ("${VEND_TEST_FOLDER}/key", "/somewhere/key"),
        ("${VEND_TEST_NOTHING:-/default}/key", "/default/key"),
        ("${VEND_TEST_FOLDER:-/default}/key", "/somewhere/key"),
        ("x${VEND_TEST_NOTHING:-}y", "\(bench.path)/xy"), ("$HOME", "\(bench.path)/$HOME"),
      ]
      for (text, path) in cases {
        let machine = Workbench.machine.replacing("\"api-key\"", with: "\"\(text)\"")
        try #require(try bench.load(machine: machine).payment?.keyFile == path, "\(text)")
      }
      for text in ["${VEND_TEST_NOTHING}/key", "${VEND", "${}", "${A B}", "${A:-${B}}", ""] {
        let machine = Workbench.machine.replacing("\"api-key\"", with: "\"\(text)\"")
        let paths = try bench.problems(machine: machine).map(\.path)
        try #require(paths == ["payment.key_file"], "\(text)")
      }
    }
  }

  @Test func everyPriceInTheRangeIsReadExactly() throws {
    // A thousand lanes a time would be refused; a lane at a time would take a minute.
    let codes = ["1", "2", "A", "11", "12", "1A", "21", "22", "2A", "A1"]
    let relays = (1...10).map { "[[relays]]\nchannel = \"relay\($0)\"\nline = \"K\($0)\"\n" }
    let start = try #require(Workbench.board.firstRange(of: "[[relays]]"))
    let board = Workbench.board[..<start.lowerBound] + relays.joined()
    let head = try #require(Workbench.machine.firstRange(of: "[[lanes]]"))
    for first in stride(from: Int64(1), through: 500_000, by: 4999) {
      let fens = (0..<10).map { min(500_000, first + $0 * 499) }
      let lanes = zip(codes, fens).enumerated().map { index, lane in
        """
        [[lanes]]
        code = "\(lane.0)"
        channel = "relay\(index + 1)"
        name = "x"
        price = "\(Amount(fen: lane.1).yuan)"

        """
      }
      let text = Workbench.machine[..<head.lowerBound] + lanes.joined()
      let machine = try bench.load(machine: String(text), board: String(board))
      #expect(machine.lanes.map(\.price.fen) == fens)
    }
  }

  @Test func aKeyThatEverybodyMayReadIsWarnedOf() throws {
    let machine = try bench.load()
    let keyFile = try #require(machine.payment?.keyFile)
    try Files.replace(keyFile, with: [0x41], permissions: 0o600)
    #expect(!machine.warnings().contains { $0.path == "payment.key_file" })
    chmod(keyFile, 0o644)
    #expect(machine.warnings().contains { $0.path == "payment.key_file" })
  }

  @Test func whatIsUnwiseIsWarnedOf() throws {
    let text = Workbench.machine.replacing("drop_sensor = true", with: "drop_sensor = false")
      .replacing("\"hold\"", with: "\"assume-delivered\"")
      .replacing("certificate_file = \"certificate.pem\"\n", with: "sign_type = \"MD5\"\n")
      .replacing("certificate_key_file = \"certificate-key.pem\"\n", with: "")
    let paths = try bench.load(machine: text).warnings().map(\.path)
    #expect(
      paths == [
        "drop_sensor", "policy.unsure", "payment.certificate_file", "payment.sign_type",
      ])
  }
}
