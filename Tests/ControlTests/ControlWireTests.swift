import Money
import Testing
import Vending

@testable import Control

@Suite("The control socket's lines")
struct ControlWireTests {
  @Test("requests keep their form, so that an older vendctl talks to a newer daemon")
  func requests() {
    let table: [(ControlRequest, String)] = [
      (.status, #"{"status":{}}"#),
      (.faults(all: true), #"{"faults":{"all":true}}"#),
      (.orders(openOnly: true, limit: 5), #"{"orders":{"limit":5,"openOnly":true}}"#),
      (.order("7F3K"), #"{"order":{"_0":"7F3K"}}"#),
      (.refund("M1"), #"{"refund":{"_0":"M1"}}"#),
      (.resolve("M1", delivered: true), #"{"resolve":{"_0":"M1","delivered":true}}"#),
      (.service(locked: true), #"{"service":{"locked":true}}"#),
      (.clearFaults, #"{"clearFaults":{}}"#),
      (.refill(lane: "12", pieces: nil), #"{"refill":{"lane":"12"}}"#),
      (.refill(lane: "12", pieces: 3), #"{"refill":{"lane":"12","pieces":3}}"#),
      (.testDisplay(), #"{"testDisplay":{}}"#),
      (
        .testDisplay(card: "bars", seconds: 5), #"{"testDisplay":{"card":"bars","seconds":5}}"#
      ),
      (.testRelay(lane: "12"), #"{"testRelay":{"lane":"12"}}"#),
      (.testKeypad(seconds: 10), #"{"testKeypad":{"seconds":10}}"#),
      (.testSensor(seconds: 10), #"{"testSensor":{"seconds":10}}"#),
      (.testVend(lane: "12"), #"{"testVend":{"lane":"12"}}"#), (.parts, #"{"parts":{}}"#),
      (.wish(.fillAll), #"{"wish":{"_0":{"fillAll":{}}}}"#),
      (
        .wish(.fill(lane: "12", pieces: 3)),
        #"{"wish":{"_0":{"fill":{"lane":"12","pieces":3}}}}"#
      ),
      (
        .wish(.price(lane: "12", Amount(fen: 450))),
        #"{"wish":{"_0":{"price":{"_1":450,"lane":"12"}}}}"#
      ),
      (.wish(.par(lane: "12", pieces: 8)), #"{"wish":{"_0":{"par":{"lane":"12","pieces":8}}}}"#),
      (.wish(.lane("12", isOn: false)), #"{"wish":{"_0":{"lane":{"_0":"12","isOn":false}}}}"#),
    ]
    for (request, text) in table {
      #expect(ControlCodec.line(request).map { String(decoding: $0, as: UTF8.self) } == text + "\n")
      #expect(ControlCodec.request(Array(text.utf8)) == request)
    }
  }

  @Test("an answer is one line whatever it says")
  func oneLine() throws {
    let reply = ControlReply.done("two\nlines, \u{2028} and 中文 \u{0}")
    let line = try #require(ControlCodec.line(reply))
    #expect(line.filter { $0 == 0x0A }.count == 1)
    #expect(ControlCodec.reply(line.dropLast()) == reply)
  }
}
