import MachineFiles
import Testing

@Suite("Service mode and sold-out switches in the files")
struct ServiceModeTests {
  private static let door = Workbench.board + "\n[door]\nline = \"DOOR\"\n"
  private static let service = Workbench.machine + "\n[service]\ncode_file = \"code\"\n"

  @Test("there is none unless the machine file has a table for it")
  func none() throws {
    #expect(try Workbench().load().service == nil)
  }

  @Test("the code's file is found beside the machine file, and the time has a default")
  func table() throws {
    let bench = Workbench()
    let service = try #require(try bench.load(machine: Self.service, board: Self.door).service)
    #expect(service.codeFile == "\(bench.path)/code")
    #expect(service.timeout == .seconds(120))
  }

  @Test("it needs a door switch, and a key that enters")
  func needs() throws {
    let bench = Workbench()
    let doorless = try bench.problems(machine: Self.service)
    #expect(doorless.map(\.path) == ["service.code_file"])
    #expect(doorless[0].words.contains("door switch"))
    let keyless = Self.service.replacing("[policy]", with: "[policy]\nconfirm_key = \"\"")
    let problems = try bench.problems(machine: keyless, board: Self.door)
    #expect(problems.map(\.path) == ["service.code_file"])
    #expect(problems[0].words.contains("confirm_key"))
    let slow = Self.service + "timeout = \"1h\"\n"
    #expect(try bench.problems(machine: slow, board: Self.door).map(\.path) == ["service.timeout"])
  }

  @Test("a relay's lane may have a switch of its own, on a line of its own")
  func soldOut() throws {
    let bench = Workbench()
    let board = Workbench.board + "\n[relays.sold_out]\nline = \"E2\"\nactive_low = true\n"
    let relays = try bench.load(board: board).board.relays
    #expect(relays.map { $0.soldOut?.line.name } == [nil, "E2"])
    #expect(relays[1].soldOut?.debounce == .milliseconds(50))
    let twice = Workbench.board + "\n[relays.sold_out]\nline = \"DROP\"\n"
    let problems = try bench.problems(board: twice)
    #expect(problems.count == 1)
    #expect(problems[0].words.contains("used by"))
  }
}
