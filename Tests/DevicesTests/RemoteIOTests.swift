import Devices
import Pixels
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
      .size(width: 320, height: 480), .size(width: 1, height: RemoteIO.sideLimit),
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
    "edge \u{1F} 1 5", "error size", "error size 320", "error size 320x", "error size 0x480",
    "error size 4097x1", "error size 320x480x1", "error size +1x1", "error size 320 480",
  ])
  func nonsenseIsNoAnswer(_ line: String) { #expect(RemoteIO.Answer(line) == nil) }

  @Test func everyPurposeReadsBackAsItself() {
    let limit = RemoteIO.sideLimit
    let purposes: [RemoteIO.Purpose] = [
      .gpio(consumer: "vendd"), .serial(name: "panel"),
      .frame(name: "panel", width: 320, height: 480),
      .frame(name: String(repeating: "n", count: 128), width: 1, height: limit),
      .frame(name: "~", width: limit, height: 1),
    ]
    for purpose in purposes { #expect(RemoteIO.Purpose(purpose.text) == purpose) }
    #expect(RemoteIO.Purpose("frame panel 320 480") == purposes[2])
  }

  @Test(arguments: [
    "", "frame", "frame panel", "frame panel 320", "frame panel 320 480 1", "frame 320 480",
    "frame panel 0 480", "frame panel 320 4097", "frame panel -1 480", "frame panel +1 480",
    "frame panel 0320 480", "frame panel 3.2 480", "frame  panel 320 480", "frame panel 320 480 ",
    "FRAME panel 320 480", "frame pan\u{7F}el 320 480", "frame panel 99999999999999999999 480",
    "serial", "gpio 2 vendd",
  ])
  func nonsenseIsNoPurpose(_ line: String) { #expect(RemoteIO.Purpose(line) == nil) }

  @Test func everyFrameRequestReadsBackAsItself() {
    let limit = RemoteIO.sideLimit
    let requests: [RemoteIO.FrameRequest] = [
      .paint(Rectangle(x: 0, y: 0, width: 1, height: 1)),
      .paint(Rectangle(x: 13, y: 21, width: 7, height: 5)),
      .paint(Rectangle(x: limit - 1, y: limit - 1, width: limit, height: limit)),
      .light(percent: 0), .light(percent: 100), .alive,
    ]
    for request in requests { #expect(RemoteIO.FrameRequest(request.text) == request) }
    #expect(RemoteIO.FrameRequest("paint 13 21 7 5") == requests[1])
  }

  @Test(arguments: [
    "", " ", "paint", "paint 0 0 1", "paint 0 0 1 1 1", "paint 0 0 0 1", "paint 0 0 1 0",
    "paint -1 0 1 1", "paint 4096 0 1 1", "paint 0 0 4097 1", "paint 00 0 1 1", "paint 0 0 1 +1",
    "paint 0 0 1 9223372036854775808", "paint 0 0 1 x", "PAINT 0 0 1 1", "paint  0 0 1 1",
    "light", "light 101", "light -1", "light 050", "light 5 5", "alive 1", "alive ", "ok",
    "set K1 1",
  ])
  func nonsenseIsNoFrameRequest(_ line: String) { #expect(RemoteIO.FrameRequest(line) == nil) }

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
