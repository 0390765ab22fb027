import Pixels
import Testing

@testable import Simulation

/// A machine without its daemon, with a front panel, for one test.
struct FrontPanelFixture {
  let machine: SimulatedMachine
  let panel: FrontPanel

  /// The checkout's board file of the simulated board.
  static let boardFile =
    #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
    + "/board/boards/simulated.toml"

  /// The folder of the test's programs, which are those of the build.
  static let programs: String = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return bundle.split(separator: "/").dropLast().map { "/\($0)" }.joined()
  }()

  static func run(
    daemon: String = "/bin/true", boardFile: String = boardFile,
    _ body: (FrontPanelFixture) async throws -> Void
  ) async throws {
    var settings = SimulatedMachine.Settings(daemon: daemon, boardFile: boardFile)
    settings.language = "en"
    let machine = try await SimulatedMachine(settings)
    let panel = try await FrontPanel(machine)
    do {
      try await body(FrontPanelFixture(machine: machine, panel: panel))
    } catch {
      await panel.stop()
      await machine.stop()
      throw error
    }
    await panel.stop()
    await machine.stop()
    await machine.removeFolder()
  }

  func curl(_ arguments: [String]) async throws -> (status: Int, body: [UInt8]) {
    let outcome = try await ChildProcess.run(
      ["curl", "-sS", "-m", "10", "-w", "\n%{http_code}"] + arguments)
    let end = outcome.output.lastIndex(of: UInt8(ascii: "\n")) ?? 0
    let status = String(decoding: outcome.output[end...].dropFirst(), as: UTF8.self)
    return (Int(status) ?? 0, Array(outcome.output[..<end]))
  }

  func get(_ path: String) async throws -> (status: Int, body: [UInt8]) {
    try await curl(["\(panel.url)\(path)"])
  }

  func post(_ path: String, _ json: String = "{}") async throws -> (status: Int, body: String) {
    let answer = try await curl(["\(panel.url)api/\(path)", "-d", json])
    return (answer.status, String(decoding: answer.body, as: UTF8.self))
  }

  func until(
    _ words: String, _ condition: () -> Bool,
    at place: SourceLocation = #_sourceLocation
  ) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while !condition() {
      try #require(ContinuousClock.now < deadline, "\(words)", sourceLocation: place)
      let rings = machine.log.bell.rings
      await machine.log.bell.wait(after: rings, atMost: .milliseconds(20))
    }
  }
}

/// A picture of a QR code, made once by `qrencode` (level M).
enum SampleCode {
  static let text = "weixin://wxpay/bizpayurl?pr=JyC91EIz1"

  /// The code with modules of so many pixels and four modules of quiet zone.
  static func frame(pixels: Int) -> Frame {
    let rows = modules.split(separator: "\n")
    let side = (rows.count + 8) * pixels
    var frame = Frame(width: side, height: side, filledWith: .white)
    for (y, row) in rows.enumerated() {
      for (x, module) in row.enumerated() where module == "#" {
        frame.fill(
          Rectangle(x: (x + 4) * pixels, y: (y + 4) * pixels, width: pixels, height: pixels), .black
        )
      }
    }
    return frame
  }

  private static let modules = """
    #######.#..#..#....##.#######
    #.....#.#####.#.......#.....#
    #.###.#.....#####..##.#.###.#
    #.###.#.##.##...##..#.#.###.#
    #.###.#.....#####..#..#.###.#
    #.....#....#..#...###.#.....#
    #######.#.#.#.#.#.#.#.#######
    ........#.##.##..#..#........
    #.##.###..########..#.#..#.##
    .#.#....###....###.######.#.#
    #.#.#.##.#.##.#.#.#....#..##.
    ##..#..#####.##...##.##....##
    ##....###...#..#.#.....#..###
    ###.##.##....#..####.##.....#
    ##..#.#..#.##.#....#.......##
    #.###..#...###.#..#......#...
    #..##.##.##.....#.#.....#..#.
    ..####.#..##.#.##.#.#..#..#..
    #..#..#.#.###..####...##..#..
    ..##.#......#....#.####...###
    .#...######..#.#.#..#####.###
    ........#..####..#.##...#.#.#
    #######.###.##..#####.#.#..#.
    #.....#.#.###..##.#.#...##.##
    #.###.#..#.#..##....#####.#..
    #.###.#.##..#.#.#..###..##..#
    #.###.#.#.#.#.#..#.##..#..#.#
    #.....#...###..#..#.##.#...#.
    #######.###.#####.###.#.#..#.
    """
}
