import Devices
import MachineFiles
import Platform
import Testing
import Timing

@testable import Simulation

/// The emulated lines do what a real kernel's do: the cases of `Tests/Conformance/lines.txt`,
/// which `board/virtual/tests/test_conformance.py` holds against the kernel.
@Suite("The emulated lines promise what the kernel's do")
struct LineConformanceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var statement: String
    var steps: [String]
    var testDescription: String { statement }
  }

  static let cases = readCases()

  private static func readCases() -> [Case] {
    let file = "\(Files.directory(of: #filePath))/../Conformance/lines.txt"
    var cases: [Case] = []
    for line in (try? Files.readText(file))?.split(separator: "\n") ?? [] where line.first != "#" {
      if line.hasPrefix("case ") {
        cases.append(Case(statement: String(line.dropFirst(5)), steps: []))
      } else {
        cases[cases.count - 1].steps.append(String(line))
      }
    }
    return cases
  }

  @Test func thereAreCases() { #expect(Self.cases.count > 5) }

  @Test(arguments: cases)
  func theTwinKeepsWhatTheKernelPromises(_ one: Case) throws {
    let trial = try Trial()
    for step in one.steps {
      #expect(try trial.holds(step.split(separator: " ").map(String.init)), "\(step)")
    }
  }

  /// A relay's line and the door's, with the hands of the emulated cabinet.
  private final class Trial {
    let bench: BoardBench
    let bank: RemoteGPIOBank
    let settings: [String: LineSettings]
    var output: (any OutputLine)?
    var input: (any InputLine)?
    var last = Instant.zero

    init() throws {
      bench = try BoardBench()
      bank = try bench.bank("trial")
      settings = [
        "OUT": BoardBench.settings(bench.configuration.relays[0].line), "IN": bench.doorLine,
      ]
    }

    func holds(_ words: [String]) throws -> Bool {
      let argument = words.count > 1 ? words[1] : ""
      switch words[0] {
      case "take": return try take(argument)
      case "refused": return try isRefused(argument)
      case "let-go":
        if argument == "OUT" { output = nil } else { input = nil }
        return true
      case "set":
        try output?.set(argument == "1")
        return output != nil
      case "reads":
        let level = try argument == "OUT" ? output?.get() : input?.get()
        return level == (words[2] == "1")
      case "wire":
        return bench.run {
          bench.board.snapshot.lane("relay1")?.isRelayOn == (argument == "1")
        }
      case "world":
        bench.board.setDoor(open: argument == "1")
        return bench.run { bench.board.snapshot.isDoorOpen == (argument == "1") }
      case "wait":
        bench.idle(.milliseconds(Int(argument) ?? 0))
        return true
      case "edges": return try edgesAre(argument)
      case "last-edge": return try lastEdge(is: argument)
      default: return false
      }
    }

    private func take(_ name: String) throws -> Bool {
      let line = try #require(settings[name])
      if name == "OUT" {
        output = try bank.output(line, initially: false)
      } else {
        input = try bank.input(line)
      }
      return true
    }

    private func isRefused(_ name: String) throws -> Bool {
      let line = try #require(settings[name])
      let other = try bench.bank("second")
      do throws(GPIOError) {
        _ = try other.output(line, initially: false)
        return false
      } catch {
        guard case .lineBusy(_, let holder) = error else { return false }
        return holder == "trial"
      }
    }

    /// Some edges, the last of which is this.
    private func lastEdge(is wanted: String) throws -> Bool {
      let line = try #require(input)
      var edges: [Edge] = []
      _ = bench.run {
        edges += (try? line.takeEdges()) ?? []
        return !edges.isEmpty
      }
      bench.idle(.milliseconds(20))
      edges += try line.takeEdges()
      return edges.last?.isActive == (wanted == "+")
    }

    /// Just these edges, and none for a moment afterwards.
    private func edgesAre(_ wanted: String) throws -> Bool {
      let line = try #require(input)
      var edges: [Edge] = []
      let isThere = bench.run {
        edges += (try? line.takeEdges()) ?? []
        return edges.count >= wanted.count
      }
      bench.idle(.milliseconds(20))
      edges += try line.takeEdges()
      let times = edges.map(\.at)
      let grow = zip([last] + times, times).allSatisfy { $0 <= $1 }
      last = times.last ?? last
      return isThere && grow && edges.map { $0.isActive ? "+" : "-" }.joined() == wanted
    }
  }
}
