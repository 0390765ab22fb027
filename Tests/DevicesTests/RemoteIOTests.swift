import Devices
import Testing
import Timing

@Suite("Remote I/O as text")
struct RemoteIOTests {
  @Test func everyRequestReadsBackAsItself() {
    var requests: [RemoteIO.Request] = [
      .set("K1", true), .set("K1", false), .get("a/b"), .free("~"),
    ]
    for isLow in [true, false] {
      for drive in LineSettings.Drive.allCases {
        requests.append(.output("K1", initially: isLow, isActiveLow: !isLow, drive))
      }
      for bias in LineSettings.Bias.allCases {
        requests.append(.input("chip0/IR", isActiveLow: isLow, bias))
      }
    }
    for request in requests { #expect(RemoteIO.Request(request.text) == request) }
  }

  @Test func everyAnswerReadsBackAsItself() {
    let refusals: [RemoteIO.Refusal] = [
      .busy(holder: ""), .busy(holder: "vendd"), .noLine, .notOurs, .syntax, .full,
    ]
    let edges = [Edge(isActive: true, at: .zero), Edge(isActive: false, at: .distantFuture)]
    let answers: [RemoteIO.Answer] =
      [.done, .level(true), .level(false)] + refusals.map { .refused($0) }
      + edges.map { .edge("IR", $0) }
    for answer in answers { #expect(RemoteIO.Answer(answer.text) == answer) }
  }

  @Test(arguments: [
    "", "ok ", " ok", "ok 2", "ok 1 1", "error", "error what", "error busy a b", "error noline x",
    "edge IR 1", "edge IR 1 -5", "edge IR 1 5 5", "edge IR 1 99999999999999999999", "OK",
    "edge \u{1F} 1 5",
  ])
  func nonsenseIsNoAnswer(_ line: String) { #expect(RemoteIO.Answer(line) == nil) }

  @Test func linesComeWholeOutOfPiecesAndAreBounded() throws {
    var assembler = LineAssembler(limit: 8)
    #expect(try assembler.append(Array("ab".utf8)).isEmpty)
    #expect(try assembler.append(Array("c\n\n12345678\nx".utf8)) == ["abc", "", "12345678"])
    #expect(throws: LineAssembler.Nonsense.tooLong) {
      try assembler.append(Array("12345678".utf8))
    }
    var other = LineAssembler()
    #expect(throws: LineAssembler.Nonsense.notText) { try other.append([0x80]) }
  }
}
