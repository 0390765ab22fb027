import Control
import Glibc
import Platform
import Telemetry
import Testing
import Timing

@Suite("Telemetry's file for Prometheus")
struct PrometheusTextTests {
  private static let text = PrometheusText(machine: "CAMPUS7")

  /// A text as it was reviewed; `VEND_GOLDEN=write` writes it anew.
  private static func expect(_ text: String, is name: String) throws {
    let path = "\(Files.directory(of: #filePath))/Golden/\(name)"
    if getenv("VEND_GOLDEN").map({ String(cString: $0) }) == "write" {
      try Files.replace(path, with: Array(text.utf8), durable: false)
    }
    #expect(text == (Files.exists(path) ? try Files.readText(path) : ""), "\(name)")
  }

  @Test("says all that is known of a machine")
  func golden() throws {
    try Self.expect(Self.text.text(Machines.healthy), is: "healthy.prom")
    try Self.expect(Self.text.text(.silent), is: "silent.prom")
  }

  /// The text format's grammar: a comment, or a name, labels and an integer.
  @Test("keeps the format's grammar, each metric in one piece with its type before it")
  func grammar() throws {
    let line = /([a-z_]+)\{((?:,?[a-z]+="(?:[^"\\\n]|\\["\\n])*")+)\} (-?[0-9]+)/
    var types: [String: String] = [:]
    var order: [String] = []
    for text in Self.text.text(Machines.healthy).split(separator: "\n") {
      if text.hasPrefix("# TYPE ") {
        let words = text.split(separator: " ")
        #expect(types.updateValue(String(words[3]), forKey: String(words[2])) == nil)
      } else if !text.hasPrefix("# HELP ") {
        let match = try #require(try line.wholeMatch(in: String(text)), "\(text)")
        let name = String(match.1)
        #expect(types[name] == (name.hasSuffix("_total") ? "counter" : "gauge"), "\(name)")
        if order.last != name { order.append(name) }
      }
    }
    #expect(Set(order).count == order.count, "a metric in two pieces")
    #expect(order.count == types.count)
  }

  @Test("does not change while nothing happens, whatever time passes")
  func still() {
    var later = Machines.status()
    later.uptimeSeconds += 100
    later.clockSkewMilliseconds = 3
    var parts = Machines.parts()
    parts.lastAnswerMilliseconds = 5
    #expect(Self.text.text(.running(later, parts)) == Self.text.text(Machines.healthy))
    #expect(
      Self.text.text(.running(Machines.status(vends: 1205), parts))
        != Self.text.text(Machines.healthy))
  }

  @Test("is written on a change only, and at most once in a minute")
  func changes() {
    var changes = Changes<String>(atMostEvery: .seconds(60))
    func due(_ text: String, _ second: Int64) -> Bool {
      changes.isDue(text, at: .zero + .seconds(second))
    }
    #expect(due("a", 0))
    #expect(!due("a", 120))
    #expect(due("b", 121))
    #expect(!due("c", 180))
    #expect(due("c", 181))
    changes.forget()
    #expect(!due("c", 200))
    #expect(due("c", 241))
  }
}
