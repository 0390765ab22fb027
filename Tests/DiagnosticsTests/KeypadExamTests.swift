import Testing
import Timing
import Vending

@testable import Diagnostics

@Suite("The test of a keypad")
struct KeypadExamTests {
  static let legends = [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"], ["*", "0", "#"]]

  private static func exam(
    _ keys: [String], apart: Duration = .milliseconds(700)
  ) -> KeypadExam {
    var exam = KeypadExam(
      legends: legends, rows: ["R1", "R2", "R3", "R4"], columns: ["C1", "C2", "C3"])
    var now = Instant.zero
    for key in keys {
      exam.press(key, at: now)
      now = now + apart
    }
    return exam
  }

  private static func words(_ exam: KeypadExam) -> [String] { exam.findings.map(\.words.english) }

  static let all = legends.flatMap { $0 }

  /// What a technician's presses give when the wires of rows and columns arrive in another order.
  private static func wired(rows: [Int], columns: [Int]) -> [String] {
    rows.flatMap { row in columns.map { legends[row][$0] } }
  }

  @Test("finds nothing wrong with a keypad that says every key once, in order")
  func well() {
    let exam = Self.exam(Self.all)
    #expect(exam.isComplete)
    #expect(exam.findings.isEmpty)
  }

  @Test("names the wire of a whole row or column that says nothing")
  func openWires() {
    let noRow = Self.all.filter { !["4", "5", "6"].contains($0) }
    #expect(Self.words(Self.exam(noRow)) == ["no key of 4 5 6: wire R2 is open"])
    let noColumn = Self.all.filter { !["3", "6", "9", "#"].contains($0) }
    #expect(Self.words(Self.exam(noColumn)) == ["no key of 3 6 9 #: wire C3 is open"])
    let twoRows = Self.all.filter { !["1", "2", "3", "4", "5", "6"].contains($0) }
    #expect(
      Self.words(Self.exam(twoRows))
        == ["no key of 1 2 3 4 5 6: wire R1, R2 is open, or they touch"])
    #expect(Self.words(Self.exam([])) == ["no key was seen: check the keypad's plug"])
  }

  @Test("names the two wires of a single key that was not seen")
  func missingKey() {
    let words = Self.words(Self.exam(Self.all.filter { $0 != "5" }))
    #expect(words.count == 1)
    #expect(words[0].hasPrefix("key 5 was not seen: its contact between R2 and C2"))
  }

  @Test("tells exchanged rows and columns by the order of the keys")
  func swaps() {
    let rows = Self.words(Self.exam(Self.wired(rows: [0, 2, 1, 3], columns: [0, 1, 2])))
    #expect(rows.count == 1 && rows[0].hasPrefix("exchanged wires: R3, R2;"))
    let columns = Self.words(Self.exam(Self.wired(rows: [0, 1, 2, 3], columns: [2, 1, 0])))
    #expect(columns.count == 1 && columns[0].hasPrefix("exchanged wires: C3, C1;"))
    let both = Self.words(Self.exam(Self.wired(rows: [3, 1, 2, 0], columns: [1, 0, 2])))
    #expect(both.count == 2)
  }

  @Test("every exchange of two wires is told, and names those two")
  func everySwap() {
    for first in 0..<4 {
      for second in (first + 1)..<4 {
        var rows = [0, 1, 2, 3]
        rows.swapAt(first, second)
        let words = Self.words(Self.exam(Self.wired(rows: rows, columns: [0, 1, 2])))
        #expect(words.count == 1)
        #expect(words[0].contains("R\(first + 1)") && words[0].contains("R\(second + 1)"))
      }
    }
  }

  @Test("only wonders about an order that no exchanged wires explain")
  func anotherOrder() {
    var keys = Self.all
    keys.swapAt(1, 6)
    let exam = Self.exam(keys)
    #expect(exam.findings.map(\.isFailure) == [false])
  }

  @Test("tells a bouncing key from one that was pressed twice")
  func bouncing() {
    var exam = Self.exam(["1"])
    exam.press("1", at: .zero + .milliseconds(40))
    #expect(Self.words(exam).first?.hasPrefix("key 1 bounces: one press came 2 times") == true)
    let twice = Self.exam(["1"] + Self.all)
    #expect(twice.findings.isEmpty)
  }

  @Test("names the wires that touch when two keys come at once")
  func ghosts() {
    var exam = Self.exam(["1"])
    exam.press("4", at: .zero + .milliseconds(5))
    #expect(Self.words(exam).first == "keys 1 and 4 come together: wires R1 and R2 touch")
    var columns = Self.exam(["7"])
    columns.press("8", at: .zero + .milliseconds(5))
    #expect(Self.words(columns).first == "keys 7 and 8 come together: wires C1 and C2 touch")
  }

  @Test("names a stuck key and its wires, and does not miss it")
  func stuck() {
    var exam = Self.exam(Self.all.filter { $0 != "9" })
    exam.stick("9")
    #expect(exam.isComplete)
    #expect(Self.words(exam) == ["key 9 is stuck: free it; or its wires R3 and C3 touch"])
  }
}
