import Control
import FoundationEssentials
import Messaging
import Telemetry
import Testing

@Suite("Telemetry's messages for Home Assistant")
struct HomeAssistantTests {
  private static let names = HomeAssistant(
    machine: "CAMPUS7", topic: "vend", discovery: "homeassistant")

  private struct State: Decodable {
    var sells: Bool
    var faults: [String]
    var sales: String
    var door: Bool?
    var counters: [String: Int64]
    var stock: [String: Int]
    var prices: [String: Int64]
  }

  private struct Entity: Decodable {
    var unique_id: String
    var state_topic: String
    var availability_topic: String
    var value_template: String
    var device: Device

    struct Device: Decodable {
      var identifiers: [String]
    }
  }

  @Test("the state has everything, in one object")
  func state() throws {
    let messages = Self.names.messages(Machines.healthy)
    #expect(messages.map(\.topic) == ["vend/CAMPUS7/status", "vend/CAMPUS7/state"])
    #expect(messages[0].payload == "online")
    let state = try JSONDecoder().decode(State.self, from: Data(messages[1].payload.utf8))
    #expect(state.sells)
    #expect(state.faults == ["L1 12"])
    #expect(state.sales == "5418.05")
    #expect(state.door == false)
    #expect(state.counters["vends"] == 1204)
    #expect(state.stock == ["11": 7])
    #expect(state.prices == ["11": 450, "12": 300])
  }

  @Test("a machine that does not answer is offline, as is one whose telemetry died")
  func offline() {
    #expect(Self.names.messages(.silent) == [Self.names.lastWill])
    #expect(Self.names.lastWill == MQTTClient.Message("vend/CAMPUS7/status", "offline"))
    #expect(Self.names.discoveryMessages(.silent).isEmpty)
  }

  @Test("every entity is found under a topic and a name of its own, at the state's place")
  func discovery() throws {
    let messages = Self.names.discoveryMessages(Machines.healthy)
    #expect(messages.count == 8)
    #expect(Set(messages.map(\.topic)).count == messages.count)
    var names: Set<String> = []
    for message in messages {
      #expect(message.topic.hasPrefix("homeassistant/"))
      #expect(message.topic.hasSuffix("/config"))
      let entity = try JSONDecoder().decode(Entity.self, from: Data(message.payload.utf8))
      #expect(entity.state_topic == "vend/CAMPUS7/state")
      #expect(entity.availability_topic == "vend/CAMPUS7/status")
      #expect(entity.value_template.contains("value_json."))
      #expect(entity.device.identifiers == ["vend_CAMPUS7"])
      #expect(names.insert(entity.unique_id).inserted)
    }
  }
}
