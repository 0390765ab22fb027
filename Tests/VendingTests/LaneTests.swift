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
}
