import MachineFiles
import FoundationEssentials
import Glibc
import Platform
import Testing

/// Every board and sample that is shipped must be right as it is: people copy them.
@Suite struct ShippedFilesTests {
  private static let board = resolved("\(Files.directory(of: #filePath))") + "/../../board"

  private static func files(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(board)/\(folder)")
      .filter { $0.hasSuffix(".toml") }.sorted().map { "\(board)/\(folder)/\($0)" }
  }

  /// A path without `..` and symbolic links.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  @Test func thereAreTheBoardsAndSamplesThatTheReadmeNames() throws {
    let boards = try Self.files("boards").map { String($0.split(separator: "/").last ?? "") }
    #expect(
      Set(boards).isSuperset(of: [
        "beaglebone-black.toml", "generic-x86-usb-gpio.toml", "orange-pi-zero-3.toml",
        "raspberry-pi-4.toml", "raspberry-pi-5.toml", "simulated.toml", "virtual.toml",
      ]))
    #expect(try Self.files("samples").count >= 2)
  }

  /// A board file's text with a socket in the place of the simulation's variable: to set that here
  /// would not be safe beside other threads.
  private static func text(_ file: String) throws -> String {
    try Files.readText(file).replacing("${VEND_SIM_SOCKET}", with: "/run/vend/simulated.sock")
  }

  @Test func everyBoardIsReadWithoutAProblem() throws {
    let bench = Workbench()
    for file in try Self.files("boards") {
      try bench.write(Self.text(file), bench.boardFile)
      let board = try BoardConfiguration.load(path: bench.boardFile)
      #expect(board.relays.count >= 4, "\(file)")
      #expect(board.keypad.keys.joined().filter { !$0.isEmpty }.count >= 12, "\(file)")
      // A person must be able to correct and to confirm with the defaults.
      #expect(board.keypad.keys.joined().contains("*"), "\(file)")
      #expect(board.keypad.keys.joined().contains("#"), "\(file)")
      // A row that is driven low needs a column that a press pulls low.
      #expect(Set((board.keypad.rows + board.keypad.columns).map(\.isActiveLow)).count == 1)
    }
  }

  @Test func theSimulatedBoardHasAFrameBufferInItsPanelsPlace() throws {
    let text = try Self.text("\(Self.board)/boards/simulated.toml")
    let (panel, frame) = ("driver = \"weact-fs-v1\"", "driver = \"remote-frame\"")
    try #require(text.contains(panel) && text.contains("\"remote-frame\""))
    let bench = Workbench()
    try bench.write(text.replacing(panel, with: frame), bench.boardFile)
    let display = try BoardConfiguration.load(path: bench.boardFile).display
    #expect(display.driver == .remoteFrame)
    #expect(display.port == "remote:display")
  }

  @Test func everySampleIsReadWithoutAProblemOrAWarning() throws {
    for file in try Self.files("samples") {
      let machine = try MachineConfiguration.load(path: file)
      #expect(machine.lanes.count >= 6)
      let warnings = machine.warnings().filter { $0.path != "drop_sensor" }
      #expect(warnings.isEmpty, "\(file): \(warnings)")
    }
  }

  @Test func theSamplesShowAMachineWithASensorAndOneWithout() throws {
    let uses = try Self.files("samples").map {
      try MachineConfiguration.load(path: $0).usesDropSensor
    }
    #expect(Set(uses) == [true, false])
  }

  @Test func theReferenceSampleShowsTheDefaultsThatItClaims() throws {
    let sample = try Files.readText("\(Self.board)/samples/relay-only.toml")
    let machine = try MachineConfiguration.load(path: "\(Self.board)/samples/relay-only.toml")
    let bench = Workbench()
    // The same machine without the keys that the sample says have a default.
    let optional = [
      "language", "font", "state_directory", "control_socket", "selection_timeout",
      "payment_timeout", "drop_timeout", "message_time", "unsure", "unsure_refunds_per_day",
      "lane_failure_limit", "machine_failure_limit", "cancel_key", "confirm_key", "api", "key_file",
      "sign_type", "terminal_address",
    ]
    let short = sample.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      !optional.contains { line.hasPrefix("\($0) = ") } && line != "pulse = \"500ms\""
    }
    #expect(
      short.count == sample.split(separator: "\n", omittingEmptySubsequences: false).count - 19)
    let board = Self.resolved("\(Self.board)/boards/raspberry-pi-4.toml")
    try bench.write(
      short.joined(separator: "\n").replacing("\"raspberry-pi-4\"", with: "\"\(board)\""),
      bench.machineFile)
    var bare = try MachineConfiguration.load(path: bench.machineFile)
    bare.boardFile = machine.boardFile
    #expect(bare == machine)
  }

  @Test func everyKeyOfTheReferenceIsKnownAndChecked() throws {
    // What the reader asks for is what it does not call unknown: each key of the reference, in its
    // table, with a wrong value must be noted with that key's own path.
    let sample = try Files.readText("\(Self.board)/samples/relay-only.toml")
    let board = Self.resolved("\(Self.board)/boards/raspberry-pi-4.toml")
    let text = sample.replacing("\"raspberry-pi-4\"", with: "\"\(board)\"")
      .replacing("# endpoint =", with: "endpoint =").replacing("# ca_file =", with: "ca_file =")
      .replacing("# spare_endpoint =", with: "spare_endpoint =")
      .replacing(/#   (?=\[|[a-z_]+ = )/, with: "")
    let bench = Workbench()
    var table = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix("[") { table = "\(line.filter { $0 != "[" && $0 != "]" })." }
      guard let key = line.firstRange(of: " = ").map({ line[..<$0.lowerBound] }),
        !key.hasPrefix("#")
      else { continue }
      let wrong = text.replacing(line, with: "\(key) = 1979-05-27", maxReplacements: 1)
      let path = "\(table)\(key)".replacing("lanes.", with: "lanes[0].")
      let problems = try bench.problems(machine: wrong)
      #expect(problems.contains { $0.path.hasSuffix(".\(key)") || $0.path == path }, "\(line)")
      #expect(!problems.contains { $0.words.contains("unknown") }, "\(line)")
    }
  }
}
