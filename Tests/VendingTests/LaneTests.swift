import FoundationEssentials
import Money
import Testing
import Vending

@Suite struct LaneTests {
  /// What an older version has written must be read by every later one, and the other way round.
  @Test func aLaneIsWrittenFlat() throws {
    let lane = Plan.Lane(
      code: "1", channel: "a", name: "Tea", price: Amount(fen: 350), pulse: .milliseconds(700),
      capacity: 40)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = String(decoding: try encoder.encode(lane), as: UTF8.self)
    #expect(
      text == """
        {"capacity":40,"channel":"a","code":"1","name":"Tea","price":350,\
        "pulse":[0,700000000000000000]}
        """)
    #expect(try JSONDecoder().decode(Plan.Lane.self, from: Data(text.utf8)) == lane)
    #expect([lane.code, lane.channel, lane.name] == ["1", "a", "Tea"])
    #expect(lane.pulse == .milliseconds(700))
  }

  @Test func whatAnOlderVersionKnowsOfALaneIsReadWithItsCountsAtZero() throws {
    let text = #"{"lanes":{"1":{"failures":2,"isClosed":true,"stock":5}}}"#
    struct Old: Decodable { var lanes: [String: Ledger.LaneRecord] }
    let lane = try #require(JSONDecoder().decode(Old.self, from: Data(text.utf8)).lanes["1"])
    #expect((lane.stock, lane.failures, lane.isClosed) == (5, 2, true))
    #expect((lane.vends, lane.value, lane.testVends) == (0, .zero, 0))
  }

  @Test func aLanesCountsGrowWithWhatItDeliversAndWithItsTestVends() throws {
    var talk = Conversation.pulsing()
    talk.hear(.pulseEnded(talk.number))
    talk.hear(.dropSensed)
    talk.fire(.message)
    talk.hear(.serviceAsked(locked: true))
    talk.hear(.testVendAsked(lane: "12", isWhole: false, by: .core))
    talk.hear(.testPulseEnded(lane: "12", .done))
    talk.hear(.testVendAsked(lane: "12", isWhole: false, by: .core))
    talk.hear(.faultClearingAsked)
    talk.restart()
    let lanes = talk.machine.ledger.lanes
    #expect(lanes["1"].map { [$0.vends, $0.value.fen, $0.testVends] } == [1, 435, 0])
    #expect(lanes["12"].map { [$0.vends, $0.value.fen, $0.testVends] } == [0, 0, 2])
  }
}
